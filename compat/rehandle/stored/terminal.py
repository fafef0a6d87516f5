"""What commands about stored objects print: nothing that a terminal takes for a command, in any encoding."""

import argparse
import os
import sys
from typing import Any, Callable, NoReturn, Sequence

from rehandle.errors import RehandleError

FAILED = 2
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """A parser whose errors show the arguments as they can be shown."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and exit.

        Args:
            message: what is wrong.
        """
        super().error(printable(message))


def run(parser: Parser, arguments: Sequence[str], command: Callable[[argparse.Namespace], int]) -> int:
    """Run a command.

    Args:
        parser: of its arguments, of which one is ``location``.
        arguments: the arguments.
        command: takes the parsed arguments, and gives the exit code.

    Returns:
        The exit code: the command's, 2 after an error, 130 after Ctrl-C.
    """
    options = parser.parse_args(arguments)
    try:
        return command(options)
    except (RehandleError, ImportError) as problem:
        return error(str(problem))
    except MemoryError:
        return error(f"{options.location}: there isn't enough memory for an object of this size")
    except KeyboardInterrupt:
        print("rehandle: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def say(text: str, stream: Any = None) -> None:
    """Print some lines.

    Args:
        text: the lines. What isn't printable in them, or not in the stream's encoding, is printed as an escape.
        stream: where to; by default the standard output.
    """
    stream = sys.stdout if stream is None else stream
    if stream is None:
        return  # It was closed when Python began.
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = printable(text.replace("\r\n", "\n"), but="\n\t")
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def printable(text: str, but: str = "") -> str:
    """Write what a terminal would take for a command, or hide, as an escape.

    Args:
        text: a text from the storage or the command line.
        but: what is left as it is nevertheless.
    """
    return "".join(c if c.isprintable() or c in but else c.encode("unicode_escape").decode() for c in text)


def error(message: str) -> int:
    """Print an error.

    Args:
        message: what is wrong.

    Returns:
        The exit code.
    """
    say(f"rehandle: error: {printable(message)}", sys.stderr)
    return FAILED
