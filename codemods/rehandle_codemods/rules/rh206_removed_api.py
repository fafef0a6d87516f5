"""Legacy API without a direct counterpart.

`SafeResult`, `safe_value`, `store_safe_value`, a state's `_result.to_result`, the handlers' schemas and the clients'
old modules are gone. A stored result's string is its `location` now; `X(location=...)` stands for
`SafeResult(..., X handler)`.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.flow.safe_results import SAFE_RESULTS
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rules import Claim

_ADVICE = {
    "safe_value": "safe_value is gone from 0.11 on: the stored string is .location",
    "to_result": "to_result is gone from 0.11 on: state.load_result(result) reads what was stored",
    "store_safe_value": "store_safe_value is gone: X(...).write(value) stores and returns a Result",
}


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim names that nothing replaces."""
    if not plan.module.editable:
        return None
    if reference.kind == collect.WORD:
        return Claim(LEFT, _ADVICE[reference.detail])
    if reference.kind in (collect.IMPORT, collect.NAME) and prefect_names.is_removed(reference.detail):
        return Claim(LEFT, f"{reference.detail} is gone and has no counterpart: {_advice(reference, plan)}")
    return None


def _advice(reference: Reference, plan: Plan) -> str:
    parent = plan.module.analysis.parents.get(reference.node) if reference.node is not None else None
    if isinstance(parent, ast.ClassDef):
        return f"derive {parent.name} from Result by hand, and look at what it is compared with"
    if isinstance(parent, ast.Call) and parent.func is reference.node and reference.detail in SAFE_RESULTS:
        return "write X(location=...), with X the Result class of the handler, and .read(...) where its value is used"
    return "use a Result and its location"
