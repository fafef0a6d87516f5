"""Plain files."""

import errno
import functools
import itertools
import os
import stat
from typing import IO, Any, Callable, Iterator, List, Optional, Tuple, Type, TypeVar

from rehandle.errors import AccessDeniedError, ObjectExistsError, ObjectNotFoundError, StorageError
from rehandle.storage.atomic_file import is_temporary, write_atomically
from rehandle.storage.base import FOLDER, Entry, Store, behind
from rehandle.storage.masking import masked

T = TypeVar("T")

_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)
_MISSING = (FileNotFoundError, NotADirectoryError)
# What some special files of Linux would wait for, such as those in /proc, they answer with nothing.
_TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_NO_FILES = {
    "pipe": stat.S_ISFIFO,
    "socket": stat.S_ISSOCK,
    "device, which may have no end": stat.S_ISCHR,
    "disk or another device for blocks": stat.S_ISBLK,
}


class LocalStore(Store):
    """Files of this machine. An object's name is its path.

    A file is written beside its place and moved there once it is on the disk: a reader, a crash or a full disk finds
    the old content or the new one, never a part.
    """

    def __repr__(self) -> str:
        return "LocalStore()"

    def read(self, name: str) -> bytes:  # noqa: D102
        return _explaining("reading", name, _read, name)

    def open(self, name: str) -> IO[bytes]:
        """Open an object for who doesn't need all of its bytes at once.

        Args:
            name: the object's name.

        Returns:
            The file, which has to be closed.

        Raises:
            ObjectNotFoundError: it isn't there.
            StorageError: it can't be read.
        """
        return _explaining("reading", name, _open, name)

    def write(self, name: str, data: bytes) -> None:  # noqa: D102
        _explaining("writing", name, write_atomically, name, data)

    def exists(self, name: str) -> bool:  # noqa: D102
        return _explaining("looking for", name, _exists, name)

    def read_part(self, name: str, start: int, length: int) -> bytes:  # noqa: D102
        return _explaining("reading", name, _read_part, name, start, length)

    def create(self, name: str, data: bytes) -> None:  # noqa: D102
        _explaining("writing", name, functools.partial(write_atomically, replace=False), name, data)

    def entry(self, name: str) -> Optional[Entry]:  # noqa: D102
        return _explaining("looking for", name, _entry, name)

    def entries(self, folder: str, recursive: bool = True, after: Optional[str] = None) -> Iterator[Entry]:
        """List files. Those in a folder with up to 10,000 names are sorted. Links aren't followed.

        Args:
            folder: the folder.
            recursive: whether to list those in folders below, too, instead of the folders.
            after: the name of a file, to begin behind it.

        Returns:
            What was found.

        Raises:
            ObjectNotFoundError: there is no such folder, or no ``after`` in it.
            StorageError: it can't be read.
        """
        return behind(_listed(_explaining("listing", folder, os.scandir, folder), recursive), after)

    def address(self, name: str) -> str:  # noqa: D102
        return name

    def place(self, name: str) -> str:  # noqa: D102
        # As it is called: whoever may write to a folder may put links there.
        return os.path.abspath(name).replace(os.sep, "/")


def _open(name: str) -> IO[bytes]:
    return open(_opened(name), "rb")  # the caller closes it


def _opened(name: str) -> int:
    # Before it is opened, too: that alone makes some devices do something, and waits for a pipe's writer.
    _require_file(os.stat(name), name)
    descriptor = os.open(name, _TO_READ)
    try:
        _require_file(os.fstat(descriptor), name)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _read(name: str) -> bytes:
    with _open(name) as file:
        data: Optional[bytes] = file.read()
    if data is None:
        raise StorageError(f"reading the file {masked(name)!r}: the system has nothing to read there now")
    return data


def _exists(name: str) -> bool:
    try:
        return not stat.S_ISDIR(os.stat(name).st_mode)
    except _MISSING:
        return False


def _read_part(name: str, start: int, length: int) -> bytes:
    # Without a file object, which costs more than a small file takes to read.
    descriptor = _opened(name)
    try:
        os.lseek(descriptor, start, os.SEEK_SET)
        data = part = os.read(descriptor, length)
        while part and len(data) < length:
            part = os.read(descriptor, length - len(data))
            data += part
        return data
    finally:
        os.close(descriptor)


def _entry(name: str) -> Optional[Entry]:
    try:
        status = os.stat(name)
    except _MISSING:
        return None
    return None if stat.S_ISDIR(status.st_mode) else _entry_of(name, status)


def _entry_of(name: str, status: os.stat_result) -> Entry:
    return Entry(name, status.st_size, status.st_mtime, _kind(status))


# So many names are sorted at a time: a folder may have more of them than the memory can hold.
_SORTED = 10_000


def _listed(folder: "Iterator[os.DirEntry[str]]", recursive: bool) -> Iterator[Entry]:
    # Of each folder on the way down: names that are sorted, and the others.
    open_folders: List[Tuple[Iterator[os.DirEntry[str]], Iterator[os.DirEntry[str]]]] = [(iter(()), folder)]
    while open_folders:
        names, others = open_folders[-1]
        for found in names:
            try:
                # A link is another name of what is signed for its own.
                if found.is_symlink():
                    yield Entry(found.path, other="link")
                elif not found.is_dir():
                    if not is_temporary(found.name):
                        yield _entry_of(found.path, found.stat(follow_symlinks=False))
                elif recursive:
                    open_folders.append((iter(()), os.scandir(found.path)))
                    break
                else:
                    yield Entry(found.path, other=FOLDER)
            except _MISSING:
                continue  # Somebody has deleted it meanwhile.
            except OSError as error:
                yield Entry(found.path, other=FOLDER, problem=_explained(error, "listing", found.path))
        else:
            more = sorted(itertools.islice(others, _SORTED), key=lambda entry: entry.name)
            open_folders.pop()
            if more:
                open_folders.append((iter(more), others))


def _kind(status: os.stat_result) -> Optional[str]:
    if stat.S_ISREG(status.st_mode):
        return None
    return next((kind for kind, is_one in _NO_FILES.items() if is_one(status.st_mode)), None)


def _require_file(status: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    kind = _kind(status)
    if kind is not None:
        raise StorageError(f"reading the file {masked(name)!r}: it is a {kind}, not a file")


def _explaining(action: str, name: str, function: Callable[..., T], *arguments: Any) -> T:
    """Do something with a file, or a folder, and say what its errors mean."""
    try:
        return function(*arguments)
    except (OSError, ValueError) as error:
        explained = _explained(error, action, name)
        if masked(name) == name:
            raise explained from error
    # Outside, because the system's error must not go with it: it shows the name.
    raise explained


def _explained(error: Exception, action: str, name: str) -> StorageError:
    if not isinstance(error, OSError):
        return StorageError(f"{action} the file {masked(name)!r}: no path can be so ({error})")
    kind: Type[StorageError] = StorageError
    advice = "nothing was changed" if action == "writing" else "that can't be done"
    if isinstance(error, _MISSING) and action != "writing":
        kind, advice = ObjectNotFoundError, "there is no such file"
    elif isinstance(error, FileExistsError):
        kind, advice = ObjectExistsError, "there is something already"
    elif isinstance(error, PermissionError):
        kind, advice = AccessDeniedError, "the system denies it"
    if action == "writing":
        advice += _about_the_folder(error, name)
    return kind(f"{action} the file {masked(os.path.abspath(name))!r}: {advice} ({error.strerror})")


def _about_the_folder(error: OSError, name: str) -> str:
    """Say what is the matter with the folder: that it has to be writable surprises who may write to the file."""
    folder = os.path.dirname(os.path.realpath(name))
    if error.errno in _NOT_WRITABLE and not (os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)):
        return (
            f", because nothing can be put into the folder {masked(folder)!r}: a file is written beside its place and "
            "then moved there. Allow writing to that folder, or name another one"
        )
    if error.errno == errno.EBUSY:
        return ", because the file is mounted there by itself: mount its folder"
    return ""
