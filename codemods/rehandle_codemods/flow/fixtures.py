"""pytest's fixtures: which one a parameter of a test gets, and which tests get what a fixture returns."""

from __future__ import annotations

import ast
import os
from functools import cached_property
from typing import Iterator, NamedTuple

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.flow.edges import Edges, NodeFacts
from rehandle_codemods.flow.nodes import Return
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope, Variable
from rehandle_codemods.index.syntax import FUNCTIONS, constant_text, keyword_of
from rehandle_codemods.index.targets import Local

_FIXTURE = "pytest.fixture"
_ASKED_BY_NAME = ("getfixturevalue", "parametrize")


class Fixture(NamedTuple):
    """A function that pytest calls for the tests that have a parameter of its name."""

    module: Module
    node: ast.FunctionDef

    @property
    def variable(self) -> Variable:
        """What the function is bound to."""
        return self.module.analysis.variable(self.node)

    @property
    def value(self) -> Return:
        """What tests get from it."""
        return Return(self.variable)


class Fixtures:
    """The fixtures of a project."""

    def __init__(self, project: Project, uses: Uses) -> None:
        self.project = project
        self.uses = uses
        self._of: dict[Variable, Fixture | None] = {}

    def is_fixture(self, module: Module, node: ast.AST) -> bool:
        """Whether a function is a fixture, which has the name of the function and the one decorator."""
        if not isinstance(node, ast.FunctionDef) or len(node.decorator_list) != 1:
            return False
        decorator = node.decorator_list[0]
        if self.project.classes.decorator(module, decorator) != _FIXTURE:
            return False
        return not isinstance(decorator, ast.Call) or keyword_of(decorator, "name") is None

    def of(self, parameter: Variable) -> Fixture | None:
        """The fixture whose value a parameter of a test, or of another fixture, certainly gets."""
        if parameter not in self._of:
            self._of[parameter] = self._find(parameter)
        return self._of[parameter]

    def _find(self, parameter: Variable) -> Fixture | None:
        function = parameter.scope.node
        module = self._modules.get(parameter.scope.module)
        if module is None or not isinstance(function, FUNCTIONS) or not self._is_collected(module, function):
            return None
        if len(parameter.bindings) != 1 or not self._is_given(function, parameter):
            return None
        return self._visible(module, function, parameter.name)

    @cached_property
    def _modules(self) -> dict[Scope, Module]:
        return {module.root: module for module in self.project.every_module()}

    def _is_collected(self, module: Module, function: ast.AST) -> bool:
        """Whether pytest calls a function: a test, or a fixture."""
        if self.is_fixture(module, function):
            return True
        if not isinstance(function, FUNCTIONS) or not function.name.startswith("test"):
            return False
        names = [self.project.classes.decorator(module, decorator) for decorator in function.decorator_list]
        owner = module.analysis.parents.get(function)
        if isinstance(owner, ast.ClassDef) and self.project.classes.outside(Class(module, owner)):
            return False  # unittest gives its tests nothing
        return all(name.startswith("pytest.mark.") for name in names)

    def _is_given(self, function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: Variable) -> bool:
        """Whether a parameter has no default, and no value from elsewhere."""
        arguments = function.args
        given = [*arguments.args[: len(arguments.args) - len(arguments.defaults)]]
        given += [part for part, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None]
        return parameter.name in [part.arg for part in given] and not _is_parametrized(function, parameter.name)

    def _visible(self, module: Module, function: ast.AST, name: str) -> Fixture | None:
        """The fixture that a function has nearest: in its class, its module, or a conftest.py at or above it."""
        owner = module.analysis.parents.get(function)
        if isinstance(owner, ast.ClassDef):
            found = [part for part in owner.body if isinstance(part, FUNCTIONS) and part.name == name]
            if found and found[0] is not function:
                return self._certain(module, found[0]) if len(found) == 1 else None
        for each in self._with_conftests(module):
            if each is None:
                return None
            if name in each.root.bindings:
                targets = self.project.name(each, each.root, name)
                target = targets[0] if len(targets) == 1 else None
                if isinstance(target, Local) and target.binding.node is function:
                    continue  # a fixture that takes the one of its own name from above
                return self._certain(target.module, target.binding.node) if isinstance(target, Local) else None
            if each.root.stars or "pytest_plugins" in each.root.bindings:
                return None
        return None

    def _certain(self, module: Module, node: ast.AST) -> Fixture | None:
        return Fixture(module, node) if isinstance(node, ast.FunctionDef) and self.is_fixture(module, node) else None

    def _with_conftests(self, module: Module) -> Iterator[Module | None]:
        """A module and the conftest.py of each folder from its own upwards; None for one that can't be read."""
        yield module
        folder = os.path.dirname(module.path)
        while True:
            path = os.path.join(folder, "conftest.py")
            if path != module.path and path in self._paths:
                yield self.project.load(path)
            above = os.path.dirname(folder)
            if above == folder:
                return
            folder = above

    @cached_property
    def _paths(self) -> set[str]:
        return set(self.project.paths)

    # What a fixture gives, and to whom

    def add_to(self, edges: Edges) -> None:
        """Add what fixtures return or yield; who takes it isn't known yet."""
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                fixture = self._certain(module, node)
                if fixture is not None:
                    edges.nodes[fixture.value] = NodeFacts(module, node)
                    for value in self.returned(fixture):
                        edges.add(module, value, fixture.value)

    @staticmethod
    def returned(fixture: Fixture) -> list[ast.expr]:
        """The expressions that a fixture returns, or yields."""
        return [
            part.value
            for part in own_nodes(fixture.node)
            if isinstance(part, (ast.Return, ast.Yield)) and part.value is not None
        ]

    @cached_property
    def _takers(self) -> dict[str, list[tuple[Module, Variable]]]:
        """The parameters of what pytest calls, by their names."""
        found: dict[str, list[tuple[Module, Variable]]] = {}
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                if isinstance(node, FUNCTIONS) and self._is_collected(module, node):
                    scope = inner_scope(module, node)
                    for part in (*node.args.args, *node.args.kwonlyargs):
                        found.setdefault(part.arg, []).append((module, scope.variable(part.arg)))
        return found

    def complete(self, facts: NodeFacts) -> None:
        """Find all reads of what a fixture returns, and why there may be others, or other values."""
        fixture = self._certain(facts.module, facts.node)
        assert fixture is not None
        name = fixture.node.name
        reads: list[tuple[Module, ast.expr]] = []
        if any(isinstance(part, ast.YieldFrom) for part in own_nodes(fixture.node)):
            facts.problem = Reason("yields from something else", subject=name)
        for module, parameter in self._takers.get(name, ()):
            taken = self.of(parameter)
            reads += self.uses.of(parameter) if taken == fixture else ()
            if taken is None and not _is_parametrized(parameter.scope.node, name, directly=True):
                facts.problem = reason_at(
                    module, parameter.bindings[0].node, f"may be the parameter {name}", subject=name
                )
        for module, use in self.uses.of(fixture.variable):
            facts.problem = reason_at(module, use, "is used in another way", subject=name)
        for module, call in self._asking_by_name:
            decorates = isinstance(module.analysis.parents.get(call), FUNCTIONS)
            if not decorates and _names(call, name):
                facts.problem = reason_at(module, call, "is asked for by its name", subject=name)
        facts.reads = reads

    @cached_property
    def _asking_by_name(self) -> list[tuple[Module, ast.Call]]:
        """The calls that ask pytest for a fixture by a string, or give tests other values."""
        return [
            (module, node)
            for module in self.uses.collected
            for node in module.analysis.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKED_BY_NAME
        ]


def _names(call: ast.AST, name: str) -> bool:
    """Whether a string in a call has a name in it, perhaps beside others."""
    texts = [constant_text(part) or "" for part in ast.walk(call)]
    return any(name in text.replace(",", " ").split() for text in texts)


def _is_parametrized(function: ast.AST, name: str, *, directly: bool = False) -> bool:
    """Whether a decorator of a test gives a parameter its values; with `directly`, whether no fixture is between."""
    for decorator in getattr(function, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and _names(decorator, name):
            return not directly or keyword_of(decorator, "indirect") is None
    return False
