"""Custom handler class that can't become a Result.

Its `read` or `write` isn't regular, other classes or calls build on it, or it may be used in ways that can't be
seen. The class stays a handler, derived from `rehandle.handlers`, and its instances are converted at run time.
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import LEFT, RUNTIME
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a handler class that RH105 doesn't rewrite."""
    node = reference.node
    if reference.kind != collect.CLASS or not isinstance(node, ast.ClassDef) or not plan.module.editable:
        return None
    decisions = plan.decisions
    reason = decisions.blocked.get((plan.module.analysis.scope_of[node], node.name), "it can't be told why")
    certain = all(len(decisions.project.resolve(plan.module, base)) == 1 for base in node.bases)
    if not certain:
        return Claim(LEFT, f"{node.name} is left: {reason}. Write it as a subclass of Result by hand")
    return Claim(RUNTIME, f"{node.name} stays a handler, its instances are converted when the code runs: {reason}")
