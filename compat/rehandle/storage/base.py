"""What all stores have in common."""

from typing import Iterable, Iterator, List, NamedTuple, Optional, TypeVar

from rehandle.errors import ObjectNotFoundError, StorageError
from rehandle.storage.masking import masked

T = TypeVar("T")


class Entry(NamedTuple):
    """What a listing finds.

    Attributes:
        name: the object's name in its store.
        size: in bytes.
        modified: when it was written, in seconds since 1970.
        other: what it is if it isn't an object, such as ``folder`` or ``link``.
        problem: why there may be more that isn't listed: a folder can't be read.
    """

    name: str
    size: int = 0
    modified: float = 0
    other: Optional[str] = None
    problem: Optional[StorageError] = None


FOLDER = "folder"
"""What a listing says of a folder that it doesn't look into."""


class Store:
    """A place that keeps bytes under names.

    A store holds its configuration alone: it is cheap to make, can be pickled, and equals any other of the same
    configuration.
    """

    def read(self, name: str) -> bytes:
        """Read an object.

        Args:
            name: the object's name.

        Returns:
            All of its bytes.

        Raises:
            ObjectNotFoundError: it isn't there.
            StorageError: it can't be read; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def write(self, name: str, data: bytes) -> None:
        """Write an object. One that is there already is replaced, wholly or not at all.

        Args:
            name: the object's name.
            data: all of its bytes.

        Raises:
            StorageError: it can't be written; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def exists(self, name: str) -> bool:
        """Tell whether an object is there.

        Args:
            name: the object's name.

        Returns:
            False only if it isn't there.

        Raises:
            BucketNotFoundError: nor is the bucket.
            StorageError: that can't be told; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def read_part(self, name: str, start: int, length: int) -> bytes:
        """Read some bytes of an object.

        Args:
            name: the object's name.
            start: the first byte, counted from 0: one that the object has.
            length: how many bytes, at least 1.

        Returns:
            The bytes: fewer where the object ends before.

        Raises:
            StorageError: as for `read`.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def create(self, name: str, data: bytes) -> None:
        """Write an object where there is none. Of several who do that at once, one succeeds.

        Args:
            name: the object's name.
            data: all of its bytes.

        Raises:
            ObjectExistsError: something is there already. It stays as it is.
            StorageError: it can't be written; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def entry(self, name: str) -> Optional[Entry]:
        """Find one object.

        Args:
            name: the object's name.

        Returns:
            What a listing says of it, None if it isn't there or is a folder.

        Raises:
            StorageError: that can't be told; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def entries(self, folder: str, recursive: bool = True, after: Optional[str] = None) -> Iterator[Entry]:
        """List objects, in constant memory however many there are.

        Args:
            folder: the folder that they lie in. In a bucket it is what their names begin with, up to a slash; with an
                empty text it is the whole bucket.
            recursive: whether to list those in folders below, too, instead of the folders.
            after: the name of an object, to begin behind it. The order is that of the storage, and the same each time
                while nothing is added or removed.

        Yields:
            What was found.

        Raises:
            ObjectNotFoundError: there is no ``after``. Where the storage itself begins there, it isn't missed.
            StorageError: that can't be told; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        raise NotImplementedError

    def names(self, folder: str) -> List[str]:
        """List objects in a folder and in those below it.

        Args:
            folder: as for `entries`.

        Returns:
            Their names, sorted.

        Raises:
            StorageError: that can't be told; see the subclasses.
            ImportError: the storage's client library isn't installed.
        """
        found = []
        for entry in self.entries(folder):
            if entry.problem is not None:
                raise entry.problem
            if entry.other is None:
                found.append(entry.name)
        return sorted(found)

    def for_threads(self) -> "Store":
        """Give a store for several threads at a time, with one client where the library allows that.

        Returns:
            A store of the same configuration. It can't be pickled.
        """
        return self

    def address(self, name: str) -> str:
        """Tell an object's location as a person writes it.

        Args:
            name: the object's name.

        Returns:
            What `rehandle.storage.open_location` takes.
        """
        raise NotImplementedError

    def place(self, name: str) -> str:
        """Tell an object's place in full, by which it differs from those of that name in other stores.

        Args:
            name: the object's name.

        Returns:
            An absolute path, ``gs://bucket/name``, ``s3://bucket/name`` or ``azure://container@account/name``.
        """
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # the arguments for a client may be a dictionary


def behind(entries: Iterable[Entry], after: Optional[str]) -> Iterator[Entry]:
    """Give what a listing finds behind an object, for storages that always begin at the beginning.

    Args:
        entries: the whole listing.
        after: the object's name, or None for all.

    Raises:
        ObjectNotFoundError: it isn't in the listing.
    """
    passed = after is None
    for entry in entries:
        if passed:
            yield entry
        elif entry.name == after:
            passed = True
    if not passed:
        raise ObjectNotFoundError(f"the listing has no {masked(str(after))!r}, to go on behind it: begin anew")
