"""Where a module has what Prefect 1.4.1 lacks of earlier releases, apart from handlers."""

from __future__ import annotations

import ast
from typing import Iterator

from rehandle_codemods import removed_api as table
from rehandle_codemods.decide.places import Place, RemovedName, RemovedParameter
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import Local, Target

_IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError", "Exception")


def removed_api(project: Project, module: Module) -> Iterator[Place]:
    """The imports, names, attributes of flows and clients, and keywords that are gone.

    An import is one place: the uses of what it binds aren't places too.
    """
    if module.prefect_package or not project.uses_prefect(module):
        return
    for node in module.analysis.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from _imported(module, node)
        elif isinstance(node, ast.Attribute):
            yield from _attribute(project, module, node)
        elif isinstance(node, ast.Call):
            yield from _keywords(project, module, node)


def _imported(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[Place]:
    if (isinstance(node, ast.ImportFrom) and node.level) or _has_alternative(module, node):
        return
    for alias in node.names:
        parts = [alias.name] if alias.name != "*" else []
        dotted = ".".join([node.module or "", *parts] if isinstance(node, ast.ImportFrom) else parts)
        removed = _removed(dotted)
        if removed is not None:
            yield RemovedName(module, alias, module.span(alias), removed)


def _removed(dotted: str) -> table.Removed | None:
    """What is known of a name that is gone; other rules speak of what has to do with handlers."""
    return None if prefect_names.is_legacy(prefect_names.canonical(dotted)) else table.name(dotted)


def _has_alternative(module: Module, node: ast.stmt) -> bool:
    """Whether an import is in a `try` that says what to do where there is no such module, or is what is done then."""
    each: ast.AST | None = node
    while each is not None and not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        each = module.analysis.parents.get(each)
        if isinstance(each, ast.Try) and any(_catches_import_error(handler) for handler in each.handlers):
            return True
    return False


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _IMPORT_ERRORS) for kind in caught)


def _attribute(project: Project, module: Module, node: ast.Attribute) -> Iterator[Place]:
    if isinstance(module.analysis.parents.get(node), ast.Attribute):
        return  # the whole of a dotted name is the place
    root, rest = _parts(node)
    first = project.external(module, root)
    removed = None
    if first.startswith("prefect"):
        # What an import binds that is gone has been said where it is imported.
        removed = None if table.name(first) else _removed(".".join([first, *rest]))
    elif len(rest) == 1:
        owner = _class_of(project, module, root)
        # A class that is gone has been said where it is imported.
        removed = table.name(f"{owner}.{rest[0]}") if owner and not table.name(owner) else None
    if removed is not None:
        end = module.span(node)[1]
        yield RemovedName(module, node, (end - len(node.attr.encode()), end), removed)


def _parts(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """What a dotted name begins with, and the attributes behind it."""
    rest: list[str] = []
    while isinstance(node, ast.Attribute):
        rest.insert(0, node.attr)
        node = node.value
    return node, rest


def _class_of(project: Project, module: Module, node: ast.expr) -> str:
    """The class of Prefect's that a variable certainly has an instance of: each time it is bound, by a call of it."""
    classes = {_class_assigned(project, target) for target in project.resolve(module, node)}
    return classes.pop() if len(classes) == 1 else ""


def _class_assigned(project: Project, target: Target) -> str:
    """The class whose call a name is bound to; empty where it may be anything else."""
    if not isinstance(target, Local) or target.binding.kind not in (scopes.ASSIGN, scopes.WITH):
        return ""
    value = target.binding.value
    whole = isinstance(target.binding.node, ast.Name)  # and no part of what the call gives
    return project.external(target.module, value.func) if whole and isinstance(value, ast.Call) else ""


def _keywords(project: Project, module: Module, call: ast.Call) -> Iterator[Place]:
    called = project.external(module, call.func)
    if not called and isinstance(call.func, ast.Attribute):
        owner = _class_of(project, module, call.func.value)
        called = f"{owner}.{call.func.attr}"
    for keyword in call.keywords if called.startswith("prefect.") else ():
        removed = table.parameter(called, keyword.arg) if keyword.arg else None
        if removed is not None:
            start = module.span(keyword)[0]
            yield RemovedParameter(module, keyword, (start, start + len((keyword.arg or "").encode())), removed)
