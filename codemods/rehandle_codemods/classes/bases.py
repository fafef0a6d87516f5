"""The classes above a handler class: which built-in handler it comes from, and what lies between."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import External, Local

_HARMLESS_BASES = {"builtins.object", "abc.ABC"}
_HARMLESS_METACLASSES = {"abc.ABCMeta"}


class LineageError(Exception):
    """Why the classes above a handler class aren't understood."""


class Owner(NamedTuple):
    """A class of the project.

    Attributes:
        module: where it is.
        node: its definition.
    """

    module: Module
    node: ast.ClassDef


class Lineage(NamedTuple):
    """What a handler class derives from.

    Attributes:
        base: the base that leads to Prefect's handler.
        handler: Prefect's handler class at the top.
        above: the project's handler classes between, the nearest one first.
        mixins: the project's other classes that it derives from.
    """

    base: ast.expr
    handler: str
    above: tuple[Owner, ...]
    mixins: tuple[Owner, ...]


def lineage(project: Project, module: Module, node: ast.ClassDef) -> Lineage:
    """Follow the bases of a handler class.

    Args:
        project: the index.
        module: the class's module.
        node: a class that derives from one of Prefect's handlers.

    Returns:
        What it derives from.

    Raises:
        LineageError: a base isn't understood, or there are several handlers among them.
    """
    return _lineage(project, module, node, set())


def _lineage(project: Project, module: Module, node: ast.ClassDef, seen: set[ast.ClassDef]) -> Lineage:
    if node in seen:
        raise LineageError("derives from itself")
    seen.add(node)
    if node.decorator_list or getattr(node, "type_params", None):
        raise LineageError("is decorated or generic")
    for keyword in node.keywords:
        if keyword.arg != "metaclass" or project.external(module, keyword.value) not in _HARMLESS_METACLASSES:
            raise LineageError("has a metaclass or other keywords")
    found: Lineage | None = None
    mixins: list[Owner] = []
    for base in node.bases:
        targets = project.resolve(module, base)
        target = targets[0] if len(targets) == 1 else None
        next_one: Lineage | None = None
        if isinstance(target, External):
            handler = prefect_names.handler_class(target.name)
            if handler is not None:
                next_one = Lineage(base, handler, (), ())
            elif target.name not in _HARMLESS_BASES:
                raise LineageError(f"also derives from {target.name}, which can't be looked into")
        elif isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
            owner = Owner(target.module, target.binding.node)
            if len(target.binding.scope.bindings[target.binding.name]) > 1:
                raise LineageError(f"derives from {owner.node.name}, which is bound more than once")
            if _is_handler(project, owner):
                inner = _lineage(project, *owner, seen)
                next_one = Lineage(base, inner.handler, (owner, *inner.above), inner.mixins)
            else:
                mixins += _mixins(project, owner)
        else:
            raise LineageError("derives from something that can't be told")
        if next_one is not None and found is not None:
            raise LineageError("derives from several handlers")
        found = next_one or found
    if found is None:
        raise LineageError("derives from something that can't be told")
    return found._replace(mixins=(*mixins, *found.mixins))


def _is_handler(project: Project, owner: Owner) -> bool:
    above = project.ancestors(owner.module, owner.node)
    return any(isinstance(target, External) and prefect_names.handler_class(target.name) for target in above)


def _mixins(project: Project, owner: Owner) -> list[Owner]:
    """A class that isn't a handler, and those above it."""
    found = [owner]
    if owner.node.decorator_list or owner.node.keywords:
        raise LineageError(f"also derives from {owner.node.name}, which is decorated or has a metaclass")
    for target in project.ancestors(owner.module, owner.node):
        if isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
            found.append(Owner(target.module, target.binding.node))
        elif not isinstance(target, External) or target.name not in _HARMLESS_BASES:
            raise LineageError(f"also derives from {owner.node.name}, whose bases can't be looked into")
    return found
