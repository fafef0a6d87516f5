"""Writing a file so that a reader sees the old content or the new one, never a part."""

import binascii
import contextlib
import errno
import os
import re
import socket
import stat
import time
import uuid
from io import RawIOBase
from typing import Optional, Set, Tuple

from rehandle.file_attributes import keep_attributes, keep_owner

try:
    import fcntl
except ImportError:  # Windows, where nobody can delete a file that is open
    fcntl = None  # type: ignore[assignment]

# The machine, the process and a number: with these it can be told whether the writer still lives.
_TEMPORARY = re.compile(r"\.rehandle-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{32}")
_HOST = f"{binascii.crc32(socket.gethostname().encode('utf-8', 'surrogateescape')):08x}"
# How old another machine's file has to be: a lock may not be seen there.
_DEAD_SECONDS = 24 * 3600
# How long a folder is searched: one with a million files would take seconds.
_SEARCH_SECONDS = 0.05
_MOST_SEARCHED = 10_000
_PRIVATE = 0o600

_searched: Set[Tuple[int, str]] = set()


def write_atomically(path: str, data: bytes, replace: bool = True) -> None:
    """Write a file through a temporary one beside it, which is on the disk before it takes the file's place.

    It waits for the disk twice, and both are needed: without the first wait a power failure might leave the name with a
    part of the data, without the second one no name.

    A file that is there keeps its mode, owner, group, extended attributes and access control list, as far as the system
    lets; until the temporary file has them all, nobody else can open it. Where the group can't be kept, the new one may
    do no more than everybody.

    The first time that a process writes to a folder, temporary files are deleted that killed processes left there.

    Args:
        path: where the file goes; a link is followed. Its folder is made if need be. A device or a pipe, such as
            ``/dev/null``, is written to as it is: nothing may take its place.
        data: the whole content.
        replace: whether what is there may be replaced. Without, of several who write at once one succeeds.

    Raises:
        FileExistsError: something is there, be it a broken link, and isn't to be replaced.
        OSError: the file can't be written. What was there before is still there.
    """
    if not replace and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    before = _status(path)
    if before is not None and not stat.S_ISREG(before.st_mode) and not stat.S_ISDIR(before.st_mode):
        with open(path, "wb", buffering=0) as device:
            _write_all(device, data)
        return
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    _clean_once(folder)
    # A new result is as readable as any file that its writer makes.
    handle, temporary = _new(folder, 0o666 if before is None else _PRIVATE)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            _write_all(file, data)
            if before is not None:
                _keep(before, path, temporary)
            os.fsync(file.fileno())
            if os.name != "nt":
                # While the lock holds.
                _move(temporary, path, replace)
        if os.name == "nt":
            _move(temporary, path, replace)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _move(temporary: str, path: str, replace: bool) -> None:
    if replace:
        os.replace(temporary, path)
    elif os.name == "nt":
        os.rename(temporary, path)  # Windows replaces nothing so.
    else:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links. An empty file keeps the place meanwhile.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            os.replace(temporary, path)
        else:
            os.unlink(temporary)


def is_temporary(name: str) -> bool:
    """Tell whether a file's name is that of a temporary file, which may be on its way into a file's place.

    Args:
        name: the name, without the folder.
    """
    return _TEMPORARY.fullmatch(name) is not None


def _new(folder: str, mode: int) -> Tuple[int, str]:
    """Open a new file that is locked, so that others see that its writer lives."""
    while True:
        path = os.path.join(folder, f".rehandle-{_HOST}-{os.getpid()}-{uuid.uuid4().hex}")
        # Not tempfile, which makes private files.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        if not _lock(handle, wait=True) or os.fstat(handle).st_nlink:
            return handle, path
        # Somebody took it for a dead one's in the moment before it was locked.
        os.close(handle)


def _lock(handle: int, wait: bool) -> Optional[bool]:
    """Lock a file until it is closed. False where the system locks none, None if somebody else has locked it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return None
    except OSError:
        return False
    return True


def _keep(before: os.stat_result, path: str, temporary: str) -> None:
    """Give a new file what the old one has beside its content."""
    mode = stat.S_IMODE(before.st_mode)
    keeps_owner = keep_owner(before, temporary)
    keeps_list = keep_attributes(path, temporary)
    if not keeps_owner:
        # Whoever runs it as its owner would be somebody else now.
        mode &= ~(stat.S_ISUID | stat.S_ISGID)
    if not keeps_list or os.stat(temporary).st_gid != before.st_gid:
        # Its rights were meant for another group, or for those in a list.
        mode &= ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    os.chmod(temporary, mode)


def _clean_once(folder: str) -> None:
    key = (os.getpid(), folder)
    if key in _searched:
        return
    if len(_searched) >= _MOST_SEARCHED:
        _searched.clear()
    _searched.add(key)
    end = time.monotonic() + _SEARCH_SECONDS
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _TEMPORARY.fullmatch(entry.name)
            # On some network file systems a process gets the lock of a file that it has locked itself.
            if found and int(found[2]) != os.getpid():
                with contextlib.suppress(OSError):
                    _delete_if_dead(entry.path, entry.stat(follow_symlinks=False), found[1] == _HOST)
            if time.monotonic() > end:
                break


def _delete_if_dead(path: str, status: os.stat_result, is_of_this_machine: bool) -> None:
    """Delete this user's temporary file if its writer is dead."""
    if not stat.S_ISREG(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        return
    is_old = time.time() - status.st_mtime > _DEAD_SECONDS
    if fcntl is None:
        if is_old:
            os.unlink(path)
        return
    if not is_of_this_machine and not is_old:
        return
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, os.O_RDWR | flags)
    except PermissionError:
        # It has got the mode of a file that nobody may write.
        handle = os.open(path, os.O_RDONLY | flags)
    try:
        if _lock(handle, wait=False):
            # While it is locked: a writer who gets the lock next sees that the file is gone.
            os.unlink(path)
    finally:
        os.close(handle)


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
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
