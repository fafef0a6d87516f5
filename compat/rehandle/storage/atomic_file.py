"""Writing a file so that a reader sees the old content or the new one, never a part."""

import contextlib
import os
import stat
import uuid
from io import RawIOBase
from typing import Optional


def write_atomically(path: str, data: bytes) -> None:
    """Write a file through a temporary one beside it, which is on the disk before it takes the file's place.

    It waits for the disk twice, and both are needed: without the first wait a power failure might leave the name with a
    part of the data, without the second one no name.

    Args:
        path: where the file goes; a link is followed. Its folder is made if need be. A device or a pipe, such as
            ``/dev/null``, is written to as it is: nothing may take its place.
        data: the whole content.

    Raises:
        OSError: the file can't be written. What was there before is still there.
    """
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        with open(path, "wb", buffering=0) as device:
            _write_all(device, data)
        return
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, f".rehandle-{uuid.uuid4().hex}")
    # Not tempfile, which makes private files: a result is as readable as any file that its writer makes.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            _write_all(file, data)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _mode(path: str) -> Optional[int]:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _write_all(file: RawIOBase, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _sync_folder(folder: str) -> None:
    """Have the file's new name survive a power failure, where the system can do that."""
    with contextlib.suppress(OSError):  # Windows opens no folders, and some file systems sync none.
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
