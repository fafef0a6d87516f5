"""Copies of stored results that Prefect 3 reads. Nothing is unpickled, and nothing that is there is changed."""

import functools
import itertools
import os
from typing import Any, Iterator, NamedTuple, Optional, Sequence, Tuple

from rehandle.errors import ObjectExistsError, ObjectNotFoundError, RehandleError, SignatureError, StorageError
from rehandle.storage import LocalStore, Store, clients, open_entries, open_place
from rehandle.storage.base import FOLDER, Entry
from rehandle.storage.masking import masked
from rehandle.stored import prefect3_records, records, signed
from rehandle.stored.folders import parallel
from rehandle.stored.folders.readers import OUR_SERIALIZER
from rehandle.stored.folders.renaming import Template, new_name

CONVERTED, SKIPPED, FAILED = "converted", "skipped", "failed"

# To wait for a disk is to wait, too.
_LOCAL_THREADS = 4


class Target:
    """Where copies go.

    Attributes:
        block_id: the id of the saved block that stores there, which a record names.
        threads: how many records are written at a time.
    """

    block_id: Optional[Any] = None
    threads = clients.THREADS

    def create(self, key: str, record: bytes) -> None:
        """Write a record where nothing is.

        Args:
            key: its key.
            record: its bytes.

        Raises:
            ObjectExistsError: something is there.
            RehandleError: it can't be written.
        """
        raise NotImplementedError

    def read(self, key: str) -> bytes:
        """Read a record.

        Args:
            key: its key.

        Raises:
            RehandleError: it can't be read.
        """
        raise NotImplementedError

    def check(self, key: str, record: bytes) -> None:
        """Check a record that was read back, beyond its bytes.

        Args:
            key: its key.
            record: its bytes.

        Raises:
            RehandleError: Prefect 3 wouldn't find it.
        """


class Folder(Target):
    """A folder or bucket.

    Args:
        store: the store.
        folder: the name that all keys come behind.
    """

    def __init__(self, store: Store, folder: str) -> None:
        self.store = store
        self.folder = folder
        self.threads = threads_for(store)

    def create(self, key: str, record: bytes) -> None:  # noqa: D102
        self.store.create(self._name(key), record)

    def read(self, key: str) -> bytes:  # noqa: D102
        return self.store.read(self._name(key))

    def _name(self, key: str) -> str:
        if isinstance(self.store, LocalStore):
            return os.path.join(self.folder, *key.split("/"))
        return f"{self.folder}/{key}" if self.folder else key


class Source(NamedTuple):
    """What is to be copied.

    Attributes:
        store: where it lies.
        within: the folder that old names are counted from.
        is_folder: whether it is that folder, and not one object in there.
    """

    store: Store
    within: str
    is_folder: bool = True

    def old_name(self, name: str) -> str:
        """Tell an object's name in the folder.

        Args:
            name: that in the store.
        """
        if isinstance(self.store, LocalStore):
            return os.path.relpath(name, self.within or ".").replace(os.sep, "/")
        return name[len(self.within) + 1 :] if self.within else name


class Outcome(NamedTuple):
    """What became of an object.

    Attributes:
        path: where it lies.
        what: CONVERTED, SKIPPED (the same is there already) or FAILED.
        why: why it failed.
        needs_rehandle: whether the copy is read with rehandle alone.
    """

    path: str
    what: str
    why: Optional[str] = None
    needs_rehandle: bool = False


def copy_all(
    source: Source, entries: Iterator[Entry], target: Target, templates: Sequence[Template], most: Optional[int] = None
) -> Iterator[Outcome]:
    """Copy what a listing finds.

    Args:
        source: where it lies.
        entries: the listing.
        target: where copies go.
        templates: for new names.
        most: how many objects are copied at most.

    Yields:
        What became of each object, and of all else that isn't just a folder, in that order.
    """
    wanted = (entry for entry in entries if entry.other != FOLDER or entry.problem is not None)
    one = functools.partial(copy, source._replace(store=source.store.for_threads()), target, templates)
    return parallel.each(one, itertools.islice(wanted, most), max(threads_for(source.store), target.threads))


def threads_for(store: Store) -> int:
    """Tell how many objects are copied at a time.

    Args:
        store: where they lie.
    """
    return _LOCAL_THREADS if isinstance(store, LocalStore) else clients.THREADS


def copy(source: Source, target: Target, templates: Sequence[Template], entry: Entry) -> Outcome:
    """Copy an object, unless the same is there already.

    Args:
        source: where it lies.
        target: where the copy goes.
        templates: for its new name.
        entry: what a listing says of it.

    Returns:
        What became of it.
    """
    path = source.store.address(entry.name)
    try:
        if entry.problem is not None:
            raise entry.problem
        if entry.other is not None:
            raise RehandleError(f"it is a {entry.other}: only objects are copied")
        key = new_name(templates, source.old_name(entry.name))
        data = source.store.read(entry.name)
        record = _record(data, source.store.place(entry.name), key, target.block_id)
        found = prefect3_records.find(record)
        is_new = _put(target, key, record)
    except (RehandleError, ImportError) as problem:
        return Outcome(path, FAILED, str(problem))
    needs_rehandle = found is not None and found.serializer == OUR_SERIALIZER
    return Outcome(path, CONVERTED if is_new else SKIPPED, None, needs_rehandle)


def _record(data: bytes, place: str, key: str, block_id: Optional[Any]) -> bytes:
    transcode = functools.partial(records.transcode, storage_key=key, storage_block_id=block_id)
    try:
        return transcode(data)
    except SignatureError:
        # A record can't be verified any more: only what is right gets there.
        return transcode(signed.verified(data, place))


def _put(target: Target, key: str, record: bytes) -> bool:
    """Write a record, and read it back. False if it was there already."""
    is_new = True
    try:
        target.create(key, record)
    except ObjectExistsError:
        is_new = False
    there = target.read(key)
    if there != record and (is_new or not _is_same(there, record)):
        if is_new:
            raise StorageError(f"{key!r} was written, and something else is read: delete it, and look at the storage")
        raise ObjectExistsError(
            f"something else is at {key!r} already, and stays: move it away, or give a new name by --map"
        )
    target.check(key, there)
    return is_new


def _is_same(there: bytes, record: bytes) -> bool:
    """Tell whether two records have the same value: another release of rehandle may have written one."""
    found, wanted = prefect3_records.find(there), prefect3_records.find(record)
    return found is not None and wanted is not None and found.is_whole and found == wanted


def opened(old: str) -> Tuple[Source, Iterator[Entry]]:
    """List what is to be copied.

    Args:
        old: a folder or an object, as the command line takes it.

    Raises:
        ObjectNotFoundError: there is nothing.
        RehandleError: it is no such place, or can't be listed.
    """
    listing = open_entries(old)
    first = next(listing.entries, None)
    if first is None:
        raise ObjectNotFoundError(f"there is nothing in {masked(old)}: name the folder that the results are in.")
    source = Source(listing.store, listing.within, listing.is_folder)
    return source, itertools.chain([first], listing.entries)


def folder(new: str, source: Source) -> Folder:
    """Find where copies go.

    Args:
        new: a folder, as the command line takes it.
        source: what is to be copied.

    Raises:
        RehandleError: it is no such place, a file, in the old folder, or around it.
    """
    store, name = open_place(new)
    is_local = isinstance(store, LocalStore)
    if is_local and os.path.lexists(name) and not os.path.isdir(name):
        raise RehandleError(f"{new} is a file: name a folder for the copies.")
    if source.is_folder and type(store) is type(source.store):
        old_place, new_place = _whole(source.store, source.within), _whole(store, name)
        if new_place.startswith(old_place):
            raise RehandleError(
                f"{new_place} is inside of {old_place}: nothing is converted in place. Name a folder elsewhere."
            )
        if old_place.startswith(new_place):
            raise RehandleError(
                f"{new_place} has {old_place} in it: nothing is converted in place. Name a folder beside it."
            )
    return Folder(store.for_threads(), name)


def _whole(store: Store, name: str) -> str:
    place = os.path.realpath(name or ".") if isinstance(store, LocalStore) else store.place(name)
    return place.replace(os.sep, "/").rstrip("/") + "/"
