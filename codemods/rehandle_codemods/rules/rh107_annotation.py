"""Handler class in an annotation, or compared with None.

An annotation names the Result where every handler of the file became one, and stays where one didn't. A comparison of
the class with None, as after `except ImportError`, stays a comparison of whatever is imported by that name now.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN, RUNTIME
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim an annotation in a file that changes."""
    node = reference.node
    if reference.kind not in (collect.ANNOTATION, collect.NAME) or not plan.module.editable or not reference.handler:
        return None
    assert isinstance(node, (ast.Name, ast.Attribute))
    if not plan.is_converted(node):
        entity = plan.head(node)
        demand = plan.demands.get(entity) if entity is not None else None
        if demand is None or not demand.runtime:
            return None
        if reference.kind == collect.ANNOTATION or any(ref.node is node for ref in demand.comparisons):
            return Claim(RUNTIME, f"{reference.handler} stays: handlers are converted at run time in this file")
        return None
    text = plan.result_text(node, reference.handler)
    edits = () if text is None else (Edit(*reference.span, text),)
    rewrites = () if text is None else ((node, partial(code.named, name=text)),)
    message = f"name {HANDLERS[reference.handler].result} instead of {reference.handler}"
    return Claim(REWRITTEN, message, edits, rewrites=rewrites)
