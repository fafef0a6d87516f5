"""How far a migration is: as a whole, by rule, by folder and by owner, as tables of HTML."""

from __future__ import annotations

import os
import re
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Callable, Iterable, Mapping, NamedTuple, Sequence
from urllib.parse import quote

from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, WORDS, Finding

if TYPE_CHECKING:
    from rehandle_codemods.report.codeowners import CodeOwners

MIGRATED = "migrated"
OLDER, OLDER_NOTE = "older", "older_note"
PARTS = {MIGRATED: "migrated", **WORDS, OLDER: "in older lines", OLDER_NOTE: "note in older lines"}
_PLURAL = {NOTE: "notes", ERROR: "errors", OLDER_NOTE: "notes in older lines"}
_LISTED = tuple(WORDS)
_ALWAYS = (MIGRATED, REWRITTEN, RUNTIME, LEFT)
"""These have a number also where it is 0."""
_MEASURED = (*_ALWAYS, OLDER)
"""What a share is of; notes and errors are about nothing that is to be migrated."""
NOBODY = "nobody"
"""Whose the files are that have no owner."""


class Tally(NamedTuple):
    """Numbers of places.

    Attributes:
        migrated: those that use Results.
        rewritten: those that `migrate` rewrites.
        runtime: those that it makes be converted at run time.
        left: those that it leaves.
        note: those that something is to be known of.
        error: what couldn't be processed.
        older: those that are to be migrated too, but aren't reported, as their lines are older.
        older_note: the same of notes.
    """

    migrated: int = 0
    rewritten: int = 0
    runtime: int = 0
    left: int = 0
    note: int = 0
    error: int = 0
    older: int = 0
    older_note: int = 0

    @classmethod
    def one(cls, finding: Finding, *, older: bool = False) -> Tally:
        """A finding, which may be in an older line."""
        return cls(**{(OLDER_NOTE if finding.status == NOTE else OLDER) if older else finding.status: 1})

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]  # no concatenation
        return Tally(*(one + two for one, two in zip(self, other)))

    @property
    def findings(self) -> int:
        """How many findings the list has of it."""
        return sum(getattr(self, name) for name in _LISTED)

    def measured(self, gone: Sequence[str] = ()) -> Tally:
        """What a share is of.

        Args:
            gone: statuses whose places are among the migrated ones by now.

        Returns:
            The numbers, with 0 for all that doesn't count.
        """
        return Tally(*(number if name in _MEASURED and name not in gone else 0 for name, number in zip(PARTS, self)))

    @property
    def percent(self) -> int:
        """How much is migrated, in hundredths, rounded down: 100 only where nothing is left to do."""
        return 100 * self.migrated // sum(self) if sum(self) else 100


class Progress:
    """Places that are migrated, and places that are to be."""

    def __init__(
        self,
        findings: Iterable[Finding],
        migrated: Mapping[tuple[str, str], int],
        owners: CodeOwners,
        gone: Sequence[str] = (),
        ignored: int = 0,
        older: Iterable[Finding] = (),
    ) -> None:
        """Count.

        Args:
            findings: what a run found.
            migrated: the numbers of places that use Results, by file and rule.
            owners: who owns a file.
            gone: statuses whose places are migrated by now: their findings count, and no share is of them.
            ignored: how many places the settings ignore, which are in none of the other numbers.
            older: what is said of older lines: the list hasn't it.
        """
        self._owners = owners
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._gone = gone
        self.ignored = ignored
        for finding in findings:
            self._count((finding.filename, finding.code), Tally.one(finding))
        for finding in older:
            self._count((finding.filename, finding.code), Tally.one(finding, older=True))
        for place, number in migrated.items():
            self._count(place, Tally(migrated=number))

    def _count(self, place: tuple[str, str], tally: Tally) -> None:
        self._tallies[place] = self._tallies.get(place, Tally()) + tally

    def _by(self, groups: Callable[[str, str], Iterable[str]]) -> dict[str, Tally]:
        found: dict[str, Tally] = {}
        for (filename, code), tally in self._tallies.items():
            for group in groups(filename, code):
                found[group] = found.get(group, Tally()) + tally
        return dict(sorted(found.items()))

    def rules(self) -> dict[str, Tally]:
        """The numbers by rule."""
        return self._by(lambda filename, code: [code])

    def folders(self) -> dict[str, Tally]:
        """The numbers by folder, those of its folders included; no folder that has just one folder in it."""
        found = self._by(lambda filename, code: _above(filename))
        own = self._by(lambda filename, code: [_above(filename)[-1]])
        children = Counter(os.path.dirname(folder) for folder in found if folder != os.path.dirname(folder))
        return {folder: tally for folder, tally in found.items() if folder in own or children[folder] != 1}

    def owners(self) -> dict[str, Tally]:
        """The numbers by owner: a place counts for each owner of its file."""
        return self._by(lambda filename, code: self._owners.of(filename) or [NOBODY])

    # HTML

    def summary(self) -> str:
        """The whole in one bar."""
        tally = sum(self._tallies.values(), Tally())
        shown = ""
        for name, number in zip(PARTS, tally):
            if number or name in _ALWAYS:
                noun = _PLURAL.get(name, PARTS[name]) if number != 1 else PARTS[name]
                text = f"<b>{number:,}</b> {noun}"
                inside = f'<a href="#status={name}">{text}</a>' if name in _LISTED else f"<span>{text}</span>"
                shown += f'<li class="{name}">{inside}</li>'
        if self.ignored:
            shown += f'<li class="{NOTE}"><span><b>{self.ignored:,}</b> ignored, not counted</span></li>'
        measured = tally.measured(self._gone)
        return (
            f'<p class="percent"><b>{measured.percent}<small>&#8239;%</small></b> migrated</p>{_bar(measured)}'
            f'<ul class="legend">{shown}</ul>'
        )

    def tables(self) -> str:
        """A table for each way to group."""
        from rehandle_codemods import rules

        known = rules.load()
        ruled = [(f"{code} {known[code].summary}", f"rule={code}", tally) for code, tally in self.rules().items()]
        folders = self.folders()
        nested = [(f"{folder or '.'}{os.sep}", f"folder={_quoted(folder)}", tally) for folder, tally in folders.items()]
        tables = [self._table("By rule", "Rule", ruled)]
        if len(nested) > 1:
            tables.append(self._table("By folder", "Folder", nested, "A folder's numbers hold those of its folders."))
        if self._owners:
            owned = [(owner, f"owner={_quoted(owner)}", tally) for owner, tally in self.owners().items()]
            tables.append(self._table("By owner", "Owner", owned, "A place counts for each owner of its file."))
        return "".join(tables)

    def _table(self, title: str, what: str, rows: Sequence[tuple[str, str, Tally]], hint: str = "") -> str:
        columns = _columns(tally for _, _, tally in rows)
        body = "".join(
            f'<tr><th scope="row"><a href="#{escape(link)}">{_with_code(name)}</a></th>'
            f"{_share(tally.measured(self._gone))}{numbers(tally, columns)}</tr>"
            for name, link, tally in rows
        )
        return table(title, hint, (what, "Progress"), columns, body)


def _columns(tallies: Iterable[Tally]) -> list[str]:
    """The parts that have a column: notes and errors where there are any."""
    total = sum(tallies, Tally())
    return [name for name, number in zip(PARTS, total) if number or name in _ALWAYS]


def _share(measured: Tally) -> str:
    percent = f"{measured.percent}&#8239;%" if sum(measured) else ""
    return f'<td class="share"><span class="of">{percent}</span>{_bar(measured) if percent else ""}</td>'


def numbers(tally: Tally, columns: Iterable[str]) -> str:
    """The cells of a row for its numbers, and for how many findings the list has of it."""
    cells = [*((PARTS[name], getattr(tally, name)) for name in columns), ("findings", tally.findings)]
    return "".join(
        f'<td class="number{"" if number else " zero"}" data-name="{name}">{number or "·"}</td>'
        for name, number in cells
    )


def table(title: str, hint: str, heads: Iterable[str], columns: Iterable[str], body: str) -> str:
    """A table that can be sorted, and folded away.

    Args:
        title: what it is called.
        hint: what is to be known of its numbers; may be empty.
        heads: the names of its first columns.
        columns: the parts that have a column.
        body: its rows, as HTML.

    Returns:
        The element.
    """
    shown = "".join(f'<th scope="col">{head}</th>' for head in heads)
    shown += "".join(f'<th scope="col" class="number">{PARTS[name]}</th>' for name in columns)
    said = f"<p>{escape(hint)}</p>" if hint else ""
    return (
        f'<details open><summary><h3>{title}</h3></summary>{said}<div class="scroll" tabindex="0"><table>'
        f'<thead><tr>{shown}<th scope="col" class="number">findings</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _above(filename: str) -> list[str]:
    """The folders that a file is in, from the outermost on."""
    folders = [os.path.dirname(filename)]
    while folders[-1] and os.path.dirname(folders[-1]) != folders[-1]:
        folders.append(os.path.dirname(folders[-1]))
    return folders[::-1]


def _quoted(text: str) -> str:
    return quote(text.replace(os.sep, "/"), safe="/@", errors="surrogatepass")


def _with_code(text: str) -> str:
    """A text in which backticks mark code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))


def _bar(tally: Tally) -> str:
    """A bar whose parts are as long as the numbers are large."""
    total = sum(tally)
    parts = []
    start = 0.0
    for name, number in zip(PARTS, tally):
        if number:
            width = 100 * number / total
            # Attributes, because the page's policy forbids inline styles.
            box = f'x="{start:.3f}%" width="{width:.3f}%" height="100%"'
            parts.append(f'<rect class="{name}" {box}><title>{number} {PARTS[name]}</title></rect>')
            start += width
    said = ", ".join(f"{number} {PARTS[name]}" for name, number in zip(PARTS, tally) if number)
    return f'<svg class="bar" role="img" aria-label="{said or "nothing"}">{"".join(parts)}</svg>'
