"""Legacy name in a comment or docstring.

Prose and commented-out code are never changed. The note says where they still name result handlers.
In notebooks and pages, prose is all that isn't Python: text, other cells, and examples that don't parse.
"""

from __future__ import annotations

from rehandle_codemods import references
from rehandle_codemods.findings import NOTE
from rehandle_codemods.plan import Plan
from rehandle_codemods.references import Reference
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a comment or docstring."""
    if reference.kind != references.COMMENT:
        return None
    where = plan.module.source.foreign(reference.span[0]) or "a comment or docstring"
    return Claim(NOTE, f"{reference.detail} is named in {where}: left as it is")
