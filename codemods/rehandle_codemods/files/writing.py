"""Replacing a file's content: wholly or not at all, with everything else about the file as it was."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import tempfile
import threading
from typing import Callable, Iterable, Iterator, TypeVar

from rehandle_codemods.files.source import SourceError

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_T = TypeVar("_T")


def replace(path: str, before: bytes, after: bytes) -> None:
    """Replace a file's content; mode, owner, group, extended attributes and access control lists stay.

    A temporary file beside it takes its place, so whoever reads it sees the old content or the new one. A symbolic link
    stays, and the file that it leads to is replaced. Other names of the file (hard links) keep the old content.

    Args:
        path: the file.
        before: the content that it has to have.
        after: its new content.

    Raises:
        SourceError: it isn't a file any more, is read-only, has changed, its owner can't be kept, or it can't be
            written.
    """
    path = os.path.realpath(path)

    def prepare(temporary: str) -> None:
        _keep_owner(status, temporary)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        _keep_attributes(path, temporary)
        if _version(os.stat(path)) != _version(status):
            raise SourceError("has changed since it was read. Run again")

    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("isn't a regular file any more. Run again")
        if not status.st_mode & 0o222 or not os.access(path, os.W_OK):
            raise SourceError("is read-only. Make it writable and run again")
        with open(path, "rb") as file:
            if file.read() != before:
                raise SourceError("has changed since it was read. Run again")
        swap(path, after, prepare)
    except OSError as error:
        raise SourceError(f"can't be written: {error.strerror or error}") from None


def swap(path: str, content: bytes, prepare: Callable[[str], None]) -> None:
    """Put a new file in the place of one, or where there is none yet.

    Args:
        path: the file, without symbolic links.
        content: the content.
        prepare: gets the path of the new file once it has its content, and before it takes the place.

    Raises:
        OSError: it can't be written; then nothing is left behind.
    """
    handle, temporary = tempfile.mkstemp(prefix=".rehandle-", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        prepare(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _keep_owner(status: os.stat_result, temporary: str) -> None:
    made = os.stat(temporary)
    if (made.st_uid, made.st_gid) == (status.st_uid, status.st_gid):
        return
    try:
        os.chown(temporary, status.st_uid, status.st_gid)
    except PermissionError:
        raise SourceError(
            "belongs to another user or group, and wouldn't any more. Run as its owner, or change its owner"
        ) from None


def _keep_attributes(path: str, temporary: str) -> None:
    """Give a file the extended attributes of another, access control lists among them, as far as that is allowed."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        wanted = {name: os.getxattr(path, name) for name in os.listxattr(path)}
        made = {name: os.getxattr(temporary, name) for name in os.listxattr(temporary)}
        for name in made.keys() - wanted.keys():  # a folder can give its new files a list of its own
            with contextlib.suppress(OSError):
                os.removexattr(temporary, name)
        for name, value in wanted.items():
            if made.get(name) != value:
                with contextlib.suppress(OSError):
                    os.setxattr(temporary, name, value)


def uninterrupted(items: Iterable[_T]) -> Iterator[_T]:
    """Pass items on so that a signal to end (Ctrl-C, SIGTERM, SIGHUP) waits for the work on one; a second doesn't wait.

    Args:
        items: what is worked on.

    Yields:
        The items.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield from items
        return
    received: list[int] = []

    def wait(number: int, frame: object) -> None:
        if received:
            end(number)
        received.append(number)

    def end(number: int) -> None:
        restore()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        signal.raise_signal(number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.getsignal(number) for number in _STOPPING}
    # What is ignored, as by nohup, stays so; a handler that wasn't set from Python (None) couldn't be set again.
    before = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in before:
            signal.signal(number, wait)
        for item in items:
            yield item
            if received:
                end(received[0])
    finally:
        restore()
