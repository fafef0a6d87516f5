"""Both `result=` and `result_handler=`.

Prefect 0.11 to 0.13 used the handler and ignored the Result. Which one is meant can't be told: keep one.
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Keyword
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule


@rule
def decide(place: Keyword, decisions: Decisions) -> Verdict | None:
    """Leave what RH202 doesn't: a call with both keywords."""
    why = "both result= and result_handler= are given: Prefect 0.11 to 0.13 used the handler"
    return Left(Reason(why, advice="Delete one of them"))
