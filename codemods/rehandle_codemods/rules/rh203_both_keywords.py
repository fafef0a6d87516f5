"""Both `result=` and `result_handler=`.

Prefect 0.11 to 0.13 used the handler and ignored the Result. Which one is meant can't be told: keep one.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim what RH202 doesn't: a call with both keywords."""
    if reference.kind != collect.KEYWORD or not plan.module.editable:
        return None
    return Claim(
        LEFT,
        "both result= and result_handler= are given: Prefect 0.11 to 0.13 used the handler. Delete one of them",
    )
