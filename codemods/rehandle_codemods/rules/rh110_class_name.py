"""Name of a handler class that is renamed.

A class that becomes a Result (RH105) and whose name ends in `Handler` gets one that ends in `Result`, with every use
of it in every file: imports, `__all__`, attributes of modules, annotations. No alias is left behind: what imports
the old name from elsewhere expects a handler, and has to be told. The name is kept where the new one is taken, or
where the class may be reached in a way that can't be seen, such as a string, and everywhere with `--keep-names`.
Only Python files are looked at: a name in a configuration file has to be changed by hand.
"""

from __future__ import annotations

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a use of a class's old name."""
    if reference.kind != collect.RENAMED:
        return None
    old = plan.module.source.data[slice(*reference.span)].decode("utf-8")
    return Claim(REWRITTEN, f"name {reference.detail} instead of {old}", (Edit(*reference.span, reference.detail),))
