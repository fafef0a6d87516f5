"""Star import of result handlers.

What it binds can't be told from the code. Import the names that are used, then run again.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a star import."""
    if reference.kind != collect.STAR or not plan.module.editable:
        return None
    return Claim(LEFT, f"from {reference.detail} import *: import the names that are used, then run again")
