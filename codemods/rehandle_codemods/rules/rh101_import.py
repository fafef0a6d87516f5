"""Import of a result handler.

`prefect.engine.result_handlers` is gone from Prefect 0.14 on: even an unused import of it is an error there.
Each name is imported as its Result instead, in the same scope and layout. A name whose handlers must stay handlers
is imported from `rehandle.handlers`, which has the same classes for every Prefect.
"""

from __future__ import annotations

import ast
import re

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Import
from rehandle_codemods.decide.verdicts import Converted, Left, Rewritten, Verdict
from rehandle_codemods.findings import LEFT, RUNTIME, Reason
from rehandle_codemods.index import prefect_names, spans
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import rule


@rule
def decide(place: Import, decisions: Decisions) -> Verdict | None:
    """Import what takes a name's place. Statements are rewritten as a whole, once every name in them is decided."""
    if prefect_names.is_removed(place.name) and not decisions.safe_results.unused(place.module, place.name):
        return None
    alias, plan = place.node, decisions.plan(place.module)
    status, wanted = plan.alias(plan.binding_of(alias), place.name)
    if status == LEFT:
        beside = f"{wanted[0].name} is imported too, but " if wanted else ""
        reason = f"{beside}{alias.name} is still needed ({plan.first_stay(alias)})"
        return Left(Reason(reason, advice="Change that place by hand, then run again"))
    edits: tuple[Edit, ...] = ()
    if isinstance(place.module.analysis.parents[alias], ast.Import):
        results = decisions.options.home("LocalResultHandler")
        package = wanted[0].module + "." + wanted[0].name if wanted else results
        if not alias.asname and not package.startswith("prefect."):
            package = "prefect"  # that is the name that the statement binds
        written = re.compile(spans.dotted_name(alias.name)).match(place.module.source.data, place.span[0])
        assert written is not None
        edits = (Edit(*written.span(), package),)
    if status == RUNTIME:
        beside = f", and {wanted[0].name} where it becomes one" if wanted and len(wanted) > 1 else ""
        reason = f"import {alias.name} from rehandle.handlers, where it stays a handler{beside}"
        return Converted(Reason(reason), edits=edits)
    instead = ", ".join(want.name for want in wanted or ()) or "nothing"
    return Rewritten(f"import {instead} instead of {alias.name}", edits=edits)
