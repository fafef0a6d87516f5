"""Findings and changes as text, JSON and patches."""

from __future__ import annotations

from typing import Iterator, Sequence

from rehandle_codemods.engine import Change, Outcome
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, Finding


def as_json(findings: Sequence[Finding]) -> str:
    """Findings as a JSON array of objects in ruff's shape."""
    import json

    return json.dumps([_object(finding) for finding in findings], indent=2, ensure_ascii=False)


def _object(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "status": finding.status,
        "message": finding.message,
        "filename": finding.filename,
        "location": dict(zip(("row", "column"), finding.location)),
        "end_location": dict(zip(("row", "column"), finding.end_location)),
        "url": finding.url,
    }


def line(finding: Finding) -> str:
    """A finding as one line of text."""
    row, column = finding.location
    status = "" if finding.status == ERROR else f" [{finding.status}]"
    return f"{finding.filename}:{row}:{column}: {finding.code}{status} {finding.message}"


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
    if not outcome.files:
        return f"No Python files found.{tail}"
    if not outcome.places:
        return f"Nothing to migrate in {_plural(outcome.files, 'file')}.{tail}"
    files = len({finding.filename for finding in accounting})
    would = "" if done else "would be "
    return (
        f"{_plural(outcome.places, 'place')} in {_plural(files, 'file')}: {counts[REWRITTEN]} {would}rewritten, "
        f"{counts[RUNTIME]} {would}converted at run time, {counts[LEFT]} left, {_plural(counts[NOTE], 'note')}.{tail}"
    )


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def patch(change: Change) -> Iterator[str]:
    """A change as the lines of a unified diff that `git apply` takes."""
    import difflib

    name = change.filename.replace("\\", "/").lstrip("/")
    before, after = _git_lines(change.before), _git_lines(change.after)
    yield f"diff --git a/{name} b/{name}\n"
    for text in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        if text.endswith("\n"):
            yield text
        else:
            yield text + "\n"
            yield "\\ No newline at end of file\n"


def _git_lines(text: str) -> list[str]:
    """Split as git does: a carriage return alone ends no line."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
