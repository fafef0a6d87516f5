"""What becomes of each handler value and class: converted as a whole, with all its uses, or not at all."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.decide.arguments import argument_problem
from rehandle_codemods.decide.class_names import Renames
from rehandle_codemods.decide.handler_classes import class_problem, inherited_calls
from rehandle_codemods.decide.protected import Protection
from rehandle_codemods.decide.safe_results import SafeResults
from rehandle_codemods.decide.spelling import key_problem, parameter_problem
from rehandle_codemods.decide.staying import still_imported
from rehandle_codemods.files.paths import shown
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.flow.carriers import Carrier
from rehandle_codemods.flow.graph import METHODS, Destination, FlowGraph, plain_call
from rehandle_codemods.flow.nodes import DictItem, Node, Return
from rehandle_codemods.flow.receivers import NO, PARAMETER, YES, Verdict
from rehandle_codemods.flow.uses import HandlerRef
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Parameter, Variable
from rehandle_codemods.index.syntax import inside_fstring, is_none, leaves, reason_at, short, where
from rehandle_codemods.index.targets import External, Local, ModuleRef
from rehandle_codemods.options import DEFAULTS, Options

if TYPE_CHECKING:
    from rehandle_codemods.decide.plan import Plan

_FIXED = ", which isn't to be changed"

_NOTHING = Protection()


class Decisions:
    """Decides for every handler class and carrier of a project, until nothing changes any more."""

    def __init__(self, flow: FlowGraph, options: Options = DEFAULTS, protection: Protection = _NOTHING) -> None:
        """Decide.

        Args:
            flow: where handlers come from and go to in the project.
            options: the choices of the run.
            protection: what isn't to change.
        """
        self.project = flow.project
        self.flow = flow
        self.options = options
        self.protection = protection
        self.handler_classes: dict[ast.ClassDef, HandlerClass] = {}
        self.blocked: dict[Node, Reason] = {}
        self._plans: dict[Module, Plan] = {}
        self._settle()

    def plan(self, module: Module) -> Plan:
        """What becomes of the imports of a module, and the names of Results in it."""
        from rehandle_codemods.decide.plan import Plan

        if module not in self._plans:
            self._plans[module] = Plan(self, module)
        return self._plans[module]

    @cached_property
    def renames(self) -> Renames:
        """The new names of the classes that become Results."""
        return Renames(self)

    @cached_property
    def safe_results(self) -> SafeResults:
        """What becomes of `SafeResult` and all that belongs to it."""
        return SafeResults(self)

    def uses_through(self, module: Module, variable: Variable) -> bool:
        """Whether other modules use a legacy name through a module that imports it, and go on doing so."""
        return self.flow.uses.used_through(module, variable) or variable in self._still_imported

    @cached_property
    def _still_imported(self) -> set[Variable]:
        return still_imported(self)

    @cached_property
    def inherited_calls(self) -> dict[Module, list[tuple[ast.Call, str]]]:
        """The calls of classes that become Results and take the constructor of a handler of Prefect's, by module."""
        return inherited_calls(self)

    # Deciding

    def _settle(self) -> None:
        changed = True
        while changed:
            changed = False
            for variable, (module, node) in self.flow.uses.classes.items():
                if variable not in self.blocked:
                    reason = class_problem(self, variable, module, node)
                    if reason:
                        self.blocked[variable] = reason
                        changed = True
            for holder, carrier in self.flow.carriers.items():
                if holder not in self.blocked:
                    reason = self._carrier_problem(holder, carrier)
                    if reason:
                        self.blocked[holder] = reason
                        changed = True

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

    def _carrier_problem(self, holder: Node, carrier: Carrier) -> Reason | None:
        name = holder.name
        if not self.protection.may_change(carrier.module, carrier.node):
            return reason_at(carrier.module, carrier.node, "is set", _FIXED, subject=name)
        if carrier.problem:
            return carrier.problem
        owner = self._owner_of(holder)
        problem = self.unseen(owner, carrier.module)
        if problem is not None:
            return problem.about(owner.name)
        is_key = carrier.container is not None and carrier.container.is_keyword(holder)
        problem = key_problem(self, carrier.container) if is_key and carrier.container is not None else None
        if not problem and isinstance(holder, Parameter) and name == prefect_names.KEYWORD:
            problem = parameter_problem(self, holder, carrier)
        # A key that nobody reads goes to Prefect, where each value is converted by itself.
        if not problem and (carrier.reads or not is_key or not self.options.runtime):
            problem = next(filter(None, (self._source_problem(*source) for source in carrier.sources)), None)
        if problem:
            return problem
        for module, source in carrier.sources:
            place = self.place(module, source)
            if not self.protection.may_change(module, source):
                return reason_at(module, source, "is set", _FIXED, subject=name)
            if place.verdict.answer != YES or place.node is None or place.node in self.blocked:
                return reason_at(module, source, f"what {name} gets", " can't become a Result", subject="")
        made = any(self._is_result(module, leaf) for module, value in carrier.sources for leaf in leaves(value))
        for module, use in carrier.reads:
            parent = module.analysis.parents.get(use)
            if made and isinstance(parent, ast.Attribute) and parent.attr in METHODS:
                return reason_at(module, use, "may be a Result already", subject=name)
            if self.flow.node_of(module, use) != holder:
                return reason_at(module, use, "may be something else", subject=name)
            problem = self.use_problem(module, use)
            if problem is not None:
                return problem.about(name)
        return None

    def _source_problem(self, module: Module, node: ast.expr) -> Reason | None:
        """Why what a carrier gets can't become a Result: for readers of other places, so it says where that is."""
        problem = self.value_problem(module, node)
        at = where(module, node)
        if problem is None or problem.at == at or problem in self.blocked.values():
            return problem
        return Reason(f"{at}: {problem.clause}", at, problem.advice)

    def _is_result(self, module: Module, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self.flow.uses.is_result(module, node)

    @staticmethod
    def _owner_of(holder: Node) -> Variable:
        """The name that a value is reached by: that of its function, of its dict, or of its variable."""
        if isinstance(holder, DictItem):
            return holder.variable
        if isinstance(holder, Return):
            return holder.function
        owner = holder.scope.parent
        if isinstance(holder, Parameter) and owner is not None:
            if owner.kind == "class" and owner.parent is not None:
                return owner.parent.variable(owner.node.name)  # type: ignore[attr-defined]  # a class has a name
            return owner.variable(getattr(holder.scope.node, "name", ""))
        return holder

    def unseen(self, variable: Variable, module: Module) -> Reason | None:
        """Why uses of a name may exist that aren't understood."""
        scope, name = variable.scope, variable.name
        if scope.parent is not None:
            return None
        if variable in self.flow.uses.elsewhere:
            return self.flow.uses.elsewhere[variable]
        named = self.flow.uses.by_name(name)
        if named is not None:
            return Reason(f"may be reached by its name in {named}", named, subject=IT)
        user = self.project.maybe.get((module.path, name))
        if user is not None:
            at = where(*user)
            return Reason(f"may be what {at} imports, which can't be told", at, subject=IT)
        starred = self.project.star_user(module)
        if starred is not None:
            other, star = starred
            return reason_at(other, star.node, "may be used through the star import")
        for path in self.project.broken:
            if name.encode() in self.project.raw(path):
                return Reason(f"may be used in {shown(path)}, which can't be analysed", subject=IT)
        return None

    # Values and where they go

    def value_problem(self, module: Module, node: ast.expr) -> Reason | None:
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
            return next(filter(None, (self.value_problem(module, part) for part in default)), None)
        holder = self.flow.node_of(module, leaf)
        if isinstance(leaf, ast.Call):
            if self.flow.uses.handler_of(module, leaf) is not None:
                return self.call_problem(module, leaf, own=True)
            if holder not in self.flow.carriers:
                unknown = Reason("what this call returns can't be told")
                return None if self.flow.uses.is_result(module, leaf) else unknown
        if holder is None:
            return Reason(f"what {short(module, leaf)} is can't be told")
        if holder in self.blocked:
            return self.blocked[holder]
        if holder in self.flow.carriers or holder in seen:
            return None
        seen.add(holder)
        name = holder.name
        if holder in self.flow.uses.elsewhere:
            return self.flow.uses.elsewhere[holder].about(name)
        for target in self.project.resolve(module, leaf):
            binding = target.binding if isinstance(target, Local) else None
            if binding is None or binding.kind != scopes.ASSIGN or binding.value is None:
                kind = "a parameter" if binding is not None and binding.kind == scopes.PARAMETER else "not known"
                return Reason(f"the value of {name} is {kind} here")
            assert isinstance(target, Local)
            for inner in leaves(binding.value):
                if self._leaf_problem(target.module, inner, seen):
                    return Reason(f"the value of {name} isn't known here")
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
            return reason_at(module, call, "is made", _FIXED)
        targets = self.project.resolve(module, call.func)
        if not of_class:
            for target in targets:
                if isinstance(target, Local):
                    blocked = self.blocked.get(target.binding.variable)
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
                return Reason(f"its class is reached through another module, as {short(module, node)}")
            head = head.value
        if isinstance(head, ast.Name):
            scope = module.analysis.scope_of[head].lookup(head.id)
            if scope is None:
                return Reason("its class comes from a star import")
            found = [binding for binding in scope.bindings[head.id] if not is_none(binding.value)]
            fixed = next((binding for binding in found if not self.protection.may_change(module, binding.node)), None)
            if fixed is not None and self.protection.reaches(module):
                return reason_at(module, fixed.node, "its class is imported", _FIXED, subject="")
            if found and all(binding.kind in (scopes.IMPORT, scopes.FROM) for binding in found):
                return None
        return Reason(f"its class goes by another name here, {short(module, node)}")

    def place(self, module: Module, node: ast.expr) -> Destination:
        """Where an expression's value goes, as far as that is decided."""
        if self.protection.reaches(module) and not self.protection.may_change(module, node):
            return Destination(Verdict(NO, reason_at(module, node, "is used", _FIXED)))
        place = self.flow.destination(module, node)
        if place.node in self.blocked and place.otherwise is not None:
            return Destination(place.otherwise, place.value)
        return place

    def use_problem(self, module: Module, node: ast.expr) -> Reason | None:
        """Why a handler can't become a Result where it is used; None where it can."""
        if not self.protection.may_change(module, node):
            return reason_at(module, node, "is used", _FIXED)
        place = self.place(module, node)
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Call) and self.flow.is_checked(module, node, parent):
            kinds = parent.args[1].elts if isinstance(parent.args[1], ast.Tuple) else [parent.args[1]]
            if not all(self.may_be_named(module, kind) for kind in kinds):
                return reason_at(module, node, "is compared with a class", " that isn't to be named otherwise")
            classes = [self.project.variable(module, kind) for kind in kinds]
            return next((self.blocked[holder] for holder in classes if holder in self.blocked), None)
        if place.verdict.answer != YES:
            return place.verdict.reason or reason_at(module, node, "is passed to something else")
        if inside_fstring(module, node):
            return reason_at(module, node, "is used inside an f-string")
        if place.node is not None:
            if place.node in self.blocked:
                return self.blocked[place.node]
            parent = module.analysis.parents.get(node)
            alias = isinstance(parent, ast.Assign) and self.is_alias(module, parent)
            return None if alias or place.node in self.flow.carriers else reason_at(module, node, "is copied")
        return None if place.value is None else self.value_problem(module, place.value)

    def is_key_of_prefect(self, module: Module, value: ast.expr) -> bool:
        """Whether what is under the key `result_handler` goes to Prefect, or into a carrier that takes a Result."""
        place = self.place(module, value)
        ours = place.verdict.answer == YES and (place.node is None or place.node not in self.blocked)
        return ours or self.flow.is_handler(module, value)

    def converted_there(self, module: Module, value: ast.expr) -> bool:
        """Whether a value that isn't known to be a handler goes where the code already converts what it gets."""
        return self.place(module, value).verdict.converted and not self.flow.is_handler(module, value)

    def takes_attribute(self, module: Module, node: ast.expr) -> bool:
        """Whether the Result of a flow or task can be where its handler is read."""
        place = self.place(module, node)
        return place.verdict.answer == YES and (place.node is None or place.node not in self.blocked)

    def renames_parameter(self, module: Module, node: ast.arg) -> bool:
        """Whether a parameter called result_handler becomes one called result."""
        function = module.analysis.parents.get(module.analysis.parents[node])
        if node.arg != prefect_names.KEYWORD or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
        holder = inner_scope(module, function).variable(prefect_names.KEYWORD)
        return holder in self.flow.carriers and holder not in self.blocked

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
        return not self.value_problem(module, value)

    def converts(self, ref: HandlerRef) -> bool:
        """Whether a name of a built-in handler class becomes that of its Result (annotations apart)."""
        module, node, _ = ref
        if not self.may_be_named(module, node) or ref in self.flow.uses.unsure_refs:
            return False
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return not self.call_problem(module, parent)
        if isinstance(parent, ast.ClassDef):
            return module.analysis.variable(parent) not in self.blocked
        if isinstance(parent, ast.Attribute) and parent.attr == "__init__":
            owner = module.analysis.enclosing_class(node)
            return owner is not None and self.converts_class(module, owner)
        if isinstance(parent, ast.Compare):
            return all(is_none(side) for side in parent.comparators)
        return self.is_checked_for(module, node)

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
        return self.flow.is_checked(module, call.args[0], call) and not self.value_problem(module, call.args[0])

    def converts_class(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a handler class of the project becomes a Result."""
        holder = module.analysis.variable(node)
        return holder in self.flow.uses.classes and holder not in self.blocked

    def reaches_runtime(self, module: Module, node: ast.expr, seen: set[Node] | None = None) -> bool:
        """Whether a handler that stays one arrives where it is converted at run time."""
        seen = seen if seen is not None else set()
        if not self.options.runtime:
            return False
        if not self.protection.may_change(module, node):
            return False
        if self.flow.is_converted(module, node):
            return True
        place = self.place(module, node)
        if place.verdict.answer == PARAMETER:
            return True
        if place.verdict.answer != YES:
            return False
        holder = place.node
        if holder is None:
            return place.value is not None
        carrier = self.flow.carriers.get(holder)
        if holder in seen or carrier is None:
            return False
        seen.add(holder)
        if carrier.container is not None and any(part.call for _, _, part in carrier.container.passed):
            return True
        return any(self.reaches_runtime(user, use, seen) for user, use in carrier.reads)
