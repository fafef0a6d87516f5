"""What may have handlers as its values: variables, parameters, returned values, keys of dicts; and what each gets."""

from __future__ import annotations

import ast
from typing import Iterator, Sequence

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.calls import Calls
from rehandle_codemods.flow.dicts import Dicts, DictVariable
from rehandle_codemods.flow.nodes import DictItem, Node, Return
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import FunctionDef


class Carrier:
    """One thing that may have handlers as its values.

    Attributes:
        module: where it is.
        node: what binds it first.
        sources: the expressions whose values it gets.
        reads: the expressions that have its value.
        problem: why not everything about it is understood.
        container: the dict or list that it is a part of.
    """

    def __init__(self, module: Module, node: ast.AST, container: DictVariable | None = None) -> None:
        self.module = module
        self.node = node
        self.container = container
        self.sources: list[tuple[Module, ast.expr]] = []
        self.reads: Sequence[tuple[Module, ast.expr]] = ()
        self.problem: Reason | None = None


class Candidates:
    """Finds everything in a project that may have a value from somewhere else, as far as that is understood."""

    def __init__(self, project: Project, uses: Uses, dicts: Dicts, calls: Calls) -> None:
        """Make it.

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

    def find(self) -> Iterator[tuple[Node, Carrier]]:
        """Each with what it gets; what gets a handler isn't known yet."""
        returning = {
            module.analysis.scope_of[node].node
            for module in self.project.every_module()
            for node in module.analysis.nodes
            if isinstance(node, ast.Return)
        }
        for module, scope in self.project.every_scope():
            with working_on(module.path):
                yield from self._of_scope(module, scope, returning)
        taking = self._with_keyword()
        for container in self.dicts.variables.values():
            for key in sorted(container.keys() | ({prefect_names.KEYWORD} if container in taking else set())):
                yield container.key(key), self._stored(container, container.key(key))

    def _of_scope(self, module: Module, scope: Scope, returning: set[ast.AST]) -> Iterator[tuple[Node, Carrier]]:
        for name, bindings in scope.bindings.items():
            kinds = {binding.kind for binding in bindings}
            if scopes.ASSIGN in kinds or scopes.PARAMETER in kinds:
                yield scope.variable(name), self._variable(module, scope, name)
            if kinds == {scopes.FUNCTION}:
                function = bindings[0].node
                assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
                if function in returning:
                    yield Return(scope.variable(name)), self._returned(module, function)

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

    def _variable(self, module: Module, scope: Scope, name: str) -> Carrier:
        bindings = scope.bindings[name]
        carrier = Carrier(module, bindings[0].node)
        carrier.reads = self.uses.of(scope.variable(name))
        if scope.kind == "class":
            hidden = "is a class attribute, which may be reached in ways that can't be seen"
            carrier.problem = Reason(hidden, subject=name)
            if name == prefect_names.KEYWORD:
                carrier.problem = Reason(
                    "no release of Prefect looks at a class attribute of this name: each task and flow gets its own "
                    "from its constructor",
                    advice="Pass result= to super().__init__()",
                )
        for binding in bindings:
            if binding.kind == scopes.PARAMETER:
                assert isinstance(binding.node, ast.arg)
                given = self.calls.given(module, scope, binding.node)
                carrier.sources += given.values
                carrier.problem = carrier.problem or given.problem
            elif binding.kind == scopes.ASSIGN and binding.value is not None:
                carrier.sources.append((module, binding.value))
            else:
                rest = " to something that can't be told"
                carrier.problem = reason_at(module, binding.node, "is also set", rest, subject=name)
        return carrier

    def _returned(self, module: Module, function: FunctionDef) -> Carrier:
        carrier = Carrier(module, function)
        for part in own_nodes(function):
            if isinstance(part, ast.Return) and part.value is not None:
                carrier.sources.append((module, part.value))
            elif isinstance(part, (ast.Yield, ast.YieldFrom)):
                carrier.problem = Reason("is a generator", subject=function.name)
        sites = self.calls.sites(module, function)
        carrier.problem = carrier.problem or sites.problem
        carrier.reads = [(site.module, site.call) for site in sites.found]
        if isinstance(function, ast.AsyncFunctionDef):
            carrier.problem = Reason("is a coroutine", subject=function.name)
        return carrier

    @staticmethod
    def _stored(container: DictVariable, node: DictItem) -> Carrier:
        carrier = Carrier(container.module, container.module.tree, container)
        carrier.sources = container.values(node)
        carrier.reads = container.reads(node)
        carrier.problem = container.problem
        if container.passed and not container.is_keyword(node):
            carrier.problem = carrier.problem or Reason("is passed on as a whole", subject=container.variable.name)
        return carrier
