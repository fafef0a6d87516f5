"""Text for a person: each finding with its line of code, and one line that sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import click

from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, WORDS, Finding

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.report import Report

_COLOURS = {REWRITTEN: "green", RUNTIME: "cyan", LEFT: "yellow", NOTE: "blue", ERROR: "red"}


def render(report: Report) -> str:
    """All findings, in their order, those of a file together."""
    import itertools

    outcome = report.outcome
    parts: list[str] = []
    for origin, found in itertools.groupby(outcome.findings, lambda finding: finding.origin):
        parts += _file(list(found), outcome.sources.get(origin, ""), colour=report.colour)
        parts.append("")
    return "".join(f"{part}\n" for part in [*parts, *closing(report)])


def closing(report: Report) -> list[str]:
    """What is to be decided, what sums up, and what to type next, unless the report is to be quiet."""
    if report.quiet:
        return []
    decide = causes(report.outcome.findings, report.outcome.older, colour=report.colour)
    lines = [*decide, *([""] if decide else []), summary(report.outcome, done=report.done)]
    return [*lines, *report.outcome.closing, *_next(report)]


def _next(report: Report) -> list[str]:
    if report.typed is None:
        return []
    from rehandle_codemods.report.next_command import next_command

    line = next_command(report.outcome, report.typed)
    return [click.style(line, bold=True) if report.colour else line] if line else []


def causes(findings: Sequence[Finding], older: Sequence[Finding] = (), *, colour: bool = False) -> list[str]:
    """What of that which is left others follow from, the most first.

    Args:
        findings: all findings of a run.
        older: those that aren't reported, as they are in older lines: reported ones may follow from them.
        colour: whether it is for a terminal that shows colours.

    Returns:
        The lines, without their ends; none where nothing that is left follows from anything.
    """
    if not findings:
        return []
    from rehandle_codemods.report.causes import groups

    found = sorted((group for group in groups(findings, older) if group.left), key=lambda group: -group.left)
    if not found:
        return []
    heads = {group.head for group in found}
    alone = sum(each.status == LEFT and each.because is None and each not in heads for each in findings)
    others = f" {_plural(alone, 'other')} {'stands' if alone == 1 else 'stand'} alone." if alone else ""
    these = "this" if len(found) == 1 else f"these {len(found)}"
    follow = sum(group.left for group in found)
    more = "1 more follows" if follow == 1 else f"{follow} more follow"
    digits = len(str(found[0].left))
    unreported = set(older)
    lines = [
        f"{group.left:>{digits + 2}} more: {head(group.head, colour=colour)}"
        f"{' (in an older line)' if group.head in unreported else ''}"
        for group in found
    ]
    return [f"Decide {these}, and {more}.{others}", *lines]


def _file(findings: list[Finding], source: str, *, colour: bool) -> list[str]:
    from rehandle_codemods.files.lines import split
    from rehandle_codemods.report.excerpt import excerpt, new_line

    lines = split(source)
    digits = len(str(max(finding.location[0] for finding in findings)))
    parts = []
    for finding in findings:
        parts.append(head(finding, colour=colour))
        parts += excerpt(lines, finding, digits, _COLOURS[finding.status] if colour else None)
        if finding.new_code is not None:
            parts.append(new_line(finding.new_code, digits, by_hand=finding.status == LEFT, colour=colour))
    return parts


def head(finding: Finding, *, colour: bool = False) -> str:
    """A finding as one line.

    Args:
        finding: the finding.
        colour: whether it is for a terminal that shows colours.

    Returns:
        The line, without its end.
    """
    from rehandle_codemods.report.excerpt import printable

    row, column = finding.location
    place, code = f"{printable(finding.origin)}:{row}:{column}:", finding.code
    status = "" if finding.status == ERROR else f" [{WORDS[finding.status]}]"
    if colour:
        place = click.style(place, bold=True)
        code = click.style(code, fg=_COLOURS[finding.status], bold=True)
        status = click.style(status, fg=_COLOURS[finding.status])
    return f"{place} {code}{status} {printable(finding.message)}"


def summary(outcome: Outcome, *, done: bool) -> str:
    """One line whose sums add up.

    Args:
        outcome: the run.
        done: whether the changes were written.

    Returns:
        The line.
    """
    counts = dict.fromkeys((REWRITTEN, RUNTIME, LEFT, NOTE), 0)
    accounting = [finding for finding in outcome.findings if finding.accounts]
    for finding in accounting:
        counts[finding.status] += 1
    errors = sum(finding.status == ERROR for finding in outcome.findings)
    remarks = sum(finding.remark for finding in outcome.findings)
    tail = f" {_plural(remarks, 'remark')}." if remarks else ""
    tail += f" {_plural(errors, 'error')}." if errors else ""
    ignored = sum(finding.accounts for finding in outcome.ignored)
    older = sum(finding.accounts for finding in outcome.older)
    if not outcome.files:
        return f"No Python files found.{tail}"
    if not outcome.places:
        # What an error kept from being looked at may have something.
        nothing = "Nothing found to migrate" if errors else "Nothing to migrate"
        return f"{nothing} in {_plural(outcome.files, 'file')}.{tail}"
    files = len({finding.filename for finding in [*accounting, *outcome.ignored, *outcome.older]})
    would = "" if done else "would be "
    return (
        f"{_plural(outcome.places, 'place')} in {_plural(files, 'file')}: {counts[REWRITTEN]} {would}"
        f"{WORDS[REWRITTEN]}, {counts[RUNTIME]} {WORDS[RUNTIME]}, {counts[LEFT]} {WORDS[LEFT]}, "
        f"{_plural(counts[NOTE], WORDS[NOTE])}"
        f"{f', {ignored} ignored' if ignored else ''}{f', {older} in older lines' if older else ''}.{tail}"
    )


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
