"""What the tool says about one place in one file."""

from __future__ import annotations

from collections import Counter
from typing import Iterable, Iterator, NamedTuple, Tuple

DOCS = "https://github.com/rehandle/rehandle/blob/main/docs"
DOCS_URL = DOCS + "/rules/{code}.md"

REWRITTEN = "rewritten"
RUNTIME = "runtime"
LEFT = "left"
NOTE = "note"
ERROR = "error"
WORDS = {
    REWRITTEN: "rewritten",
    RUNTIME: "run time",
    LEFT: "by hand",
    NOTE: "note",
    ERROR: "error",
}
"""What a person sees for each status. Formats for programs keep the statuses themselves."""
MEANINGS = {
    REWRITTEN: "migrate changes it to the new API",
    RUNTIME: "works as long as rehandle is installed",
    LEFT: "a person changes it",
    NOTE: "something to know",
}
"""What becomes of a place with each status; errors aren't about places."""
STATUSES = tuple(WORDS)

Position = Tuple[int, int]
"""Row and column, both counted from 1; columns count characters."""


class Region(NamedTuple):
    """A part of a file: where legacy API is, or the cause of what is said of it.

    Attributes:
        filename: the path, as it is shown.
        cell: the number of the notebook's cell, from 1 and with cells of any kind; 0 in other files.
        location: where it begins, in the cell or in the file.
        end_location: where it ends.
    """

    filename: str
    cell: int
    location: Position
    end_location: Position

    @property
    def line(self) -> str:
        """The line that it begins in, as messages name it."""
        return f"{origin(self.filename, self.cell)}:{self.location[0]}"


IT = "it"
"""What a reason is about that is said of a value itself: the handler, at the place that is spoken of."""


class Reason(NamedTuple):
    """Why something stays as it is.

    Attributes:
        text: a clause; it begins with its verb where it has a subject.
        at: where the cause is, if the clause says so.
        advice: what to do, a sentence without its full stop.
        subject: what the clause is about: a name, or IT.
        because: where the cause is, if the clause doesn't say so; None with `at` is the place that is spoken of.
    """

    text: str
    at: Region | None = None
    advice: str = ""
    subject: str = ""
    because: Region | None = None

    def __str__(self) -> str:
        """The sentence, without its full stop."""
        return f"{self.clause}. {self.advice}" if self.advice else self.clause

    @property
    def clause(self) -> str:
        """The sentence without the advice."""
        return f"{self.subject} {self.text}" if self.subject else self.text

    @property
    def cause(self) -> Region | None:
        """Where the cause is; None where that is the place that is spoken of."""
        return self.because or self.at

    def about(self, name: str) -> Reason:
        """The reason, where what it is about goes by a name."""
        return self._replace(subject=name) if self.subject == IT else self


class Cause(NamedTuple):
    """The finding that says what another one follows from.

    Attributes:
        filename: its path, as it is shown.
        cell: the number of the notebook's cell, as in a finding.
        location: where its place begins.
        code: its rule's code.
    """

    filename: str
    cell: int
    location: Position
    code: str

    def __str__(self) -> str:
        return f"{origin(self.filename, self.cell)}:{self.location[0]} ({self.code})"


class NewCode(NamedTuple):
    """The line of code that takes the place of another.

    Attributes:
        line: the line, without its end; empty where nothing takes the place.
        column: where in it the new code begins, in characters from 1.
    """

    line: str
    column: int


class Finding(NamedTuple):
    """One place, its rule and what becomes of it.

    Attributes:
        filename: the path, as it is shown.
        cell: the number of the notebook's cell, from 1 and with cells of any kind; 0 in other files.
        location: where the place begins, in the cell or in the file.
        end_location: where it ends.
        code: the rule's code.
        status: one of STATUSES.
        message: what is done, or why nothing is and what to do.
        remark: whether another finding accounts for the place, and this one says more about it.
        because: the finding that this one follows from; None where it is decided by itself.
        new_code: what the place's line becomes; None where it stays, or isn't known.
    """

    filename: str
    cell: int
    location: Position
    end_location: Position
    code: str
    status: str
    message: str
    remark: bool = False
    because: Cause | None = None
    new_code: NewCode | None = None

    @property
    def cause(self) -> Cause:
        """The finding, as others that follow from it point to it."""
        return Cause(self.filename, self.cell, self.location, self.code)

    @property
    def accounts(self) -> bool:
        """Whether it is the one finding that says what becomes of its place."""
        return self.status != ERROR and not self.remark

    @property
    def origin(self) -> str:
        """What the location is in: the file, or the notebook and its cell."""
        return origin(self.filename, self.cell)

    @property
    def url(self) -> str:
        """The documentation page of the rule."""
        return DOCS_URL.format(code=self.code)


def origin(filename: str, cell: int) -> str:
    """The name of what rows are counted in: a file, or a cell of a notebook."""
    return f"{filename}:cell {cell}" if cell else filename


def unaccounted(places: Iterable[Region], findings: Iterable[Finding]) -> list[Region]:
    """The places that aren't in exactly one finding, and the findings that aren't about one of the places.

    Args:
        places: all places with legacy API in them.
        findings: what is said about them.

    Returns:
        The places, sorted; empty where the sums add up.
    """
    found = Counter(places)
    said = Counter(Region(*finding[:4]) for finding in findings if finding.accounts)
    return sorted(place for place in {*found, *said} if not found[place] == said[place] == 1)


def failure(filename: str, place: Position, message: str, cell: int = 0) -> Finding:
    """What couldn't be processed, and why.

    Args:
        filename: the file, as it is shown.
        place: where in it, or in its cell.
        message: why, and what to do.
        cell: the number of the notebook's cell.

    Returns:
        The finding.
    """
    return Finding(filename, cell, place, place, "RH901", ERROR, message)


def failed(filename: str, findings: Iterable[Finding], reason: str) -> Iterator[Finding]:
    """The findings of a run where one file could not be rewritten or written.

    Args:
        filename: the file, as it is shown.
        findings: all findings.
        reason: why, and what to do.

    Yields:
        The findings: those of the file are left.
    """
    for finding in findings:
        mine = finding.filename == filename and finding.status in (REWRITTEN, RUNTIME)
        yield finding._replace(status=LEFT, new_code=None) if mine else finding
    yield Finding(filename, 0, (1, 1), (1, 1), "RH901", ERROR, reason)
