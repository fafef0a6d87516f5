"""What IPython adds to Python in the cells of a notebook, and what stands for it so that the rest is plain Python.

IPython: a line that begins with % is a magic, with ! a command of the shell, with or before ? a question for help; with
, ; or / a call. A cell that begins with %% is given to a magic as a whole. A magic or command may also be assigned.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

CELL_MAGICS = frozenset(["capture", "memit", "prun", "snakeviz", "time", "timeit"])
"""The cell magics that run their cell as Python, with the names of the notebook."""

_LINE_MAGICS = re.compile(rb"%(?:time|timeit|prun)(?:[ \t]+-[A-Za-z]+[ \t]*\d*)*[ \t]+(?=[^\s\-!%?#\d])")
"""Line magics that run the rest of their line as Python, with their options."""

_TOKEN = re.compile(
    rb"""
    (?P<comment> \#[^\r\n]* )
  | (?P<string> \"\"\"(?:[^\\]|\\.)*?\"\"\" | '''(?:[^\\]|\\.)*?'''
              | "(?:[^"\\\r\n]|\\\r\n|\\.)*" | '(?:[^'\\\r\n]|\\\r\n|\\.)*' )
  | (?P<open> [(\[{] )
  | (?P<close> [)\]}] )
  | (?P<joined> \\(?:\r\n|\n|\r) )
  | (?P<newline> \r\n|\n|\r )
  | (?P<help> \? )
  | (?P<assigned> (?<![=!<>]) = [ \t]* (?=[!%]) )
    """,
    re.DOTALL | re.VERBOSE,
)
_CELL_MAGIC = re.compile(rb"\s*%%(?P<name>\S*)[^\r\n]*")
# Databricks' notebooks have such a line first in a cell that isn't Python.
_OTHER_LANGUAGE = re.compile(rb"\s*%(?:md(?:-sandbox)?\b|(?:sql|scala|r|sh|fs)[ \t]*(?:[\r\n]|\Z))")
_LINE = re.compile(rb"[^\r\n]*")
_CONTINUED = re.compile(rb"(?:[^\r\n]*\\(?:\r\n|\n|\r))*[^\r\n]*")
_ESCAPES = (b"%", b"!", b"?", b",", b";", b"/")
_CONTINUATION = bytes(range(0x80, 0xC0))


class Mask(NamedTuple):
    """Text that stands for as much of a cell.

    Attributes:
        start: where in the cell.
        text: the text.
    """

    start: int
    text: bytes


def is_python(code: bytes) -> bool:
    """Whether a cell's code is Python of the notebook's: it has no cell magic, or one that runs it as such."""
    return not _OTHER_LANGUAGE.match(code) and all(name in CELL_MAGICS for name, _, _ in _cell_magics(code))


def masks(code: bytes) -> Iterator[Mask]:
    """What stands for the magics of a cell: a comment for a cell magic, else an expression that means nothing known.

    Args:
        code: a cell's code, for which `is_python` holds.

    Yields:
        The masks, none longer or shorter than what it stands for.
    """
    place = 0
    for _, place, end in _cell_magics(code):
        yield Mask(place, b"#")
        place = end
    while place < len(code):
        mask, place = _line(code, place)
        yield from mask


def _cell_magics(code: bytes) -> Iterator[tuple[str, int, int]]:
    """The names of the magics that a cell begins with, where each begins and where its line ends."""
    match = _CELL_MAGIC.match(code)
    while match is not None:
        yield match["name"].decode("utf-8", "replace"), match.start("name") - 2, match.end()
        match = _CELL_MAGIC.match(code, match.end())


def _line(code: bytes, start: int) -> tuple[list[Mask], int]:
    """The masks of a logical line, and where the next one begins."""
    first = start + len(code[start : _end(_LINE, code, start)]) - len(code[start : _end(_LINE, code, start)].lstrip())
    if code[first : first + 1] in _ESCAPES:
        runs = _LINE_MAGICS.match(code, first)
        if runs is None:
            end = _end(_CONTINUED, code, first)
            return _masked(code, first, end), end + 1
        mask = [Mask(first, b"_" * (runs.end() - first - 1) + b";")]
        return mask, runs.end()
    depth = 0
    place = first
    while True:
        token = _TOKEN.search(code, place)
        if token is None:
            return [], len(code)
        place = token.end()
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "newline" and not depth:
            return [], place
        elif kind == "assigned" and not depth:
            end = _end(_CONTINUED, code, place)
            return _masked(code, place, end), end + 1
        elif kind == "help" and not depth:
            end = _end(_LINE, code, place)
            return _masked(code, first, end), end + 1


def _end(pattern: re.Pattern[bytes], code: bytes, start: int) -> int:
    match = pattern.match(code, start)
    return match.end() if match is not None else start


def _masked(code: bytes, start: int, end: int) -> list[Mask]:
    """A name and a comment for each line of what isn't Python."""
    masks: list[Mask] = []
    for match in re.finditer(rb"[^\r\n]+", code[start:end]):
        name = b"" if masks else b"_"
        comment = b"#" if len(name) < len(match[0]) else b""
        rest = match[0][len(name) + len(comment) :]
        # The rest of a character that the name and the comment cover only in part.
        cut = len(rest) - len(rest.lstrip(_CONTINUATION))
        masks.append(Mask(start + match.start(), name + comment + b" " * cut))
    return masks
