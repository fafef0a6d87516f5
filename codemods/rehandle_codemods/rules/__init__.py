"""The rules, one module each, `rhNNN_what.py`: found by walking this package, so that none needs registration."""

from __future__ import annotations

import ast
import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

if TYPE_CHECKING:
    from rehandle_codemods.decide.collect import Reference
    from rehandle_codemods.decide.plan import Plan
    from rehandle_codemods.rewrite.edits import Edit

AS_RECORDED = " (as recorded)"
"""Said of a place that is known from a record alone."""


class Claim(NamedTuple):
    """What a rule does with one place.

    Attributes:
        status: one of `findings.STATUSES`.
        message: what is done, or why nothing is and what to do.
        edits: the edits of the place.
        to_result: whether the edits use `rehandle.to_result`.
        imports: statements to add at the top of the module.
        notes: further remarks on the place, each a finding of its own (status note): offsets, code and message.
        rewrites: nodes, and what takes their place; the same as the edits, by libcst.
    """

    status: str
    message: str
    edits: tuple[Edit, ...] = ()
    to_result: bool = False
    imports: tuple[str, ...] = ()
    notes: tuple[tuple[tuple[int, int], str, str], ...] = ()
    rewrites: tuple[tuple[ast.AST, Callable[[Any], Any]], ...] = ()


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: `RH` and three digits: 1 rewrites, 2 leaves, 3 notes, 9 errors.
        name: what its module is called after the code, such as `kept_handler`.
        summary: one line.
        documentation: the module's docstring.
        claim: takes a place and the plan of its module; returns None where the rule has nothing to say.
    """

    code: str
    name: str
    summary: str
    documentation: str
    claim: Callable[[Reference, Plan], Claim | None]


def _modules() -> list[str]:
    import pkgutil

    return [item.name for item in pkgutil.iter_modules(__path__)]


@lru_cache(maxsize=None)
def codes() -> tuple[str, ...]:
    """The codes of all rules, sorted; no rule is imported."""
    return tuple(sorted(name.partition("_")[0].upper() for name in _modules()))


@lru_cache(maxsize=None)
def load() -> dict[str, Rule]:
    """Every rule by its code, in the order in which they are asked."""
    found: list[Rule] = []
    for name in _modules():
        module = importlib.import_module(f"{__name__}.{name}")
        documentation = module.__doc__ or ""
        code, _, rest = name.partition("_")
        summary = documentation.splitlines()[0].rstrip(".")
        found.append(Rule(code.upper(), rest, summary, documentation, module.claim))
    return {rule.code: rule for rule in sorted(found, key=lambda rule: rule.code)}
