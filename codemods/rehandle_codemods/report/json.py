"""A JSON array of objects in ruff's shape."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehandle_codemods.findings import Cause, Finding
    from rehandle_codemods.report import Report


def render(report: Report) -> str:
    """All findings, in their order."""
    return json.dumps([_object(finding) for finding in report.outcome.findings], indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "status": finding.status,
        "message": finding.message,
        "filename": finding.filename,
        "cell": finding.cell or None,
        "location": dict(zip(("row", "column"), finding.location)),
        "end_location": dict(zip(("row", "column"), finding.end_location)),
        "url": finding.url,
        "because": _because(finding.because),
        "new_code": finding.new_code and finding.new_code.line,
    }


def _because(cause: Cause | None) -> dict[str, object] | None:
    if cause is None:
        return None
    row, column = cause.location
    return {"filename": cause.filename, "cell": cause.cell or None, "row": row, "column": column, "code": cause.code}
