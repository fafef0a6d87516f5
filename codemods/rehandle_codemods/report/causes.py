"""The findings that others follow from, the most first."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import Iterable, Mapping, NamedTuple, Sequence

from rehandle_codemods.findings import LEFT, Cause, Finding


class Group(NamedTuple):
    """A finding, and those that follow from it.

    Attributes:
        head: what is to be decided.
        followers: what goes with it, in its order.
    """

    head: Finding
    followers: tuple[Finding, ...]

    @property
    def left(self) -> int:
        """How many of those that follow are to be changed by hand."""
        return self.count(LEFT)

    def count(self, status: str) -> int:
        """How many of those that follow have a status."""
        return sum(finding.status == status for finding in self.followers)


def groups(findings: Iterable[Finding], older: Iterable[Finding] = ()) -> list[Group]:
    """The findings that others follow from, those with the most first.

    Args:
        findings: all findings of a run.
        older: those that aren't reported; others may follow from them.

    Returns:
        Each with what follows from it. What nothing follows from isn't among them.
    """
    followers: dict[Cause, list[Finding]] = defaultdict(list)
    heads: dict[Cause, Finding] = {}
    for finding in findings:
        if finding.because is not None:
            followers[finding.because].append(finding)
        else:
            heads.setdefault(finding.cause, finding)
    for finding in older:
        if finding.because is None:
            heads.setdefault(finding.cause, finding)
    found = [Group(heads[cause], tuple(rest)) for cause, rest in followers.items()]
    return sorted(found, key=lambda group: (-len(group.followers), group.head))


def table(found: Sequence[Group], ids: Mapping[Cause, str], older: Iterable[Finding] = ()) -> str:
    """A table of HTML.

    Args:
        found: the findings that others follow from.
        ids: what they are called in the page.
        older: those that aren't reported.

    Returns:
        The table; nothing where nothing follows from anything.
    """
    from rehandle_codemods.report import progress

    if not found:
        return ""
    unreported = set(older)
    tallies = [
        sum((progress.Tally.one(each, older=each in unreported) for each in group), progress.Tally())
        for group in map(_all, found)
    ]
    columns = [part for part in progress.PARTS if any(getattr(tally, part) for tally in tallies)]
    rows = "".join(
        f'<tr><th scope="row"><a href="#cause={ids[group.head.cause]}">{escape(str(group.head.cause))}</a></th>'
        f'<td class="says">{escape(group.head.message)}</td>{progress.numbers(tally, columns)}</tr>'
        for group, tally in zip(found, tallies)
    )
    hint = "Decide these first, and the others follow. The numbers are of a cause and what follows from it."
    return progress.table("By cause", hint, ("Cause", "What it says"), columns, rows)


def _all(group: Group) -> list[Finding]:
    return [group.head, *group.followers]
