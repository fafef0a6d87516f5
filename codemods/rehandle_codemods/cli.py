"""The commands `rehandle check`, `rehandle migrate` and `rehandle explain`."""

from __future__ import annotations

import os
import sys
from typing import Any, Sequence

import click

from rehandle_codemods import engine, formats, output
from rehandle_codemods.findings import ERROR, LEFT, REWRITTEN, RUNTIME
from rehandle_codemods.options import PREFECT_1, TARGETS, Options
from rehandle_codemods.progress import ProgressLine, Report, counted

DONE, TO_DO, FAILED, INTERRUPTED = 0, 1, 2, 130
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _checked_output(context: click.Context, parameter: click.Parameter, path: str) -> str:
    try:
        if path:
            output.check(path)
    except output.OutputError as error:
        raise click.BadParameter(str(error)) from None
    return path


_PATHS = click.argument("paths", nargs=-1, type=click.Path())
_FORMAT = click.option(
    "--format",
    "output_format",
    type=click.Choice(formats.FORMATS),
    default=formats.TEXT,
    show_default=True,
    help="How findings are printed.",
)
_OUTPUT = click.option(
    "-o",
    "--output",
    "output_path",
    type=click.Path(),
    callback=_checked_output,
    default="",
    metavar="FILE",
    help="Write the findings there, and print only what sums them up.",
)
_TARGET = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=PREFECT_1,
    show_default=True,
    help="What the new code is for: Prefect 0.11 to 1.4, or any Prefect together with rehandle, "
    "from which it imports its Results.",
)
_RUNTIME = click.option(
    "--runtime/--no-runtime",
    default=True,
    show_default=True,
    help="Convert at run time, by rehandle.to_result, what can't be told from the code; else leave it.",
)
_RECORDED = click.option(
    "--recorded",
    type=click.Path(),
    default="",
    metavar="FILE",
    help="What rehandle wrote to REHANDLE_RECORD while the code ran: decides what can't be told from the code.",
)
_KEEP_NAMES = click.option("--keep-names", is_flag=True, help="Don't rename classes that become Results.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Rewrite Prefect result handlers (result_handler=) to Results (result=).

    Exit codes: 0 nothing is left to do, 1 something would change or is left for a person, 2 an error.
    """


@cli.command()
@_PATHS
@_FORMAT
@_OUTPUT
@_TARGET
@_RUNTIME
@_RECORDED
@_KEEP_NAMES
def check(paths: tuple[str, ...], output_format: str, output_path: str, **options: Any) -> int:
    """Say what `migrate` would do under PATHS (default: here), and what it would leave. Changes nothing."""
    with ProgressLine() as line:
        outcome = engine.run(paths or ["."], line, Options(**options))
    _print(outcome, output_format, output_path, done=False, to_stderr=False)
    return _exit_code(outcome, done=False)


@cli.command()
@_PATHS
@click.option("--diff", "show_diff", is_flag=True, help="Print a patch instead of changing files.")
@click.option("--allow-dirty", is_flag=True, help="Don't warn of changes that aren't committed to git.")
@_FORMAT
@_OUTPUT
@_TARGET
@_RUNTIME
@_RECORDED
@_KEEP_NAMES
def migrate(
    paths: tuple[str, ...], show_diff: bool, allow_dirty: bool, output_format: str, output_path: str, **options: Any
) -> int:
    """Rewrite the Python files under PATHS (default: here)."""
    with ProgressLine() as line:
        outcome = engine.run(paths or ["."], line, Options(**options))
        if not show_diff:
            if not allow_dirty:
                _warn_of_uncommitted(outcome.changes)
            outcome = _write(outcome, line)
    if show_diff:
        _print_patches(outcome.changes)
    _print(outcome, output_format, output_path, done=not show_diff, to_stderr=show_diff)
    return _exit_code(outcome, done=not show_diff)


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


def _warn_of_uncommitted(changes: Sequence[engine.Change]) -> None:
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


def _write(outcome: engine.Outcome, report_progress: Report) -> engine.Outcome:
    from rehandle_codemods.source import SourceError
    from rehandle_codemods.writing import uninterrupted

    findings = outcome.findings
    for change in uninterrupted(counted("Writing", outcome.changes, report_progress)):
        try:
            change.write()
        except SourceError as error:
            findings = sorted(engine.failed(change, findings, str(error)))
    return outcome._replace(findings=findings)


def _print(outcome: engine.Outcome, output_format: str, path: str, *, done: bool, to_stderr: bool) -> None:
    colour = not path and output.has_colours(sys.stderr if to_stderr else sys.stdout)
    text = formats.render(output_format, formats.Report(outcome, done, colour))
    if not path:
        output.show(text, machine=output_format not in formats.FOR_PEOPLE, to_stderr=to_stderr)
        return
    try:
        output.save(text, path)
    except output.OutputError as error:
        raise click.ClickException(str(error)) from None
    from rehandle_codemods.formats.text import summary

    click.echo(summary(outcome, done=done), err=to_stderr)


def _print_patches(changes: Sequence[engine.Change]) -> None:
    from rehandle_codemods.patch import patch

    lines = (line for change in changes for line in patch(change))
    if output.has_colours(sys.stdout):
        for line in lines:
            click.echo(click.style(line, fg=_COLOURS.get(line[0])), nl=False, color=True)
        return
    sys.stdout.flush()
    # Bytes: a text stream would translate the newlines of the files.
    sys.stdout.buffer.write("".join(lines).encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def _exit_code(outcome: engine.Outcome, *, done: bool) -> int:
    statuses = {finding.status for finding in outcome.findings}
    if ERROR in statuses:
        return FAILED
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
