"""Going through the changes one by one, as `git add --patch` does."""

from __future__ import annotations

import ast
import difflib
import sys
from typing import Callable, Iterator, NamedTuple, Sequence

import click

from rehandle_codemods.engine.changes import Change
from rehandle_codemods.engine.large_stack import with_large_stack
from rehandle_codemods.engine.run import Declined, Outcome
from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.lines import blocks, split, with_ends
from rehandle_codemods.report.excerpt import printable

HELP = """\
y - make this change
n - leave it, and all that belongs to it
a - make this change and all later ones in the file
d - leave this change and all later ones in the file
q - leave this change and all later ones
? - print this help
"""
_CONTEXT = 3
_COLOURS = {"+": "green", "-": "red"}


class Hunk(NamedTuple):
    """One change of adjacent lines.

    Attributes:
        filename: the file, as it is shown.
        first: the first line that changes, from 1.
        end: the line after the last one; the same where lines are only inserted.
        old: the lines as they are.
        new: the lines as they would be.
        carried: the changes of imports before it.
    """

    filename: str
    first: int
    end: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    carried: tuple[Hunk, ...] = ()


def hunks(change: Change) -> list[Hunk]:
    """The changes of a file. Those of imports follow from others: they come with the next one."""
    before, after = with_ends(change.before), with_ends(change.after)
    edits = blocks(before, after)
    unasked: tuple[set[int], set[int]] = set(), set()
    if is_python(change.filename):
        unasked = with_large_stack(lambda: (_import_lines(change.before), _import_lines(change.after)))
    else:
        # A notebook's lines aren't those of its code: it changes as a whole.
        edits = [((edits[0][0][0], edits[-1][0][1]), (edits[0][1][0], edits[-1][1][1]))]
    found: list[Hunk] = []
    carried: list[Hunk] = []
    for (start, end), (first, last) in edits:
        hunk = Hunk(change.filename, start + 1, end + 1, tuple(before[start:end]), tuple(after[first:last]))
        if unasked[0].issuperset(range(start, end)) and unasked[1].issuperset(range(first, last)):
            carried.append(hunk)
        else:
            found.append(hunk._replace(carried=tuple(carried)))
            carried = []
    if carried:
        found.append(found.pop()._replace(carried=tuple(carried)) if found else carried.pop())
    return found


def _import_lines(text: str) -> set[int]:
    """The lines, counted from 0, that hold nothing, or nothing but imports."""
    found = {number for number, line in enumerate(split(text)) if not line.strip()}
    others = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(range(node.lineno - 1, node.end_lineno or node.lineno))
        elif isinstance(node, ast.stmt):
            others.add(node.lineno - 1)
            if not hasattr(node, "body"):
                others.add((node.end_lineno or node.lineno) - 1)
    return found - others


def choose(outcome: Outcome, rerun: Callable[[Sequence[Declined]], Outcome], *, colour: bool) -> Outcome:
    """Ask about each change.

    What belongs to a change that is left is left as well, so that no file is half rewritten; and where that makes
    another change different, it is asked about again.

    Args:
        outcome: what would change.
        rerun: finds out again what would change, without some of it.
        colour: whether changes are shown in colours.

    Returns:
        What changes: every hunk of it was accepted.
    """
    asked = _Questions(colour)
    declined: list[Declined] = []
    refused: set[Hunk] = set()
    while True:
        every = [(change, hunk) for change in outcome.changes for hunk in hunks(change)]
        asked.accepted = _still_there(asked.accepted, {hunk._replace(carried=()) for _, hunk in every})
        answers = list(asked.go_through(every))
        if not answers:
            return outcome
        for hunk in answers:
            if hunk in refused:  # it is needed by something that its own lines don't show
                declined.append(Declined(hunk.filename, 1, 1_000_000_000))
            else:
                declined.append(Declined(hunk.filename, hunk.first, max(hunk.end, hunk.first + 1)))
        refused.update(answers)
        outcome = rerun(declined)


def _still_there(accepted: set[Hunk], every: set[Hunk]) -> set[Hunk]:
    gone = accepted - every
    if gone:
        places = ", ".join(f"{printable(hunk.filename)}:{hunk.first}" for hunk in sorted(gone))
        click.echo(f"It belongs to what you left, so it is left too, or asked about again: {places}\n")
    return accepted & every


class _Questions:
    """What was asked and answered.

    Attributes:
        accepted: the changes to make.
    """

    def __init__(self, colour: bool) -> None:
        self.accepted: set[Hunk] = set()
        self._files: dict[str, str] = {}
        self._quit = False
        self._colour = colour

    def go_through(self, every: Sequence[tuple[Change, Hunk]]) -> Iterator[Hunk]:
        """Ask about what hasn't been accepted, and give what is to be left."""
        new = [(change, hunk) for change, hunk in every if hunk._replace(carried=()) not in self.accepted]
        for number, (change, hunk) in enumerate(new, 1):
            if self._answer(change, hunk, f"({number}/{len(new)})") == "y":
                self.accepted.add(hunk._replace(carried=()))
            else:
                yield hunk

    def _answer(self, change: Change, hunk: Hunk, count: str) -> str:
        if self._quit:
            return "n"
        if hunk.filename in self._files:
            return self._files[hunk.filename]
        for line in _shown(change, hunk):
            click.echo(click.style(line, fg=_COLOURS.get(line[0])) if self._colour else line, color=self._colour)
        answer = self._ask(f"{count} Make this change [y,n,a,d,q,?]? ")
        if answer in ("a", "d"):
            self._files[hunk.filename] = answer = "y" if answer == "a" else "n"
        self._quit = answer == "q"
        return answer

    def _ask(self, question: str) -> str:
        while True:
            click.echo(click.style(question, bold=True) if self._colour else question, nl=False, color=self._colour)
            line = sys.stdin.readline() if sys.stdin is not None else ""
            if not line:  # the end of the input
                click.echo()
                return "q"
            answer = line.strip().lower()[:1]
            if answer and answer in "ynadq":
                return answer
            click.echo(HELP, nl=False)


def _shown(change: Change, hunk: Hunk) -> Iterator[str]:
    """A change with the lines round it, and with the imports that come with it."""
    before = with_ends(change.before)
    yield f"{printable(hunk.filename)}:{hunk.first}"
    for part in (*hunk.carried, hunk):
        start, end = part.first - 1, part.end - 1
        lines = [(" ", line) for line in before[max(start - _CONTEXT, 0) : start]]
        changed = list(difflib.unified_diff(part.old, part.new, n=_CONTEXT))[2:]
        lines += [(line[0], line[1:]) for line in changed if not line.startswith("@@")]
        lines += [(" ", line) for line in before[end : end + _CONTEXT]]
        yield f"@@ line {part.first} @@"
        for mark, line in lines:
            yield mark + "\t".join(map(printable, line.rstrip("\r\n").split("\t")))
