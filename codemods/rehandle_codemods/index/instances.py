"""Instances of the project's own classes that certainly have nothing to do with Prefect."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.index import scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import External, Local

_DYNAMIC = {"__getattr__", "__getattribute__", "__new__"}


class Class(NamedTuple):
    """A class and the module that defines it."""

    module: Module
    node: ast.ClassDef


def unrelated_class(project: Project, module: Module, node: ast.AST) -> Class | None:
    """The class that an expression is certainly an instance of, where nothing above it is Prefect's or unknown.

    Args:
        project: the index that names are resolved by.
        module: where the expression is.
        node: a call of the class, or a name that is bound to one once.

    Returns:
        The class, or None.
    """
    if isinstance(node, ast.Name):
        targets = project.resolve(module, node)
        target = targets[0] if len(targets) == 1 else None
        if not isinstance(target, Local) or target.binding.kind != scopes.ASSIGN:
            return None
        if not isinstance(target.binding.node, ast.Name) or target.binding.value is None:
            return None
        module, node = target.module, target.binding.value
    found = project.classes(module, node.func) if isinstance(node, ast.Call) else None
    if found is None or not all(_is_plain(each) for each in _lineage(project, *found)):
        return None
    above = project.ancestors(*found)
    builtin = all(isinstance(base, Local) or _is_builtin(base) for base in above)
    return Class(*found) if builtin else None


def method(project: Project, user: Module, owner: Class, name: str) -> tuple[Module, ast.FunctionDef] | None:
    """The method that an instance of a class certainly has under a name, or None.

    Args:
        project: the index that names are resolved by.
        user: where the instance is used.
        owner: the class.
        name: the name.

    Returns:
        Where the method is defined, and its definition.
    """
    for each in _lineage(project, *owner):
        defined = [part for part in each.node.body if isinstance(part, ast.FunctionDef) and part.name == name]
        if (
            len(defined) == 1
            and not defined[0].decorator_list
            and not any(_is_set(place, name) for place in (each.module, user))
        ):
            return each.module, defined[0]
    return None


def _lineage(project: Project, module: Module, node: ast.ClassDef) -> list[Class]:
    classes = [Class(module, node)]
    for base in project.ancestors(module, node):
        if isinstance(base, Local) and isinstance(base.binding.node, ast.ClassDef):
            classes.append(Class(base.module, base.binding.node))
    return classes


def _is_plain(each: Class) -> bool:
    names = {part.name for part in each.node.body if isinstance(part, ast.FunctionDef)}
    return not (each.node.decorator_list or each.node.keywords or names & _DYNAMIC)


def _is_builtin(base: object) -> bool:
    return isinstance(base, External) and base.name.startswith("builtins.")


def _is_set(module: Module, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load)
        for node in module.analysis.nodes
    )
