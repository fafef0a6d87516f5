"""Handler that stays a handler.

It can't become a Result where it is made: an argument would be lost, a method of its class is replaced, or it is used
in a way that a Result doesn't have. Where it arrives at Prefect it is converted at run time; elsewhere it is left for
a person.
"""

from __future__ import annotations

import ast

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT, RUNTIME
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a constructor call that no other rule rewrites."""
    node = reference.node
    if reference.kind != collect.CALL or not plan.module.editable:
        return None
    assert node is not None
    call = plan.module.analysis.parents[node]
    assert isinstance(call, ast.Call)
    reason = plan.decisions.call_problem(plan.module, call) or "what its class is can't be told for certain"
    if plan.decisions.reaches_runtime(plan.module, call):
        return Claim(RUNTIME, f"{reference.handler} stays a handler, converted when the code runs: {reason}")
    return Claim(
        LEFT,
        f"{reference.handler} stays a handler, which Prefect 0.14 and later don't have: {reason}. "
        f"Make {HANDLERS[reference.handler].result} here by hand, once its uses take a Result",
    )
