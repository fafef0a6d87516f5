"""Changing files as a command was told to, with a warning before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Sequence

from rehandle_codemods.cli import output
from rehandle_codemods.files.paths import git_root
from rehandle_codemods.findings import failed
from rehandle_codemods.progress import ProgressCallback, counted

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change
    from rehandle_codemods.engine.run import Outcome


def warn(message: str) -> None:
    """Print a warning on standard error."""
    output.show(f"warning: {message}\n", machine=False, to_stderr=True)


def warn_of_uncommitted(changes: Sequence[Change]) -> None:
    """Warn where files that are to change have changes that git doesn't have yet."""
    from rehandle_codemods.files import git

    roots: dict[str, list[str]] = {}
    for change in changes:
        root = git_root(os.path.dirname(os.path.abspath(change.filename)))
        roots.setdefault(root, []).append(change.filename)
    for root, paths in roots.items():
        found = git.uncommitted(root, paths) if root else []
        if found:
            shown = ", ".join(found[:3]) + (", ..." if found[3:] else "")
            message = "has changes that aren't committed, and they will be hard to tell from those of the rewrite"
            advice = "Commit them first, or silence this by --allow-dirty"
            warn(f"{root} {message}: {shown}. {advice}")


def write(outcome: Outcome, report_progress: ProgressCallback) -> Outcome:
    """Write the changes of a run; what can't be written is an error among the findings."""
    from rehandle_codemods.cli.uninterrupted import uninterrupted
    from rehandle_codemods.files.source import SourceError

    findings = outcome.findings
    for change in uninterrupted(counted("Writing", outcome.changes, report_progress)):
        try:
            change.write()
        except SourceError as error:
            findings = sorted(failed(change.filename, findings, str(error)))
    return outcome._replace(findings=findings)
