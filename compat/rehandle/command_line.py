"""What all commands that need no more than the runtime share: help that fits the terminal, and errors that help."""

import argparse
import sys
import textwrap
from functools import partial
from typing import Any, List, Mapping, NoReturn, Optional, Sequence

from rehandle.suggestion import suggestion
from rehandle.wrapping import filled, width

_FAILED = 2
_USAGE = "usage: "


def printable(text: str, but: str = "") -> str:
    """Write what a terminal would take for a command, or hide, as an escape.

    Args:
        text: a text from the storage or the command line.
        but: what is left as it is nevertheless.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in but else c.encode("unicode_escape").decode() for c in text)


class Parser(argparse.ArgumentParser):
    """A parser whose help fits the terminal, and whose errors name the nearest option, as it can be shown."""

    def __init__(self, prog: str, description: str, epilog: str, usage: Optional[str] = None) -> None:
        """Make one.

        Args:
            prog: the command's name.
            description: what it does, as `filled` takes it.
            epilog: examples and what else there is to say, as `filled` takes it.
            usage: the arguments, where argparse would not show them well.
        """
        self._names: List[str] = []
        self._given: List[str] = []
        columns = width()
        super().__init__(
            prog=prog,
            usage=usage and textwrap.fill(usage, columns - len(_USAGE), subsequent_indent="    "),
            description=filled(description, columns),
            epilog=filled(epilog, columns),
            formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=columns),
        )

    def add_argument(self, *names: Any, **others: Any) -> argparse.Action:
        """Add an argument, as argparse does, and keep the names of an option."""
        action = super().add_argument(*names, **others)
        self._names += action.option_strings
        return action

    def parse_args(self, args: Optional[Sequence[str]] = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """Parse arguments, as argparse does."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_args(self._given, namespace)

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and exit with 2.

        Args:
            message: what is wrong; an option that isn't known comes first, as all else may follow from it.
        """
        unknown = next(filter(self._is_unknown, self._given), None)
        if unknown is not None:
            name = unknown.partition("=")[0]
            message = f"there is no option {name}. {suggestion(name, self._names, f'`{self.prog} --help` lists all')}"
        super().error(printable(message))

    def _is_unknown(self, word: str) -> bool:
        name = word.partition("=")[0]
        if name.startswith("--"):
            return name != "--" and not any(known.startswith(name) for known in self._names)
        return len(name) > 1 and name[0] == "-" and name[:2] not in self._names


class CommandsParser(Parser):
    """A parser of what stands instead of a command: a few options, nothing at all, or a word that is none."""

    def __init__(self, prog: str, usage: str, description: str, commands: Mapping[str, str], epilog: str) -> None:
        """Make one.

        Args:
            prog: what stands before the command.
            usage: the same with all options.
            description: what the commands are for.
            commands: what each does, by its name.
            epilog: examples and what else there is to say.
        """
        rows = "".join(f"  {name:9}{summary}\n" for name, summary in commands.items())
        super().__init__(prog, description, f"commands:\n{rows}\n{epilog}", usage)
        self._commands = list(commands)
        self.add_argument("command", nargs="?", help=argparse.SUPPRESS)

    def refuse(self, arguments: Sequence[str]) -> int:
        """Do what an option says, or say which commands there are.

        Args:
            arguments: of which the first isn't one of the commands.

        Returns:
            The exit code, if nothing was given.
        """
        command = self.parse_args(arguments[:1]).command
        if command is not None:
            self.error(f"there is no command {command!r}. {suggestion(command, self._commands)}")
        self.print_help(sys.stderr)
        return _FAILED
