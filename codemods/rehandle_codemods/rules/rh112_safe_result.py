"""Safe result.

Up to Prefect 0.10 a `Result` had a value and a handler, and a `SafeResult` said where the handler had stored it.
A Result of the handler's own kind is both: `X(value=...)`, `r = r.write(value)` in place of `r.store_safe_value()`,
and `X(location=...)`. `safe_value.value` is the `location`. Printed, a safe value showed its class too; a location is
the text alone. Only what is certainly a Result is rewritten, and only where what is made of it is known: a state that
has a SafeResult for its result gave the runner a value, and one that has a location alone doesn't.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim what is to do with safe results and rewritten."""
    if reference.kind != collect.STORED or reference.node is None:
        return None
    place = plan.decisions.safe_results.places(plan.module)[reference.node]
    return Claim(REWRITTEN, place.message, place.edits)
