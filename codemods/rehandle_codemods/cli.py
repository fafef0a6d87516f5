"""The commands `rehandle check`, `rehandle migrate` and `rehandle explain`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, Sequence

import click

from rehandle_codemods import config, engine, formats, output
from rehandle_codemods.findings import ERROR, LEFT, REWRITTEN, RUNTIME, failed
from rehandle_codemods.options import Options
from rehandle_codemods.parameters import OUTPUT, REWRITE, Command, Option, shared
from rehandle_codemods.progress import ProgressLine, Report, counted

if TYPE_CHECKING:
    from rehandle_codemods.rewriting import Change

DONE, TO_DO, FAILED, INTERRUPTED = 0, 1, 2, 130
STATISTICS = "statistics"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Rewrite Prefect result handlers (result_handler=) to Results (result=).

    Exit codes: 0 nothing is left to do, 1 something would change or is left for a person, 2 an error.
    """


@cli.command(
    cls=Command,
    epilog="""\b
Examples:
  rehandle check
  rehandle check flows/ common.py --select RH1
  rehandle check --statistics
  rehandle check --format json -o findings.json

Exit codes: 0 nothing is left to do, 1 something would change or is left for a person, 2 an error.
Settings: most options may be set in [tool.rehandle] of pyproject.toml, by their names.""",
)
@shared
def check(paths: tuple[str, ...], **given: Any) -> int:
    """Say what `migrate` would do under PATHS (default: here), and what it would leave. Changes nothing."""
    options, show = _split(given)
    _say_how(show)
    with ProgressLine(quiet=show.quiet) as line:
        outcome = engine.run(paths or ["."], line, options)
    _print(formats.Report(outcome, done=False, paths=paths or (".",), options=options), show, to_stderr=False)
    return _exit_code(outcome, show, done=False)


@cli.command(
    cls=Command,
    epilog="""\b
Examples:
  rehandle migrate
  rehandle migrate --diff flows/ | git apply
  rehandle migrate --ignore RH110 --per-file-ignores 'tests/*:RH1'

Exit codes: 0 nothing is left to do, 1 something is left for a person (with --diff: or would change), 2 an error.
Settings: most options may be set in [tool.rehandle] of pyproject.toml, by their names.""",
)
@click.option(
    "--diff", "show_diff", cls=Option, section=REWRITE, is_flag=True, help="Print a patch instead of changing files."
)
@click.option(
    "--allow-dirty",
    cls=Option,
    section=OUTPUT,
    kind=config.FLAG,
    is_flag=True,
    help="Don't warn of changes that aren't committed to git.",
)
@shared
def migrate(paths: tuple[str, ...], show_diff: bool, allow_dirty: bool, **given: Any) -> int:
    """Rewrite the Python files under PATHS (default: here)."""
    options, show = _split(given)
    _say_how(show)
    with ProgressLine(quiet=show.quiet) as line:
        outcome = engine.run(paths or ["."], line, options)
        if not show_diff:
            if not (allow_dirty or show.quiet):
                _warn_of_uncommitted(outcome.changes)
            outcome = _write(outcome, line)
    if show_diff:
        _print_patches(outcome.changes)
    report = formats.Report(outcome, done=not show_diff, paths=paths or (".",), options=options)
    _print(report, show, to_stderr=show_diff)
    return _exit_code(outcome, show, done=not show_diff)


@cli.command()
@click.argument("code")
def explain(code: str) -> int:
    """Explain the rule CODE, for example RH103."""
    from rehandle_codemods import rules

    rule = rules.load().get(code.upper())
    if rule is None:
        known = ", ".join(rules.load())
        raise click.UsageError(f"no rule is called {code}. Rules: {known}")
    from rehandle_codemods.findings import DOCS_URL

    click.echo(f"{rule.code}: {rule.documentation.strip()}\n\n{DOCS_URL.format(code=rule.code)}")
    return DONE


def _warn_of_uncommitted(changes: Sequence[Change]) -> None:
    from rehandle_codemods import discovery, git

    roots: dict[str, list[str]] = {}
    for change in changes:
        root = discovery.git_root(os.path.dirname(os.path.abspath(change.filename)))
        roots.setdefault(root, []).append(change.filename)
    for root, paths in roots.items():
        found = git.uncommitted(root, paths) if root else []
        if found:
            shown = ", ".join(found[:3]) + (", ..." if found[3:] else "")
            message = "has changes that aren't committed, and they will be hard to tell from those of the rewrite"
            advice = "Commit them first, or silence this by --allow-dirty"
            output.show(f"warning: {root} {message}: {shown}. {advice}\n", machine=False, to_stderr=True)


class _Shown(NamedTuple):
    """What is printed of a run, and how: options that the engine doesn't ask for."""

    config: str
    format: str
    output: str
    quiet: bool
    verbose: bool
    statistics: bool
    exit_zero: bool


def _split(given: dict[str, Any]) -> tuple[Options, _Shown]:
    shown = _Shown(**{name: given.pop(name) for name in _Shown._fields})
    if shown.statistics and shown.format not in formats.FOR_PEOPLE:
        raise click.UsageError(f"--statistics counts findings for a person: leave out --format {shown.format}")
    # What isn't given is as the engine has it.
    return Options(**{name: value for name, value in given.items() if value is not None}), shown


def _write(outcome: engine.Outcome, report_progress: Report) -> engine.Outcome:
    from rehandle_codemods.source import SourceError
    from rehandle_codemods.writing import uninterrupted

    findings = outcome.findings
    for change in uninterrupted(counted("Writing", outcome.changes, report_progress)):
        try:
            change.write()
        except SourceError as error:
            findings = sorted(failed(change.filename, findings, str(error)))
    return outcome._replace(findings=findings)


def _say_how(show: _Shown) -> None:
    if show.verbose:
        click.echo(f"Settings: {show.config or 'none'}", err=True)


def _print(report: formats.Report, show: _Shown, *, to_stderr: bool) -> None:
    outcome = report.outcome
    colour = not show.output and output.has_colours(sys.stderr if to_stderr else sys.stdout)
    if show.verbose:
        from rehandle_codemods.formats.text import head

        click.echo(f"Files: {outcome.files}", err=True)
        for finding in outcome.ignored:
            click.echo(f"Ignored: {head(finding)}", err=True)
    # How far a migration is can't be told from a part of it.
    if show.quiet and show.format != formats.HTML:
        outcome = outcome._replace(
            findings=[finding for finding in outcome.findings if finding.status in (LEFT, ERROR)]
        )
    form = STATISTICS if show.statistics else show.format
    text = formats.render(form, report._replace(outcome=outcome, colour=colour, quiet=show.quiet))
    if not show.output:
        output.show(text, machine=form not in formats.FOR_PEOPLE, to_stderr=to_stderr)
        return
    try:
        output.save(text, show.output)
    except output.OutputError as error:
        raise click.ClickException(str(error)) from None
    from rehandle_codemods.formats.text import summary

    if not show.quiet:
        click.echo(summary(outcome, done=report.done), err=to_stderr)


def _print_patches(changes: Sequence[Change]) -> None:
    from rehandle_codemods.patch import patch

    lines = (line for change in changes for line in patch(change))
    if output.has_colours(sys.stdout):
        lines = (click.style(line, fg=_COLOURS.get(line[0])) for line in lines)
    sys.stdout.flush()
    # Bytes: a text stream would translate the newlines of the files, and can't hold other encodings.
    sys.stdout.buffer.write("".join(lines).encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _exit_code(outcome: engine.Outcome, show: _Shown, *, done: bool) -> int:
    statuses = {finding.status for finding in outcome.findings}
    if ERROR in statuses:
        return FAILED
    if show.exit_zero:
        return DONE
    open_statuses = {LEFT} if done else {LEFT, REWRITTEN, RUNTIME}
    return TO_DO if statuses & open_statuses else DONE


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments after the program's name; those of this process by default.

    Returns:
        The exit code.
    """
    arguments: list[str] | None = None if argv is None else list(argv)
    try:
        result = cli.main(args=arguments, prog_name="rehandle", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as error:
        error.show()
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted: every file is either as it was or completely rewritten.", err=True)
        return INTERRUPTED
