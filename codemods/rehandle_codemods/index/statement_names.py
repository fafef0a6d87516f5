"""The module-level names that each statement of a module has in it, its own and those of other modules."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Iterator, NamedTuple

from rehandle_codemods.index import prefect_names, scopes

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.index.scopes import Scope

# A variable may be called safe_value anywhere; only the attribute is Prefect's.
_ATTRIBUTES = ("safe_value", "store_safe_value")
_IMPORTS = (scopes.IMPORT, scopes.FROM)
_WORDS = re.compile(
    b"|".join(group[0] for group in prefect_names.TRIGGERS if len(group) == 1 and b"safe_value" not in group[0])
)


class ModuleName(NamedTuple):
    """A module-level name.

    Attributes:
        path: the file of the module; ANYWHERE for any module of the project.
        name: the name.
    """

    path: str
    name: str


@dataclass(eq=False)
class Statement:
    """A statement of a module, with all that is inside it.

    Attributes:
        names: the module-level names in it.
        parameters: the parameters in it, which pytest may give a fixture of that name.
        is_seed: whether a word of Prefect's is in it.
    """

    names: set[ModuleName] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    is_seed: bool = False


def statements(project: Project, module: Module) -> Iterator[Statement]:
    """The statements of a module, each with the comments before it."""
    names = _Names(project, module)
    tops = set(module.tree.body)
    start = 0
    current = Statement()
    top: ast.stmt | None = None
    for node in module.analysis.nodes:
        if node in tops:
            if top is not None:
                end = module.span(top)[1]
                current.is_seed = current.is_seed or _has_word(module, start, end)
                yield current
                start = end
            top, current = node, Statement()
        if isinstance(node, ast.Name):
            names.add_name(current, node)
        elif isinstance(node, ast.Attribute):
            current.is_seed = current.is_seed or node.attr in _ATTRIBUTES
            current.names.update(names.taken(node))
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if module.analysis.scope_of[node] is module.root:
                current.names.add(ModuleName(module.path, node.name))
        elif isinstance(node, ast.Constant):
            current.is_seed = current.is_seed or node.value in _ATTRIBUTES
    if top is not None:
        current.is_seed = current.is_seed or _has_word(module, start, len(module.source.data))
        yield current


class _Names:
    """What the names in a module mean, as far as they are of a module."""

    def __init__(self, project: Project, module: Module) -> None:
        self._project = project
        self._module = module
        self._imported = {
            name
            for scope in module.analysis.scopes
            for name, found in scope.bindings.items()
            if any(binding.kind in _IMPORTS for binding in found)
        }
        self._of_name: dict[tuple[Scope | None, str], set[ModuleName]] = {}
        self._of_chain: dict[tuple[Scope | None, tuple[str, ...]], set[ModuleName]] = {}

    def add_name(self, statement: Statement, node: ast.Name) -> None:
        """Add what a name means to the names of its statement."""
        scope = self._module.analysis.scope_of[node].lookup(node.id)
        key = scope, node.id
        if key not in self._of_name:
            self._of_name[key] = set(self._meant(scope, node.id))
        statement.names |= self._of_name[key]
        if scope is not None and any(each.kind == scopes.PARAMETER for each in scope.bindings[node.id]):
            statement.parameters.add(node.id)

    def _meant(self, scope: Scope | None, name: str) -> Iterator[ModuleName]:
        if scope is self._module.root or (scope is None and self._module.root.stars):
            yield ModuleName(self._module.path, name)
        if scope is not None and name in self._imported:
            for binding in scope.bindings[name]:
                if binding.kind == scopes.FROM:
                    for path in self._project.source_files(self._module, binding):
                        yield ModuleName(path, binding.attribute)

    def taken(self, node: ast.Attribute) -> set[ModuleName]:
        """The names of other modules that an attribute of what is imported may be."""
        parts = [node.attr]
        value = node.value
        while isinstance(value, ast.Attribute):
            parts.insert(0, value.attr)
            value = value.value
        if not isinstance(value, ast.Name) or value.id not in self._imported:
            return set()
        scope = self._module.analysis.scope_of[value].lookup(value.id)
        key = scope, (value.id, *parts)
        if key not in self._of_chain:
            self._of_chain[key] = {
                ModuleName(path, node.attr)
                for binding in (scope.bindings[value.id] if scope is not None else ())
                if binding.kind in _IMPORTS
                for path in self._project.module_files(self._module, binding, parts[:-1])
            }
        return self._of_chain[key]


def _has_word(module: Module, start: int, end: int) -> bool:
    return _WORDS.search(module.source.data, start, end) is not None
