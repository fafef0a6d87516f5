"""What the tool says about one place in one file."""

from __future__ import annotations

from collections import Counter
from typing import Iterable, NamedTuple, Tuple

DOCS_URL = "https://github.com/rehandle/rehandle/blob/main/docs/rules/{code}.md"

REWRITTEN = "rewritten"
RUNTIME = "runtime"
LEFT = "left"
NOTE = "note"
ERROR = "error"
STATUSES = (REWRITTEN, RUNTIME, LEFT, NOTE, ERROR)

Position = Tuple[int, int]
"""Row and column, both counted from 1; columns count characters."""


class Place(NamedTuple):
    """Where legacy API is.

    Attributes:
        filename: the path, as it is shown.
        location: where it begins.
        end_location: where it ends.
    """

    filename: str
    location: Position
    end_location: Position


class Finding(NamedTuple):
    """One place, its rule and what becomes of it.

    Attributes:
        filename: the path, as it is shown.
        location: where the place begins.
        end_location: where it ends.
        code: the rule's code.
        status: one of STATUSES.
        message: what is done, or why nothing is and what to do.
        remark: whether another finding accounts for the place, and this one says more about it.
    """

    filename: str
    location: Position
    end_location: Position
    code: str
    status: str
    message: str
    remark: bool = False

    @property
    def accounts(self) -> bool:
        """Whether it is the one finding that says what becomes of its place."""
        return self.status != ERROR and not self.remark

    @property
    def url(self) -> str:
        """The documentation page of the rule."""
        return DOCS_URL.format(code=self.code)


def unaccounted(places: Iterable[Place], findings: Iterable[Finding]) -> list[Place]:
    """The places that aren't in exactly one finding, and the findings that aren't about one of the places.

    Args:
        places: all places with legacy API in them.
        findings: what is said about them.

    Returns:
        The places, sorted; empty where the sums add up.
    """
    found = Counter(places)
    said = Counter(Place(*finding[:3]) for finding in findings if finding.accounts)
    return sorted(place for place in {*found, *said} if not found[place] == said[place] == 1)
