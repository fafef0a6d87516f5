"""Class that takes its constructor from a handler of Prefect's.

`class Shared(LocalResultHandler): ...` without a constructor of its own is made with the arguments of
`LocalResultHandler`. Where the class becomes a Result (RH105), they are passed by the names that its Result has.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.rules import Claim
from rehandle_codemods.rules.rh102_constructor import argument_edits, argument_rewrites


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a call whose arguments are called otherwise now."""
    call = reference.node
    if reference.kind != collect.INHERITED or not isinstance(call, ast.Call):
        return None
    edits = argument_edits(plan.module, call, reference.handler)
    message = "pass the arguments by the names that the Result has for them"
    return Claim(REWRITTEN, message, tuple(edits), rewrites=tuple(argument_rewrites(call, reference.handler)))
