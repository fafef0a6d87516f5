"""Handler converted at run time.

The place is certainly Prefect's, but what arrives there can't be told, or must stay a handler. `rehandle.to_result`
turns a handler into its Result when the code runs, and passes a Result and None through. It needs rehandle to be
installed, and Prefect 0.11 or later: code that still has to run on Prefect 0.10 is better left as it is.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import RUNTIME
from rehandle_codemods.flow.dicts import stored_value
from rehandle_codemods.flow.receivers import PARAMETER, YES
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.statements import Around, Rewrite
from rehandle_codemods.rules import AS_RECORDED, Claim
from rehandle_codemods.rules.rh104_task_args import key_renamed, rename, value_in_task_arguments
from rehandle_codemods.rules.rh106_attribute import assigned_value


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a place of Prefect's whose value isn't certainly a Result."""
    module = plan.module
    if not module.editable:
        return None
    node = reference.node
    value: ast.expr | None = None
    seen = ""
    edit = Edit(*reference.span, prefect_names.RESULT_KEYWORD)
    if reference.kind == collect.KEYWORD and isinstance(node, ast.keyword):
        place = plan.decisions.place(module, node.value)
        if place.verdict.answer == PARAMETER and node.arg == prefect_names.KEYWORD:
            return Claim(RUNTIME, f"{place.verdict.reason}: it is converted there")
        value = node.value if place.verdict.answer == YES and not place.verdict.in_task_args else None
        seen = AS_RECORDED if place.verdict.recorded else ""
    elif reference.kind == collect.KEY:
        stored = stored_value(module, node) if node is not None else None
        verdict = plan.decisions.place(module, stored).verdict if stored is not None else None
        if verdict is not None and verdict.answer == PARAMETER:
            return Claim(RUNTIME, f"{verdict.reason}: it is converted there")
        value = value_in_task_arguments(module, node)
        if value is not None and plan.decisions.place(module, value).verdict.answer != YES:
            return None
        edit = rename(module, reference)
    elif reference.kind == collect.ATTRIBUTE and isinstance(node, ast.Attribute):
        owner = plan.decisions.flow.owners.verdict(module, node.value)
        value = assigned_value(module, node) if owner.answer == YES else None
        seen = AS_RECORDED if owner.recorded else ""
    if value is None or inside_fstring(module, value):
        return None
    reason = plan.decisions.value_problem(module, value)
    edits = (edit, *converted(plan, value))
    assert node is not None
    if isinstance(node, ast.Attribute):
        renamed: Rewrite = (node, partial(code.attribute_named, name=prefect_names.RESULT_KEYWORD))
    else:
        renamed = key_renamed(node)
    rewrites = (renamed, to_result(plan, value))
    message = f"converted when the code runs{seen}: {reason}"
    return Claim(RUNTIME, message, edits, to_result=True, rewrites=rewrites)


def to_result(plan: Plan, value: ast.expr) -> Rewrite:
    """Hand a value to `rehandle.to_result`."""
    return value, Around(code.called_with, function=plan.to_result)


def converted(plan: Plan, value: ast.expr) -> tuple[Edit, Edit]:
    """The edits that hand a value to `rehandle.to_result`."""
    start, end = plan.module.span(value)
    brackets = ("((", "))") if isinstance(value, (ast.Yield, ast.YieldFrom)) else ("(", ")")
    return Edit(start, start, plan.to_result + brackets[0]), Edit(end, end, brackets[1])
