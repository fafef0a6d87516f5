"""Custom handler class that can't become a Result.

Its `read` or `write` isn't regular, other classes or calls build on it, or it may be used in ways that can't be
seen. The class stays a handler, derived from `rehandle.handlers`, and its instances are converted at run time.
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import ClassDefinition
from rehandle_codemods.decide.verdicts import Converted, Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule

_UNKNOWN = Reason("it can't be told why")


@rule
def decide(place: ClassDefinition, decisions: Decisions) -> Verdict | None:
    """Say why a handler class stays one."""
    module, node = place.module, place.node
    reason = decisions.blocked.get(module.analysis.entity(node), _UNKNOWN)
    if all(len(decisions.project.resolve(module, base)) == 1 for base in node.bases):
        how = f"{node.name} stays a handler, its instances are converted when the code runs"
        return Converted(reason, how)
    return Left(Reason(f"{node.name} is left: {reason}", advice="Write it as a subclass of Result by hand"))
