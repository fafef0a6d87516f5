"""Keyword `result_handler=`.

Task, Flow and task take `result=` from Prefect 0.11 on, and nothing else from 0.14 on. Only the keyword of a call
that is certainly Prefect's is renamed, and only where its value is a Result after the rewrite.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.receivers import YES
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import AS_RECORDED, Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a keyword whose value is a Result now, or None."""
    keyword = reference.node
    if reference.kind != collect.KEYWORD or not isinstance(keyword, ast.keyword) or not plan.module.editable:
        return None
    place = plan.decisions.place(plan.module, keyword.value)
    if keyword.arg != prefect_names.KEYWORD or place.verdict.answer != YES or place.verdict.in_task_args:
        return None
    if plan.decisions.value_problem(plan.module, keyword.value):
        return None
    seen = AS_RECORDED if place.verdict.recorded else ""
    edit = Edit(*reference.span, prefect_names.RESULT_KEYWORD)
    rewrites = ((keyword, partial(code.keyword_named, name=prefect_names.RESULT_KEYWORD)),)
    return Claim(REWRITTEN, f"pass result= instead of result_handler={seen}", (edit,), rewrites=rewrites)
