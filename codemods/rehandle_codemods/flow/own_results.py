"""Classes of tasks and flows that have a `result` of their own: from Prefect 0.11 on that name is Prefect's."""

from __future__ import annotations

import ast
from typing import Iterator

from rehandle_codemods.findings import Reason
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class, class_of
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import alternatives, is_none
from rehandle_codemods.index.targets import External

_STORES = (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD)


def own_result(project: Project, owner: Class) -> Reason | None:
    """Why instances of a class can't get a Result from the code: it, or one above it, has another `result`."""
    for each in project.classes.with_bases(owner):
        for place in _bindings(project, each.module, each.node):
            rest = ", a name that is Prefect's from 0.11 on"
            return reason_at(each.module, place, "has a result of its own", rest, subject=each.node.name)
    return None


def _bindings(project: Project, module: Module, node: ast.ClassDef) -> Iterator[ast.AST]:
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if part.name == prefect_names.RESULT_KEYWORD:
                yield part
            yield from _set_by(project, module, part)
        elif isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            named = any(
                isinstance(target, ast.Name) and target.id == prefect_names.RESULT_KEYWORD for target in targets
            )
            if named and not _is_store(project, module, part.value):
                yield part


def _set_by(project: Project, module: Module, method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Where a method sets the attribute to something that isn't certainly a Result or handler."""
    first = next(iter([*method.args.posonlyargs, *method.args.args]), None)
    for node in ast.walk(method):
        if (
            not isinstance(node, ast.Attribute)
            or node.attr != prefect_names.RESULT_KEYWORD
            or isinstance(node.ctx, ast.Load)
        ):
            continue
        if first is None or not isinstance(node.value, ast.Name) or node.value.id != first.arg:
            continue
        statement = module.analysis.parents.get(node)
        plain = isinstance(statement, ast.Assign) and statement.targets == [node]
        annotated = isinstance(statement, ast.AnnAssign) and statement.value is not None
        # mypy doesn't see that an assignment is behind each of the two names.
        if not (plain or annotated) or not _is_store(project, module, statement.value):  # type: ignore[union-attr]  # both have a value
            yield node


def _is_store(project: Project, module: Module, value: ast.expr) -> bool:
    """Whether a value is certainly None, a Result or a handler."""
    branches = alternatives(value)
    if branches:
        return all(_is_store(project, module, branch) for branch in branches)
    if is_none(value) or (isinstance(value, ast.Attribute) and value.attr in _STORES):
        return True
    if not isinstance(value, ast.Call):
        return False
    for target in project.resolve(module, value.func):
        owner = class_of(target)
        above = project.classes.above(owner) if owner is not None else (target,)
        if not any(isinstance(base, External) and _makes_store(base.name) for base in above):
            return False
    return True


def _makes_store(name: str) -> bool:
    return (
        name == prefect_names.TO_RESULT
        or prefect_names.is_result_class(name)
        or prefect_names.handler_class(name) is not None
    )
