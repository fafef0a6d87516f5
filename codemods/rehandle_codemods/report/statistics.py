"""How many findings each rule has, one line each, the most first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rehandle_codemods import rules
from rehandle_codemods.findings import WORDS
from rehandle_codemods.report.text import closing

if TYPE_CHECKING:
    from rehandle_codemods.report import Report


def render(report: Report) -> str:
    """Count by rule and by what becomes of the places."""
    counts = Counter((finding.code, finding.status) for finding in report.outcome.findings)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    digits = len(str(rows[0][1])) if rows else 0
    known = rules.load()
    lines = [f"{count:>{digits}}  {code}  {WORDS[status]:<9}  {known[code].summary}" for (code, status), count in rows]
    return "".join(f"{line}\n" for line in [*lines, *closing(report)])
