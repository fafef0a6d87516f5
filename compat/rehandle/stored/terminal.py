"""What commands about stored objects print: nothing that a terminal takes for a command, in any encoding."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from typing import Any, Callable, Iterator, List, Sequence

from rehandle.command_line import printable
from rehandle.errors import RehandleError

FAILED = 2
INTERRUPTED = 130


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], command: Callable[[argparse.Namespace], int]) -> int:
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


@contextlib.contextmanager
def patient() -> Iterator[Callable[[], None]]:
    """Have Ctrl-C wait for a moment that suits. Pressed again, it doesn't wait.

    Yields:
        A function to call at such moments: it raises KeyboardInterrupt once Ctrl-C was pressed.
    """
    pressed: List[bool] = []

    def note(*signal_and_frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(True)

    def stop_if_told() -> None:
        if pressed:
            raise KeyboardInterrupt

    # What runs in the background of a shell isn't told, and only the main thread may be.
    is_told = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_told or threading.current_thread() is not threading.main_thread():
        yield stop_if_told
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield stop_if_told
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def say(text: str, stream: Any = None, flush: bool = True) -> None:
    """Print some lines.

    Args:
        text: the lines. What isn't printable in them, or not in the stream's encoding, is printed as an escape.
        stream: where to; by default the standard output.
        flush: whether it is to be seen at once.
    """
    stream = sys.stdout if stream is None else stream
    if stream is None:
        return  # It was closed when Python began.
    encoding = getattr(stream, "encoding", None) or "utf-8"
    shown = printable(text.replace("\r\n", "\n"), but="\n\t")
    print(shown.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=flush)


def error(message: str) -> int:
    """Print an error.

    Args:
        message: what is wrong.

    Returns:
        The exit code.
    """
    say(f"rehandle: error: {printable(message)}", sys.stderr)
    return FAILED
