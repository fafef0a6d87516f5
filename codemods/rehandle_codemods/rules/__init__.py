"""The rules, one module each, `rhNNN_what.py`: found by walking this package, so that none needs registration."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, Iterator, NamedTuple, get_args, get_type_hints, overload

from rehandle.suggestion import suggestion
from rehandle_codemods.decide.selection import ALWAYS, fits
from rehandle_codemods.findings import DOCS

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.places import Place
    from rehandle_codemods.decide.verdicts import Verdict

AS_RECORDED = " (as recorded)"
"""Said of a place that is known from a record alone."""

Decide = Callable[[Any, "Decisions"], "Verdict | None"]
"""Takes a place and what is decided for the project; returns None where the rule has nothing to say."""

# What rules do


class _Decider(NamedTuple):
    """What decides in a module: about which places, and whether about those in Prefect's own source, too."""

    decide: Decide
    places: tuple[type[Place], ...]
    in_prefect_source: bool


_deciders: dict[str, _Decider] = {}
"""By code; filled while modules of rules are imported."""


@overload
def rule(decide: Decide) -> Decide: ...
@overload
def rule(*, in_prefect_source: bool) -> Callable[[Decide], Decide]: ...
def rule(decide: Decide | None = None, *, in_prefect_source: bool = False) -> Decide | Callable[[Decide], Decide]:
    """Mark a function as its module's rule: it is asked about places of the type that its first argument has."""

    def mark(decide: Decide) -> Decide:
        hints = get_type_hints(decide)
        kinds = hints[next(iter(hints))]
        code, _ = _parts(decide.__module__.rpartition(".")[2])
        _deciders[code] = _Decider(decide, get_args(kinds) or (kinds,), in_prefect_source)
        return decide

    return mark if decide is None else mark(decide)


def asked(kind: type[Place], *, in_prefect_source: bool) -> Iterator[tuple[str, Decide]]:
    """The codes of the rules that are asked about a kind of places, in their order, each with what decides.

    Args:
        kind: the kind of places.
        in_prefect_source: whether they are in Prefect's own source, where few rules are.
    """
    for code, decider in _loaded().items():
        if issubclass(kind, decider.places) and (decider.in_prefect_source or not in_prefect_source):
            yield code, decider.decide


@lru_cache(maxsize=None)
def _loaded() -> dict[str, _Decider]:
    for name in _modules():
        importlib.import_module(f"{__name__}.{name}")
    return dict(sorted(_deciders.items()))


# What rules say of themselves; nothing is imported for that


class Rule(NamedTuple):
    """What is said of a rule.

    Attributes:
        code: `RH` and three digits: 1 rewrites, 2 leaves, 3 notes, 4 notes on other API, 5 Prefect 3, 9 errors.
        name: what its module is called after the code, such as `kept_handler`.
        summary: one line.
        documentation: its page in Markdown, without the title: what it is about, an example before and after as a
            diff, and what is left to do by hand.
    """

    code: str
    name: str
    summary: str
    documentation: str

    @property
    def page(self) -> str:
        """The page in the documentation, `docs/rules/`."""
        return f"# {self.code}: {self.summary}\n\n{self.documentation}\n"

    @property
    def linked(self) -> str:
        """What the page says, with links to other pages that lead there from anywhere."""
        return self.documentation.replace("](../", f"]({DOCS}/")


@lru_cache(maxsize=None)
def load() -> dict[str, Rule]:
    """Every rule by its code."""
    found = {}
    for name in _modules():
        code, what = _parts(name)
        summary, _, documentation = _docstring(name).partition("\n")
        found[code] = Rule(code, what, summary.rstrip("."), documentation.strip())
    return found


@lru_cache(maxsize=None)
def codes() -> tuple[str, ...]:
    """The codes of all rules, sorted."""
    return tuple(_parts(name)[0] for name in _modules())


def _modules() -> list[str]:
    import pkgutil

    return sorted(item.name for item in pkgutil.iter_modules(__path__))


def _parts(name: str) -> tuple[str, str]:
    """The code of a module, and what else it is called."""
    code, _, what = name.partition("_")
    return code.upper(), what


def _docstring(name: str) -> str:
    import ast
    import io
    import pkgutil
    import tokenize

    source = io.BytesIO(pkgutil.get_data(__name__, f"{name}.py") or b"")
    token = next(token for token in tokenize.tokenize(source.readline) if token.type == tokenize.STRING)
    return str(ast.literal_eval(token.string))


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
