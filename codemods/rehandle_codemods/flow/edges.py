"""From where variables, parameters, returned values and items of dicts get their values: one table for both directions.

What moves a value is an edge, from the expression to the node that gets it. Edges are found here and nowhere else; from
where a value comes, and where it goes to, is looked up in them.
"""

from __future__ import annotations

import ast
from typing import Iterable, Sequence

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.calls import Calls, Site
from rehandle_codemods.flow.dicts import Dicts, DictVariable
from rehandle_codemods.flow.nodes import ANY, DictItem, Node, Return
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.binding_arguments import Bound, bind_function, default_of
from rehandle_codemods.index.locations import reason_at, short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope, Variable
from rehandle_codemods.index.syntax import FUNCTIONS, FunctionDef


class NodeFacts:
    """What is known of a node beside its edges.

    Attributes:
        module: where it is.
        node: what binds it first.
        reads: the expressions that have its value.
        problem: why not everything about it is understood.
        container: the dict or list that it is a part of.
        followed: whether it is known who gives it values, so that it may hold a handler because of one of them.
    """

    __slots__ = ("container", "followed", "module", "node", "problem", "reads")

    def __init__(self, module: Module, node: ast.AST, container: DictVariable | None = None) -> None:
        self.module = module
        self.node = node
        self.container = container
        self.reads: Sequence[tuple[Module, ast.expr]] = ()
        self.problem: Reason | None = None
        self.followed = True


class Edges:
    """Every way by which a value gets from one place of a project to another, as far as that is understood.

    Attributes:
        nodes: what may get a value.
    """

    def __init__(self, project: Project, uses: Uses, dicts: Dicts, calls: Calls) -> None:
        """Find them.

        Args:
            project: the index.
            uses: the uses of names.
            dicts: the dicts and lists that values are stored in.
            calls: who calls a function.
        """
        self.project = project
        self.uses = uses
        self.dicts = dicts
        self.calls = calls
        self.nodes: dict[Node, NodeFacts] = {}
        self._sources: dict[Node, list[tuple[Module, ast.expr]]] = {}
        self._destinations: dict[ast.expr, list[Node]] = {}
        self._known: set[tuple[ast.expr, Node]] = set()
        self._bound: dict[ast.AST, list[tuple[Site, Bound]]] = {}
        returning = {
            module.analysis.scope_of[node].node
            for module in project.every_module()
            for node in module.analysis.nodes
            if isinstance(node, ast.Return)
        }
        for module, scope in project.every_scope():
            with working_on(module.path):
                self._of_scope(module, scope, returning)
        self._add_items(of_classes=False)

    @property
    def version(self) -> int:
        """How many there are: another number once there are more."""
        return len(self._known)

    def add_items_of_classes(self) -> None:
        """Add the items of dicts and lists that are attributes of classes, once it is known who has them."""
        self._add_items(of_classes=True)

    def _add_items(self, *, of_classes: bool) -> None:
        taking = self._with_keyword()
        for container in self.dicts.variables.values():
            if (container.variable.scope.kind == "class") is not of_classes:
                continue
            for key in sorted(container.keys() | ({prefect_names.KEYWORD} if container in taking else set())):
                self._stored(container, container.key(key))

    def sources(self, node: Node) -> Sequence[tuple[Module, ast.expr]]:
        """The expressions whose values a node gets."""
        return self._sources.get(node, ())

    def is_known(self, node: Node) -> bool:
        """Whether all that a node gets is among its sources."""
        facts = self.nodes.get(node)
        return facts is not None and facts.problem is None

    def destinations(self, value: ast.expr) -> Sequence[Node]:
        """The nodes that certainly get the value of an expression."""
        return self._destinations.get(value, ())

    def add(self, module: Module, value: ast.expr, node: Node, *, certain: bool = True) -> None:
        """Add an edge; it may be taken backward where it isn't certain."""
        if (value, node) in self._known:
            return
        self._known.add((value, node))
        self._sources.setdefault(node, []).append((module, value))
        if certain:
            self._destinations.setdefault(value, []).append(node)

    def leave_out(self, nodes: Iterable[Node]) -> None:
        """Forget nodes that are a part of others, which get the same values."""
        for node in nodes:
            del self.nodes[node]
            for _, value in self._sources.pop(node, ()):
                self._destinations[value] = [other for other in self._destinations.get(value, ()) if other != node]

    def _of_scope(self, module: Module, scope: Scope, returning: set[ast.AST]) -> None:
        for name, bindings in scope.bindings.items():
            kinds = {binding.kind for binding in bindings}
            if kinds & {scopes.ASSIGN, scopes.PARAMETER, scopes.ITERATED}:
                self._variable(module, scope.variable(name))
            if kinds == {scopes.FUNCTION}:
                function = bindings[0].node
                assert isinstance(function, FUNCTIONS)
                if function in returning:
                    self._returned(module, function, Return(scope.variable(name)))

    # Variables: `x = value`, `for x in value`

    def _variable(self, module: Module, variable: Variable) -> None:
        bindings, name = variable.bindings, variable.name
        facts = self.nodes[variable] = NodeFacts(module, bindings[0].node)
        facts.reads = self.uses.of(variable)
        if variable.scope.kind == "class":
            hidden = "is a class attribute, which may be reached in ways that can't be seen"
            facts.problem = Reason(hidden, subject=name)
            if name == prefect_names.KEYWORD:
                advice = "Pass result= to super().__init__()"
                facts.problem = Reason("Prefect looks at no class attribute of this name", advice=advice)
        for binding in bindings:
            if binding.kind == scopes.PARAMETER:
                assert isinstance(binding.node, ast.arg)
                facts.problem = facts.problem or self._parameter(module, binding.node, variable, facts)
            elif binding.kind in (scopes.ASSIGN, scopes.ITERATED) and binding.value is not None:
                self.add(module, binding.value, variable)
            else:
                rest = " to something unknown"
                facts.problem = reason_at(module, binding.node, "is also set", rest, subject=name)

    # Parameters: `def f(x=value)`, `f(value)`

    def _parameter(self, module: Module, parameter: ast.arg, variable: Variable, facts: NodeFacts) -> Reason | None:
        """Add what a parameter gets by its default and from each call; why that isn't all."""
        function = variable.scope.node
        if not isinstance(function, FUNCTIONS):
            return Reason("is a parameter", subject=parameter.arg)
        default = default_of(function, parameter)
        if default is not None:
            self.add(module, default, variable)
        problems = [self._argument(site, bound, variable) for site, bound in self._calls(module, function)]
        unseen = self.calls.sites(module, function).problem
        if unseen is None and not problems:
            unseen = Reason("isn't called in these files", subject=function.name)
        if unseen is None and parameter in (function.args.vararg, function.args.kwarg):
            unseen = Reason("takes any arguments", subject=parameter.arg)
        facts.followed = unseen is None
        return unseen or next(filter(None, problems), None)

    def _calls(self, module: Module, function: FunctionDef) -> list[tuple[Site, Bound]]:
        if function not in self._bound:
            found = self.calls.sites(module, function).found
            self._bound[function] = [(site, bind_function(site.call, function, site.skipped)) for site in found]
        return self._bound[function]

    def _argument(self, site: Site, bound: Bound, parameter: Variable) -> Reason | None:
        """Add what one call gives a parameter; why that isn't known."""
        if parameter.name in bound.hidden:
            called = short(site.module, site.call.func)
            return reason_at(site.module, site.call, "gets unknown arguments", subject=called)
        if parameter.name in bound.arguments:
            self.add(site.module, bound.arguments[parameter.name], parameter, certain=site.certain)
            return None
        spread = (keyword.value for keyword in bound.others if keyword.arg is None)
        return next(filter(None, [self._spread(site, value, parameter, set()) for value in spread]), None)

    def _spread(self, site: Site, value: ast.expr, parameter: Variable, seen: set[ast.AST]) -> Reason | None:
        """Add what a `**` gives a parameter: nothing, or what the calls of the function round it give."""
        called = short(site.module, site.call.func)
        unknown = reason_at(site.module, site.call, "gets unknown keywords by **", subject=called)
        held = self.dicts.of(site.module, value)
        if held is None or held.problem or parameter.name in held.stored or ANY in held.stored:
            return unknown
        outer = held.variable.scope.node
        keywords = outer.args.kwarg if isinstance(outer, FUNCTIONS) else None
        if keywords is None or keywords.arg != held.variable.name:
            return None
        if outer in seen:
            return unknown
        assert isinstance(outer, FUNCTIONS)
        seen.add(outer)
        sites = self.calls.sites(held.module, outer)
        problem = sites.problem
        for further in sites.found:
            given = [keyword.value for keyword in further.call.keywords if keyword.arg == parameter.name]
            for part in given:
                self.add(further.module, part, parameter, certain=site.certain and further.certain)
            for keyword in further.call.keywords:
                if keyword.arg is None and not given:
                    problem = problem or self._spread(further, keyword.value, parameter, seen)
        return problem

    # Returned values: `return value`

    def _returned(self, module: Module, function: FunctionDef, node: Return) -> None:
        facts = self.nodes[node] = NodeFacts(module, function)
        for part in own_nodes(function):
            if isinstance(part, ast.Return) and part.value is not None:
                self.add(module, part.value, node)
            elif isinstance(part, (ast.Yield, ast.YieldFrom)):
                facts.problem = Reason("is a generator", subject=function.name)
        sites = self.calls.sites(module, function)
        facts.problem = facts.problem or sites.problem
        facts.reads = [(site.module, site.call) for site in sites.found]
        if isinstance(function, ast.AsyncFunctionDef):
            facts.problem = Reason("is a coroutine", subject=function.name)

    # Items of dicts and lists: `{key: value}`, `x[key] = value`

    def _stored(self, container: DictVariable, node: DictItem) -> None:
        facts = self.nodes[node] = NodeFacts(container.module, container.module.tree, container)
        for module, value in container.values(node):
            self.add(module, value, node)
        facts.reads = container.reads(node)
        facts.problem = container.problem
        if container.passed and not container.is_taken_by_prefect(node):
            facts.problem = facts.problem or Reason("is passed on as a whole", subject=container.variable.name)

    def _with_keyword(self) -> set[DictVariable]:
        """The containers that may have the key `result_handler`, as their own or from another one."""
        found: set[DictVariable] = set()
        pending = [container for container in self.dicts.variables.values() if container.spelled]
        while pending:
            container = pending.pop()
            if container not in found:
                found.add(container)
                into = (
                    self.dicts.variables.get(passed.variable)
                    for _, _, passed in container.passed
                    if passed.variable is not None
                )
                pending += [other for other in into if other is not None]
        return found
