"""One line for each finding, and one that sums up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehandle_codemods.report.text import closing, head

if TYPE_CHECKING:
    from rehandle_codemods.report import Report


def render(report: Report) -> str:
    """All findings, in their order."""
    lines = [head(finding, colour=report.colour) for finding in report.outcome.findings]
    return "".join(f"{line}\n" for line in [*lines, *closing(report)])
