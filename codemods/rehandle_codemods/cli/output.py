"""Where reports go: a stream, in colours if it is a terminal, or a file that is either the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO


class OutputError(Exception):
    """A report that can't be saved; the message says why and what to do."""


def has_colours(stream: TextIO) -> bool:
    """Whether a stream is to get colours: a terminal is, unless the environment says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def open_closed_streams() -> None:
    """Let a process that was started without standard output or error print to nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # for as long as it runs


def give_up(stream: TextIO) -> None:
    """Don't try again, at the end of the process, to write what a stream couldn't take."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def show(text: str, *, machine: bool, to_stderr: bool = False) -> None:
    """Print a report.

    Args:
        text: the report.
        machine: whether another program reads it: then it is UTF-8, whatever the terminal's encoding is.
        to_stderr: print it there.
    """
    stream = sys.stderr if to_stderr else sys.stdout
    stream.flush()
    if not hasattr(stream, "buffer"):  # what somebody has put in its place holds any text
        stream.write(text)
        return
    encoding = "utf-8" if machine else stream.encoding or "utf-8"
    stream.buffer.write(text.encode(encoding, "backslashreplace"))
    stream.buffer.flush()


def check(path: str) -> None:
    """Look at a file's path before the work whose report goes there.

    Args:
        path: the file, which may exist.

    Raises:
        OutputError: nothing can be written there.
    """
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder. Give the name of a file")
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"{path} can't be written: there is no folder {folder}. Make it first")
    if os.path.exists(path):
        if not (os.stat(path).st_mode & 0o222 and os.access(path, os.W_OK)):
            raise OutputError(f"{path} is read-only. Make it writable, or name another file")
    elif not os.access(folder, os.W_OK):
        raise OutputError(f"{path} can't be written: nothing may be added to {folder}. Name a file somewhere else")


def save(text: str, path: str) -> None:
    """Write a report to a file, wholly or not at all.

    Args:
        text: the report.
        path: the file, which may exist.

    Raises:
        OutputError: it can't be written.
    """
    from rehandle_codemods.files.writing import swap

    content = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # A pipe or a device, such as /dev/stdout, can't be replaced.
            with open(path, "wb") as file:
                file.write(content)
            return
        target = os.path.realpath(path)
        mode = _mode(target)
        swap(target, content, lambda temporary: os.chmod(temporary, mode))
    except OSError as error:
        raise OutputError(f"{path} can't be written: {error.strerror or error}") from None


def _mode(path: str) -> int:
    """The permissions of a file, or those that a new one gets."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(path).st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
