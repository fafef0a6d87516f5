"""What carries a handler from where it is made to where it is used: variables, parameters, returned values, dicts."""

from __future__ import annotations

import ast
from typing import Iterator

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.flow import calls, dicts
from rehandle_codemods.flow.receivers import YES
from rehandle_codemods.flow.uses import Facts
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import FunctionDef, constant_text
from rehandle_codemods.index.targets import Entity


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

    def __init__(self, module: Module, node: ast.AST, container: dicts.Container | None = None) -> None:
        self.module = module
        self.node = node
        self.container = container
        self.sources: list[tuple[Module, ast.expr]] = []
        self.reads: list[tuple[Module, ast.expr]] = []
        self.problem = ""


class Carriers(Facts):
    """The carriers of a project: those that get a handler from somewhere, as far as that is understood."""

    def __init__(self, project: Project) -> None:
        """Collect.

        Args:
            project: the index, with every module that matters loaded.
        """
        super().__init__(project)
        self.carriers: dict[Entity, Carrier] = {}
        self.others: dict[Entity, Carrier] = {}
        self.calls = calls.Calls(self)
        dicts.find(self)
        self._grow(dict(self._candidates()))
        self.keys = {
            node: (container, container.key(prefect_names.KEYWORD))
            for container in self.containers.values()
            for _, node in container.spelled
        }

    def is_handler(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression may be a handler as far as it is understood."""
        for leaf in self.leaves(node):
            if self.handler_of(module, leaf) is not None or self.entity_of(module, leaf) in self.carriers:
                return True
            if self.is_attribute(module, leaf):
                return True
        return False

    def is_converted(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is what `rehandle.to_result` gets."""
        call = module.analysis.parents.get(node)
        if not isinstance(call, ast.Call) or call.args != [node]:
            return False
        return self.project.external(module, call.func) == prefect_names.TO_RESULT

    def is_attribute(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is certainly the attribute `result_handler` of a flow or task."""
        if isinstance(node, ast.Attribute):
            return node.attr == prefect_names.KEYWORD and self.owners.verdict(module, node.value).answer == YES
        return isinstance(node, ast.Call) and self.names_attribute(module, node, "getattr")

    def names_attribute(self, module: Module, call: ast.Call, *functions: str) -> bool:
        """Whether a call of getattr and its kin names the attribute `result_handler` of a certain flow or task."""
        if self.project.external(module, call.func) not in [f"builtins.{name}" for name in functions]:
            return False
        if len(call.args) < 2 or call.keywords or constant_text(call.args[1]) != prefect_names.KEYWORD:
            return False
        return self.owners.verdict(module, call.args[0]).answer == YES

    def entity_of(self, module: Module, node: ast.expr) -> Entity | None:
        """The one carrier, or variable, whose value an expression has."""
        if isinstance(node, ast.Subscript):
            return self._key_of(module, node.value, node.slice)
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "setdefault") and node.args:
                return self._key_of(module, function.value, node.args[0])
            entity = self.name_of(module, function)
            return None if entity is None else (entity[0], f"{entity[1]}()")
        return self.name_of(module, node)

    def _key_of(self, module: Module, node: ast.expr, key: ast.expr) -> Entity | None:
        container = self.containers.get(self.name_of(module, node) or (module.root, ""))
        return None if container is None else container.key(constant_text(key) or dicts.ANY)

    def _grow(self, candidates: dict[Entity, Carrier]) -> None:
        """Keep the candidates that get a handler, from another one if need be; the rest are `others`."""
        growing = True
        while growing:
            growing = False
            for entity, candidate in list(candidates.items()):
                if any(self.is_handler(module, value) for module, value in candidate.sources):
                    self.carriers[entity] = candidates.pop(entity)
                    growing = True
        self.others = candidates

    def _candidates(self) -> Iterator[tuple[Entity, Carrier]]:
        returning = {
            module.analysis.scope_of[node].node
            for module in self.project.every_module()
            for node in module.analysis.nodes
            if isinstance(node, ast.Return)
        }
        for module, scope in self.scopes():
            for name, bindings in scope.bindings.items():
                kinds = {binding.kind for binding in bindings}
                if scopes.ASSIGN in kinds or scopes.PARAMETER in kinds:
                    yield (scope, name), self._variable(module, scope, name)
                if kinds == {scopes.FUNCTION}:
                    function = bindings[0].node
                    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
                    if function in returning:
                        yield (scope, f"{name}()"), self._returned(module, scope, function)
        taking = self._with_keyword()
        for container in self.containers.values():
            for key in sorted(container.keys() | ({prefect_names.KEYWORD} if container in taking else set())):
                yield container.key(key), self._stored(container, container.key(key))

    def _with_keyword(self) -> set[dicts.Container]:
        """The containers that may have the key `result_handler`, as their own or from another one."""
        found: set[dicts.Container] = set()
        pending = [container for container in self.containers.values() if container.spelled]
        while pending:
            container = pending.pop()
            if container not in found:
                found.add(container)
                into = (
                    self.containers.get(place.entity) for _, _, place in container.passed if place.entity is not None
                )
                pending += [other for other in into if other is not None]
        return found

    def _variable(self, module: Module, scope: Scope, name: str) -> Carrier:
        bindings = scope.bindings[name]
        carrier = Carrier(module, bindings[0].node)
        carrier.reads = self.uses.get((scope, name), [])
        if scope.kind == "class":
            carrier.problem = f"{name} is a class attribute, which may be reached in ways that can't be seen"
            if name == prefect_names.KEYWORD:
                carrier.problem = (
                    "no release of Prefect looks at a class attribute of this name: each task and flow gets its own "
                    "from its constructor. Pass result= to super().__init__()"
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
                where = self.where(module, binding.node)
                carrier.problem = f"{name} is also set in {where} to something that can't be told"
        return carrier

    def _returned(self, module: Module, scope: Scope, function: FunctionDef) -> Carrier:
        carrier = Carrier(module, function)
        for part in own_nodes(function):
            if isinstance(part, ast.Return) and part.value is not None:
                carrier.sources.append((module, part.value))
            elif isinstance(part, (ast.Yield, ast.YieldFrom)):
                carrier.problem = f"{function.name} is a generator"
        sites = self.calls.sites(module, function)
        carrier.problem = carrier.problem or sites.problem
        carrier.reads = [(site.module, site.call) for site in sites.found]
        if isinstance(function, ast.AsyncFunctionDef):
            carrier.problem = f"{function.name} is a coroutine"
        return carrier

    @staticmethod
    def _stored(container: dicts.Container, entity: Entity) -> Carrier:
        carrier = Carrier(container.module, container.module.tree, container)
        carrier.sources = container.values(entity)
        carrier.reads = container.reads(entity)
        carrier.problem = container.problem
        if container.passed and not container.is_keyword(entity):
            carrier.problem = carrier.problem or f"{container.entity[1]} is passed on as a whole"
        return carrier
