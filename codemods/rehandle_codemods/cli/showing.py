"""What a run prints, and the code that it exits with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Collection, NamedTuple, Sequence

import click

from rehandle_codemods import report
from rehandle_codemods.cli import output
from rehandle_codemods.cli.nearest import NearestOptions
from rehandle_codemods.cli.writing import warn
from rehandle_codemods.findings import ERROR, LEFT

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change
    from rehandle_codemods.engine.run import Outcome

DONE, TO_DO, FAILED, INTERRUPTED = 0, 1, 2, 130
STATISTICS = "statistics"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


class Shown(NamedTuple):
    """What is printed of a run, and how: options that the engine doesn't ask for."""

    config: str
    format: str
    output: str
    quiet: bool
    verbose: bool
    statistics: bool
    exit_zero: bool


def say_how(show: Shown) -> None:
    """Say by which settings a run goes, where that is asked for."""
    if show.verbose:
        click.echo(f"Settings: {show.config or 'none'}", err=True)


def warn_of_unlisted(outcome: Outcome, show: Shown) -> None:
    """Warn of folders whose files git can't list."""
    from rehandle_codemods.files import git

    for folder in outcome.unlisted if not show.quiet else ():
        message = f"git can't list the files of {folder} ({git.complaint(folder)}), so what it ignores isn't left out"
        warn(f"{message}. Let it, or silence this by --no-respect-gitignore")


def show_report(found: report.Report, show: Shown, *, to_stderr: bool) -> None:
    """Print the report, or write it to the file that is asked for and print its sums."""
    outcome = found.outcome
    colour = not show.output and output.has_colours(sys.stderr if to_stderr else sys.stdout)
    if show.verbose:
        from rehandle_codemods.report.text import head

        nearest = found.options.nearest
        for path in nearest.used if isinstance(nearest, NearestOptions) else ():
            click.echo(f"Settings below: {path}", err=True)
        click.echo(f"Files: {outcome.files}", err=True)
        for finding in outcome.ignored:
            click.echo(f"Ignored: {head(finding)}", err=True)
    # A part of a migration doesn't show how far it is.
    if show.quiet and show.format != report.HTML:
        outcome = outcome._replace(
            findings=[finding for finding in outcome.findings if finding.status in (LEFT, ERROR)]
        )
    form = STATISTICS if show.statistics else show.format
    text = report.render(form, found._replace(outcome=outcome, colour=colour, quiet=show.quiet))
    if not show.output:
        output.show(text, machine=form not in report.FOR_PEOPLE, to_stderr=to_stderr)
        return
    try:
        output.save(text, show.output)
    except output.OutputError as error:
        raise click.ClickException(str(error)) from None
    from rehandle_codemods.report.text import summary

    if not show.quiet:
        click.echo(summary(outcome, done=found.done), err=to_stderr)


def print_patches(changes: Sequence[Change]) -> None:
    """Print what would change, as a patch."""
    from rehandle_codemods.report.patch import patch

    lines = (line for change in changes for line in patch(change))
    if output.has_colours(sys.stdout):
        lines = (click.style(line, fg=_COLOURS.get(line[0])) for line in lines)
    print_bytes("".join(lines).encode("utf-8", "surrogateescape"))


def print_bytes(data: bytes) -> None:
    """Print as it is: a text stream would translate the newlines, and can't hold other encodings."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def exit_code(outcome: Outcome, show: Shown, undone: Collection[str]) -> int:
    """The code that a run exits with, where findings with some statuses are still to be done."""
    statuses = {finding.status for finding in outcome.findings}
    if ERROR in statuses:
        return FAILED
    if show.exit_zero:
        return DONE
    return TO_DO if statuses.intersection(undone) else DONE
