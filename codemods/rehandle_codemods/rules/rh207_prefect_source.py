"""Part of Prefect's own source.

These files define the result handlers: there is nothing to migrate in them, and they are never changed.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim everything inside Prefect's own package, comments apart."""
    if not plan.module.package or reference.kind == collect.COMMENT:
        return None
    return Claim(LEFT, "this file is part of Prefect itself, which defines the API: upgrade Prefect instead")
