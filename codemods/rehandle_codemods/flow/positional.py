"""Handlers that Task and Flow are given by position, at the place that their constructors had for them up to 0.13."""

from __future__ import annotations

import ast
from typing import Sequence

from rehandle.mapping import LEGACY_POSITIONS
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class, class_of, own_method
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import is_none, leaves
from rehandle_codemods.index.targets import External, Local

_CLASSES = {prefect_names.TASK: "Task", prefect_names.FLOW: "Flow"}

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

SHORTEST = min(layout.index(prefect_names.KEYWORD) for layouts in LEGACY_POSITIONS.values() for layout in layouts)


def layouts(project: Project, module: Module, call: ast.Call) -> Sequence[tuple[str, ...]]:
    """The orders in which a call may give Task or Flow its parameters, where it gives as many as a handler takes."""
    return LEGACY_POSITIONS.get(_class(project, module, call), ()) if len(call.args) > SHORTEST else ()


def shifted(project: Project, module: Module, call: ast.Call) -> ast.expr | None:
    """The None that a call gives where a handler was up to 0.13 and something else is from 0.14 on."""
    for layout in layouts(project, module, call):
        number = layout.index(prefect_names.KEYWORD)
        if number < len(call.args) - 1 and is_none(call.args[number]):
            return call.args[number]
    return None


def doubtful(uses: Uses, module: Module, call: ast.Call) -> ast.expr | None:
    """What a call gives at a place that a handler had up to 0.13, where it isn't known whether it is one."""
    if any(isinstance(argument, ast.Starred) for argument in call.args[:SHORTEST]):
        return None
    for layout in layouts(uses.project, module, call):
        number = layout.index(prefect_names.KEYWORD)
        if number < len(call.args) and _is_opaque(uses, module, call.args[number]):
            return call.args[number]
    return None


def after_star(project: Project, module: Module, call: ast.Call) -> list[ast.expr]:
    """What a call of Task or Flow gives by position after `*`, whose places aren't known."""
    starred = [number for number, value in enumerate(call.args) if isinstance(value, ast.Starred)]
    return call.args[starred[0] + 1 :] if starred and layouts(project, module, call) else []


def _is_opaque(uses: Uses, module: Module, value: ast.expr) -> bool:
    """Whether an expression has a value that isn't known and may be a handler."""
    for leaf in leaves(value):
        if not isinstance(leaf, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Starred, ast.Await)):
            continue
        if isinstance(leaf, ast.Call) and uses.is_result(module, leaf):
            continue
        targets = uses.project.resolve(module, leaf)
        if not all(isinstance(target, Local) and isinstance(target.binding.node, _DEFINITIONS) for target in targets):
            return True
    return False


def position_problem(call: ast.Call, layout: tuple[str, ...]) -> Reason | None:
    """Why the arguments of a call can't be given by name."""
    for name, value in zip(layout, call.args):
        if name == "environment" and not is_none(value):
            return Reason(
                "Flow takes no environment from Prefect 1.0 on",
                advice="Leave out the environment, and give the handler's Result by name, as result=",
            )
        if name == prefect_names.RESULT_KEYWORD and not is_none(value):
            return Reason("a Result is given too")
    if any(keyword.arg is None or keyword.arg in layout[: len(call.args)] for keyword in call.keywords):
        return Reason("** gives unknown keywords")
    if any(keyword.arg == prefect_names.RESULT_KEYWORD for keyword in call.keywords):
        return Reason("a Result is given too")
    return None


def _class(project: Project, module: Module, call: ast.Call) -> str:
    """Which of Prefect's constructors a call runs: "Task", "Flow", or none that is known."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "__init__":
        named = project.classes.initialised(module, call)
        if named is None or not project.classes.is_super(module, function.value):
            return ""
        function = named
    targets = project.resolve(module, function)
    target = targets[0] if len(targets) == 1 else None
    owner = class_of(target)
    for found in project.classes.single(owner) if owner is not None else (target,):
        if isinstance(found, External):
            return _CLASSES.get(found.name, "")
        if isinstance(found, Class) and own_method(found.node) is not None:
            return ""
    return ""
