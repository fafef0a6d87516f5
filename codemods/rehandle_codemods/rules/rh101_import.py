"""Import of a result handler.

`prefect.engine.result_handlers` is gone from Prefect 0.14 on: even an unused import of it is an error there.
Each name is imported as its Result instead, in the same scope and layout. A name whose handlers must stay handlers
is imported from `rehandle.handlers`, which has the same classes for every Prefect.
"""

from __future__ import annotations

import ast
import re

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT, REWRITTEN, RUNTIME
from rehandle_codemods.index import prefect_names, spans
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim an import. Statements are rewritten as a whole, once every name in them is decided."""
    if reference.kind != collect.IMPORT or not reference.module.editable:
        return None
    if prefect_names.is_removed(reference.detail) and not plan.decisions.safe_results.unused(
        plan.module, reference.detail
    ):
        return None
    alias = reference.node
    assert isinstance(alias, ast.alias)
    status, wanted = plan.alias(plan.binding_of(alias), reference.detail)
    if status == LEFT:
        beside = f"{wanted[0].name} is imported too, but " if wanted else ""
        reason = f"{beside}{alias.name} is still needed ({plan.first_stay(alias)})"
        return Claim(LEFT, f"{reason}. Change that place by hand, then run again")
    edits: tuple[Edit, ...] = ()
    if isinstance(plan.module.analysis.parents[alias], ast.Import):
        results = plan.options.home("LocalResultHandler")
        package = wanted[0].module + "." + wanted[0].name if wanted else results
        if not alias.asname and not package.startswith("prefect."):
            package = "prefect"  # that is the name that the statement binds
        written = re.compile(spans.dotted_name(alias.name)).match(plan.module.source.data, reference.span[0])
        assert written is not None
        edits = (Edit(*written.span(), package),)
    if status == RUNTIME:
        beside = f", and {wanted[0].name} where it becomes one" if wanted and len(wanted) > 1 else ""
        return Claim(RUNTIME, f"import {alias.name} from rehandle.handlers, where it stays a handler{beside}", edits)
    instead = ", ".join(want.name for want in wanted or ()) or "nothing"
    return Claim(REWRITTEN, f"import {instead} instead of {alias.name}", edits)
