"""The options of `check` and `migrate`: what they take, and the settings in pyproject.toml that stand for them."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, Sequence, TypeVar

import click

from rehandle.suggestion import suggestion
from rehandle.wrapping import filled
from rehandle_codemods import report
from rehandle_codemods.cli import output, settings
from rehandle_codemods.cli.settings import Kind
from rehandle_codemods.files.patterns import checked_pattern
from rehandle_codemods.options import PREFECT_1, TARGETS, Codes, Options, Pattern
from rehandle_codemods.report.next_command import Typed
from rehandle_codemods.rules import checked_code

_Function = TypeVar("_Function", bound=Callable[..., Any])

SECTIONS = REWRITE, RULES, FILES, OUTPUT, OTHER = "Rewriting", "Rules", "Files", "Output", "Other"


_TYPED = f"{__name__}.typed"


SETTINGS: dict[str, Kind] = {}
"""What each setting may be, by its name: of all commands, which share one table."""


class Option(click.Option):
    """An option that stands in a section of the help, and may be a setting.

    Attributes:
        section: the section's title.
    """

    def __init__(self, *arguments: Any, section: str, kind: Kind | None = None, **others: Any) -> None:
        """Make one.

        Args:
            arguments: as `click.Option` takes them.
            section: the section's title.
            kind: what the setting may be that stands for it; None where there is none.
            others: as `click.Option` takes them.
        """
        if kind is settings.FLAG and "/" not in arguments[0][-1]:
            # What the settings switch on, the command line can switch off.
            names = arguments[0]
            arguments = ([*names[:-1], f"{names[-1]}/--no-{names[-1][2:]}"], *arguments[1:])
        super().__init__(*arguments, **others)
        self.section = section
        if kind is not None:
            SETTINGS[str(self.name).replace("_", "-")] = kind


class Command(click.Command):
    """A command whose help has its options in sections, and whose settings come from a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them, and keep what was typed, for `typed`."""
        ctx.meta[_TYPED] = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = [name for option in self.get_params(ctx) for name in (*option.opts, *option.secondary_opts)]
            nearest = suggestion(error.option_name, known, f"`{ctx.command_path} --help` lists all")
            raise click.UsageError(f"there is no option {error.option_name}. {nearest}", ctx) from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, and what else there is to say."""
        if self.epilog:
            formatter.write(f"\n{filled(self.epilog, formatter.width)}\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {title: [] for title in SECTIONS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                sections[getattr(parameter, "section", OTHER)].append(record)
        for title, records in filter(lambda item: item[1], sections.items()):
            with formatter.section(title):
                formatter.write_dl(records)


def typed(ctx: click.Context, command: str, target: str) -> Typed:
    """The command line as it was typed, for another command over the same.

    Args:
        ctx: of the command.
        command: what it was, as `Typed` has it.
        target: what the new code is for.
    """
    given, order = _parsed(ctx)
    options: list[tuple[str, ...]] = []
    for parameter in dict.fromkeys(order):
        analysed = isinstance(parameter, Option) and parameter.section != OUTPUT and parameter.name in Options._fields
        if not analysed and parameter.name != "since":
            continue
        name, value = parameter.opts[-1], given[parameter.name]
        if isinstance(value, bool):
            options.append((name if value else parameter.secondary_opts[-1],))
        else:
            options += [(name, each) for each in (value if isinstance(value, list) else [value])]
    return Typed(command, options, ctx.params["paths"], target)


def _parsed(ctx: click.Context) -> tuple[Mapping[str, Any], list[click.Parameter]]:
    """What the command line has, by the names of parameters, and these in the order in which they stand there."""
    given, _, order = ctx.command.make_parser(ctx).parse_args(list(ctx.meta[_TYPED]))
    return given, order


class _Words(click.ParamType):  # type: ignore[type-arg]  # it isn't generic in older releases
    """Several words with commas between them."""

    def __init__(self, name: str, convert: Callable[[str], Any]) -> None:
        self.name = name
        self._convert = convert

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return (value,)  # from a setting, which has been checked
        try:
            return tuple(map(self._convert, value.split(",")))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class RuleCode(click.ParamType):  # type: ignore[type-arg]  # it isn't generic in older releases
    """The code of a rule, which a shell may complete."""

    name = "code"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """The codes that begin so."""
        from click.shell_completion import CompletionItem

        from rehandle_codemods import rules

        return [CompletionItem(code) for code in rules.codes() if code.startswith(incomplete.upper())]


class _PatternWithCodes(click.ParamType):  # type: ignore[type-arg]  # as above
    name = "pattern with codes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[Pattern, Codes], ...]:
        if not isinstance(value, str):
            return (value,)
        glob, _, codes = value.rpartition(":")
        if not glob:
            self.fail(f"{value!r} has to be a pattern, a colon and codes, such as tests/*:RH301", param, ctx)
        try:
            return ((checked_pattern(os.getcwd(), glob), tuple(map(checked_code, codes.split(",")))),)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def given_names(ctx: click.Context) -> frozenset[str]:
    """The names of the options that the command line has."""
    return frozenset(str(parameter.name) for parameter in _parsed(ctx)[1])


def _flat(ctx: click.Context, param: click.Parameter, value: Sequence[Any]) -> tuple[Any, ...] | None:
    # An empty list in the settings isn't the same as no setting.
    given = value or param.name in (ctx.default_map or {})
    return tuple(item for part in value for item in part) if given else None


def _paths(ctx: click.Context) -> list[str]:
    stdin = ctx.params.get("stdin_filename") or os.getcwd()
    return [stdin if path == "-" else path for path in ctx.params.get("paths") or [os.getcwd()]]


def _use_settings(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Let the settings of the nearest pyproject.toml be what options are where the command line doesn't say."""
    if ctx.resilient_parsing:
        return value
    try:
        path = value or settings.find(_paths(ctx))
        found = settings.read(path, SETTINGS) if path else {}
    except settings.ConfigError as error:
        raise click.ClickException(str(error)) from None
    if found:
        ctx.default_map = {name.replace("-", "_"): setting for name, setting in found.items()}
    return path


def _checked_output(ctx: click.Context, param: click.Parameter, value: str) -> str:
    try:
        if value:
            output.check(value)
    except output.OutputError as error:
        raise click.BadParameter(str(error)) from None
    return value


_CODES = {"multiple": True, "metavar": "CODES", "type": _Words("codes", checked_code), "callback": _flat}
_PATTERNS = {
    "multiple": True,
    "metavar": "PATTERNS",
    "type": _Words("patterns", lambda glob: checked_pattern(os.getcwd(), glob)),
    "callback": _flat,
}

_FOLDERS = {
    "multiple": True,
    "metavar": "FOLDERS",
    "type": _Words("folders", lambda glob: settings.folders_of(glob, os.getcwd())),
    "callback": lambda ctx, param, value: tuple(path for part in _flat(ctx, param, value) or () for path in part),
}

_SHARED = (
    # These are eager, and in this order: where the settings are depends on the paths, and all else on the settings.
    click.argument("paths", nargs=-1, type=click.Path(), is_eager=True),
    click.option(
        "--stdin-filename",
        cls=Option,
        section=FILES,
        type=click.Path(),
        default="",
        metavar="FILE",
        is_eager=True,
        help="The file that the code of standard input (-) is analysed as: in its repository.",
    ),
    click.option(
        "--config",
        cls=Option,
        section=OTHER,
        type=click.Path(),
        default="",
        metavar="FILE",
        is_eager=True,
        callback=_use_settings,
        help="Read the settings from this file instead of the nearest pyproject.toml.",
    ),
    click.option(
        "--target",
        cls=Option,
        section=REWRITE,
        kind=settings.choice(*TARGETS),
        type=click.Choice(TARGETS),
        default=PREFECT_1,
        show_default=True,
        help="What the new code is for: Prefect 0.11 to 1.4; any Prefect together with rehandle, from which it "
        "imports its Results; or Prefect 3, for which files with straight-line flows are rewritten whole.",
    ),
    click.option(
        "--runtime/--no-runtime",
        cls=Option,
        section=REWRITE,
        kind=settings.FLAG,
        default=True,
        show_default=True,
        help="Write rehandle.to_result where only a run shows which handler it is; else that is to be changed by hand.",
    ),
    click.option(
        "--recorded",
        cls=Option,
        section=REWRITE,
        kind=settings.FILE,
        type=click.Path(),
        default="",
        metavar="FILE",
        help="What rehandle wrote to REHANDLE_RECORD while the code ran: decides what the code doesn't show.",
    ),
    click.option(
        "--keep-names",
        cls=Option,
        section=REWRITE,
        kind=settings.FLAG,
        is_flag=True,
        help="Don't rename classes that become Results.",
    ),
    click.option(
        "--docs/--no-docs",
        cls=Option,
        section=REWRITE,
        kind=settings.FLAG,
        default=False,
        help="Rewrite examples in Markdown, reStructuredText and docstrings, too.",
    ),
    click.option(
        "--select",
        cls=Option,
        section=RULES,
        kind=settings.CODES,
        help="The rules that count: codes, beginnings of codes, or ALL.  [default: ALL]",
        **_CODES,
    ),
    click.option(
        "--ignore",
        cls=Option,
        section=RULES,
        kind=settings.CODES,
        help="Rules that don't: their places, and what can't change without them, stay as they are.",
        **_CODES,
    ),
    click.option(
        "--per-file-ignores",
        cls=Option,
        section=RULES,
        kind=settings.PER_FILE,
        multiple=True,
        metavar="PATTERN:CODES",
        type=_PatternWithCodes(),
        callback=_flat,
        help="Rules that don't count in some files, such as 'tests/*:RH301'. May be given several times.",
    ),
    click.option(
        "--src",
        cls=Option,
        section=FILES,
        kind=settings.FOLDERS,
        help="Folders that modules are imported from, such as 'libs/*/src', where the tool doesn't find them itself.",
        **_FOLDERS,
    ),
    click.option(
        "--exclude",
        cls=Option,
        section=FILES,
        kind=settings.PATTERNS,
        help="Files and folders to leave out, as in .gitignore, instead of the usual ones (.venv, build, ...).",
        **_PATTERNS,
    ),
    click.option(
        "--extend-exclude",
        cls=Option,
        section=FILES,
        kind=settings.PATTERNS,
        help="Further files and folders to leave out.",
        **_PATTERNS,
    ),
    click.option(
        "--force-exclude",
        cls=Option,
        section=FILES,
        kind=settings.FLAG,
        is_flag=True,
        help="Leave them out where PATHS name them, too: for pre-commit.",
    ),
    click.option(
        "--respect-gitignore/--no-respect-gitignore",
        cls=Option,
        section=FILES,
        kind=settings.FLAG,
        default=True,
        show_default=True,
        help="Leave out what git ignores.",
    ),
    click.option(
        "--format",
        cls=Option,
        section=OUTPUT,
        kind=settings.choice(*report.FORMATS),
        type=click.Choice(report.FORMATS),
        default=report.TEXT,
        show_default=True,
        help="How findings are printed.",
    ),
    click.option(
        "-o",
        "--output",
        cls=Option,
        section=OUTPUT,
        type=click.Path(),
        callback=_checked_output,
        default="",
        metavar="FILE",
        help="Write the findings there, and print only what sums them up.",
    ),
    click.option(
        "-q",
        "--quiet",
        cls=Option,
        section=OUTPUT,
        kind=settings.FLAG,
        is_flag=True,
        help="Print only what is to be changed by hand, and errors.",
    ),
    click.option(
        "-v",
        "--verbose",
        cls=Option,
        section=OUTPUT,
        kind=settings.FLAG,
        is_flag=True,
        help="Say on standard error which settings are used, how many files are read, and what is ignored.",
    ),
    click.option(
        "--statistics",
        cls=Option,
        section=OUTPUT,
        kind=settings.FLAG,
        is_flag=True,
        help="Print how many findings each rule has, instead of the findings.",
    ),
    click.option(
        "--exit-zero",
        cls=Option,
        section=OUTPUT,
        kind=settings.FLAG,
        is_flag=True,
        help="Exit with 0 even if something would change or is left. An error is still 2.",
    ),
    click.option(
        "-j",
        "--jobs",
        cls=Option,
        section=OTHER,
        kind=settings.NUMBER,
        type=click.IntRange(min=0),
        default=1,
        metavar="N",
        show_default=True,
        help="How many threads look for files that matter: more than one pays where the disk is slow. 0 is as many as "
        "there are processors.",
    ),
)


def shared(function: _Function) -> _Function:
    """Give a command the arguments and options that `check` and `migrate` both have."""
    for decorator in reversed(_SHARED):
        function = decorator(function)
    return function
