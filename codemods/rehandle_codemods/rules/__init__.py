"""The rules, one module each, `rhNNN_what.py`: found by walking this package, so that none needs registration."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, Iterator, NamedTuple, get_args, get_type_hints, overload

from rehandle_codemods.decide.selection import ALWAYS, fits
from rehandle_codemods.options import suggestion

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.places import Place
    from rehandle_codemods.decide.verdicts import Verdict

AS_RECORDED = " (as recorded)"
"""Said of a place that is known from a record alone."""

Decide = Callable[[Any, "Decisions"], "Verdict | None"]
"""Takes a place and what is decided for the project; returns None where the rule has nothing to say."""


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: `RH` and three digits: 1 rewrites, 2 leaves, 3 notes, 9 errors.
        name: what its module is called after the code, such as `kept_handler`.
        summary: one line.
        documentation: the module's docstring.
        decide: what becomes of a place; None where other rules, or the engine, report what this one explains.
        places: the kinds of places that it is asked about.
        in_prefect: whether it is asked in Prefect's own source, too.
    """

    code: str
    name: str
    summary: str
    documentation: str
    decide: Decide | None
    places: tuple[type[Place], ...]
    in_prefect: bool


class _Marked(NamedTuple):
    """What a module has marked as its rule."""

    decide: Decide | None = None
    places: tuple[type[Place], ...] = ()
    in_prefect: bool = False


_marked: dict[str, _Marked] = {}


@overload
def rule(decide: Decide) -> Decide: ...
@overload
def rule(*, in_prefect: bool) -> Callable[[Decide], Decide]: ...
def rule(decide: Decide | None = None, *, in_prefect: bool = False) -> Decide | Callable[[Decide], Decide]:
    """Mark a function as its module's rule: it is asked about places of the type that its first argument has."""

    def mark(decide: Decide) -> Decide:
        hints = get_type_hints(decide)
        kinds = hints[next(iter(hints))]
        _marked[decide.__module__] = _Marked(decide, get_args(kinds) or (kinds,), in_prefect)
        return decide

    return mark if decide is None else mark(decide)


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
        found.append(Rule(code.upper(), rest, summary, documentation, *_marked.get(module.__name__, _Marked())))
    return {rule.code: rule for rule in sorted(found, key=lambda rule: rule.code)}


def checked_code(selector: str) -> str:
    """Take what somebody wrote for the code of a rule, the beginning of codes, or ALL.

    Args:
        selector: what was written.

    Returns:
        It, in capital letters.

    Raises:
        ValueError: no rule's code begins so, or it can't be chosen.
    """
    code = selector.strip().upper()
    if code and any(fits(known, code) for known in codes() if not known.startswith(ALWAYS)):
        return code
    if code and any(fits(known, code) for known in codes()):
        raise ValueError(f"{code} can't be selected or ignored: it reports what could not be processed")
    raise ValueError(f"no rule's code begins with {selector.strip()!r}. {suggestion(code, codes())}")


def asked(kind: type[Place], *, in_prefect: bool) -> Iterator[tuple[str, Decide]]:
    """The codes of the rules that are asked about a kind of places, in their order, each with what decides.

    Args:
        kind: the kind of places.
        in_prefect: whether they are in Prefect's own source, where few rules are.
    """
    for rule in load().values():
        if rule.decide is not None and issubclass(kind, rule.places) and (rule.in_prefect or not in_prefect):
            yield rule.code, rule.decide
