"""Handler class in an annotation.

An annotation names the Result where every handler of the file became one, and stays where one didn't.
"""

from __future__ import annotations

import ast
from typing import Optional

from rehandle.mapping import HANDLERS
from rehandle_codemods import references
from rehandle_codemods.edits import Edit
from rehandle_codemods.findings import REWRITTEN, RUNTIME
from rehandle_codemods.plan import Plan
from rehandle_codemods.references import Reference
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Optional[Claim]:
    """Claim an annotation in a file that changes."""
    node = reference.node
    if reference.kind != references.ANNOTATION or not plan.module.editable:
        return None
    assert isinstance(node, (ast.Name, ast.Attribute))
    if not plan.is_converted(node):
        entity = plan.head(node)
        if entity in plan.demands and plan.demands[entity].runtime:
            return Claim(RUNTIME, f"{reference.handler} stays: handlers are converted at run time in this file")
        return None
    text = plan.result_text(node, reference.handler)
    edits = () if text is None else (Edit(*reference.span, text),)
    return Claim(REWRITTEN, f"annotate {HANDLERS[reference.handler].result} instead of {reference.handler}", edits)
