"""Classes across files: what a class derives from, and which methods and constructor it has, its own or inherited."""

from __future__ import annotations

import ast
from typing import Callable, Iterator, NamedTuple

from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import FUNCTIONS, FunctionDef
from rehandle_codemods.index.targets import External, Local, Target, Targets

_DYNAMIC = {"__getattr__", "__getattribute__", "__new__"}
ATTRS = {
    f"{package}.{name}"
    for package in ("attr", "attrs")
    for name in ("s", "attrs", "attributes", "dataclass", "define", "frozen", "mutable")
}
DATACLASSES = {"dataclasses.dataclass", "pydantic.dataclasses.dataclass"}
MODELS = {"pydantic.BaseModel", "pydantic.BaseSettings", "pydantic_settings.BaseSettings"}
NAMED_TUPLE = "typing.NamedTuple"
_PLAIN_BASES = {"typing.Generic", "typing.Protocol", "unittest.TestCase", NAMED_TUPLE, *MODELS}
_KEEP_THE_FIRST = {
    "abc.abstractmethod",
    "builtins.classmethod",
    "builtins.property",
    "contextlib.contextmanager",
    "functools.cache",
    "functools.cached_property",
    "functools.lru_cache",
    "pytest.fixture",
    "typing.final",
    "typing.overload",
}
"""Decorators of methods that give a method the object, or the class, that it is asked of."""


class Class(NamedTuple):
    """A class of the project: its module and its definition."""

    module: Module
    node: ast.ClassDef


class Method(NamedTuple):
    """A method of a class of the project: its module and its definition."""

    module: Module
    node: ast.FunctionDef


class ClassHierarchy:
    """The classes of a project, and those that they derive from."""

    def __init__(self, resolve: Callable[[Module, ast.AST], Targets]) -> None:
        """Make it.

        Args:
            resolve: tells what an expression refers to.
        """
        self._resolve = resolve
        self._above: dict[ast.ClassDef, tuple[Target, ...]] = {}

    def of(self, module: Module, node: ast.AST) -> Class | None:
        """The one class of the project that an expression means."""
        targets = self._resolve(module, node)
        return class_of(targets[0]) if len(targets) == 1 else None

    def above(self, owner: Class) -> tuple[Target, ...]:
        """Every class above a class: those of the project as Local, others as External or Unknown."""
        if owner.node not in self._above:
            self._above[owner.node] = tuple(dict.fromkeys(self._bases(owner, set())))
        return self._above[owner.node]

    def _bases(self, owner: Class, seen: set[ast.AST]) -> Iterator[Target]:
        seen.add(owner.node)
        for base in owner.node.bases:
            for target in self._resolve(owner.module, base):
                yield target
                above = class_of(target)
                if above is not None and above.node not in seen:
                    yield from self._above.get(above.node) or self._bases(above, seen)

    def with_bases(self, owner: Class) -> list[Class]:
        """A class and all of the project's above it."""
        return [owner, *filter(None, map(class_of, self.above(owner)))]

    def outside(self, owner: Class) -> list[str]:
        """The names of the classes above a class that are defined outside of the project."""
        return [target.name for target in self.above(owner) if isinstance(target, External)]

    def single(self, owner: Class) -> Iterator[Class | External]:
        """A class, its base where it has only one, the one of that, and so on, as far as that is known."""
        seen = set()
        found: Class | External | None = owner
        while isinstance(found, Class) and found.node not in seen:
            yield found
            seen.add(found.node)
            targets = self._resolve(found.module, found.node.bases[0]) if len(found.node.bases) == 1 else ()
            target = targets[0] if len(targets) == 1 else None
            found = class_of(target) or (target if isinstance(target, External) else None)
        if isinstance(found, External):
            yield found

    def initialised(self, module: Module, call: ast.Call) -> ast.expr | None:
        """The expression for the class whose `__init__` a call names: of `X.__init__()` it is X, of super() the base.

        None for super() in a class that doesn't have just one base, and for calls of anything else.
        """
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr != "__init__":
            return None
        if not self.is_super(module, function.value):
            return function.value
        owner = module.analysis.enclosing_class(call)
        return owner.bases[0] if owner is not None and len(owner.bases) == 1 else None

    def is_super(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is a call of `super`."""
        if not isinstance(node, ast.Call):
            return False
        return tuple(self._resolve(module, node.func)) == (External("builtins.super"),)

    def unrelated(self, module: Module, node: ast.AST) -> Class | None:
        """The class that an expression is certainly an instance of, where nothing above it is Prefect's or unknown.

        Args:
            module: where the expression is.
            node: a call of the class, or a name that is bound to one once.

        Returns:
            The class, or None.
        """
        if isinstance(node, ast.Name):
            targets = self._resolve(module, node)
            target = targets[0] if len(targets) == 1 else None
            if not isinstance(target, Local) or target.binding.kind != scopes.ASSIGN:
                return None
            if not isinstance(target.binding.node, ast.Name) or target.binding.value is None:
                return None
            module, node = target.module, target.binding.value
        found = self.of(module, node.func) if isinstance(node, ast.Call) else None
        return found if found is not None and self.is_plain(found) else None

    def is_plain(self, owner: Class) -> bool:
        """Whether a class is all that its code says, and nothing above it is Prefect's or unknown."""
        known = all(isinstance(base, Local) or is_plain_base(base) for base in self.above(owner))
        return known and all(_is_plain(each) and self.is_decorated_plainly(each) for each in self.with_bases(owner))

    def is_decorated_plainly(self, owner: Class) -> bool:
        """Whether a class is only decorated to make methods of its fields, if at all."""
        return {self.decorator(owner.module, node) for node in owner.node.decorator_list} <= ATTRS | DATACLASSES

    def of_self(self, module: Module, node: ast.AST) -> Class | None:
        """The class that a name is an instance of, as the first parameter of a method: it, or one derived from it."""
        found = self._first_parameter(module, node)
        return found[0] if found is not None and "builtins.classmethod" not in found[1] else None

    def of_first(self, module: Module, node: ast.AST) -> Class | None:
        """The same where a name may also be the class, as `cls` in a class method."""
        found = self._first_parameter(module, node)
        return found[0] if found is not None else None

    def _first_parameter(self, module: Module, node: ast.AST) -> tuple[Class, list[str]] | None:
        """The class of the method whose first parameter this is, or a name of it; and the decorators of the method."""
        argument: ast.AST | None = node
        if isinstance(node, ast.Name):
            scope = module.analysis.scope_of[node].lookup(node.id)
            bound = scope.bindings[node.id] if scope is not None else ()
            argument = bound[0].node if len(bound) == 1 else None
        if not isinstance(argument, ast.arg):
            return None
        function = module.analysis.parents.get(module.analysis.parents[argument])
        owner = module.analysis.parents.get(function) if function is not None else None
        if not isinstance(function, FUNCTIONS) or not isinstance(owner, ast.ClassDef):
            return None
        names = [self.decorator(module, decorator) for decorator in function.decorator_list]
        keep = all(name in _KEEP_THE_FIRST or name.startswith("pytest.mark.") for name in names)
        first = [*function.args.posonlyargs, *function.args.args][:1]
        return (Class(module, owner), names) if keep and first == [argument] else None

    def decorator(self, module: Module, node: ast.expr) -> str:
        """The name of a decorator from outside of the project; that of `property` for the setter of one."""
        if isinstance(node, ast.Attribute) and node.attr in ("setter", "getter", "deleter"):
            return "builtins.property"
        targets = self._resolve(module, node.func if isinstance(node, ast.Call) else node)
        return targets[0].name if len(targets) == 1 and isinstance(targets[0], External) else ""

    def method(self, user: Module, owner: Class, name: str) -> Method | None:
        """The method that an instance of a class certainly has under a name.

        Args:
            user: where the instance is used.
            owner: the class.
            name: the name.

        Returns:
            The method, or None.
        """
        for each in self.with_bases(owner):
            defined = [part for part in each.node.body if isinstance(part, ast.FunctionDef) and part.name == name]
            plain = len(defined) == 1 and not defined[0].decorator_list
            if plain and not any(_is_set(place, name) for place in (each.module, user)):
                return Method(each.module, defined[0])
        return None


def class_of(target: Target | None) -> Class | None:
    """The class of the project that a target is."""
    if isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
        return Class(target.module, target.binding.node)
    return None


def own_method(node: ast.ClassDef, name: str = "__init__") -> ast.FunctionDef | None:
    """The method that a class itself defines under a name, by default its constructor."""
    found = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == name]
    return found[-1] if found else None


def methods(node: ast.ClassDef) -> Iterator[FunctionDef]:
    """All methods that a class itself defines."""
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield part


def is_plain_base(base: Target) -> bool:
    """Whether a class from outside of the project is known, and its instances do nothing with attributes of others."""
    return isinstance(base, External) and (prefect_names.is_standard_class(base.name) or base.name in _PLAIN_BASES)


def _is_plain(each: Class) -> bool:
    names = {part.name for part in each.node.body if isinstance(part, ast.FunctionDef)}
    return not (each.node.keywords or names & _DYNAMIC)


def _is_set(module: Module, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for node in module.analysis.nodes
    )
