"""A line of code with a mark below the place in it that a finding is about."""

from __future__ import annotations

import re
import unicodedata
from typing import Sequence

import click

from rehandle_codemods.findings import Finding, NewCode

_WIDTH = 100
_CONTEXT = _WIDTH // 3
_TAB = " " * 4
_CUT = "\N{HORIZONTAL ELLIPSIS}"
# What would move the cursor, change colours, or show the code in another order than it has.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """A text with what a terminal would obey replaced."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def excerpt(lines: Sequence[str], finding: Finding, digits: int, colour: str | None) -> list[str]:
    """Show where a finding is.

    Args:
        lines: the lines of its file; empty if they aren't known.
        finding: the finding.
        digits: how many digits the number of a line gets.
        colour: the colour of the mark, if it gets one.

    Returns:
        The line of code and the line with the mark; nothing where a finding is about the file as a whole.
    """
    row, column = finding.location
    if row > len(lines) or finding.location == finding.end_location == (1, 1):
        return []
    line = lines[row - 1]
    end_row, end_column = finding.end_location
    first = min(column - 1, len(line))
    last = max(first + 1, min(end_column - 1, len(line)) if end_row == row else len(line))
    code, gap, end = _cut(line, first)
    mark = "^" * max(1, _width(_shown(line[first : min(last, end)])))
    if colour:
        mark = click.style(mark, fg=colour)
    return [f"{row:>{digits + 2}} | {code}", f"{'':>{digits + 2}} | {' ' * gap}{mark}"]


def new_line(new_code: NewCode, digits: int, *, by_hand: bool, colour: bool) -> str:
    """The line of code that takes the place of one.

    Args:
        new_code: what it becomes.
        digits: how many digits the number of a line gets.
        by_hand: whether a person is to write it.
        colour: whether it is for a terminal that shows colours.

    Returns:
        The line, marked as in a patch, or with a question mark; it says so where nothing takes the place.
    """
    sign, code, style = "+", _cut(new_code.line, min(new_code.column - 1, len(new_code.line)))[0], "green"
    if by_hand:
        sign, style = "?", "yellow"
    if not new_code.line.strip():
        sign, code, style = "-", "(removed)", "red"
    text = f"{sign} {code}".rstrip()
    return f"{'':>{digits + 2}} {click.style(text, fg=style) if colour else text}"


def _shown(line: str) -> str:
    return "".join(_TAB if char == "\t" else printable(char) for char in line)


def _cut(line: str, place: int) -> tuple[str, int, int]:
    """The part of a line that is shown round a place.

    Returns:
        It, with what stands for the rest; how many cells are before the place; and where in the line it ends.
    """
    widths = [_width(_shown(char)) for char in line]
    start, stop = _window(widths, place)
    before, after = _CUT if start else "", _CUT if stop < len(line) else ""
    code = f"{before}{_shown(line[start:stop]).rstrip()}{after}"
    return code, len(before) + sum(widths[start:place]), stop


def _window(widths: Sequence[int], first: int) -> tuple[int, int]:
    """The part of a line that is shown, so that it is no wider than it may be and begins before a place."""
    start, stop = first, first
    used = 0
    while start and used + widths[start - 1] <= _CONTEXT:
        start -= 1
        used += widths[start]
    while stop < len(widths) and used + widths[stop] <= _WIDTH:
        used += widths[stop]
        stop += 1
    while start and used + widths[start - 1] <= _WIDTH:
        start -= 1
        used += widths[start]
    return start, stop


def _width(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
