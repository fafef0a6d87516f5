"""A text before and after, line beside line, of which only the parts round findings and changes are kept."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, Optional, Tuple

from rehandle_codemods.files import notebooks
from rehandle_codemods.files.lines import blocks, split

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change
    from rehandle_codemods.findings import Finding

_CONTEXT = 2
_MOST = 12

Row = Tuple[int, Optional[str], int, Optional[str]]
"""The number and the text of a line before, and of the one after; 0 and None where there is none."""


class Comparison:
    """What a file, or a cell of a notebook, is before and after.

    Attributes:
        changed: the numbers of the rows that differ.
    """

    def __init__(self, before: str, after: str) -> None:
        """Compare.

        Args:
            before: the text as it is.
            after: the text as it would be.
        """
        old, new = split(before), split(after)
        self._rows: list[Row] = []
        self._at: list[int] = []
        self.changed: list[int] = []
        self._kept: set[int] = set()
        place = 0
        shift = 0
        for (start, end), (new_start, new_end) in [*blocks(old, new), ((len(old), len(old)), (len(new), len(new)))]:
            for number in range(place, start):
                self._add((number + 1, old[number], number + shift + 1, old[number]))
            first = len(self._rows)
            for one, two in itertools.zip_longest(range(start, end), range(new_start, new_end)):
                self._add((*_line(old, one), *_line(new, two)))
            self.changed += range(first, len(self._rows))
            place, shift = end, new_end - end
        for row in self.changed:
            self._keep(row - _CONTEXT, row + _CONTEXT + 1)

    @classmethod
    def of(cls, source: str, change: Change | None, cell: int) -> Comparison:
        """Compare a text with what a change makes of it.

        Args:
            source: the text as it is.
            change: what becomes of its file, if it changes.
            cell: the number of the notebook's cell that the text is; 0 if it is a file.

        Returns:
            The comparison.
        """
        if change is None:
            return cls(source, source)
        return cls(source, notebooks.cell_text(change.after, cell) if cell else change.after)

    def _add(self, row: Row) -> None:
        if row[0]:
            self._at.append(len(self._rows))
        self._rows.append(row)

    def _keep(self, start: int, stop: int) -> None:
        self._kept.update(range(max(start, 0), min(stop, len(self._rows))))

    def keep(self, finding: Finding) -> None:
        """Keep the lines round a finding."""
        first, last = self._lines(finding)
        self._keep(first, last)

    def _lines(self, finding: Finding) -> tuple[int, int]:
        first, last = finding.location[0], finding.end_location[0]
        if not self._at or first > len(self._at):
            return 0, 0
        start, end = self._at[first - 1], self._at[min(last, first + _MOST, len(self._at)) - 1]
        return max(start - _CONTEXT, 0), min(end + _CONTEXT + 1, len(self._rows))

    def rows(self) -> list[list[object]]:
        """The rows that are kept: number, text, number and text, or without the second text where it is the same."""
        rows = (self._rows[number] for number in self._numbers)
        return [[*row[:3]] if row[1] == row[3] else [*row] for row in rows]

    def place(self, finding: Finding) -> tuple[int, int]:
        """Which of the rows that are kept a finding shows: the first, and the one after the last."""
        first, last = self._lines(finding)
        return (self._numbers[first], self._numbers[last - 1] + 1) if last > first else (0, 0)

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The rows that are kept, and which of these they are."""
        return {row: number for number, row in enumerate(sorted(self._kept))}


def _line(lines: list[str], number: int | None) -> tuple[int, str | None]:
    return (0, None) if number is None else (number + 1, lines[number])
