"""Why a handler can't become a Result, where it is written and where it is used; given what is decided to stay one."""

from __future__ import annotations

import ast

from rehandle_codemods.classes.handler_class import HandlerClass, handler_class
from rehandle_codemods.decide.arguments import argument_problem
from rehandle_codemods.decide.protected import Protection
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import IT, Reason, Region
from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.flow.destinations import Destination
from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.flow.nodes import DictItem, Node
from rehandle_codemods.flow.receivers import Answer, Receiver
from rehandle_codemods.flow.uses import HandlerRef
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.broken_files import broken_user
from rehandle_codemods.index.locations import reason_at, short, where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import inside_fstring, is_none, leaves, plain_call
from rehandle_codemods.index.targets import ANYWHERE, External, Local, ModuleRef
from rehandle_codemods.options import Options

FIXED = ", which isn't to be changed"
"""Said of code that is protected."""


class Values:
    """What becomes of a handler where it is written or used, as far as it is decided what stays one.

    Attributes:
        project: the index.
        flow: where handlers come from and go to.
        options: the choices of the run.
        protection: what isn't to change.
        handler_classes: the regular ones of the project's handler classes.
        irregular: why others aren't.
        staying: the variables, keys and classes that stay handlers, and why; grows while that is decided.
    """

    def __init__(self, flow: FlowGraph, options: Options, protection: Protection) -> None:
        self.project = flow.project
        self.flow = flow
        self.options = options
        self.protection = protection
        self.handler_classes: dict[ast.ClassDef, HandlerClass] = {}
        self.irregular: dict[ast.ClassDef, Reason] = {}
        self.staying: dict[Node, Reason] = {}
        for module, node in flow.uses.classes.values():
            with working_on(module.path):
                found = handler_class(flow.project, module, node)
                if isinstance(found, Reason):
                    self.irregular[node] = found
                else:
                    self.handler_classes[node] = found

    def is_alias(self, module: Module, statement: ast.Assign) -> bool:
        """Whether an assignment only gives something another name."""
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            return False
        scope = module.analysis.scope_of[target].lookup(target.id)
        return (
            scope is not None
            and scope.kind != "class"
            and len([b for b in scope.bindings[target.id] if not is_none(b.value)]) == 1
        )

    def unseen(self, variable: Variable, module: Module) -> Reason | None:
        """Why uses of a name may exist that aren't understood."""
        scope, name = variable.scope, variable.name
        if scope.parent is not None:
            return None
        if variable in self.flow.uses.elsewhere:
            return self.flow.uses.elsewhere[variable]
        named = self.flow.uses.by_name(name)
        if named is not None:
            return Reason(f"may be reached by its name in {named.line}", named, subject=IT)
        for path in (module.path, ANYWHERE):
            user = self.project.maybe.get((path, name))
            if user is not None:
                at = where(*user)
                advice = "Say by --src from which folder that is imported" if path else ""
                return Reason(f"may be what {at.line} takes from a file that isn't certain", at, advice, subject=IT)
        starred = self.project.star_user(module)
        if starred is not None:
            other, star = starred
            return reason_at(other, star.node, "may be used through the star import")
        broken = broken_user(self.project, variable, module)
        if not broken:
            return None
        error = self.project.broken[broken]
        at = Region(shown(broken), error.cell, error.location, error.location)
        return Reason(f"may be used in {shown(broken)}, which can't be analysed", at, subject=IT)

    # Values and where they go

    def problem(self, module: Module, node: ast.expr) -> Reason | None:
        """Why a value can't become a Result where it is written; None where it can, is one, or is None."""
        for leaf in leaves(node):
            problem = self._leaf_problem(module, leaf, set())
            if problem:
                return problem
        return None

    def _leaf_problem(self, module: Module, leaf: ast.expr, seen: set[Node]) -> Reason | None:
        if isinstance(leaf, ast.Constant) and leaf.value is None:
            return None
        if self.flow.is_attribute(module, leaf):
            default = leaf.args[2:] if isinstance(leaf, ast.Call) else []
            return next(filter(None, (self.problem(module, part) for part in default)), None)
        maker = self.flow.class_values.makes(module, leaf)
        if maker is not None:
            return self.staying.get(maker)
        if isinstance(leaf, ast.Call) and self.project.external(module, leaf.func) == prefect_names.TO_RESULT:
            return None
        if self.flow.class_values.is_factory(module, leaf):
            return None  # it is asked about where its field is decided on
        holder = self.flow.node_of(module, leaf)
        if isinstance(leaf, ast.Call):
            if self.flow.uses.handler_of(module, leaf) is not None:
                return self.call_problem(module, leaf, own=True)
            if holder not in self.flow.holders:
                unknown = Reason("returns what is known only when the code runs", subject=short(module, leaf))
                return None if self.flow.uses.is_result(module, leaf) else unknown
        if isinstance(leaf, ast.NamedExpr):
            return Reason(f"is assigned to {leaf.target.id} by :=, which isn't followed", subject=IT)
        if holder is None:
            return Reason("is known only when the code runs", subject=short(module, leaf))
        if holder in self.staying:
            return self.staying[holder]
        if holder in self.flow.holders or holder in seen:
            return None
        seen.add(holder)
        name = holder.name
        if holder in self.flow.uses.elsewhere:
            return self.flow.uses.elsewhere[holder].about(name)
        for target in self.project.resolve(module, leaf):
            binding = target.binding if isinstance(target, Local) else None
            if binding is None or binding.kind != scopes.ASSIGN or binding.value is None:
                kind = "is a parameter, which may get anything"
                if binding is None or binding.kind != scopes.PARAMETER:
                    kind = "is known only when the code runs"
                at = where(target.module, binding.node) if binding is not None and isinstance(target, Local) else None
                return Reason(kind, because=at, subject=name)
            assert isinstance(target, Local)
            for inner in leaves(binding.value):
                problem = self._leaf_problem(target.module, inner, seen)
                if problem is not None:
                    cause = problem.cause or where(target.module, inner)
                    return Reason("gets a value that is known only when the code runs", because=cause, subject=name)
        return None

    def call_problem(
        self, module: Module, call: ast.Call, *, own: bool = False, of_class: bool = False
    ) -> Reason | None:
        """Why the instance that a call makes can't become a Result.

        Args:
            module: where the call is.
            call: the call of a handler class.
            own: look only at the call itself, not at where its value goes.
            of_class: the class itself is being decided on.

        Returns:
            The reason, or None.
        """
        if not self.protection.may_change(module, call):
            return reason_at(module, call, "is made", FIXED)
        targets = self.project.resolve(module, call.func)
        if not of_class:
            for target in targets:
                if self.flow.uses.is_kept(target):
                    return Reason("stays a handler", subject=short(module, call.func)) if own else None
                if isinstance(target, Local):
                    blocked = self.staying.get(target.binding.variable)
                    if blocked:
                        return blocked
                elif isinstance(target, External):
                    handler = prefect_names.handler_class(target.name)
                    if handler is None:
                        return Reason("may be one of several things", subject=short(module, call.func))
                    problem = (
                        self.reach_problem(module, call.func)
                        or self.flow.uses.changed.get(handler)
                        or argument_problem(call, handler, self.options.target)
                    )
                    if problem:
                        return problem
        if inside_fstring(module, call):
            return Reason("is written inside an f-string", subject=IT)
        return None if own else self.use_problem(module, call)

    def reach_problem(self, module: Module, node: ast.expr) -> Reason | None:
        """Why the name that a handler class is reached by can't be changed."""
        head = node
        while isinstance(head, ast.Attribute):
            if any(isinstance(target, ModuleRef) for target in self.project.resolve(module, head.value)):
                return Reason(f"gets its class through another module, as {short(module, node)}", subject=IT)
            head = head.value
        if isinstance(head, ast.Name):
            scope = module.analysis.scope_of[head].lookup(head.id)
            if scope is None:
                return Reason("gets its class from a star import", subject=IT)
            found = [binding for binding in scope.bindings[head.id] if not is_none(binding.value)]
            fixed = next((binding for binding in found if not self.protection.may_change(module, binding.node)), None)
            if fixed is not None and self.protection.reaches(module):
                return reason_at(module, fixed.node, "gets its class by an import", FIXED)
            if found and all(binding.kind in (scopes.IMPORT, scopes.FROM) for binding in found):
                return None
        return Reason(f"gets its class by another name, {short(module, node)}", subject=IT)

    def destination(self, module: Module, node: ast.expr) -> Destination:
        """Where an expression's value goes, as far as that is decided."""
        if self.protection.reaches(module) and not self.protection.may_change(module, node):
            return Destination(Answer(Receiver.OTHER, reason_at(module, node, "is used", FIXED)))
        destination = self.flow.destination(module, node)
        if destination.node in self.staying and destination.otherwise is not None:
            destination = Destination(destination.otherwise, destination.value)
        receiver = destination.receiver
        if receiver.kind is Receiver.PROJECT and not receiver.converted and receiver.through is not None:
            fixed = self._fixed_use(receiver.through, {receiver.through})
            if fixed is not None:
                return Destination(Answer(Receiver.OTHER, reason_at(*fixed, "is used", FIXED)))
        return destination

    def _fixed_use(self, holder: Node, seen: set[Node]) -> tuple[Module, ast.expr] | None:
        """Where what a parameter of the project's gets would have to be converted, but isn't to be changed."""
        if not self.protection.reaches_any or not isinstance(holder, Variable):
            return None
        for module, use in self.flow.uses.of(holder):
            if not self.protection.may_change(module, use):
                return module, use
            through = self.flow.destination(module, use).receiver.through
            if through is not None and through not in seen:
                seen.add(through)
                fixed = self._fixed_use(through, seen)
                if fixed is not None:
                    return fixed
        return None

    def use_problem(self, module: Module, node: ast.expr) -> Reason | None:
        """Why a handler can't become a Result where it is used; None where it can."""
        problem = self._use_problem(module, node)
        if problem is None or problem.cause is not None:
            return problem
        parent = module.analysis.parents.get(node)
        return problem._replace(because=where(module, parent if isinstance(parent, ast.keyword) else node))

    def _use_problem(self, module: Module, node: ast.expr) -> Reason | None:
        if not self.protection.may_change(module, node):
            return reason_at(module, node, "is used", FIXED)
        destination = self.destination(module, node)
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Call) and self.flow.is_checked(module, node, parent):
            kinds = parent.args[1].elts if isinstance(parent.args[1], ast.Tuple) else [parent.args[1]]
            if not all(self.may_be_named(module, kind) for kind in kinds):
                return reason_at(module, node, "is compared with a class", " that isn't to be named otherwise")
            classes = [self.project.variable(module, kind) for kind in kinds]
            return next((self.staying[holder] for holder in classes if holder in self.staying), None)
        if not destination.receiver.takes_result:
            return destination.receiver.reason or reason_at(module, node, "is passed to something else")
        if inside_fstring(module, node):
            return reason_at(module, node, "is used inside an f-string")
        if destination.node is not None:
            if destination.node in self.staying:
                return self.staying[destination.node]
            parent = module.analysis.parents.get(node)
            alias = isinstance(parent, ast.Assign) and self.is_alias(module, parent)
            return None if alias or destination.node in self.flow.holders else reason_at(module, node, "is copied")
        return None if destination.value is None else self.problem(module, destination.value)

    def is_key_of_prefect(self, module: Module, value: ast.expr) -> bool:
        """Whether what is under the key `result_handler` goes to Prefect, or into a node that takes a Result."""
        return self.takes_result(module, value) or self.flow.is_handler(module, value)

    def converted_there(self, module: Module, value: ast.expr) -> bool:
        """Whether a value that isn't known to be an old handler goes where the code already converts what it gets."""
        return self.destination(module, value).receiver.converted and not self.is_old_handler(module, value, set())

    def is_old_handler(self, module: Module, node: ast.expr, seen: set[Node]) -> bool:
        """Whether an expression may be a handler of Prefect's, or the project's: none that rehandle has."""
        for leaf in leaves(node):
            targets = self.project.resolve(module, leaf.func) if isinstance(leaf, ast.Call) else ()
            if not self.flow.is_handler(module, leaf) or (targets and all(map(self.flow.uses.is_kept, targets))):
                continue
            holder = self.flow.node_of(module, leaf)
            if holder is None or holder not in self.flow.holders:
                return True
            if holder not in seen:
                seen.add(holder)
                if any(self.is_old_handler(*source, seen) for source in self.flow.edges.sources(holder)):
                    return True
        return False

    def takes_result(self, module: Module, node: ast.expr) -> bool:
        """Whether what takes a value takes a Result as well: Prefect, or what becomes a Result itself."""
        destination = self.destination(module, node)
        return destination.receiver.takes_result and (destination.node is None or destination.node not in self.staying)

    def renames_parameter(self, module: Module, node: ast.arg) -> bool:
        """Whether a parameter called result_handler becomes one called result."""
        function = module.analysis.parents.get(module.analysis.parents[node])
        if node.arg != prefect_names.KEYWORD or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        holder = inner_scope(module, function).variable(prefect_names.KEYWORD)
        return holder in self.flow.holders and holder not in self.staying

    def converts_method(self, module: Module, node: ast.Attribute) -> bool:
        """Whether an attribute is a handler's `read` or `write`, called where a Result's has taken its place."""
        value = node.value
        if (
            plain_call(module, node) is None
            or not self.protection.may_change(module, node)
            or inside_fstring(module, node)
        ):
            return False
        if not self.flow.is_handler(module, value):
            return False
        if isinstance(value, ast.Call) and self.flow.uses.handler_of(module, value) is not None:
            return not self.call_problem(module, value)
        return not self.problem(module, value)

    def converts(self, ref: HandlerRef) -> bool:
        """Whether a name of a built-in handler class becomes that of its Result (annotations apart)."""
        module, node, _ = ref
        if not self.may_be_named(module, node) or ref in self.flow.uses.unsure_refs:
            return False
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return not self.call_problem(module, parent)
        if isinstance(parent, ast.ClassDef):
            return module.analysis.variable(parent) not in self.staying
        if isinstance(parent, ast.Attribute) and parent.attr == "__init__":
            owner = module.analysis.enclosing_class(node)
            return owner is not None and self.converts_class(module, owner)
        if isinstance(parent, ast.Compare):
            return all(is_none(side) for side in parent.comparators)
        taking = self.flow.class_values.taking(module, node)
        return taking not in self.staying if taking is not None else self.is_checked_for(module, node)

    def may_be_named(self, module: Module, node: ast.expr) -> bool:
        """Whether a name of a handler class, and the import that it is reached by, may both be edited."""
        if not self.protection.reaches(module) or not self.protection.may_change(module, node):
            return self.protection.may_change(module, node)
        head: ast.AST = node
        while isinstance(head, ast.Attribute):
            head = head.value
        scope = module.analysis.scope_of[head].lookup(head.id) if isinstance(head, ast.Name) else None
        found = scope.bindings[head.id] if scope is not None and isinstance(head, ast.Name) else ()
        return all(self.protection.may_change(module, binding.node) for binding in found)

    def is_checked_for(self, module: Module, node: ast.expr) -> bool:
        """Whether a handler class is what a value that becomes a Result is compared with by isinstance."""
        parents = module.analysis.parents
        call = parents.get(node)
        call = parents.get(call) if isinstance(call, ast.Tuple) else call
        if not isinstance(call, ast.Call) or len(call.args) != 2 or node is call.args[0]:
            return False
        return self.flow.is_checked(module, call.args[0], call) and not self.problem(module, call.args[0])

    def converts_class(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a handler class of the project becomes a Result."""
        holder = module.analysis.variable(node)
        return holder in self.flow.uses.classes and holder not in self.staying

    def reaches_runtime(self, module: Module, node: ast.expr, seen: set[Node] | None = None) -> bool:
        """Whether a handler that stays one arrives where it is converted at run time."""
        seen = seen if seen is not None else set()
        if not self.options.runtime:
            return False
        if not self.protection.may_change(module, node):
            return False
        if self.flow.is_converted(module, node):
            return True
        destination = self.destination(module, node)
        if destination.receiver.kind is Receiver.PROJECT:
            return True
        if not destination.receiver.takes_result:
            return False
        holder = destination.node
        if holder is None:
            return destination.receiver.kind is Receiver.PREFECT
        facts = self.flow.holders.get(holder)
        if holder in seen or facts is None:
            return False
        seen.add(holder)
        if facts.container is not None and any(part.call for _, _, part in facts.container.passed):
            if facts.container.is_keyword(holder):
                return holder not in self.staying  # else its key is left, and the value with it
            named_result = isinstance(holder, DictItem) and holder.key == prefect_names.RESULT_KEYWORD
            return not named_result or self.flow.goes_to_prefect_alone(holder)
        return any(self.reaches_runtime(user, use, seen) for user, use in facts.reads)

    def class_reaches_runtime(self, holder: Node) -> bool:
        """Whether a handler class that stays one is made into handlers that are converted at run time."""
        facts = self.flow.holders.get(holder)
        if facts is not None:  # a field that is made by the class
            return any(self.reaches_runtime(user, use) for user, use in facts.reads)
        calls = list(self.flow.class_values.calls(holder))
        return bool(calls) and all(self.reaches_runtime(user, call) for user, call in calls)
