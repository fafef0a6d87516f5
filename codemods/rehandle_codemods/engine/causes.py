"""Which findings follow from which: what is decided by itself, and what goes with it."""

from __future__ import annotations

import bisect
from collections import defaultdict
from functools import partial
from typing import Iterable, Sequence

from rehandle_codemods.engine.decide import Stays
from rehandle_codemods.findings import ERROR, LEFT, RUNTIME, Finding, Region

_CLASS = "RH204"


def with_causes(findings: Sequence[Finding], stays: Stays) -> list[Finding]:
    """Let findings that have one cause point to one of them.

    That is the finding at the cause, if there is one there. Otherwise it is the first that names the cause.

    Args:
        findings: all findings.
        stays: why some of them aren't rewritten.

    Returns:
        The findings. Each that follows from another one names that, and has its own advice.
    """
    above = _Above(findings, stays)
    return [_following(finding, above.head(finding), stays) for finding in findings]


def _following(finding: Finding, head: Finding, stays: Stays) -> Finding:
    if head is finding:
        return finding
    how, reason = stays[finding]
    message = f"because of {head.cause}, {how}" + (f". {reason.advice}" if reason.advice else "")
    return finding._replace(message=message, because=head.cause)


class _Above:
    """Which finding each one follows from."""

    def __init__(self, findings: Iterable[Finding], stays: Stays) -> None:
        self._stays = stays
        self._in_file: dict[tuple[str, int], list[Finding]] = defaultdict(list)
        self._first: dict[Region, Finding] = {}
        staying = [finding for finding in findings if finding.status in (LEFT, RUNTIME, ERROR)]
        for finding in sorted(staying, key=lambda finding: finding.location):
            self._in_file[finding.filename, finding.cell].append(finding)
        for finding in staying:
            cause = stays[finding][1].cause if finding in stays else None
            if cause is not None:
                self._first[cause] = min(finding, self._first.get(cause, finding), key=partial(_order, cause=cause))

    def head(self, finding: Finding) -> Finding:
        """The finding that one follows from, in the end; itself where it is decided by itself."""
        seen = [finding]
        while True:
            above = self._above(seen[-1])
            if above in seen:  # several wait for each other: any may be decided first, and the first in order is said
                return min(seen[seen.index(above) :], key=_order)
            seen.append(above)

    def _above(self, finding: Finding) -> Finding:
        how, reason = self._stays.get(finding, (None, None))
        if how is None or reason is None or reason.cause is None:
            return finding
        return self._at(reason.cause) or self._first.get(reason.cause, finding)

    def _at(self, cause: Region) -> Finding | None:
        """The finding at a cause: that which begins with it, else the first inside."""
        found = self._in_file.get((cause.filename, cause.cell), [])
        first = bisect.bisect_left(found, cause.location, key=lambda finding: finding.location)
        inside = first < len(found) and found[first].location <= cause.end_location
        return found[first] if inside else None


def _order(finding: Finding, cause: Region | None = None) -> tuple[object, ...]:
    """What is to be decided first: what is left before what runs, classes before others, and what is near the cause."""
    elsewhere = cause is not None and finding.filename != cause.filename
    return finding.status != LEFT, finding.code != _CLASS, elsewhere, finding
