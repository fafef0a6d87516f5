"""File that can't be processed.

It can't be read, decoded, parsed or written, or doesn't exist. The message says why; the other files are still done.
"""

from __future__ import annotations

from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim nothing: the engine reports these."""
    return None
