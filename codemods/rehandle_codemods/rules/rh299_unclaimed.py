"""Legacy API that no rule rewrites.

The place uses a result handler, or its name, in a way that has no certain counterpart. It is left for a person.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim whatever is code and left over."""
    if reference.kind == collect.COMMENT:
        return None
    what = reference.handler or reference.detail or "this"
    advice = "Write by hand what does the same with a Result"
    return Claim(LEFT, f"{what} is used here in a way that can't be rewritten for certain. {advice}")
