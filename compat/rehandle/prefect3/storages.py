"""Reading and writing through Prefect's blocks, and telling what isn't there from what can't be read just now."""

import inspect
import os
from typing import Any, Optional

from prefect.filesystems import LocalFileSystem
from prefect.utilities.asyncutils import run_coro_as_sync

from rehandle.errors import (
    AccessDeniedError,
    ObjectExistsError,
    ObjectNotFoundError,
    RehandleError,
    StorageConnectionError,
    StorageError,
)
from rehandle.prefect3 import buckets
from rehandle.storage import LocalStore
from rehandle.storage.masking import masked


class Folder:
    """Files below a folder of this machine, and for reading also others by their absolute paths.

    A LocalFileSystem isn't asked to do it: it says the same of a missing file and of one that can't be read, writes
    where a reader may see a part, and some releases write outside of their folder.

    Args:
        basepath: the folder; None for none.
        must_be_there: whether it is an error if the folder isn't there. It is made when something is written.
    """

    def __init__(self, basepath: Optional[str], must_be_there: bool = False) -> None:
        self._must_be_there = must_be_there
        self._folder = None if basepath is None else os.path.realpath(os.path.expanduser(basepath))
        self._files = LocalStore()

    def __repr__(self) -> str:
        return "local files" if self._folder is None else f"the folder {self._folder!r}"

    def read(self, key: str) -> bytes:
        """Read a file.

        Args:
            key: its path: in the folder, or absolute.

        Raises:
            ObjectNotFoundError: there is none, and there is the folder.
            StorageError: it can't be read, or isn't inside of the folder.
        """
        path = key if os.path.isabs(key) else self._inside(key)
        try:
            return self._files.read(path)
        except ObjectNotFoundError as error:
            if self._must_be_there and self._folder is not None and not os.path.isdir(self._folder):
                raise StorageError(
                    f"reading {masked(key)!r}: the folder {self._folder!r} isn't there. Is its disk mounted?"
                ) from error
            raise

    def write(self, key: str, content: bytes) -> None:
        """Write a file, wholly or not at all.

        Args:
            key: its path in the folder. A slash at its beginning doesn't count.
            content: all of its bytes.

        Raises:
            StorageError: it can't be written, or isn't inside of the folder.
        """
        self._files.write(self._inside(key), content)

    def create(self, key: str, content: bytes) -> None:
        """Write a file where none is.

        Args:
            key: as for `write`.
            content: all of its bytes.

        Raises:
            ObjectExistsError: something is there.
            StorageError: as for `write`.
        """
        self._files.create(self._inside(key), content)

    def place(self, key: str) -> str:
        """Tell the place that a signature names."""
        return self._files.place(key if os.path.isabs(key) or self._folder is None else os.path.join(self._folder, key))

    def _inside(self, key: str) -> str:
        if self._folder is None:
            raise ObjectNotFoundError(f"there is no folder in which {masked(key)!r} could be: it is no absolute path")
        path = os.path.realpath(os.path.join(self._folder, key.lstrip("/")))
        if not path.startswith(os.path.join(self._folder, "")):
            raise StorageError(
                f"{masked(key)!r} leads to {path!r}, outside of the folder {self._folder!r}: results are neither read "
                "nor written there. Name the folder that it leads to in a block of its own."
            )
        return path


class Bucket:
    """What any other block stores.

    Args:
        block: the block.
    """

    def __init__(self, block: Any) -> None:
        self._block = block

    def __repr__(self) -> str:
        return f"the block {name_of(self._block) or type(self._block).__name__}"

    def read(self, key: str) -> bytes:
        """Read an object.

        Args:
            key: its key.

        Raises:
            ObjectNotFoundError: there is none, and there is the bucket.
            StorageError: it can't be read.
        """
        try:
            data: Optional[bytes] = call(self._block, "read_path", key)
        except Exception as error:
            problem: Exception = error
            try:
                if buckets.is_absent(self._block, error):
                    problem = ObjectNotFoundError("there is no such object")
            except Exception as failed:
                problem = failed
            raise explained(f"reading {masked(key)!r} in {self}", problem) from error
        if data is None:
            raise ObjectNotFoundError(f"there is no {masked(key)!r} in {self}")
        return data

    def write(self, key: str, content: bytes) -> None:
        """Write an object.

        Args:
            key: its key. A slash at its beginning doesn't count.
            content: all of its bytes.
        """
        call(self._block, "write_path", key.lstrip("/"), content)

    def create(self, key: str, content: bytes) -> None:
        """Write an object where none is. A block can't do both at once: somebody else may write between them.

        Args:
            key: as for `write`.
            content: all of its bytes.

        Raises:
            ObjectExistsError: something is there.
            StorageError: whether something is there can't be told.
        """
        try:
            self.read(key.lstrip("/"))
        except ObjectNotFoundError:
            self.write(key, content)
        else:
            raise ObjectExistsError(f"there is {masked(key)!r} in {self} already")

    def place(self, key: str) -> Optional[str]:
        """Tell the place that a signature names, None where that isn't known."""
        return buckets.place(self._block, key)


def storage_of(block: Any, must_be_there: bool = False) -> Any:
    """Give what reads and writes what a block stores.

    Args:
        block: the block.
        must_be_there: as for `Folder`.
    """
    # A subclass may store in its own way.
    if type(block) is LocalFileSystem:
        return Folder(block.basepath or ".", must_be_there)
    return Bucket(block)


def call(block: Any, method: str, *arguments: Any) -> Any:
    """Call a block's method, be it synchronous, asynchronous or both, and wait for what it returns.

    Args:
        block: the block.
        method: the method's name.
        *arguments: its arguments.
    """
    function = getattr(block, method)
    # Where a method is both, Prefect puts the asynchronous one there.
    answer = function(*arguments, _sync=True) if hasattr(function, "aio") else function(*arguments)
    return run_coro_as_sync(answer) if inspect.isawaitable(answer) else answer


def name_of(block: Any) -> Optional[str]:
    """Tell the name of a saved block, as in ``s3-bucket/old``. None for one that isn't saved under a name.

    Args:
        block: the block.
    """
    name = getattr(block, "_block_document_name", None)
    if getattr(block, "_block_document_id", None) is None or not name or getattr(block, "_is_anonymous", False):
        return None
    return f"{block.get_block_type_slug()}/{name}"


def explained(action: str, error: Exception) -> RehandleError:
    """Make an error that says what was tried.

    Args:
        action: what that was.
        error: rehandle's own, or that of the block or of its client library.

    Returns:
        An error of the same class, or that says the same.
    """
    if isinstance(error, RehandleError):
        return type(error)(f"{action}: {error}")
    kinds = ((PermissionError, AccessDeniedError), ((ConnectionError, TimeoutError), StorageConnectionError))
    kind = next((kind for classes, kind in kinds if isinstance(error, classes)), StorageError)
    return kind(f"{action}: {type(error).__name__}: {masked(str(error))}{buckets.advice(error)}")
