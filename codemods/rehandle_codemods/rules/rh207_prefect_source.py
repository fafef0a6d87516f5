"""Part of Prefect's own source.

These files define the result handlers: there is nothing to migrate in them, and they are never changed.
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Code
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule


@rule(in_prefect_source=True)
def decide(place: Code, decisions: Decisions) -> Verdict | None:
    """Leave everything inside Prefect's own package."""
    if not place.module.prefect_package:
        return None
    return Left(Reason(f"{place.module.shown} is a part of Prefect itself", advice="Upgrade Prefect instead"))
