"""Key `result_handler` in `task_args`.

`task_args=dict(result_handler=...)` and `task_args={"result_handler": ...}` set an attribute of the task that
no longer exists from Prefect 0.11 on. The key becomes `result`.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.receivers import YES, task_arguments_call
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.statements import Rewrite
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a key of task_args whose value is a Result now, or None."""
    if reference.kind != collect.KEY or not plan.module.editable:
        return None
    value = value_in_task_arguments(plan.module, reference.node)
    if value is None or plan.decisions.place(plan.module, value).verdict.answer != YES:
        return None
    if plan.decisions.value_problem(plan.module, value):
        return None
    message = "set result in task_args instead of result_handler"
    return Claim(REWRITTEN, message, (rename(plan.module, reference),), rewrites=(key_renamed(reference.node),))


def value_in_task_arguments(module: Module, key: ast.AST | None) -> ast.expr | None:
    """The value of a key, where its dict is a call's `task_args=` and has no other one for the Result."""
    assert key is not None
    holder = module.analysis.parents[key]
    if not isinstance(holder, (ast.Dict, ast.Call)) or task_arguments_call(module, holder) is None:
        return None
    if isinstance(holder, ast.Call):
        if any(keyword.arg == prefect_names.RESULT_KEYWORD for keyword in holder.keywords):
            return None
        return key.value if isinstance(key, ast.keyword) else None
    if any(isinstance(other, ast.Constant) and other.value == prefect_names.RESULT_KEYWORD for other in holder.keys):
        return None
    return next(value for other, value in zip(holder.keys, holder.values) if other is key)


def key_renamed(key: ast.AST | None) -> Rewrite:
    """Rename the key, a keyword of `dict` or a string, whose quotes are kept."""
    assert key is not None
    if isinstance(key, ast.keyword):
        return key, partial(code.keyword_named, name=prefect_names.RESULT_KEYWORD)
    return key, partial(code.saying, text=prefect_names.RESULT_KEYWORD)


def rename(module: Module, reference: Reference) -> Edit:
    """Rename the key, its quotes kept."""
    span: tuple[int, int] = reference.span
    place = module.source.data.find(prefect_names.KEYWORD.encode(), *span)
    if place < 0:  # its parts, or escapes, say it
        return Edit(*span, f'"{prefect_names.RESULT_KEYWORD}"')
    return Edit(place, place + len(prefect_names.KEYWORD), prefect_names.RESULT_KEYWORD)
