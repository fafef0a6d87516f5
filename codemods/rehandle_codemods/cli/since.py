"""`--since`: what stands in lines that haven't changed isn't reported."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Iterable, Mapping, Sequence

import click

from rehandle_codemods.files.changed_lines import Base, Lines, RevisionError, base, changed_lines
from rehandle_codemods.files.paths import git_root
from rehandle_codemods.findings import ERROR, Finding

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.files.source import Text


def asked(revision: str, paths: Sequence[str], contents: Mapping[str, bytes]) -> Since:
    """What `--since` asks for.

    Args:
        revision: as it was typed.
        paths: the files and folders of the run.
        contents: what standard input gives, by its path.

    Returns:
        The revision, which is there.

    Raises:
        ClickException: it isn't, or there is nothing to compare.
    """
    if contents:
        raise click.UsageError("--since compares files on disk, and - is standard input: leave out one of them")
    return Since(revision, paths)


class Since:
    """A revision, and the lines of the work trees of a run that have changed since."""

    def __init__(self, revision: str, paths: Sequence[str]) -> None:
        """Look for the revision, before the work whose report it is for.

        Args:
            revision: as it was typed.
            paths: the files and folders of the run.

        Raises:
            ClickException: they aren't all in git work trees that have it.
        """
        self._revision = revision
        self._bases: dict[str, Base] = {}
        for path in paths:
            self._base(path)

    def _base(self, path: str) -> Base:
        real = os.path.realpath(path)
        folder = real if os.path.isdir(real) else os.path.dirname(real)
        root = git_root(folder)
        if not root:
            advice = "Leave out --since, or name what is in one"
            raise click.ClickException(f"--since {self._revision}: {path} isn't in a git repository. {advice}")
        try:
            if root not in self._bases:
                self._bases[root] = base(root, self._revision)
        except RevisionError as error:
            raise click.ClickException(f"--since {self._revision}: {error}") from None
        return self._bases[root]

    def filtered(self, outcome: Outcome) -> Outcome:
        """Take what stands in older lines out of the findings; errors stay.

        Args:
            outcome: what a run found.

        Returns:
            The outcome; what was taken out is `older`.

        Raises:
            ClickException: git can't compare the files.
        """
        lines = self._lines(finding.filename for finding in outcome.findings if finding.status != ERROR)
        texts: dict[str, Text | None] = {}
        reported: list[Finding] = []
        older: list[Finding] = []
        for finding in outcome.findings:
            stays = finding.status == ERROR or _is_in(finding, lines[finding.filename], texts)
            (reported if stays else older).append(finding)
        return outcome._replace(findings=reported, older=older)

    def _lines(self, filenames: Iterable[str]) -> dict[str, Lines]:
        """The changed lines of files, by their paths as they are shown."""
        by_base: dict[Base, dict[str, str]] = defaultdict(dict)
        for filename in dict.fromkeys(filenames):
            by_base[self._base(filename)][filename] = os.path.realpath(filename)
        found: dict[str, Lines] = {}
        for since, paths in by_base.items():
            try:
                lines = changed_lines(since, list(paths.values()))
            except RevisionError as error:
                raise click.ClickException(f"--since {self._revision}: {error}") from None
            found.update({filename: lines[path] for filename, path in paths.items()})
        return found


def _is_in(finding: Finding, lines: Lines, texts: dict[str, Text | None]) -> bool:
    """Whether a finding's place is in some lines, or a part of it."""
    if not lines:
        return False
    (first, _), (last, column) = finding.location, finding.end_location
    if column == 1 and last > first:  # it ends with the line before
        last -= 1
    if finding.filename not in texts:
        texts[finding.filename] = _text(finding)
    text = texts[finding.filename]
    if text is None:
        return True
    start, end = text.file_lines(finding.cell, first, last)
    return any(part.start <= end and start < part.stop for part in lines)


def _text(finding: Finding) -> Text | None:
    """The file that a finding is in; None where it can't be read any more: all of it is reported then."""
    from rehandle_codemods.files import readers
    from rehandle_codemods.files.source import SourceError

    try:
        return (readers.read if finding.cell else readers.file)(finding.filename)
    except SourceError:
        return None
