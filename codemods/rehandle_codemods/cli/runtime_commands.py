"""The runtime's commands among those of the codemods: completion and help know them all."""

from __future__ import annotations

from typing import Iterator

import click

from rehandle.commands import COMMANDS, Command


def runtime_commands() -> Iterator[click.Command]:
    """The commands, which take what is written after their names as it is."""
    for name, command in COMMANDS.items():
        yield _passed_on(name, command)


def _passed_on(name: str, command: Command) -> click.Command:
    """A command of the runtime: what is written after its name is its own affair."""

    def run_it(arguments: tuple[str, ...]) -> int:
        return command.run(list(arguments))

    return click.Command(
        name,
        {"ignore_unknown_options": True},
        run_it,
        [click.Argument(["arguments"], nargs=-1, type=click.Path())],
        help=f"{command.summary[0].upper()}{command.summary[1:]}.",
        add_help_option=False,
    )
