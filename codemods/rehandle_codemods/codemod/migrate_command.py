"""The rewrite as a codemod command, for libcst's own runner.

Run it by `python -m libcst.tool codemod -x rehandle_codemods.codemod.migrate_command.MigrateCommand --no-format PATHS`.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import json
import os
import sys
import tempfile
from functools import lru_cache
from typing import Any, Sequence

import libcst
from libcst.codemod import CodemodCommand, CodemodContext

from rehandle_codemods.cli import commands
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT
from rehandle_codemods.options import Options
from rehandle_codemods.report.text import head

_File = dict[str, Any]


class MigrateError(Exception):
    """A file that can't be processed; the message says why and what to do."""


class MigrateCommand(CodemodCommand):
    """What `rehandle migrate PATHS` does, file by file.

    What is left for a person is a warning of libcst's, and a file that can't be processed is a failure.
    """

    DESCRIPTION = "Rewrite Prefect result handlers (result_handler=) to Results (result=)."

    def __init__(self, context: CodemodContext, plan: str = "") -> None:
        """Make the command for one file.

        Args:
            context: libcst's.
            plan: a file that says what becomes of all files of the run; without it, each file is looked at for itself,
                as by `rehandle migrate FILE`.
        """
        super().__init__(context)
        self._plan = plan

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Look at all files of the run, and hand what is found to the processes that write them.

        Those work at the same time: when one of them begins, others may have changed files that its own depends on.
        """
        given = sys.argv[sys.argv.index("codemod") + 1 :] if "codemod" in sys.argv else []
        if not given:
            return
        paths = arg_parser.parse_known_args(given)[0].path
        if "-" not in paths:
            arg_parser.set_defaults(plan=_saved(_planned(paths)))

    def transform_module_impl(self, tree: libcst.Module) -> libcst.Module:
        """Rewrite one file.

        Args:
            tree: the file as it is.

        Returns:
            The file as `rehandle migrate` would write it.

        Raises:
            MigrateError: the file can't be processed, or libcst doesn't keep it byte for byte.
        """
        if self.context.filename is None:
            file = _file_of_its_own(tree.bytes)
        else:
            path = os.path.realpath(self.context.filename)
            file = (_read(self._plan) if self._plan else _planned([path])).get(path)
        if file is None:
            return tree
        if file["errors"]:
            raise MigrateError("\n".join(file["errors"]))
        for warning in file["warnings"]:
            self.warn(warning)
        if "after" not in file:
            return tree
        after = libcst.parse_module(file["after"].encode("latin-1"))
        if tree.bytes != file["before"].encode("latin-1") or after.bytes != file["after"].encode("latin-1"):
            reason = "the file has changed since it was read, or libcst doesn't keep it byte for byte"
            raise MigrateError(f"{reason}. Use `rehandle migrate`")
        return after


def _planned(paths: Sequence[str]) -> dict[str, _File]:
    """What becomes of the files under some paths, by their paths without symbolic links; bytes are held as Latin-1."""
    # The settings of pyproject.toml count as they do on the command line.
    given = commands.check.make_context("check", list(paths)).params
    options = Options(**{name: given[name] for name in Options._fields if given.get(name) is not None})
    outcome = run(paths, options=options)
    files: dict[str, _File] = {}

    def file(filename: str) -> _File:
        return files.setdefault(os.path.realpath(filename), {"errors": [], "warnings": []})

    for finding in outcome.findings:
        if finding.status in (ERROR, LEFT):
            said = "errors" if finding.status == ERROR else "warnings"
            file(finding.filename)[said].append(head(finding, colour=False))
    for change in outcome.changes:
        file(change.filename).update(before=change.raw.decode("latin-1"), after=change.content.decode("latin-1"))
    return files


def _file_of_its_own(data: bytes) -> _File | None:
    """What becomes of code that is in no file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(os.path.realpath(folder), "stdin.py")
        with open(path, "wb") as file:
            file.write(data)
        return _planned([path]).get(path)


def _saved(files: dict[str, _File]) -> str:
    handle, path = tempfile.mkstemp(prefix="rehandle-", suffix=".json")
    with open(handle, "w", encoding="utf-8") as file:
        json.dump(files, file)

    def remove() -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)

    atexit.register(remove)
    return path


@lru_cache(maxsize=1)
def _read(plan: str) -> dict[str, _File]:
    with open(plan, encoding="utf-8") as file:
        found: dict[str, _File] = json.load(file)
    return found
