"""Handler that is read or written by the code itself.

`read` and `write` of a Result return a Result. The value that a handler's `read` returned is its `value`, the place
that a handler's `write` returned is its `location`. Only the call of something that was a handler, and certainly is a
Result now, is rewritten.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.graph import METHODS
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.statements import Around
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a call of read or write."""
    method = reference.node
    if reference.kind != collect.METHOD or not isinstance(method, ast.Attribute):
        return None
    call = plan.module.analysis.parents[method]
    attribute = METHODS[method.attr]
    if isinstance(plan.module.analysis.parents.get(call), ast.Expr) and not plan.module.embeds(call):
        return Claim(REWRITTEN, f"{method.attr} of a Result, whose {attribute} isn't used here")
    end = plan.module.span(call)[1]
    return Claim(
        REWRITTEN,
        f"{method.attr} of a Result, and the {attribute} of what it returns",
        (Edit(end, end, f".{attribute}"),),
        rewrites=((call, Around(code.attribute_of, name=attribute)),),
    )
