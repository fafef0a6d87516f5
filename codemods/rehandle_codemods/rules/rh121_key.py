"""Key `result_handler` in a dict of options.

Where everything that is done with the dict is known, and it goes to Prefect's Task, Flow or task, the key becomes
`result` in all places: where the dict is written out, where the key is set, asked for or removed.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN, RUNTIME
from rehandle_codemods.flow.dicts import stored_in, stored_value
from rehandle_codemods.flow.receivers import YES
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rules import Claim
from rehandle_codemods.rules.rh104_task_args import key_renamed, rename
from rehandle_codemods.rules.rh108_run_time import converted, to_result


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a key of a dict whose every use is known."""
    node = reference.node
    if reference.kind != collect.KEY or not plan.module.editable or node is None:
        return None
    value = stored_value(plan.module, node)
    _, entity = plan.decisions.flow.keys.get(node, (None, None))
    if entity is not None:
        if entity not in plan.decisions.flow.carriers or entity in plan.decisions.blocked:
            return None
    elif value is None or plan.decisions.place(plan.module, value).verdict.answer != YES or _has_both(plan, value):
        return None
    edits = [rename(plan.module, reference)]
    key = key_renamed(node)
    reason = plan.decisions.value_problem(plan.module, value) if value is not None else ""
    if value is None or not reason:
        return Claim(REWRITTEN, "the key is result instead of result_handler", tuple(edits), rewrites=(key,))
    if inside_fstring(plan.module, value):
        return None
    message = f"the key is result, its value is converted when the code runs: {reason}"
    rewrites = (key, to_result(plan, value))
    return Claim(RUNTIME, message, (*edits, *converted(plan, value)), to_result=True, rewrites=rewrites)


def _has_both(plan: Plan, value: ast.expr) -> bool:
    """Whether the dict that a value is written in has the key `result` too."""
    stored = stored_in(plan.decisions.flow.dicts, plan.module, value)
    if stored is None:
        return False
    holder = stored[0]
    if isinstance(holder, ast.Dict):
        return any(isinstance(key, ast.Constant) and key.value == prefect_names.RESULT_KEYWORD for key in holder.keys)
    return isinstance(holder, ast.Call) and any(part.arg == prefect_names.RESULT_KEYWORD for part in holder.keywords)
