"""Which line of the new text takes the place of the one that a finding is in."""

from __future__ import annotations

import bisect
import re
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Iterable, Iterator, Mapping, NamedTuple, Sequence

from rehandle_codemods.files.lines import Opcode, Span, blocks, split, with_ends
from rehandle_codemods.files.notebooks import cell_text
from rehandle_codemods.findings import LEFT, REWRITTEN, RUNTIME, Finding, NewCode, Position, Region

if TYPE_CHECKING:
    from rehandle_codemods.decide.verdicts import Imports
    from rehandle_codemods.engine.changes import Change

_TOKEN = re.compile(r"\w+|[^\w\s]")
_DOTTED = re.compile(r"[\w.]+")
_IMPORT = re.compile(
    r"\b(?:from\s+(?P<module>[\w.]+)\s+)?import\b\s*(?P<names>\([^)]*|(?:[^\r\n(#;]|\\\r?\n)*)", re.MULTILINE
)


class RewrittenPlace(NamedTuple):
    """Where code changes for a place.

    Attributes:
        last: the last line of what changes.
        imports: what is imported in the place of a name that is imported, which may stand elsewhere then.
    """

    last: int
    imports: Imports | None = None


def with_new_code(
    findings: Iterable[Finding],
    changes: Sequence[Change],
    by_hand: Sequence[Change],
    sources: Mapping[str, str],
    rewritten: Mapping[Region, RewrittenPlace],
) -> Iterator[Finding]:
    """Say of findings what their lines become.

    Args:
        findings: the findings.
        changes: the files that change.
        by_hand: files as they are once what can be spelled is done by hand, too.
        sources: the texts that findings are in, by their `origin`.
        rewritten: where code changes for each place.

    Yields:
        The findings, sorted by file and position.
    """
    changing = {change.filename: change for change in changes}
    spelled = {change.filename: change for change in by_hand}
    texts: dict[bool, _Texts] = {}
    origin = ""
    findings = sorted(findings)
    # A line of which a part alone is spelled would be wrong.
    unspelled = {
        (finding.origin, finding.location[0])
        for finding in findings
        if finding.status == LEFT and (Region(*finding[:4]) not in rewritten or _is_elsewhere(finding))
    }
    # Sorted, those of a file come together: what is made of its texts is dropped before the next one's.
    for finding in findings:
        left = finding.status == LEFT
        change = (spelled if left else changing).get(finding.filename)
        where = Region(*finding[:4])
        known = finding.status in (REWRITTEN, RUNTIME)
        known = known or (left and (finding.origin, where.location[0]) not in unspelled)
        if change is None or not known:
            yield finding
            continue
        if finding.origin != origin:
            origin, texts = finding.origin, {}
        if left not in texts:
            # Of a notebook, the lines that change are those of its file.
            after, parts = (cell_text(change.after, finding.cell), ()) if finding.cell else (change.after, change.parts)
            texts[left] = _Texts(sources[finding.origin], after, parts)
        place = rewritten.get(where, RewrittenPlace(finding.end_location[0]))
        yield finding._replace(new_code=texts[left].new_code(finding.location, place))


def _is_elsewhere(finding: Finding) -> bool:
    """Whether another line is to be changed before that of a finding."""
    cause = finding.because
    here = finding.filename, finding.cell, finding.location[0]
    return cause is not None and (cause.filename, cause.cell, cause.location[0]) != here


class _Token(NamedTuple):
    """A word or sign, and where it is: its line, from 0, and the character in it, from 1."""

    row: int
    column: int
    text: str


class _Texts:
    """A file, or a cell of a notebook, before and after."""

    def __init__(self, before: str, after: str, parts: Sequence[tuple[Span, Span]]) -> None:
        """Take the texts.

        Args:
            before: the text as it is.
            after: the text as it would be.
            parts: the lines that change, and those that take their place.
        """
        self._old, self._new, self._after = split(before), split(after), after
        self._parts = parts or [((0, len(self._old)), (0, len(self._new)))]
        self._blocks: dict[int, list[tuple[Span, Span]]] = {}
        self._compared: dict[tuple[Span, Span], _Compared] = {}

    def new_code(self, location: Position, place: RewrittenPlace) -> NewCode | None:
        """What takes the place of a place's line, or of the first below that changes for it; None where none does."""
        first, last = location[0] - 1, place.last - 1
        if place.imports is not None:
            return self._import(first, place.imports)
        changed = self._changed(first, last)
        if changed is None:
            return None
        (start, end), (new_start, new_end) = changed
        row, column = (first, location[1]) if first >= start else (start, 1)
        if end - start == new_end - new_start:  # line by line
            start, new_start = row, new_start + row - start
            end, new_end = start + 1, new_start + 1
        token = self._same_place((start, end), (new_start, new_end), row, column)
        return NewCode(self._new[token.row], token.column) if token else NewCode("", 1)

    def _changed(self, first: int, last: int) -> tuple[Span, Span] | None:
        """The first lines that change among some, and those that take their place."""
        for number in range(bisect.bisect_right(self._parts, first, key=_end), len(self._parts)):
            (start, end), (new_start, new_end) = self._parts[number]
            if start > last:
                return None
            if number not in self._blocks:
                self._blocks[number] = [
                    ((a + start, b + start), (c + new_start, d + new_start))
                    for (a, b), (c, d) in blocks(self._old[start:end], self._new[new_start:new_end])
                ]
            found = self._blocks[number]
            place = bisect.bisect_right(found, first, key=_end)
            if place < len(found):
                return found[place] if found[place][0][0] <= last else None
        return None

    def _same_place(self, old: Span, new: Span, row: int, column: int) -> _Token | None:
        if (old, new) not in self._compared:
            self._compared[old, new] = _Compared.of(_tokens(self._old, old), _tokens(self._new, new))
        return self._compared[old, new].instead(row, column)

    def _import(self, row: int, imports: Imports) -> NewCode:
        """The line that imports the first of some names, nearest to where the old one was imported."""
        number = bisect.bisect_right(self._parts, row, key=_end)
        expected = row + (self._parts[number - 1][1][1] - self._parts[number - 1][0][1] if number else 0)
        for name in imports:
            places = self._imported.get((name.module, name.name), [])
            if places:
                after = bisect.bisect_left(places, (expected, 0))
                near = places[max(after - 1, 0) : after + 1]
                place = min(near, key=lambda place: abs(place[0] - expected))
                return NewCode(self._new[place[0]], place[1])
        return NewCode("", 1)

    @cached_property
    def _imported(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        """Where the words of imports are: rows, from 0, and columns, from 1, by module and word."""
        starts = [0]
        for line in with_ends(self._after):
            starts.append(starts[-1] + len(line))
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for statement in _IMPORT.finditer(self._after):
            for word in _DOTTED.finditer(self._after, statement.start("names"), statement.end()):
                row = bisect.bisect_right(starts, word.start()) - 1
                place = row, word.start() - starts[row] + 1
                found.setdefault((statement["module"] or "", word.group()), []).append(place)
        return found


def _end(part: tuple[Span, Span]) -> int:
    return part[0][1]


class _Compared(NamedTuple):
    """Words and signs before and after, and what makes the one of the other."""

    before: list[_Token]
    after: list[_Token]
    opcodes: Sequence[Opcode]

    @classmethod
    def of(cls, before: list[_Token], after: list[_Token]) -> _Compared:
        """Compare."""
        matcher = SequenceMatcher(None, [token.text for token in before], [token.text for token in after], False)
        return cls(before, after, matcher.get_opcodes())

    def instead(self, row: int, column: int) -> _Token | None:
        """What is there instead of what is at a place; of what is gone, what comes after it."""
        if not self.before or not self.after:
            return self.after[0] if self.after else None
        place = min(bisect.bisect_left(self.before, (row, column)), len(self.before) - 1)
        tag, start, _, first, last = self.opcodes[
            bisect.bisect_right(self.opcodes, place, key=lambda opcode: opcode[2])
        ]
        number = first if tag == "delete" else min(first + place - start, last - 1)
        return self.after[min(number, len(self.after) - 1)]


def _tokens(lines: Sequence[str], span: Span) -> list[_Token]:
    return [
        _Token(row, match.start() + 1, match.group()) for row in range(*span) for match in _TOKEN.finditer(lines[row])
    ]
