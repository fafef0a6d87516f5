"""Imports by a name in a string: `importlib.import_module`, `__import__` and `sys.modules`."""

from __future__ import annotations

import ast
from typing import Callable, NamedTuple

_MODULES = "sys.modules"
_NAMES = ("import_module", "__import__", "modules")


class ModuleName(NamedTuple):
    """A module that is imported by its name.

    Attributes:
        parts: the parts of the name after the dots; None where only a run can tell them.
        level: the number of leading dots, where they are relative to the package of the file.
    """

    parts: list[str] | None
    level: int = 0


def named_module(external: Callable[[ast.expr], str], node: ast.AST) -> ModuleName | None:
    """The name of the module that an expression imports; None where it imports none.

    Args:
        external: the dotted name of what is outside the project that an expression means.
        node: the expression.
    """
    named = node.value if isinstance(node, ast.Subscript) else node.func if isinstance(node, ast.Call) else None
    # To look a name up may load its module.
    if getattr(named, "attr", getattr(named, "id", "")) not in _NAMES:
        return None
    if isinstance(node, ast.Subscript):
        return _name(node.slice) if external(node.value) == _MODULES else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
        return None
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    called = external(node.func)
    if called == "importlib.import_module":
        package = given.get("package", node.args[1] if len(node.args) > 1 else None)
        return _name(given.get("name", node.args[0] if node.args else None), package)
    if called == "builtins.__import__":
        found = _name(given.get("name", node.args[0] if node.args else None))
        whole = "fromlist" in given or len(node.args) > 3
        return found if whole or found.parts is None else ModuleName(found.parts[:1])
    return None


def _name(node: ast.expr | None, package: ast.expr | None = None) -> ModuleName:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return ModuleName(None)
    dotted = node.value.lstrip(".")
    level = len(node.value) - len(dotted)
    if not level:
        return ModuleName(dotted.split("."))
    if isinstance(package, ast.Constant) and isinstance(package.value, str):
        above = package.value.split(".")
        return ModuleName([*above[: len(above) - level + 1], *dotted.split(".")])
    if isinstance(package, ast.Name) and package.id == "__package__":
        return ModuleName(dotted.split("."), level)
    return ModuleName(None)
