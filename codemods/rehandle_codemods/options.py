"""What a run may be told: which files and rules, and how the new code is written."""

from __future__ import annotations

import os
from typing import Callable, NamedTuple, Tuple

from rehandle.mapping import HANDLERS

PREFECT_1 = "prefect-1"
SHIM = "shim"
PREFECT_3 = "prefect-3"
TARGETS = (PREFECT_1, SHIM, PREFECT_3)

ALL = "ALL"
"""Every rule, where codes are selected or ignored."""

_SHIM_MODULE = "rehandle.results"
_LEGACY_MODULE = f"{_SHIM_MODULE}.legacy"


class Pattern(NamedTuple):
    """A pattern for files, as in `.gitignore`.

    Attributes:
        base: the folder that it is relative to: the configuration's, or the working directory.
        glob: the pattern.
    """

    base: str
    glob: str


Codes = Tuple[str, ...]
"""Codes of rules, beginnings of codes, or ALL."""


class Options(NamedTuple):
    """The choices of a run.

    Attributes:
        keep_names: classes that become Results keep a name that ends in `Handler`.
        target: what the rewritten code is for: PREFECT_1 (Prefect 0.11 to 1.4, without rehandle where that can be),
            SHIM (rehandle with any Prefect: Results are imported from `rehandle.results`), or PREFECT_3 (whole files
            with straight-line flows, for Prefect 3).
        runtime: what only a run shows is converted at run time, by `rehandle.to_result`; else it is left.
        other_api: what else Prefect 1.4.1 lacks of earlier releases is noted, besides handlers.
        recorded: a file that rehandle wrote while the code ran (REHANDLE_RECORD); none if empty.
        docs: examples in docstrings, Markdown and reStructuredText are rewritten too.
        select: the rules that count.
        ignore: those of them that don't.
        per_file_ignores: those that don't in certain files.
        src: folders that modules are imported from, beyond those that are found.
        exclude: files that aren't asked for, instead of `discovery.PRUNED`; that if None.
        extend_exclude: further ones.
        force_exclude: files that are named themselves are left out too.
        respect_gitignore: files that git ignores are left out.
        jobs: how many threads look for words in files at once, by git; 0 for as many as there are processors.
        nearest: takes a folder; the options by the configuration that is nearest to the files in it. Without, one
            counts for all files.
    """

    keep_names: bool = False
    target: str = PREFECT_1
    runtime: bool = True
    other_api: bool = False
    recorded: str = ""
    docs: bool = False
    select: Codes = (ALL,)
    ignore: Codes = ()
    per_file_ignores: tuple[tuple[Pattern, Codes], ...] = ()
    src: tuple[str, ...] = ()
    exclude: tuple[Pattern, ...] | None = None
    extend_exclude: tuple[Pattern, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    jobs: int = 1
    nearest: Callable[[str], Options] | None = None

    def inside(self, folder: str) -> Options:
        """The options that count for the files in a folder.

        Args:
            folder: its path, without symbolic links.

        Returns:
            The options; they differ from these in `PER_FILE` alone.
        """
        return self.nearest(folder) if self.nearest else self

    def of(self, path: str) -> Options:
        """The options that count for a file, by its path without symbolic links."""
        return self.inside(os.path.dirname(path)) if self.nearest else self

    @property
    def excluded(self) -> tuple[Pattern, ...]:
        """The patterns of what is left out."""
        return (*(self.exclude or ()), *self.extend_exclude)

    def result_module(self, handler: str, *, legacy: bool = False) -> str:
        """The module that the Result of a handler is imported from.

        Args:
            handler: the handler's class.
            legacy: whether it is given what Prefect's Result has no place for.

        Returns:
            The module's dotted name.
        """
        if self.target == SHIM:
            return _LEGACY_MODULE if legacy else _SHIM_MODULE
        return HANDLERS[handler].result_module


DEFAULTS = Options()

PER_FILE = (
    *("select", "ignore", "per_file_ignores"),
    *("exclude", "extend_exclude", "force_exclude", "docs", "keep_names", "src"),
)
"""The options that the configuration nearest to a file says for it. The others are of a run as a whole: names are
followed through all its files, so that new code has to be of one kind."""
