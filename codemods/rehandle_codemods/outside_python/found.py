"""Where something is in a text, and what is said of it."""

from __future__ import annotations

from typing import Iterator, NamedTuple


class Found(NamedTuple):
    """Something in a text.

    Attributes:
        row: its line, from 1.
        column: where it begins in the line, from 1.
        text: what is there.
        message: what is said of it.
    """

    row: int
    column: int
    text: str
    message: str


def lines_of_code(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text in which `#` begins a comment, each with its number and without the comment."""
    for row, line in enumerate(text.splitlines(), 1):
        code = line.partition(" #")[0]
        if code.strip() and not code.lstrip().startswith("#"):
            yield row, code
