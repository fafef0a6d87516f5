"""Handler passed to something that can't be told.

The keyword may be Prefect's or not, or a task or class doesn't pass it on. Nothing is changed: say `result=` by hand
where it is Prefect's. A class of tasks that has a method or attribute `result` of its own is left as well: rename that
first, because the name is Prefect's from 0.11 on.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import inside_fstring, keyword_of
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a keyword, key or attribute that no other rule could decide."""
    node = reference.node
    if not plan.module.editable:
        return None
    if reference.kind == collect.KEYWORD and isinstance(node, ast.keyword):
        call = plan.module.analysis.parents[node]
        assert isinstance(call, ast.Call)
        if keyword_of(call, prefect_names.KEYWORD) and keyword_of(call, prefect_names.RESULT_KEYWORD):
            return None
        reason = plan.decisions.flow.receivers.call(plan.module, call).reason
        unknown = "what is called can't be told"
        reason = reason or ("it is inside an f-string" if inside_fstring(plan.module, call) else unknown)
        advice = "" if "Write " in reason or "Delete " in reason else ". Write result= by hand where it is Prefect's"
        return Claim(LEFT, f"result_handler= is left: {reason}{advice}")
    if reference.kind == collect.PARAMETER:
        return Claim(LEFT, f"the parameter result_handler is left: {reference.detail}")
    if reference.kind == collect.KEY:
        return Claim(
            LEFT,
            "where this dict goes can't be told. Where it goes to a Task or Flow, write result as the key",
        )
    if reference.kind == collect.ATTRIBUTE:
        reason = reference.detail or "what is done with it here isn't understood"
        if not reference.detail and isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            reason = plan.decisions.use_problem(plan.module, node) or reason
        advice = "Write .result by hand where it is Prefect's, with .value after read() and .location after write()"
        return Claim(LEFT, f"result_handler is left: {reason}. {advice}")
    return None
