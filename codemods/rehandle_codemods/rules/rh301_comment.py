"""Legacy name in a comment, docstring or other string.

Prose, commented-out code and code in strings are never changed. The note says where they still name result handlers.
In notebooks and pages, prose is all that isn't Python: text, other cells, and examples that don't parse.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import NOTE
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a comment, docstring or other string."""
    if reference.kind != collect.COMMENT:
        return None
    prose = "a comment or docstring" if reference.node is None else "a string"
    where = plan.module.source.foreign(reference.span[0]) or prose
    return Claim(NOTE, f"{reference.detail} is named in {where}: left as it is")
