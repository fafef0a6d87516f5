"""What to type next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple, Sequence

from rehandle_codemods.findings import DOCS, ERROR, LEFT, NOTE, REWRITTEN, RUNTIME
from rehandle_codemods.options import PREFECT_1, PREFECT_3, SHIM

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome

CHECK, DIFF, MIGRATE = "check", "migrate --diff", "migrate"
ADD_IGNORE, CHECK_SINCE = "check --add-ignore", "check --since"
_ANY = (CHECK, DIFF, MIGRATE)
_SINCE = "--since"
_LONGEST = 200
"""So many characters of arguments are repeated; for more, as pre-commit gives, there is a word."""


class Typed(NamedTuple):
    """A command line as it was typed.

    Attributes:
        command: CHECK, DIFF, MIGRATE, ADD_IGNORE or CHECK_SINCE.
        options: those that say what is analysed and how, each with its value.
        paths: the paths.
        target: what the new code is for.
    """

    command: str
    options: Sequence[tuple[str, ...]] = ()
    paths: Sequence[str] = ()
    target: str = PREFECT_1

    def arguments(self, *, options: bool = True) -> str:
        """The options and paths for another command, after a space; the paths alone for another thing."""
        words = [word for option in self.options if options for word in option]
        text = " ".join(map(shlex.quote, [*words, *self.paths]))
        return f" {text if len(text) <= _LONGEST else 'PATHS'}" if text else ""


class _Row(NamedTuple):
    """What is to be done in a situation.

    Attributes:
        commands: after which commands.
        statuses: where there is a finding with one of them; empty for any situation.
        targets: for which targets.
        text: the line; {again} is the options and paths as they were, {paths} the paths alone, {files} the options
            without a revision, and the files that would change.
    """

    commands: Sequence[str]
    statuses: Sequence[str]
    targets: Sequence[str]
    text: str


_TO_1 = (PREFECT_1, SHIM)
_TO_ANY = (*_TO_1, PREFECT_3)
_CHANGES = (REWRITTEN, RUNTIME)
_WITHOUT = f"to do without it, write Results where it says run time: {DOCS}/write-with-results.md"
_TO_3 = "rehandle check --target prefect-3{paths}"
_TABLE = (
    _Row((*_ANY, ADD_IGNORE, CHECK_SINCE), (ERROR,), _TO_ANY, "mend what the errors name, then rehandle check{again}"),
    _Row(
        (ADD_IGNORE,),
        (*_CHANGES, LEFT, NOTE),
        _TO_ANY,
        "ignore by per-file-ignores what is left, then rehandle check{again}",
    ),
    _Row((ADD_IGNORE,), (), _TO_ANY, "commit the comments, then let CI run rehandle check{again}"),
    _Row((CHECK,), _CHANGES, _TO_ANY, "rehandle migrate --diff{again}"),
    _Row((CHECK_SINCE,), _CHANGES, _TO_ANY, "rehandle migrate --diff{files}"),
    _Row((DIFF,), _CHANGES, _TO_ANY, "rehandle migrate{again}"),
    _Row((*_ANY, CHECK_SINCE), (LEFT,), _TO_ANY, "change by hand what is left, then rehandle check{again}"),
    _Row((MIGRATE,), (RUNTIME,), (PREFECT_1,), f"run your tests with rehandle installed; {_WITHOUT}"),
    _Row((MIGRATE,), _CHANGES, (SHIM,), "run your tests with rehandle installed"),
    _Row(
        (MIGRATE,),
        _CHANGES,
        (PREFECT_1,),
        "run your tests on Prefect 1.4.1, then rehandle check --target prefect-3{paths}",
    ),
    _Row((MIGRATE,), _CHANGES, (PREFECT_3,), f"before the first run with Prefect 3, read {DOCS}/to-prefect-3.md"),
    _Row(_ANY, (NOTE,), _TO_1, f"look at the notes, then {_TO_3}"),
    _Row(_ANY, (), _TO_1, _TO_3),
)
"""The first row that fits is taken. Nothing is said where none does."""


def next_command(outcome: Outcome, typed: Typed) -> str:
    """What to type next.

    Args:
        outcome: what a run found and did.
        typed: its command line.

    Returns:
        The line; empty where there is nothing to do.
    """
    statuses = {finding.status for finding in outcome.findings}
    for row in _TABLE if outcome.files or statuses else ():
        fits = typed.command in row.commands and typed.target in row.targets
        if fits and (not row.statuses or statuses.intersection(row.statuses)):
            again, paths = typed.arguments(), typed.arguments(options=False)
            return "Next: " + row.text.format(again=again, paths=paths, files=_files(outcome, typed))
    return ""


def _files(outcome: Outcome, typed: Typed) -> str:
    """The arguments of `migrate` for the files that would change: it takes no revision."""
    files = dict.fromkeys(finding.filename for finding in outcome.findings if finding.status in _CHANGES)
    options = [option for option in typed.options if option[0] != _SINCE]
    return typed._replace(options=options, paths=list(files)).arguments()
