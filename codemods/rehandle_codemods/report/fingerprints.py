"""Names for findings by which they are known again after other lines have changed."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from typing import TYPE_CHECKING, Iterator

from rehandle_codemods.files.lines import split

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.findings import Finding


def fingerprints(outcome: Outcome) -> Iterator[str]:
    """A name for each finding: by its rule, file and line of code, and its number among those that have them all.

    Args:
        outcome: the run.

    Yields:
        Hexadecimal digits, in the order of the findings, and then of those in older lines: they are counted too, so
        that a name is the same whatever is reported.
    """
    findings = [*outcome.findings, *outcome.older]
    names = dict(_named(outcome, sorted(range(len(findings)), key=lambda number: findings[number][:6]), findings))
    yield from (names[number] for number in range(len(findings)))


def _named(outcome: Outcome, order: list[int], findings: list[Finding]) -> Iterator[tuple[int, str]]:
    seen: Counter[str] = Counter()
    origin = ""
    lines: list[str] = []
    for number in order:
        finding = findings[number]
        if finding.origin != origin:
            origin, lines = finding.origin, split(outcome.sources.get(finding.origin, ""))
        row = finding.location[0]
        code = lines[row - 1].strip() if row <= len(lines) else ""
        place = "\0".join((finding.code, finding.filename.replace(os.sep, "/"), code))
        seen[place] += 1
        yield number, hashlib.sha256(f"{place}\0{seen[place]}".encode("utf-8", "surrogatepass")).hexdigest()
