"""What the tool says about one place in one file."""

from __future__ import annotations

from typing import NamedTuple, Tuple

DOCS_URL = "https://github.com/rehandle/rehandle/blob/main/docs/rules/{code}.md"

REWRITTEN = "rewritten"
RUNTIME = "runtime"
LEFT = "left"
NOTE = "note"
ERROR = "error"
STATUSES = (REWRITTEN, RUNTIME, LEFT, NOTE, ERROR)

Position = Tuple[int, int]
"""Row and column, both counted from 1; columns count characters."""


class Finding(NamedTuple):
    """One place, its rule and what becomes of it.

    Attributes:
        filename: the path, as it is shown.
        location: where the place begins.
        end_location: where it ends.
        code: the rule's code.
        status: one of STATUSES.
        message: what is done, or why nothing is and what to do.
    """

    filename: str
    location: Position
    end_location: Position
    code: str
    status: str
    message: str

    @property
    def url(self) -> str:
        """The documentation page of the rule."""
        return DOCS_URL.format(code=self.code)
