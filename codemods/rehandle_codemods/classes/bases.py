"""The classes above a handler class: which built-in handler it comes from, and what lies between."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class, class_of, own_method
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import External, Local

_HARMLESS_BASES = {"builtins.object", "abc.ABC"}
_HARMLESS_METACLASSES = {"abc.ABCMeta"}


class IrregularError(Exception):
    """Why a handler class can't become a Result, said of it."""


@dataclass(frozen=True)
class Bases:
    """What a handler class derives from.

    Attributes:
        node: the base that leads to Prefect's handler.
        handler: Prefect's handler class at the top.
        above: the project's handler classes between, the nearest one first.
        mixins: the project's other classes that it derives from.
    """

    node: ast.expr
    handler: str
    above: tuple[Class, ...] = ()
    mixins: tuple[Class, ...] = ()

    @property
    def constructor(self) -> ast.FunctionDef | None:
        """The nearest constructor that the project's classes above have."""
        return next(filter(None, (own_method(owner.node) for owner in self.above)), None)


def bases(project: Project, module: Module, node: ast.ClassDef, seen: frozenset[ast.ClassDef] = frozenset()) -> Bases:
    """Follow the bases of a handler class.

    Args:
        project: the index.
        module: the class's module.
        node: a class that derives from one of Prefect's handlers.
        seen: the classes below it.

    Returns:
        What it derives from.

    Raises:
        IrregularError: a base isn't understood, or there are several handlers among them.
    """
    if node in seen:
        raise IrregularError("derives from itself")
    if node.decorator_list or getattr(node, "type_params", None):
        raise IrregularError("is decorated or generic")
    for keyword in node.keywords:
        if keyword.arg != "metaclass" or project.external(module, keyword.value) not in _HARMLESS_METACLASSES:
            raise IrregularError("has a metaclass or other keywords")
    found: list[Bases] = []
    mixins: list[Class] = []
    for base in node.bases:
        targets = project.resolve(module, base)
        target = targets[0] if len(targets) == 1 else None
        owner = class_of(target)
        if isinstance(target, External):
            handler = prefect_names.handler_class(target.name)
            if handler is not None:
                found.append(Bases(base, handler))
            elif target.name not in _HARMLESS_BASES:
                raise IrregularError(f"also derives from {target.name}, which can't be looked into")
        elif isinstance(target, Local) and owner is not None:
            if len(target.binding.scope.bindings[target.binding.name]) > 1:
                raise IrregularError(f"derives from {owner.node.name}, which is bound more than once")
            if any(map(prefect_names.handler_class, project.classes.outside(owner))):
                inner = bases(project, *owner, seen | {node})
                found.append(replace(inner, node=base, above=(owner, *inner.above)))
            else:
                mixins += _mixins(project, owner)
        else:
            raise IrregularError("derives from something unknown")
    if len(found) > 1:
        raise IrregularError("derives from several handlers")
    if not found:
        raise IrregularError("derives from something unknown")
    return replace(found[0], mixins=(*mixins, *found[0].mixins))


def _mixins(project: Project, owner: Class) -> list[Class]:
    """A class that isn't a handler, and those above it."""
    if owner.node.decorator_list or owner.node.keywords:
        raise IrregularError(f"also derives from {owner.node.name}, which is decorated or has a metaclass")
    for target in project.classes.above(owner):
        if class_of(target) is None and not (isinstance(target, External) and target.name in _HARMLESS_BASES):
            raise IrregularError(f"also derives from {owner.node.name}, whose bases can't be looked into")
    return project.classes.with_bases(owner)
