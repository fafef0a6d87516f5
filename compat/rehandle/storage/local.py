"""Plain files."""

import os
import stat
from typing import Type

from rehandle.errors import AccessDeniedError, ObjectNotFoundError, StorageError
from rehandle.storage.atomic_file import write_atomically
from rehandle.storage.base import Store

_MISSING = (FileNotFoundError, NotADirectoryError)


class LocalStore(Store):
    """Files of this machine. An object's name is its path.

    A file is written beside its place and moved there once it is on the disk: a reader, a crash or a full disk finds
    the old content or the new one, never a part.
    """

    def __repr__(self) -> str:
        return "LocalStore()"

    def read(self, name: str) -> bytes:  # noqa: D102
        try:
            with open(name, "rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                    raise StorageError(f"reading the file {name!r}: it is a device, which may have no end")
                return file.read()
        except (OSError, ValueError) as error:
            raise _explained(error, "reading", name) from error

    def write(self, name: str, data: bytes) -> None:  # noqa: D102
        try:
            write_atomically(name, data)
        except (OSError, ValueError) as error:
            raise _explained(error, "writing", name) from error

    def exists(self, name: str) -> bool:  # noqa: D102
        try:
            return not stat.S_ISDIR(os.stat(name).st_mode)
        except _MISSING:
            return False
        except (OSError, ValueError) as error:
            raise _explained(error, "looking for", name) from error


def _explained(error: Exception, action: str, name: str) -> StorageError:
    if not isinstance(error, OSError):
        return StorageError(f"{action} the file {name!r}: no path can be so ({error})")
    kind: Type[StorageError] = StorageError
    advice = "nothing was changed" if action == "writing" else "that can't be done"
    if isinstance(error, _MISSING) and action != "writing":
        kind, advice = ObjectNotFoundError, "there is no such file"
    elif isinstance(error, PermissionError):
        kind, advice = AccessDeniedError, "the system denies it"
    return kind(f"{action} the file {os.path.abspath(name)!r}: {advice} ({error.strerror})")
