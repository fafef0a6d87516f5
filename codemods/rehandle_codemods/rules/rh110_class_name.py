"""Name of a handler class that is renamed.

A class that becomes a Result (RH105) and whose name ends in `Handler` gets one that ends in `Result`, with every use
of it in every file: imports, `__all__`, attributes of modules, annotations. No alias is left behind: what imports
the old name from elsewhere expects a handler, and has to be told. The name is kept where the new one is taken, or
where the class may be reached in a way that can't be seen, such as a string, and everywhere with `--keep-names`.
Only Python files are looked at: a name in a configuration file has to be changed by hand.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.rewriter import Change
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a use of a class's old name."""
    if reference.kind != collect.RENAMED or reference.node is None:
        return None
    old = plan.module.source.data[slice(*reference.span)].decode("utf-8")
    message = f"name {reference.detail} instead of {old}"
    edits = (Edit(*reference.span, reference.detail),)
    return Claim(REWRITTEN, message, edits, rewrites=((reference.node, _rename(reference, old)),))


def _rename(reference: Reference, old: str) -> Change:
    """What becomes of a name, of an attribute, of what an import takes or calls so, or of a string."""
    node, new = reference.node, reference.detail
    if isinstance(node, ast.alias):
        first = reference.span[0] == reference.module.span(node)[0]
        return partial(code.alias_named if first else code.alias_renamed, name=new)
    if isinstance(node, ast.Attribute):
        return partial(code.attribute_named, name=new)
    if isinstance(node, ast.Constant):
        return partial(code.word_changed, old=old, new=new)
    return partial(code.named, name=new)
