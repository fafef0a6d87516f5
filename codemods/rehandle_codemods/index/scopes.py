"""Names as Python binds them: which scope a name belongs to, and everything that binds it there."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Iterator, Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef]

IMPORT = "import"
FROM = "from"
ASSIGN = "assign"
WITH = "with"
ITERATED = "iterated"
CLASS = "class"
FUNCTION = "function"
PARAMETER = "parameter"
OTHER = "other"


class Binding:
    """One place that gives a name a value.

    Attributes:
        kind: IMPORT, FROM, ASSIGN, WITH, ITERATED, CLASS, FUNCTION, PARAMETER or OTHER.
        name: the name.
        node: the statement, or the part of it, that binds.
        scope: the scope it is bound in.
        value: what an assignment assigns, a `with` enters or a `for` goes through.
        module: what an import imports (or imports from), without the leading dots.
        level: the number of leading dots.
        attribute: the name that a `from` import takes.
    """

    __slots__ = ("attribute", "kind", "level", "module", "name", "node", "scope", "value")

    def __init__(self, kind: str, name: str, node: ast.AST, scope: Scope, value: ast.expr | None = None) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        self.scope = scope
        self.value = value
        self.module = ""
        self.level = 0
        self.attribute = ""

    @property
    def variable(self) -> Variable:
        """What it gives a value."""
        return self.scope.variable(self.name)


@dataclass(frozen=True, eq=False, slots=True)
class Variable:
    """A variable, function or class: the scope that binds it, and its name. A scope has one for each name."""

    scope: Scope
    name: str

    @property
    def bindings(self) -> list[Binding]:
        """Everything that gives it a value."""
        return self.scope.bindings[self.name]


@dataclass(frozen=True, eq=False, slots=True)
class Parameter(Variable):
    """A variable that a call gives a value."""


class Scope:
    """A module, class, function, lambda or comprehension, and what it binds."""

    __slots__ = ("_variables", "bindings", "globals", "kind", "node", "nonlocals", "parent", "stars")

    def __init__(self, kind: str, node: ast.AST, parent: Scope | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.bindings: dict[str, list[Binding]] = {}
        self.globals: frozenset[str] = frozenset()
        self.nonlocals: frozenset[str] = frozenset()
        self.stars: list[Binding] = []
        self._variables: dict[str, Variable] = {}

    def variable(self, name: str) -> Variable:
        """What a name is in this scope."""
        if name not in self._variables:
            given = any(binding.kind == PARAMETER for binding in self.bindings.get(name, ()))
            self._variables[name] = Parameter(self, name) if given else Variable(self, name)
        return self._variables[name]

    @property
    def module(self) -> Scope:
        """The module's scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def find(self, name: str) -> Variable | None:
        """The variable that a name means which is used here; None for a builtin or an unknown name."""
        scope = self.lookup(name)
        return scope.variable(name) if scope is not None else None

    def lookup(self, name: str) -> Scope | None:
        """The scope that a name, used here, belongs to; None for a builtin or an unknown name."""
        if name in self.globals:
            return self.module if name in self.module.bindings else None
        if name in self.bindings and name not in self.nonlocals:
            return self
        scope = self.parent
        while scope is not None:
            if scope.kind != "class" and name in scope.bindings:
                if name in scope.globals:
                    return self.module if name in self.module.bindings else None
                return scope
            scope = scope.parent
        return None

    def binder(self, name: str) -> Scope:
        """The scope that a name belongs to which is bound here: another one after `global` and `nonlocal`."""
        if name in self.globals:
            return self.module
        scope = self.parent if name in self.nonlocals else None
        while scope is not None and (scope.kind == "class" or name not in scope.bindings):
            scope = scope.parent
        return scope or self

    def between(self, outer: Scope) -> Iterator[Scope]:
        """This scope and those round it, up to and with an outer one."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            if scope is outer:
                return
            scope = scope.parent
