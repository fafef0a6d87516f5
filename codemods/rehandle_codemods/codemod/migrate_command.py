"""The rewrite as a codemod of libcst, for its own runner and for codemods of your own.

Run it by `python -m libcst.tool codemod -x rehandle_codemods.codemod.migrate_command.MigrateCommand --no-format PATHS`.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import libcst as cst
from libcst.codemod import CodemodCommand
from libcst.metadata import BaseMetadataProvider

from rehandle_codemods.cli.commands import settings_for
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT
from rehandle_codemods.report.text import head
from rehandle_codemods.rewrite.code import RefusedError
from rehandle_codemods.rewrite.rewriter import LocatedRewrite, rewrite_module

_ALONE = object()
"""The cache of code that is in no run of a `FullRepoManager`."""


class MigrateError(Exception):
    """A file that can't be processed; the message says why and what to do."""


@dataclass(frozen=True)
class Migration:
    """What becomes of one file: plain data, which is handed to the processes that write.

    Attributes:
        before: the SHA-256 of the file as it was read; empty where nothing changes.
        after: the SHA-256 of the file as it will be.
        rewrites: what becomes of which of its nodes.
        own: the top-level names of the project's own modules that it imports.
        warnings: what is left for a person.
        errors: why the file can't be processed.
    """

    before: str = ""
    after: str = ""
    rewrites: tuple[LocatedRewrite, ...] = ()
    own: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class MigrationProvider(BaseMetadataProvider[Any]):
    """What becomes of a file: decided once, for all files of the run, before any of them changes.

    A codemod of your own that uses `MigrateCommand` has this among its `METADATA_DEPENDENCIES`.

    Args:
        cache: the file's `Migration`; None for code that is in no run, which is looked at for itself.
    """

    def __init__(self, cache: object = None) -> None:
        super().__init__(_ALONE if cache is None else cache)

    @classmethod
    def gen_cache(cls, root_path: Path, paths: list[str], **options: object) -> Mapping[str, Migration]:
        """Decide for all files of a run, as `rehandle migrate PATHS` does; called by libcst.

        Args:
            root_path: what the paths are relative to.
            paths: the files.
            options: libcst's, not used.

        Returns:
            The migration of each file, by its path as it was given.
        """
        full = {path: os.path.realpath(os.path.join(root_path, path)) for path in paths}
        found = _migrations(list(full.values()), {})
        return {path: found.get(real, Migration()) for path, real in full.items()}

    def _gen_impl(self, module: cst.Module) -> None:
        self.set_metadata(module, None if self.cache is _ALONE else self.cache)


class MigrateCommand(CodemodCommand):
    """What `rehandle migrate PATHS` does, file by file, on libcst's own tree.

    What is left for a person is a warning of libcst's, and a file that can't be processed is a failure. In a codemod of
    your own, call its `transform_module` before anything else changes the tree, and have `MigrationProvider` among your
    `METADATA_DEPENDENCIES`: then all files of the run are decided on together. Without a run of libcst's, each file is
    looked at for itself, as by `rehandle migrate FILE`. The settings in pyproject.toml count.
    """

    DESCRIPTION = "Rewrite Prefect result handlers (result_handler=) to Results (result=)."
    METADATA_DEPENDENCIES = (MigrationProvider,)

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Rewrite one file.

        Args:
            tree: the file as it is.

        Returns:
            The file as `rehandle migrate` would write it.

        Raises:
            MigrateError: the file can't be processed, has changed since it was decided on, or isn't kept byte for byte
                by libcst.
        """
        migration = self.get_metadata(MigrationProvider, tree, None) or self._alone(tree)
        if migration.errors:
            raise MigrateError("\n".join(migration.errors))
        for warning in migration.warnings:
            self.warn(warning)
        if not migration.before:
            return tree
        if _digest(tree.bytes) != migration.before:
            reason = "the file has changed since it was read, or libcst doesn't keep it byte for byte"
            raise MigrateError(f"{reason}. Use `rehandle migrate`, or let MigrateCommand be the first to change it")
        try:
            after = rewrite_module(tree, migration.rewrites, migration.own)
        except RefusedError as error:
            raise MigrateError(f"{error}. Use `rehandle migrate`") from None
        if _digest(after.bytes) != migration.after:
            raise MigrateError("libcst would write the file in another way. Use `rehandle migrate`")
        return after

    def _alone(self, tree: cst.Module) -> Migration:
        """What becomes of a file that is in no run of libcst's, or of code without a file."""
        path = os.path.realpath(self.context.filename or "code.py")
        given = {} if self.context.filename else {path: tree.bytes}
        return _migrations([path], given).get(path, Migration())


def _migrations(paths: Sequence[str], given: Mapping[str, bytes]) -> dict[str, Migration]:
    """What becomes of the files that change or that something is said about, by their paths without symbolic links."""
    outcome = run(paths, options=settings_for(paths, docs=False, force_exclude=True), given=given)
    said: dict[str, dict[str, list[str]]] = {}
    for finding in outcome.findings:
        if finding.status in (ERROR, LEFT):
            lists = said.setdefault(os.path.realpath(finding.filename), {ERROR: [], LEFT: []})
            lists[finding.status].append(head(finding, colour=False))
    changes = {os.path.realpath(change.filename): change for change in outcome.changes}
    found = {}
    for path in {**said, **changes}:
        lists = said.get(path, {ERROR: [], LEFT: []})
        migration = Migration(warnings=tuple(lists[LEFT]), errors=tuple(lists[ERROR]))
        if path in changes:
            change = changes[path]
            digests = _digest(change.raw), _digest(change.content)
            migration = Migration(*digests, change.rewrites, change.own, migration.warnings, migration.errors)
        found[path] = migration
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
