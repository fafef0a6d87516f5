"""The lines of two texts, and where they differ."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Iterator, Literal, Sequence

_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$")

_PIECE = 1000
"""So many lines of a long text are compared at once, or more."""

Span = tuple[int, int]
"""The numbers of a first line and of the one after the last, from 0."""

Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
"""What becomes of lines of a text: difflib's name for it, the lines, and those of the other text."""


def split(text: str) -> list[str]:
    """The lines of a source file, as Python counts them, without their ends."""
    return [line.rstrip("\r\n") for line in with_ends(text)]


def with_ends(text: str) -> list[str]:
    """The lines of a source file, as Python counts them, each with its end."""
    return _LINE.findall(text)


def blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[Span, Span]]:
    """Where two texts differ.

    Args:
        before: the lines of the one.
        after: the lines of the other.

    Returns:
        The lines that differ, in the one and in the other, in their order.
    """
    opcodes = LineMatcher(before, after, autojunk=False).get_opcodes()
    return [((a, b), (c, d)) for tag, a, b, c, d in opcodes if tag != "equal"]


class LineMatcher(SequenceMatcher[str]):
    """Two texts compared by their lines; long ones in pieces, as the time grows with the square of their length."""

    def __init__(self, before: Sequence[str], after: Sequence[str], *, autojunk: bool = True) -> None:
        """Take the texts.

        Args:
            before: the lines of the one.
            after: the lines of the other.
            autojunk: whether lines that occur often are no hold.
        """
        super().__init__(None, before, after, autojunk)
        self._before, self._after, self._autojunk = before, after, autojunk

    def get_opcodes(self) -> list[Opcode]:
        """What makes the other text of the one."""
        if max(len(self._before), len(self._after)) < 2 * _PIECE:
            return super().get_opcodes()
        found: list[Opcode] = []
        for (start, end), (first, last) in _pieces(self._before, self._after):
            piece = SequenceMatcher(None, self._before[start:end], self._after[first:last], self._autojunk)
            for tag, a, b, c, d in piece.get_opcodes():
                if found and tag == found[-1][0] == "equal":  # a piece ended amidst of what both have
                    a, c = found[-1][1] - start, found.pop()[3] - first
                found.append((tag, start + a, start + b, first + c, first + d))
        return found


def _pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Span, Span]]:
    """Parts of two texts that belong together: each begins where a line is that either text has once."""
    counts, others = Counter(before), Counter(after)
    places = {line: number for number, line in enumerate(after) if others[line] == 1}
    start = first = 0
    for number in range(len(before)):
        place = places.get(before[number], 0) if number >= start + _PIECE and counts[before[number]] == 1 else 0
        if place > first and before[number - 1 : number + 2] == after[place - 1 : place + 2]:
            yield (start, number), (first, place)
            start, first = number, place
    yield (start, len(before)), (first, len(after))
