"""What Prefect 1.4.1 lacks of earlier releases, beside handlers: what is gone, since when, and what takes its place."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rehandle_codemods.removed_api.successors import SUCCESSORS

PREFECT = b"prefect"
"""The word that every file has in it which has something of the table."""

_CLASSES = {
    "prefect.core.flow.Flow": "prefect.Flow",
    "prefect.client.client.Client": "prefect.Client",
}
"""Where the table has the attributes of a class, and where people import it from."""


class Removed(NamedTuple):
    """A public name or parameter that Prefect 1.4.1 doesn't have.

    Attributes:
        name: the dotted name that is gone, or of the function or class that lacks the parameter.
        release: the first minor release without it.
        advice: what to write instead, a sentence without its full stop; empty where nobody knows.
    """

    name: str
    release: str
    advice: str


def name(dotted: str) -> Removed | None:
    """What is known of a dotted name that is gone itself, or because the module or class around it is."""
    gone = tables()[0]
    parts = dotted.split(".")
    for count in range(len(parts), 1, -1):
        release = gone.get(".".join(parts[:count]))
        if release:
            return Removed(dotted, release, advice(dotted))
    return None


def parameter(dotted: str, keyword: str) -> Removed | None:
    """What is known of a parameter that a function, or a class's constructor, doesn't have any more."""
    release = tables()[1].get(dotted, {}).get(keyword)
    return Removed(dotted, release, advice(f"{dotted}({keyword})") or advice(f"({keyword})")) if release else None


def advice(dotted: str) -> str:
    """What to write instead of a name, by the longest beginning of it that has a successor."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        successor = SUCCESSORS.get(".".join(parts[:count]))
        if successor is not None:
            rest = "".join(f".{part}" for part in parts[count:])
            return f"Write {successor}{rest}" if is_name(successor) else successor
    return ""


def is_name(successor: str) -> bool:
    """Whether what takes a name's place is a name, too, and no sentence."""
    return successor.startswith("prefect.") and " " not in successor


@lru_cache(maxsize=None)
def triggers() -> tuple[tuple[bytes, ...], ...]:
    """Groups of words: a file that has something of these has a whole group in it."""
    names, parameters = tables()
    found = {_last(dotted) for dotted in names}
    for dotted, lost in parameters.items():
        found.update((*_last(dotted)[-1:], keyword) for keyword in lost)
    return tuple((PREFECT, *(word.encode() for word in group)) for group in sorted(found))


def _last(dotted: str) -> tuple[str, ...]:
    """The last part of a dotted name, and what it is an attribute of where that is a class."""
    *_, owner, last = dotted.split(".")
    return (owner, last) if owner[:1].isupper() else (last,)


@lru_cache(maxsize=None)
def tables() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Names, and parameters by the name of what is called, each with the first release that lacks it."""
    import json
    import pkgutil

    table = json.loads(pkgutil.get_data(__name__, "removed.json") or b"{}")
    names = {_public(dotted): release for dotted, release in table["names"].items()}
    return names, table["parameters"]


def _public(dotted: str) -> str:
    head, _, attribute = dotted.rpartition(".")
    return f"{_CLASSES[head]}.{attribute}" if head in _CLASSES else dotted
