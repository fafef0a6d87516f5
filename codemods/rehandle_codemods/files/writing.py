"""Replacing a file's content: wholly or not at all, with everything else about the file as it was."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from typing import Callable

from rehandle.file_attributes import keep_attributes, keep_owner
from rehandle_codemods.files.source import SourceError


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
        if not keep_owner(status, temporary):
            whose = "belongs to another user or group, and wouldn't any more"
            raise SourceError(f"{whose}. Run as its owner, or change its owner")
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        keep_attributes(path, temporary)
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
