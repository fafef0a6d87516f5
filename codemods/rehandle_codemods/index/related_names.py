"""Which module-level names may have to do with handlers: told by what is used together, and by what imports mean."""

from __future__ import annotations

import ast
from collections import deque
from typing import TYPE_CHECKING, Callable, Iterable

from rehandle_codemods.files.source import working_on
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.statement_names import ModuleName, Statement, statements
from rehandle_codemods.index.targets import ANYWHERE

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.index.scopes import Binding

_GETATTR = "__getattr__"
_ANY = ""
"""Stands for any name of a module, where the module itself is imported, for others to take it from there."""


class RelatedNames:
    """The module-level names that may hold, take or return a handler.

    A statement matters that has a word of Prefect's in it, or a name that matters. Then every name matters that it
    binds or uses: in its own module, or in the one that it is imported from.

    Attributes:
        mattering: the names that matter, by their modules.
        everywhere: these names, of all modules.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self.mattering: dict[Module, set[str]] = {}
        self.everywhere: set[str] = set()
        self._used: dict[str, set[str]] = {}
        self._statements: dict[ModuleName, list[Statement]] = {}
        self._importers: dict[ModuleName, list[ModuleName]] = {}
        self._stars: dict[Module, list[Module]] = {}
        self._star_users: dict[Module, list[Module]] = {}
        self._having_getattr: list[Module] = []
        self._followed: set[Statement] = set()
        self._parameters: set[str] = set()
        self._fixtures: dict[str, list[ModuleName]] = {}
        self._next: deque[tuple[Callable[[ModuleName], None], ModuleName]] = deque()

    def add(self, modules: Iterable[Module]) -> None:
        """Go through modules, and on from what matters in them."""
        for module in modules:
            with working_on(module.path):
                self._add(module)
        while self._next:
            go_on, name = self._next.popleft()
            go_on(name)

    def _add(self, module: Module) -> None:
        self.mattering[module] = set()
        self._stars[module] = []
        for star in module.root.stars:
            for source in self._project.star_modules(module, star):
                self._stars[module].append(source)
                self._star_users.setdefault(source, []).append(module)
                for name in filter(source.may_export, self.mattering.get(source, ())):
                    self._later(self._matter, module.path, name)
        for name, found in module.root.bindings.items():
            for binding in found:
                self._add_binding(module, name, binding)
        if _GETATTR in module.root.bindings:
            self._having_getattr.append(module)
            for name in self.everywhere:
                self._later(self._matter, module.path, name)
        for statement in statements(self._project, module):
            for each in statement.names:
                self._statements.setdefault(each, []).append(statement)
            if statement.is_seed or any(map(self._matters, statement.names)):
                self._follow(statement)
        for name in self._used.get(module.path, set()) | self._used.get(ANYWHERE, set()):
            self._go_on_from_used(module, name)

    def _add_binding(self, module: Module, name: str, binding: Binding) -> None:
        if binding.kind == scopes.FROM:
            if prefect_names.is_legacy(prefect_names.canonical(f"{binding.module}.{binding.attribute}")):
                self._later(self._matter, module.path, name)
            for path in self._project.source_files(module, binding):
                self._import(ModuleName(path, binding.attribute), ModuleName(module.path, name))
        elif is_fixture(binding.node):
            self._fixtures.setdefault(name, []).append(ModuleName(module.path, name))
            if name in self._parameters:
                self._later(self._matter, module.path, name)
        if binding.kind in (scopes.FROM, scopes.IMPORT):
            for path in self._project.module_files(module, binding, ()):
                if path != ANYWHERE:
                    self._import(ModuleName(path, _ANY), ModuleName(module.path, name))

    def _import(self, taken: ModuleName, local: ModuleName) -> None:
        """Remember that a module has a name of another one's, or the other one itself."""
        self._importers.setdefault(taken, []).append(local)
        if self._matters(taken):
            self._next.append((self._matter, local))

    def _later(self, go_on: Callable[[ModuleName], None], path: str, name: str) -> None:
        self._next.append((go_on, ModuleName(path, name)))

    def _matters(self, name: ModuleName) -> bool:
        if name.path == ANYWHERE:
            return name.name in self.everywhere
        module = self._project.modules.get(name.path)
        names = self.mattering.get(module, set()) if module is not None else set()
        return bool(names) if name.name == _ANY else name.name in names

    def _matter(self, name: ModuleName) -> None:
        """Go on from a name that matters, to the statements that it is in and to what is imported of it."""
        module = self._project.modules[name.path]
        if name.name in self.mattering[module]:
            return
        self.mattering[module].add(name.name)
        self._go_on_from_mattering(name)
        for importer in self._importers.pop(ModuleName(name.path, _ANY), ()):
            self._next.append((self._matter, importer))
        if module.may_export(name.name):
            for user in self._star_users.get(module, ()):
                self._later(self._matter, user.path, name.name)
        if name.name not in self.everywhere:
            self.everywhere.add(name.name)
            self._go_on_from_mattering(ModuleName(ANYWHERE, name.name))
            # A function __getattr__ may return what any module has.
            for each in self._having_getattr:
                self._later(self._matter, each.path, name.name)

    def _go_on_from_mattering(self, name: ModuleName) -> None:
        for statement in self._statements.get(name, ()):
            self._follow(statement)
        for user in self._importers.get(name, ()):
            self._next.append((self._matter, user))

    def _follow(self, statement: Statement) -> None:
        """Go on from a statement that matters, to all names in it."""
        if statement in self._followed:
            return
        self._followed.add(statement)
        for name in statement.names:
            self._next.append((self._use, name))
        for parameter in statement.parameters - self._parameters:
            self._parameters.add(parameter)
            for name in self._fixtures.get(parameter, ()):
                self._next.append((self._matter, name))

    def _use(self, name: ModuleName) -> None:
        """Go on from a name that is used beside handlers, to what it is in its module, once that is loaded."""
        used = self._used.setdefault(name.path, set())
        if name.name in used:
            return
        used.add(name.name)
        everything = list(self.mattering) if name.path == ANYWHERE else [self._project.modules.get(name.path)]
        for module in everything:
            if module in self.mattering:
                self._go_on_from_used(module, name.name)

    def _go_on_from_used(self, module: Module, name: str) -> None:
        bindings = module.root.bindings.get(name, ())
        for binding in bindings:
            if binding.kind == scopes.FROM:
                for path in self._project.source_files(module, binding):
                    self._later(self._use, path, binding.attribute)
            elif _is_definition(binding):
                self._later(self._matter, module.path, name)
        if not bindings:
            for source in self._stars[module]:
                self._later(self._use, source.path, name)
            if module in self._having_getattr:
                self._later(self._use, ANYWHERE, name)


def _is_definition(binding: Binding) -> bool:
    """Whether a name may be a handler, or a class or function for one."""
    if binding.kind == scopes.ASSIGN:
        return not isinstance(binding.value, (ast.Constant, ast.JoinedStr))
    return binding.kind in (scopes.CLASS, scopes.FUNCTION)


def is_fixture(node: ast.AST) -> bool:
    """Whether a function is decorated as pytest's fixtures are, by whatever name that is imported."""
    return "fixture" in decorators(node)


def decorators(node: ast.AST) -> list[str]:
    """The last parts of the names of a function's decorators."""
    found = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return [last_name(each.func if isinstance(each, ast.Call) else each) for each in found]


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    return str(getattr(node, "attr", getattr(node, "id", "")))
