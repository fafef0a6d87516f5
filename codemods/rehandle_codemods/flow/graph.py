"""Where handlers go: what gets them from where, and whether that is a place of Prefect's for one."""

from __future__ import annotations

import ast

from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.attributes import Attributes
from rehandle_codemods.flow.calls import Calls
from rehandle_codemods.flow.class_values import ClassValues
from rehandle_codemods.flow.destinations import Destination, described_use, elsewhere, is_kept_attribute
from rehandle_codemods.flow.dicts import Dicts, Passed, destination_of, display_with, is_display, iterating_name
from rehandle_codemods.flow.edges import Edges, NodeFacts
from rehandle_codemods.flow.fields import Fields
from rehandle_codemods.flow.fixtures import Fixtures
from rehandle_codemods.flow.instances import Instances
from rehandle_codemods.flow.nodes import ANY, AttributeOf, DictItem, Node, Return
from rehandle_codemods.flow.owners import Owners
from rehandle_codemods.flow.positional import layouts, position_problem
from rehandle_codemods.flow.receivers import Answer, Receiver, Receivers, unknown
from rehandle_codemods.flow.safe_results import OldResult, old_result
from rehandle_codemods.flow.tasks import Tasks
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import reason_at, short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import (
    FUNCTIONS,
    chooser,
    constant_text,
    is_spread,
    is_tested,
    keyword_of,
    leaves,
)

_KEYWORDS = (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD)


class FlowGraph:
    """From where handlers are made to where they are used.

    Attributes:
        project: the index.
        uses: the uses of names.
        tasks: which expressions are tasks.
        receivers: who takes `result_handler=`.
        dicts: the dicts and lists that hold values.
        calls: who calls a function.
        edges: from where to where values go.
        fixtures: the fixtures of tests.
        instances: which class of the project an object is of, and what its attributes are.
        owners: which objects are flows and tasks.
        attributes: the attributes of the project's own objects.
        class_values: what has handler classes as its values.
        holders: the nodes that get a handler, or are certainly Prefect's place for one.
        others: what may have values of other kinds alone.
        keys: where the key `result_handler` of a dict is spelled: the dict, and what is stored under it.
    """

    def __init__(self, project: Project) -> None:
        """Collect.

        Args:
            project: the index, with every module that matters loaded.
        """
        self.project = project
        self.uses = Uses(project)
        self.tasks = Tasks(project)
        self.receivers = Receivers(project, self.tasks)
        self.dicts = Dicts(project, self.uses)
        self.fields = Fields(project)
        self.calls = Calls(project, self.uses, self.dicts)
        self.edges = Edges(project, self.uses, self.dicts, self.calls)
        self.fixtures = Fixtures(project, self.uses)
        self.instances = Instances(project, self.uses, self.edges, self.fixtures)
        self.owners = Owners(project, self.tasks, self.instances)
        self.attributes = Attributes(project, self.uses, self.instances)
        self.attributes.follow_dicts(self.dicts)
        self.edges.add_items_of_classes()
        self.fixtures.add_to(self.edges)
        self.attributes.add_to(self.edges)
        self.edges.leave_out([node for node in self.edges.nodes if self._has_another_name(node)])
        self.holders: dict[Node, NodeFacts] = {}
        constructors = self.attributes.constructors
        self.class_values = ClassValues(project, self.uses, self.edges, constructors, self.node_of)
        self.others = self._grow(self.class_values.grow(dict(self.edges.nodes)))
        for holder, facts in [*self.holders.items(), *self.class_values.holders.items()]:
            with working_on(facts.module.path):
                if isinstance(holder, AttributeOf):
                    self.attributes.complete(holder, facts)
                elif self.fixtures.is_fixture(facts.module, facts.node):
                    self.fixtures.complete(facts)
        self.keys = {
            node: (variable, variable.key(prefect_names.KEYWORD))
            for variable in self.dicts.variables.values()
            for _, node in variable.spelled
        }
        for holder, facts in self.others.items():
            with working_on(facts.module.path):
                if self._goes_to_prefect(holder, facts):
                    self.holders[holder] = facts

    def is_handler(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression may be a handler as far as it is understood."""
        for leaf in leaves(node):
            if self.uses.handler_of(module, leaf) is not None or self.node_of(module, leaf) in self.holders:
                return True
            if self.is_attribute(module, leaf) or self.class_values.makes(module, leaf) is not None:
                return True
            if self.class_values.is_factory(module, leaf):
                return True
        return False

    def follows(self, holder: Node | None) -> bool:
        """Whether it is known what becomes of the values of a node: handlers, or handler classes."""
        return holder in self.holders or holder in self.class_values.holders

    def is_converted(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is what `rehandle.to_result` gets."""
        call = module.analysis.parents.get(node)
        if not isinstance(call, ast.Call) or call.args != [node]:
            return False
        return self.project.external(module, call.func) == prefect_names.TO_RESULT

    def is_attribute(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is certainly the attribute `result_handler` of a flow or task."""
        if isinstance(node, ast.Attribute):
            return node.attr == prefect_names.KEYWORD and self.owners.of(module, node.value).kind is Receiver.PREFECT
        return isinstance(node, ast.Call) and self.names_attribute(module, node, "getattr")

    def names_attribute(self, module: Module, call: ast.Call, *functions: str) -> bool:
        """Whether a call of getattr and its kin names the attribute `result_handler` of a certain flow or task."""
        if self.project.external(module, call.func) not in [f"builtins.{name}" for name in functions]:
            return False
        if len(call.args) < 2 or call.keywords or constant_text(call.args[1]) != prefect_names.KEYWORD:
            return False
        return self.owners.of(module, call.args[0]).kind is Receiver.PREFECT

    def node_of(self, module: Module, node: ast.expr) -> Node | None:
        """The one node whose value an expression has."""
        if isinstance(node, ast.Subscript):
            return self._key_of(module, node.value, node.slice)
        if iterating_name(module, node) is not None:
            held = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node
            container = self.dicts.of(module, held)
            return container.key(ANY) if container is not None else None
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "setdefault") and node.args:
                return self._key_of(module, function.value, node.args[0])
            variable = self.project.variable(module, function)
            method = self.attributes.called(module, node) if variable is None else None
            return method if self.follows(method) else Return(variable) if variable is not None else None
        variable = self.project.variable(module, node)
        other = self.attributes.of(module, node) if variable is None else self.other_name(variable)
        return other if self.follows(other) else variable

    def other_name(self, variable: Variable) -> Node | None:
        """The node that a variable has a part in: an attribute, or what a fixture returns."""
        fixture = self.fixtures.of(variable)
        return fixture.value if fixture is not None else self.attributes.of_class(variable)

    def _has_another_name(self, holder: Node) -> bool:
        """Whether a candidate is a part of another one."""
        other = self.other_name(holder) if isinstance(holder, Variable) else None
        return other is not None or self.attributes.is_property(holder)

    def _key_of(self, module: Module, node: ast.expr, key: ast.expr) -> Node | None:
        held = self.dicts.of(module, node)
        return None if held is None else held.key(constant_text(key) or ANY)

    def _grow(self, others: dict[Node, NodeFacts]) -> dict[Node, NodeFacts]:
        """Take the nodes that get a handler, from another one if need be; give the rest."""
        growing = True
        while growing:
            growing = False
            for holder, facts in list(others.items()):
                with working_on(facts.module.path):
                    if facts.followed and any(self.is_handler(*source) for source in self.edges.sources(holder)):
                        self.holders[holder] = others.pop(holder)
                        growing = True
        return others

    def _goes_to_prefect(self, holder: Node, facts: NodeFacts) -> bool:
        """Whether what is called result_handler, and gets no handler that is known, certainly is Prefect's."""
        node = facts.node
        if isinstance(node, ast.arg):
            function = holder.scope.node if isinstance(holder, Variable) else None
            if node.arg != prefect_names.KEYWORD or not isinstance(function, FUNCTIONS):
                return False
            return self.receivers.passes_on(facts.module, function)
        container = facts.container
        if container is None or not container.is_keyword(holder):
            return False
        for module, whole, destination in container.passed:
            if destination.call is not None and self.passed(module, whole, destination).reaches_prefect:
                return True
        return False

    def destination(self, module: Module, node: ast.expr) -> Destination:
        """Where an expression's value goes."""
        parents = module.analysis.parents
        value = node
        choice = chooser(parents, value)
        while choice is not None:
            value, choice = choice, chooser(parents, choice)
        parent = parents.get(value)
        call = parents.get(parent) if isinstance(parent, ast.keyword) else parent
        found = self.edges.destinations(value)
        holder = found[0] if len(found) == 1 else None
        if isinstance(call, ast.Call) and self.old_result(module, call) is not None:
            return Destination(Answer(Receiver.HARMLESS))
        if isinstance(holder, AttributeOf) and self.follows(holder):
            return Destination(Answer(Receiver.FOLLOWED), value, holder)
        if isinstance(parent, ast.keyword) and parent.arg in _KEYWORDS and not self.is_dict(module, parents[parent]):
            return self._of_keyword(module, parent, holder)
        if is_tested(module, value) or self.is_checked(module, value, parent):
            return Destination(Answer(Receiver.HARMLESS))
        if isinstance(parent, ast.Attribute) and is_kept_attribute(module, parent):
            return Destination(Answer(Receiver.HARMLESS))
        if self.follows(holder) or (holder is not None and isinstance(parent, (ast.Assign, ast.AnnAssign))):
            return Destination(Answer(Receiver.FOLLOWED), value, holder)
        if isinstance(holder, DictItem):
            return elsewhere(module, value, f"is put into {holder.variable.name}")
        display = display_with(self.project, module, value)
        if display is not None:
            return self._in_display(module, value, *display)
        if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is value:
            return self._assigned(module, parent, value)
        if isinstance(parent, ast.Call) and value in parent.args:
            if parent.args[2:] == [value] and self.names_attribute(module, parent, "getattr", "setattr"):
                return Destination(Answer(Receiver.PREFECT), value)
            layout = self.layout(module, parent)
            if layout is not None and parent.args[layout.index(prefect_names.KEYWORD)] is value:
                problem = position_problem(parent, layout)
                return Destination(Answer(Receiver.UNKNOWN if problem else Receiver.PREFECT, problem), value)
        return Destination(Answer(Receiver.OTHER, self._misunderstood(module, value, parent)))

    def _misunderstood(self, module: Module, value: ast.expr, parent: ast.AST | None) -> Reason:
        """Why a value stays one that is used in a way that isn't understood."""
        function = module.analysis.parents.get(parent) if isinstance(parent, ast.arguments) else None
        if isinstance(function, FUNCTIONS) and self.tasks.is_function(module, function):
            reason = reason_at(module, value, f"is an input of the task {function.name}")
            return reason._replace(advice="If Prefect was to store by it, write @task(result=...) instead")
        return reason_at(module, value, described_use(module, value, parent))

    def goes_to_prefect_alone(self, holder: Node | None) -> bool:
        """Whether what is stored in a dict is never read, and the dict goes to Prefect's calls and nowhere else."""
        container = self.holders[holder].container if holder in self.holders else None
        if holder is None or container is None or container.problem or container.reads(holder):
            return False
        return bool(container.passed) and all(
            passed.call is not None and self.passed(user, whole, passed).kind is Receiver.PREFECT
            for user, whole, passed in container.passed
        )

    def old_result(self, module: Module, call: ast.Call) -> OldResult | None:
        """The parts of a call that makes a Result of old, where it can be written as one of its handler's kind."""
        return old_result(self.uses, self.holders, module, call)

    def layout(self, module: Module, call: ast.Call) -> tuple[str, ...] | None:
        """The parameters of Task or Flow, in the order in which a call gives them with a handler among them."""
        for layout in layouts(self.project, module, call):
            number = layout.index(prefect_names.KEYWORD)
            if any(isinstance(argument, ast.Starred) for argument in call.args):
                return None
            if number < len(call.args) <= len(layout) and self.is_handler(module, call.args[number]):
                return layout
        return None

    def by_position(self, module: Module, call: ast.Call) -> ast.expr | None:
        """The handler that a call certainly gives Task or Flow by position."""
        layout = self.layout(module, call)
        return call.args[layout.index(prefect_names.KEYWORD)] if layout is not None else None

    def is_dict(self, module: Module, call: ast.AST) -> bool:
        """Whether a keyword is a key: of `dict(...)`, or of what is added to a dict."""
        if is_display(self.project, module, call):
            return True
        function = call.func if isinstance(call, ast.Call) else None
        if not isinstance(function, ast.Attribute) or function.attr != "update":
            return False
        return self.dicts.of(module, function.value) is not None

    def is_checked(self, module: Module, value: ast.expr, parent: ast.AST | None) -> bool:
        """Whether an expression is only compared with handler classes, by isinstance."""
        if not isinstance(parent, ast.Call) or len(parent.args) != 2 or parent.args[0] is not value:
            return False
        kinds = parent.args[1].elts if isinstance(parent.args[1], ast.Tuple) else [parent.args[1]]
        classes = {ref.node for ref in self.uses.refs_in(module)}
        known = all(kind in classes or self.project.variable(module, kind) in self.uses.classes for kind in kinds)
        return known and self.project.external(module, parent.func) == "builtins.isinstance"

    def _of_keyword(self, module: Module, keyword: ast.keyword, given: Node | None) -> Destination:
        call = module.analysis.parents[keyword]
        if not isinstance(call, ast.Call):
            return elsewhere(module, keyword.value, "is used in a way that isn't understood")
        if keyword_of(call, prefect_names.KEYWORD) and keyword_of(call, prefect_names.RESULT_KEYWORD):
            return Destination(unknown(reason_at(module, call, "is passed beside another one")))
        if keyword.arg == prefect_names.KEYWORD and self.calls.brings(module, call, prefect_names.RESULT_KEYWORD):
            reason = reason_at(module, call, "is passed", " beside keywords that have result, too")
            return Destination(unknown(reason._replace(advice="Take that out, write result= and give it a Result")))
        answer = self.receivers.call(module, call)
        holder = answer.through
        if holder is None and answer.kind is Receiver.OTHER:
            holder = given
        if holder in self.holders:
            return Destination(Answer(Receiver.FOLLOWED), keyword.value, holder, self._taken(module, keyword, answer))
        return Destination(self._taken(module, keyword, answer), keyword.value)

    def _taken(self, module: Module, keyword: ast.keyword, answer: Answer) -> Answer:
        """The answer on a keyword where no parameter of the project takes a Result."""
        if answer.kind is Receiver.OTHER:
            return Answer(Receiver.OTHER, reason_at(module, keyword.value, "is passed to something else"))
        if keyword.arg == prefect_names.RESULT_KEYWORD and (answer.kind is Receiver.PROJECT or answer.in_task_args):
            call = module.analysis.parents[keyword]
            own = reason_at(module, call, "is an input of the task that is called")
            return unknown(answer.reason or own)
        return answer

    def _in_display(self, module: Module, value: ast.expr, display: ast.expr, key: str) -> Destination:
        """Where a value goes that is in a dict or list which is written out and isn't followed."""
        destination = destination_of(self.dicts, module, display)
        if destination is None or destination.call is None:
            return elsewhere(module, value, "is put into a list, tuple or dict")
        if key in _KEYWORDS:
            return Destination(self.passed(module, display, destination, value), value)
        return elsewhere(module, value, "is passed to something else")

    def passed(self, module: Module, node: ast.expr, destination: Passed, value: ast.expr | None = None) -> Answer:
        """Whether a call takes the key `result_handler` of a dict for Prefect.

        Args:
            module: where the call is.
            node: the dict.
            destination: the call that takes it as a whole.
            value: what is under the key, where that is plain.

        Returns:
            The answer.
        """
        call = destination.call
        assert call is not None
        if keyword_of(call, "task_args") is not None and not is_spread(module, call, node):
            task = self.tasks.called(module, call)
            if task is not None:
                problem = self.tasks.problem(task)
                return unknown(problem) if problem else Answer(Receiver.PREFECT)
            answer = self.receivers.callee(module, call.func)
            if answer.kind is Receiver.OTHER:
                return answer
            of_project = not self.project.external(module, call.func)
            if of_project and value is not None and self.is_handler(module, value):
                return Answer(Receiver.PREFECT)
            return unknown(Reason(f"{short(module, call.func)} may be no task"))
        answer = self.receivers.call(module, call)
        # Beside the keyword result_handler the key can't have been there: that is an error in Python.
        if keyword_of(call, prefect_names.RESULT_KEYWORD):
            return unknown(reason_at(module, call, "is passed beside another one"))
        if answer.in_task_args:
            return unknown(reason_at(module, call, "is an input of the task that is called"))
        return answer

    def _assigned(self, module: Module, statement: ast.Assign | ast.AnnAssign, value: ast.expr) -> Destination:
        """Where a value goes that is assigned to something else than a variable."""
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        if isinstance(statement, ast.Assign) and len(statement.targets) != 1:
            return elsewhere(module, value, "is assigned to several names")
        if isinstance(target, ast.Attribute) and target.attr in _KEYWORDS:
            return Destination(self.owners.of(module, target.value), value)
        if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            return elsewhere(module, value, "is put into a list, tuple or dict")
        return elsewhere(module, value, f"is stored in {short(module, target)}")
