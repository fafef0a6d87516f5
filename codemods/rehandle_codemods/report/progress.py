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
_PARTS = {MIGRATED: "migrated", **{status: WORDS[status] for status in (REWRITTEN, RUNTIME, LEFT)}}
NOBODY = "nobody"
"""Whose the files are that have no owner."""


class Tally(NamedTuple):
    """Numbers of places.

    Attributes:
        migrated: those that use Results.
        rewritten: those that `migrate` rewrites.
        runtime: those that it makes be converted at run time.
        left: those that it leaves.
    """

    migrated: int = 0
    rewritten: int = 0
    runtime: int = 0
    left: int = 0

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]  # no concatenation
        return Tally(*(one + two for one, two in zip(self, other)))

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
    ) -> None:
        """Count.

        Args:
            findings: what a run found.
            migrated: the numbers of places that use Results, by file and rule.
            owners: who owns a file.
            gone: statuses whose places aren't any more.
            ignored: how many places the settings ignore, which are in none of the other numbers.
        """
        self._owners = owners
        self._tallies: dict[tuple[str, str], Tally] = {}
        self.ignored = ignored
        self.notes = 0
        self.errors = 0
        for finding in findings:
            self.notes += finding.status == NOTE
            self.errors += finding.status == ERROR
            if finding.accounts and finding.status != NOTE and finding.status not in gone:
                self._count((finding.filename, finding.code), Tally(**{finding.status: 1}))
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
        shown = "".join(
            f'<li class="{name}"><a href="#status={name}"><b>{number:,}</b> {_PARTS[name]}</a></li>'
            if name != MIGRATED
            else f'<li class="{name}"><span><b>{number:,}</b> {_PARTS[name]}</span></li>'
            for name, number in zip(_PARTS, tally)
        )
        for name, number in ((NOTE, self.notes), (ERROR, self.errors)):
            if number:
                noun = WORDS[name] if number == 1 else f"{WORDS[name]}s"
                shown += f'<li class="{name}"><a href="#status={name}"><b>{number:,}</b> {noun}</a></li>'
        if self.ignored:
            shown += f'<li class="{NOTE}"><span><b>{self.ignored:,}</b> ignored, not counted</span></li>'
        return (
            f'<p class="percent"><b>{tally.percent}<small>&#8239;%</small></b> migrated</p>{_bar(tally)}'
            f'<ul class="legend">{shown}</ul>'
        )

    def tables(self) -> str:
        """A table for each way to group."""
        from rehandle_codemods import rules

        known = rules.load()
        ruled = [(f"{code} {known[code].summary}", f"rule={code}", 0, tally) for code, tally in self.rules().items()]
        folders = self.folders()
        nested = []
        for folder, tally in folders.items():
            above = [other for other in _above(os.path.join(folder, "x"))[:-1] if other in folders]
            name = os.path.relpath(folder, above[-1]) if above and above[-1] else folder
            nested.append((f"{name or '.'}{os.sep}", f"folder={_quoted(folder)}", len(above), tally))
        tables = [_table("By rule", "Rule", ruled)]
        if len(nested) > 1:
            tables.append(_table("By folder", "Folder", nested))
        if self._owners:
            owned = [(owner, f"owner={_quoted(owner)}", 0, tally) for owner, tally in self.owners().items()]
            hint = "A place counts for each owner of its file."
            tables.append(_table("By owner", "Owner", owned, hint))
        return "".join(tables)


def _above(filename: str) -> list[str]:
    """The folders that a file is in, from the outermost on."""
    folders = [os.path.dirname(filename)]
    while folders[-1] and os.path.dirname(folders[-1]) != folders[-1]:
        folders.append(os.path.dirname(folders[-1]))
    return folders[::-1]


def _quoted(text: str) -> str:
    return quote(text.replace(os.sep, "/"), safe="/@", errors="surrogatepass")


def _table(title: str, what: str, rows: Sequence[tuple[str, str, int, Tally]], hint: str = "") -> str:
    heads = "".join(f'<th scope="col" class="number">{escape(part)}</th>' for part in _PARTS.values())
    body = "".join(
        f'<tr><th scope="row" class="depth{min(depth, 6)}"><a href="#{escape(link)}">{_with_code(name)}</a></th>'
        f'<td class="share"><span class="of">{tally.percent}&#8239;%</span>{_bar(tally)}</td>'
        + "".join(f'<td class="number">{number or "·"}</td>' for number in tally)
        + "</tr>"
        for name, link, depth, tally in rows
    )
    shown = f"<p>{escape(hint)}</p>" if hint else ""
    return (
        f'<details open><summary><h3>{title}</h3></summary>{shown}<div class="scroll" tabindex="0"><table>'
        f'<thead><tr><th scope="col">{what}</th><th scope="col">Progress</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _with_code(text: str) -> str:
    """A text in which backticks mark code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))


def _bar(tally: Tally) -> str:
    """A bar whose parts are as long as the numbers are large."""
    total = sum(tally)
    parts = []
    start = 0.0
    for name, number in zip(_PARTS, tally):
        if number:
            width = 100 * number / total
            # Attributes, because the page's policy forbids inline styles.
            box = f'x="{start:.3f}%" width="{width:.3f}%" height="100%"'
            parts.append(f'<rect class="{name}" {box}><title>{number} {_PARTS[name]}</title></rect>')
            start += width
    said = ", ".join(f"{number} {_PARTS[name]}" for name, number in zip(_PARTS, tally) if number)
    return f'<svg class="bar" role="img" aria-label="{said or "nothing"}">{"".join(parts)}</svg>'
