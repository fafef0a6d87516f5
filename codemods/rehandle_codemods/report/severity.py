"""How much a finding matters, in the words that SARIF and GitHub share."""

from __future__ import annotations

from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, Finding

FAILURE = "error"
OPEN = "warning"
REMARK = "note"

_SEVERITIES = {ERROR: FAILURE, LEFT: OPEN, REWRITTEN: OPEN, RUNTIME: OPEN, NOTE: REMARK}


def severity(finding: Finding, *, done: bool) -> str:
    """How much a finding matters.

    Args:
        finding: the finding.
        done: whether the changes were written: what was rewritten is only told of then.

    Returns:
        FAILURE, OPEN or REMARK.
    """
    if done and finding.status in (REWRITTEN, RUNTIME):
        return REMARK
    return _SEVERITIES[finding.status]
