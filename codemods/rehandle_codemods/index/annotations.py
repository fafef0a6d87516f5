"""What annotations say: the classes that a value may be an instance of."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.index import scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import is_none
from rehandle_codemods.index.targets import Local

_TYPING = ("typing", "typing_extensions")
_ALTERNATIVES = {f"{module}.{name}" for module in _TYPING for name in ("Optional", "Union")}
_QUALIFIERS = {f"{module}.{name}" for module in _TYPING for name in ("Annotated", "ClassVar", "Final")}
_QUALIFIERS.add("dataclasses.InitVar")


class Named(NamedTuple):
    """A class, as an annotation names it."""

    module: Module
    node: ast.expr


def named_classes(project: Project, module: Module, annotation: ast.AST) -> list[Named] | None:
    """The classes whose instances an annotation admits, None apart; no list where it says anything else."""
    return _named(project, module, annotation, set())


def _named(project: Project, module: Module, node: ast.AST, seen: set[ast.AST]) -> list[Named] | None:
    if is_none(node):
        return []
    if node in seen:
        return None
    seen.add(node)
    if isinstance(node, ast.Constant):
        quoted = module.analysis.quoted.get(node)
        return _named(project, module, quoted, seen) if quoted is not None else None
    if isinstance(node, ast.BinOp):
        return _together(project, module, [node.left, node.right], seen) if isinstance(node.op, ast.BitOr) else None
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        name = project.external(module, node.value)
        if name in _ALTERNATIVES:
            return _together(project, module, inner, seen)
        return _named(project, module, inner[0], seen) if name in _QUALIFIERS else None
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    targets = project.resolve(module, node)
    target = targets[0] if len(targets) == 1 else None
    if isinstance(target, Local) and target.binding.kind == scopes.ASSIGN and target.binding.value is not None:
        return _named(project, target.module, target.binding.value, seen)  # another name for a union
    return [Named(module, node)]


def _together(project: Project, module: Module, parts: list[ast.expr], seen: set[ast.AST]) -> list[Named] | None:
    found: list[Named] = []
    for part in parts:
        classes = _named(project, module, part, seen)
        if classes is None:
            return None
        found += classes
    return found


def annotation_of(module: Module, binding: scopes.Binding) -> ast.expr | None:
    """The annotation of a parameter, or of a variable in any of the places that bind it."""
    if isinstance(binding.node, ast.arg):
        return binding.node.annotation
    for each in binding.scope.bindings[binding.name]:
        statement = module.analysis.parents.get(each.node)
        if isinstance(statement, ast.AnnAssign) and statement.target is each.node:
            return statement.annotation
    return None
