"""The commands `rehandle check`, `rehandle migrate` and `rehandle explain`."""

from __future__ import annotations

import os
import shutil
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import click

import rehandle
from rehandle import wrapping
from rehandle.suggestion import suggestion
from rehandle_codemods import report
from rehandle_codemods.cli import output, settings
from rehandle_codemods.cli.nearest import NearestOptions
from rehandle_codemods.cli.parameters import (
    OUTPUT,
    REWRITE,
    RULES,
    Command,
    Option,
    RuleCode,
    given_names,
    shared,
    typed,
)
from rehandle_codemods.cli.runtime_commands import runtime_commands
from rehandle_codemods.cli.showing import (
    DONE,
    FAILED,
    INTERRUPTED,
    Shown,
    exit_code,
    print_bytes,
    print_patches,
    say_how,
    show_report,
    warn_of_unlisted,
)
from rehandle_codemods.cli.writing import warn_of_uncommitted, write
from rehandle_codemods.engine.rare_collections import rare_collections
from rehandle_codemods.engine.run import Declined, Outcome, run
from rehandle_codemods.findings import LEFT, MEANINGS, NOTE, REWRITTEN, RUNTIME, WORDS
from rehandle_codemods.options import PREFECT_3, Options
from rehandle_codemods.progress import ProgressLine
from rehandle_codemods.report.next_command import ADD_IGNORE, CHECK, CHECK_SINCE, DIFF, MIGRATE, Typed

if TYPE_CHECKING:
    from rehandle_codemods.cli.since import Since

_UNDONE = {LEFT, REWRITTEN, RUNTIME}

_STATUSES = "\n".join(f"  {WORDS[status]:<9}  {meaning}" for status, meaning in MEANINGS.items())
_CLOSING = f"""\
\b
Statuses:
{_STATUSES}

Exit codes: 0 nothing is left to do, 1 something would change or is to be changed by hand, 2 an error, 130 interrupted.

Settings: most options may be set in [tool.rehandle] of pyproject.toml, by their names."""


def _list_rules(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from rehandle_codemods import rules

        for rule in rules.load().values():
            click.echo(f"{rule.code}  {rule.summary}")
        ctx.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": wrapping.WIDEST})
@click.option(
    "--list-rules", is_flag=True, is_eager=True, expose_value=False, callback=_list_rules, help="Print all rules."
)
@click.version_option(rehandle.__version__, "-V", "--version", message="rehandle %(version)s")
def cli() -> None:
    """Move Prefect flows from result handlers to Results."""


_allow_dirty = click.option(
    "--allow-dirty",
    cls=Option,
    section=OUTPUT,
    kind=settings.FLAG,
    is_flag=True,
    help="Don't warn of changes that aren't committed to git.",
)


@cli.command(
    cls=Command,
    epilog=f"""\
Examples:
  rehandle check
  rehandle check flows/ common.py --select RH1
  rehandle check --statistics
  rehandle check --add-ignore
  rehandle check --format json -o findings.json
  rehandle check --since origin/main
  rehandle check --stdin-filename flows/a.py - < flows/a.py

{_CLOSING}""",
)
@click.option(
    "--add-ignore",
    cls=Option,
    section=RULES,
    is_flag=True,
    help="Write comments that ignore all that is found, so that from then on only new code is reported.",
)
@click.option(
    "--since",
    cls=Option,
    section=OUTPUT,
    default=None,
    metavar="REV",
    help="Report only what is in lines that changed since the branch left this git revision: what is committed, what "
    "isn't yet, and files that git doesn't track. Everything is analysed all the same, and errors are always reported.",
)
@_allow_dirty
@shared
def check(
    paths: tuple[str, ...], stdin_filename: str, add_ignore: bool, since: str | None, allow_dirty: bool, **given: Any
) -> int:
    """Say what `migrate` would do under PATHS (default: here), and what it would leave.

    Nothing changes, but for the comments of --add-ignore. PATHS are files and folders, or - for the code that standard
    input gives.
    """
    options, show = _split(given)
    say_how(show)
    if add_ignore and "-" in paths:
        raise click.UsageError("--add-ignore writes comments into files: leave out -")
    if add_ignore and since is not None:
        raise click.UsageError("--add-ignore is about all that is there, and --since about less: leave out one of them")
    paths, contents = _inputs(paths, stdin_filename)
    changed = None if since is None else _since(since, paths, contents)
    if add_ignore:
        return _add_ignore(paths, options._replace(other_api=True), show, allow_dirty=allow_dirty)
    with ProgressLine(quiet=show.quiet) as line:
        outcome = _analysed(paths, line, options._replace(other_api=True), contents)
        outcome = changed.filtered(outcome) if changed else outcome
    warn_of_unlisted(outcome, show)
    found = report.Report(outcome, done=False, paths=paths, options=options, given=contents)
    show_report(found._replace(typed=_typed(CHECK_SINCE if changed else CHECK, found)), show, to_stderr=False)
    return exit_code(outcome, show, _UNDONE)


def _add_ignore(paths: tuple[str, ...], options: Options, show: Shown, *, allow_dirty: bool) -> int:
    from rehandle_codemods.engine.add_ignores import add_ignores, closing

    with ProgressLine(quiet=show.quiet) as line:
        ignored = add_ignores(lambda given: _analysed(paths, line, options, given), options)
    warn_of_unlisted(ignored.outcome, show)
    if not (allow_dirty or show.quiet):
        warn_of_uncommitted(ignored.outcome.changes)
    with ProgressLine(quiet=show.quiet) as line:
        outcome = write(ignored.outcome, line)
    lines = closing(outcome.findings, ignored.comments)
    if show.format in report.FOR_PEOPLE:
        outcome = outcome._replace(closing=[*outcome.closing, *lines])
    elif not show.quiet:
        click.echo("\n".join(lines), err=True)
    found = report.Report(outcome, done=False, paths=paths, options=options)
    command = ADD_IGNORE if outcome.changes or outcome.findings else CHECK
    show_report(found._replace(typed=_typed(command, found)), show, to_stderr=False)
    return exit_code(outcome, show, {*_UNDONE, NOTE})


@cli.command(
    cls=Command,
    epilog=f"""\
Examples:
  rehandle migrate
  rehandle migrate --diff flows/ | git apply
  rehandle migrate --interactive
  rehandle migrate --ignore RH110 --per-file-ignores 'tests/*:RH1'
  rehandle migrate --stdin-filename flows/a.py - < flows/a.py > new.py

{_CLOSING}""",
)
@click.option(
    "--diff", "show_diff", cls=Option, section=REWRITE, is_flag=True, help="Print a patch instead of changing files."
)
@click.option(
    "-i",
    "--interactive",
    cls=Option,
    section=REWRITE,
    is_flag=True,
    help="Ask about each change, as `git add --patch` does: y, n, a, d, q, ?.",
)
@_allow_dirty
@shared
def migrate(
    paths: tuple[str, ...],
    stdin_filename: str,
    show_diff: bool,
    interactive: bool,
    allow_dirty: bool,
    **given: Any,
) -> int:
    """Rewrite the Python files under PATHS (default: here).

    PATHS are files and folders, or - for the code that standard input gives: then the new code goes to standard
    output, and all else to standard error.
    """
    options, show = _split(given)
    say_how(show)
    paths, contents = _inputs(paths, stdin_filename)
    if interactive and options.target == PREFECT_3:
        raise click.UsageError("--interactive asks about single changes, and --target prefect-3 changes whole files")
    if interactive and (show_diff or contents):
        raise click.UsageError("--interactive changes files as it is told: leave out --diff and -")
    if interactive and show.format not in report.FOR_PEOPLE and not show.output:
        raise click.UsageError(f"--interactive asks on standard output: write {show.format} to a file, by --output")
    with ProgressLine(quiet=show.quiet) as line:
        outcome = _analysed(paths, line, options, contents)
    warn_of_unlisted(outcome, show)
    if not show_diff and not contents:
        if not (allow_dirty or show.quiet):
            warn_of_uncommitted(outcome.changes)
        if interactive:
            outcome = _chosen(outcome, paths, options)
        with ProgressLine(quiet=show.quiet) as line:
            outcome = write(outcome, line)
    if show_diff:
        print_patches(outcome.changes)
    elif contents:
        print_bytes(b"".join(change.content for change in outcome.changes) or b"".join(contents.values()))
    found = report.Report(outcome, done=not show_diff, paths=paths, options=options, given=contents)
    found = found._replace(typed=_typed(DIFF if show_diff else MIGRATE, found))
    show_report(found, show, to_stderr=show_diff or bool(contents))
    return exit_code(outcome, show, _UNDONE if show_diff else {LEFT})


@cli.command(
    cls=Command,
    epilog="""\
Examples:
  rehandle explain RH103
  rehandle explain RH201 | less

`rehandle --list-rules` lists all rules.""",
)
@click.argument("code", type=RuleCode())
def explain(code: str) -> int:
    """Explain the rule CODE, for example RH103."""
    from rehandle_codemods import rules

    rule = rules.load().get(code.upper())
    if rule is None:
        nearest = suggestion(code.upper(), list(rules.load()), "`rehandle --list-rules` lists all")
        raise click.UsageError(f"no rule is called {code}. {nearest}")
    from rehandle_codemods.findings import DOCS_URL

    text = f"# {rule.code}: {rule.summary}\n\n{rule.linked}\n\n<{DOCS_URL.format(code=rule.code)}>\n"
    if not (output.has_colours(sys.stdout) or sys.stdout.isatty()):
        click.echo(text, nl=False)
        return DONE
    from rich.console import Console
    from rich.markdown import Markdown

    size = shutil.get_terminal_size()
    Console(width=min(size.columns, wrapping.WIDEST), height=size.lines).print(Markdown(text))
    return DONE


for _command in runtime_commands():
    cli.add_command(_command)


def _analysed(paths: tuple[str, ...], line: ProgressLine, options: Options, contents: Mapping[str, bytes]) -> Outcome:
    try:
        with rare_collections():
            if options.target != PREFECT_3:
                return run(paths, line, options, contents)
            from rehandle_codemods.prefect3.run import run as run_for_prefect_3

            return run_for_prefect_3(paths, line, options, contents)
    except settings.ConfigError as error:
        raise click.ClickException(str(error)) from None


def _since(revision: str, paths: Sequence[str], contents: Mapping[str, bytes]) -> Since:
    from rehandle_codemods.cli import since

    return since.asked(revision, paths, contents)


def _inputs(paths: tuple[str, ...], stdin_filename: str) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """The paths of a run, and what files hold that aren't read from disk: the one that standard input gives."""
    if "" in paths:
        raise click.UsageError("a path is empty: name a file or a folder. None at all means the working directory")
    if "-" not in paths:
        if stdin_filename:
            raise click.UsageError("--stdin-filename says where the code of standard input is from: give - as the path")
        return paths or (".",), {}
    if len(paths) > 1:
        raise click.UsageError("- is standard input: give no other path beside it")
    path = stdin_filename or "-"
    if os.path.isdir(path):
        raise click.UsageError(f"--stdin-filename: {path} is a folder. Give the name of a file")
    if sys.stdin is None:
        raise click.UsageError("- is standard input, and that is closed")
    return (path,), {os.path.realpath(path): sys.stdin.buffer.read()}


def settings_for(paths: Sequence[str], **fixed: Any) -> Options:
    """The options of a run over some paths that has no command line: as each file's pyproject.toml has them.

    Args:
        paths: files and folders.
        fixed: options that are so for all files, whatever their settings say.
    """
    return _options(check.make_context("check", list(paths)), fixed)


def _options(ctx: click.Context, fixed: Mapping[str, Any] = MappingProxyType({})) -> Options:
    said = {name: ctx.params[name] for name in Options._fields if ctx.params.get(name) is not None}
    # What isn't said is as the engine has it.
    options = Options(**{**said, **fixed})
    given = {*given_names(ctx), *fixed}
    if "config" in given:
        return options
    return options._replace(nearest=NearestOptions(options, ctx.params, given))


def _split(given: dict[str, Any]) -> tuple[Options, Shown]:
    shown = Shown(**{name: given[name] for name in Shown._fields})
    if shown.statistics and shown.format not in report.FOR_PEOPLE:
        raise click.UsageError(f"--statistics counts findings for a person: leave out --format {shown.format}")
    if shown.format == report.HTML:
        from rehandle_codemods.report import html

        html.date()  # one that is none is an error now, not when files are rewritten
    return _options(click.get_current_context()), shown


def _chosen(outcome: Outcome, paths: Sequence[str], options: Options) -> Outcome:
    from rehandle_codemods.cli.interactive import choose

    def rerun(declined: Sequence[Declined]) -> Outcome:
        return run(paths, options=options, declined=declined)

    return choose(outcome, rerun, colour=output.has_colours(sys.stdout))


def _typed(command: str, found: report.Report) -> Typed | None:
    """The command line, where there is a next one: not of what standard input gives."""
    return None if found.given else typed(click.get_current_context(), command, found.options.target)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments after the program's name; those of this process by default.

    Returns:
        The exit code.
    """
    arguments: list[str] | None = None if argv is None else list(argv)
    output.open_closed_streams()
    try:
        result = cli.main(args=arguments, prog_name="rehandle", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as error:
        error.show()
        return FAILED
    except OSError as error:
        if error.filename is not None:
            raise
        output.give_up(sys.stdout)
        try:
            click.echo(f"Error: standard output can't be written: {error.strerror or error}", err=True)
        except OSError:
            output.give_up(sys.stderr)
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted: every file is either as it was or completely rewritten.", err=True)
        return INTERRUPTED
