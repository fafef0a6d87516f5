"""Setting of a default result handler.

Prefect up to 0.8 took a default handler from `[engine.result_handler]` in its configuration, or from
`PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS`. Later releases ignore both: give each flow its Result.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim the name of the setting."""
    if reference.kind != collect.SETTING or not plan.module.editable:
        return None
    return Claim(LEFT, f"Prefect 0.9 and later ignore {reference.detail}. Give each flow its Result, and delete this")
