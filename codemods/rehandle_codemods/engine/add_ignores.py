"""Comments that ignore all that a run reports, so that only new code is reported from then on."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Callable, Iterable, Mapping, NamedTuple

from rehandle_codemods import rules
from rehandle_codemods.engine.changes import Change
from rehandle_codemods.files import readers
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.source import SourceError, Text, TextEdit, with_edits
from rehandle_codemods.files.writing import replace
from rehandle_codemods.findings import ERROR
from rehandle_codemods.index.comments import ends_for_comments
from rehandle_codemods.index.ignore_comments import Request, merged, requests, written
from rehandle_codemods.index.module import prefect_package
from rehandle_codemods.index.statements import Statements
from rehandle_codemods.outside_python import CODES

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.findings import Finding
    from rehandle_codemods.options import Options

_CONTINUATION = frozenset(bytes([value]) for value in range(0x80, 0xC0))
"""The bytes of a character in UTF-8 but its first one."""


class Ignored(NamedTuple):
    """A run with comments for all that it reported.

    Attributes:
        outcome: what it reports once they are there: errors, and places where no comment can stand. Its changes are
            those that write the comments.
        comments: how many comments are new or ask for more than before, by the files as they are shown.
    """

    outcome: Outcome
    comments: Mapping[str, int]


def add_ignores(analyse: Callable[[Mapping[str, bytes]], Outcome], options: Options) -> Ignored:
    """Find the comments that ignore what is reported, until nothing is; nothing is written.

    What is ignored stays as it is, and so does all that belongs to it: that is reported then, in other words and by
    other rules, and needs comments as well.

    Args:
        analyse: runs over the paths; takes what files hold, by their paths without symbolic links, instead of what is
            on disk.
        options: the choices of the run.

    Returns:
        The comments, and what is left without one.
    """
    files: dict[str, _File] = {}
    while True:
        outcome = analyse({path: file.raw for path, file in files.items() if file.comments})
        found: dict[str, list[Finding]] = {}
        for finding in outcome.findings:
            if _may_be_ignored(finding):
                found.setdefault(os.path.realpath(finding.filename), []).append(finding)
        progress = False
        for path, findings in found.items():
            try:
                file = files.setdefault(path, _File(path, docs=options.of(path).docs))
                progress |= file.ignore(findings)
            except (OSError, SourceError, SyntaxError):
                continue  # it has changed since it was analysed, so that its findings stay
        if not progress:
            changed = [files[path] for path in sorted(files) if files[path].comments]
            changes = [file.change() for file in changed]
            return Ignored(
                outcome._replace(changes=changes),
                {change.filename: file.comments for change, file in zip(changes, changed)},
            )


def closing(findings: Iterable[Finding], comments: Mapping[str, int]) -> list[str]:
    """What is said at the end: what has been written, and what could not be.

    Args:
        findings: what is reported once the comments are there, with errors of files that couldn't be written.
        comments: how many comments are for which files.

    Returns:
        The lines.
    """
    failed = {finding.filename for finding in findings if finding.status == ERROR}
    done = {name: number for name, number in comments.items() if name not in failed}
    lines = [f"{_plural(sum(done.values()), 'comment')} written in {_plural(len(done), 'file')}."]
    left = sum(finding.status != ERROR for finding in findings)
    if left:
        advice = "Ignore them by per-file-ignores in the settings"
        lines.append(f"{_plural(left, 'finding')} left where no comment can stand. {advice}.")
    return lines


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _may_be_ignored(finding: Finding) -> bool:
    path = os.path.realpath(finding.filename)
    return finding.status != ERROR and finding.code not in CODES and not prefect_package(path)


class _File:
    """A file that gets comments.

    Attributes:
        raw: its bytes with those that it has got.
    """

    def __init__(self, path: str, *, docs: bool) -> None:
        self._path = path
        self._docs = docs
        self._before = readers.file(path)
        self.raw = self._before.raw
        # For each comment that ignores something, in their order, whether it is new or asks for more than before.
        self._written: list[bool] = []

    @property
    def comments(self) -> int:
        """How many comments are new or ask for more than before."""
        return sum(self._written)

    def ignore(self, findings: Iterable[Finding]) -> bool:
        """Add comments for what is reported.

        Args:
            findings: what is reported of the file as it is with the comments that it has.

        Returns:
            Whether there are any.

        Raises:
            SourceError: it can't be read.
            SyntaxError: it doesn't parse.
        """
        source = self._read(self.raw)
        page = _Page(source)
        offsets = _offsets(source, findings)
        for finding in findings:
            place = offsets.get((finding.cell, finding.location))
            if place is not None:
                page.ignore(place, finding.code)
        edits = self._possible(source, page)
        if not edits:
            return False
        self.raw = _edited(source, edits)
        asking = [(edit.start, True) for edit in edits if edit.start == edit.end]
        for request, before in zip(page.requests, self._written or [False] * len(page.requests)):
            more = any(edit.start < edit.end and page.asking[edit] == request for edit in edits)
            asking.append((request.start, before or more))
        self._written = [new for _, new in sorted(asking, key=lambda each: each[0])]
        return True

    def change(self) -> Change:
        """The file with its comments."""
        before, after = self._before, readers.file(self._path, self.raw)
        write = partial(replace, self._path, before.raw, self.raw)
        return Change(shown(self._path), before.text, after.text, before.raw, self.raw, write)

    def _read(self, raw: bytes) -> Text:
        return readers.read(self._path, raw, docs=self._docs)

    def _possible(self, source: Text, page: _Page) -> list[TextEdit]:
        """The edits that the file can have, and after which its code is the same and has those comments."""
        wanted = page.edits()
        if self._works(source, page, wanted):
            return wanted
        possible: list[TextEdit] = []
        for edit in wanted:
            if self._works(source, page, [*possible, edit]):
                possible.append(edit)
        return possible

    def _works(self, source: Text, page: _Page, edits: list[TextEdit]) -> bool:
        try:
            again = self._read(_edited(source, edits))
            after = ast.parse(with_edits(source.data, edits).decode("utf-8"))
        except (SourceError, SyntaxError, ValueError):
            return False
        new = sum(edit.start == edit.end for edit in edits)
        asked = sum(1 for _ in requests(again, rules.checked_code))
        return asked == len(page.requests) + new and ast.dump(after) == ast.dump(ast.parse(source.text))


def _edited(source: Text, edits: list[TextEdit]) -> bytes:
    file = source.file
    return file.encode(with_edits(file.data, source.in_file(edits)))


@dataclass
class _NewComment:
    """A comment to write.

    Attributes:
        start: its offset.
        before: what comes before it.
        after: what comes after it.
        about: what it is about.
        codes: what it ignores there.
    """

    start: int
    before: str
    after: str
    about: list[tuple[int, int]]
    codes: set[str] = field(default_factory=set)


class _Page:
    """A text in which comments find their places."""

    def __init__(self, source: Text) -> None:
        self._source = source
        self._statements = Statements(ast.parse(source.text), source)
        self._ends = ends_for_comments(source)
        self.requests = list(requests(source, rules.checked_code))
        self._more: dict[Request, set[str]] = {}
        self._new: list[_NewComment] = []
        self.asking: dict[TextEdit, Request] = {}

    def ignore(self, place: int, code: str) -> None:
        """Ignore a rule at an offset, where a comment can say so."""
        for request in self.requests:
            about = self._about(request.start, alone=request.alone)
            if not request.whole_file and not request.problem and _covers(about, place):
                self._more.setdefault(request, set()).add(code)
                return
        comment = next((new for new in self._new if _covers(new.about, place)), None) or self._comment(place)
        if comment is not None:
            comment.codes.add(code)

    def edits(self) -> list[TextEdit]:
        """The edits that write the comments, in their order."""
        for request, codes in self._more.items():
            self.asking[merged(self._source, request, codes)] = request
        edits = [edit for edit in self.asking if edit.text]
        edits += [TextEdit(new.start, new.start, new.before + written(new.codes) + new.after) for new in self._new]
        return sorted(edits, key=lambda edit: (edit.start, edit.text.startswith(("\r", "\n"))))

    def _comment(self, place: int) -> _NewComment | None:
        """A new comment about an offset: at the end of its line, of another one of its statement, or above it."""
        source = self._source
        around = self._statements.around(place, place + 1)
        rows = [self._row(place)]
        for start, end in around:
            rows += [*range(rows[0] + 1, self._row(end) + 1), *range(self._row(start), rows[0])]
        for new in (*map(self._at_the_end, rows), *(self._above(start) for start, _ in around)):
            if new is not None and _covers(new.about, place) and not source.foreign(new.start):
                self._new.append(new)
                return new
        return None

    def _at_the_end(self, row: int) -> _NewComment | None:
        if row not in self._ends:
            return None
        start, end = self._source.line_span(self._source.offset(row, 0))
        line = self._source.data[start:end].rstrip()
        place = start + len(line)
        about = self._about(place, alone=self._ends[row])
        return _NewComment(place, "  " if line else "", "", about)

    def _about(self, start: int, *, alone: bool) -> list[tuple[int, int]]:
        """What a comment is to be about; where it follows another one that stands alone, that and no statement."""
        line, _ = self._source.line_span(start)
        found = self._statements.of_comment(start, alone=alone)
        return found[:1] if alone and self._source.data[line:start].strip() else found

    def _above(self, start: int) -> _NewComment | None:
        """A comment alone in the line above a statement that begins its line."""
        source = self._source
        line, _ = source.line_span(start)
        indent, _, before = source.data[line:start].decode("utf-8").partition("@")
        if indent.strip() or before.strip():
            return None
        about = [span for span in self._statements.around(start, start + 1) if span[0] == start]
        row = self._row(line)
        if row == 1 or row in source.first_rows:
            return _NewComment(line, indent, source.newline, about)
        return _NewComment(source.line_span(source.offset(row - 1, 0))[1], source.newline + indent, "", about)

    def _row(self, offset: int) -> int:
        return Text.position(self._source, offset)[0]


def _covers(about: Iterable[tuple[int, int]], place: int) -> bool:
    return any(start <= place < max(end, start + 1) for start, end in about)


def _offsets(source: Text, findings: Iterable[Finding]) -> dict[tuple[int, tuple[int, int]], int]:
    """Where findings begin in the text, by their cells and positions."""
    wanted = {(finding.cell, finding.location) for finding in findings}
    found = {}
    for offset in range(len(source.data) + 1):
        if source.data[offset : offset + 1] not in _CONTINUATION:
            place = source.cell(offset), source.position(offset)
            if place in wanted:
                found[place] = offset
    return found
