"""The store, and what is in it, that a location or a folder stands for as people write them."""

import itertools
import os
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple
from urllib.request import url2pathname

from rehandle.errors import ObjectNotFoundError, RehandleError
from rehandle.storage.azure import AzureStore
from rehandle.storage.base import Entry, Store
from rehandle.storage.gcs import GCSStore
from rehandle.storage.local import LocalStore
from rehandle.storage.masking import masked
from rehandle.storage.s3 import S3Store

_CLOUDS: Dict[str, Callable[[str], Store]] = {"gs": GCSStore, "s3": S3Store, "azure": AzureStore}
_EXPECTED = "expected a path, file:///path, gs://bucket/key, s3://bucket/key or azure://container/key"


def open_location(url: str) -> Tuple[Store, str]:
    """Find the store that a location is in, with the credentials that the context or the environment has for it.

    Args:
        url: a path, ``file:///path``, ``gs://bucket/key``, ``s3://bucket/key`` or ``azure://container/key``. A key is
            taken as it is: nothing in it is quoted.

    Returns:
        The store, and the object's name in it. Whether it is there isn't looked up.

    Raises:
        RehandleError: it is no such location.
    """
    store, name = _parsed(url)
    if not name:
        raise RehandleError(f"{masked(url)} names no key: {_EXPECTED}.")
    return store, name


def open_folder(url: str) -> Tuple[Store, str, List[str]]:
    """Find the objects that a location stands for: itself, or those in it if it is a folder.

    Args:
        url: as for `open_location`. In a bucket a folder is what ends with a slash, or the bucket itself.

    Returns:
        The store, the name of the object or folder, and the names of the objects, sorted.

    Raises:
        RehandleError: it is no such location, or can't be listed.
    """
    store, name = _parsed(url)
    is_folder = os.path.isdir(name) if isinstance(store, LocalStore) else not name or name.endswith("/")
    return store, name.rstrip("/") or name if is_folder else name, store.names(name) if is_folder else [name]


class Listing(NamedTuple):
    """What a location stands for.

    Attributes:
        store: where it is.
        within: the name of the folder, or of the one that the object lies in: all names begin with it.
        entries: what is there.
        is_folder: whether it is a folder.
    """

    store: Store
    within: str
    entries: Iterator[Entry]
    is_folder: bool


def open_place(url: str) -> Tuple[Store, str]:
    """Find the store that a folder is in, be it there or not.

    Args:
        url: as for `open_location`. In a bucket it needs no slash at its end, and may be the bucket itself.

    Returns:
        The store, and the folder's name in it.

    Raises:
        RehandleError: it is no such location.
    """
    store, name = _parsed(url)
    return store, name if isinstance(store, LocalStore) else name.rstrip("/")


def open_entries(url: str, recursive: bool = True, after: Optional[str] = None) -> Listing:
    """List what a location stands for: the object of that name, or else what is in the folder.

    Args:
        url: as for `open_location`. A folder in a bucket may end with a slash, and needs none.
        recursive: whether to list what is in folders below, too.
        after: the location of an object, as the store's ``address`` tells it, to begin behind it.

    Returns:
        The store, and what is there.

    Raises:
        ObjectNotFoundError: there is no such folder.
        RehandleError: it is no such location, or can't be listed.
    """
    store, name = _parsed(url)
    is_local = isinstance(store, LocalStore)
    entry = store.entry(name) if name and not name.endswith("/") else None
    if entry is not None:
        within = os.path.dirname(name) if is_local else name.rpartition("/")[0]
        return Listing(store, within, iter([entry]), is_folder=False)
    within = name if is_local else name.rstrip("/")
    beginning = store.address("")
    if after is not None and not after.startswith(beginning):
        raise RehandleError(f"{masked(after)} isn't in {masked(url)}: name an object that was listed there.")
    entries = store.entries(within, recursive, after and after[len(beginning) :])
    first = next(entries, None)
    if first is None and after is None and not is_local:
        raise ObjectNotFoundError(f"{masked(url)}: there is no object whose name begins so.")
    return Listing(store, within, entries if first is None else itertools.chain([first], entries), is_folder=True)


def _parsed(url: str) -> Tuple[Store, str]:
    scheme, separator, rest = url.partition("://")
    if not separator:
        if not url:
            raise RehandleError(f"the location is empty: {_EXPECTED}.")
        return LocalStore(), url
    if scheme.lower() == "file":
        return LocalStore(), _path(url, rest)
    make = _CLOUDS.get(scheme.lower())
    if make is None:
        raise RehandleError(f"{masked(url)}: nothing is known of {scheme}://, {_EXPECTED}.")
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise RehandleError(f"{masked(url)} names no bucket: {_EXPECTED}.")
    return make(bucket), key


def _path(url: str, rest: str) -> str:
    host, _, path = rest.partition("/")
    if host not in ("", "localhost"):
        raise RehandleError(f"{masked(url)} is on another machine: {_EXPECTED}.")
    return os.path.normpath(url2pathname(f"/{path}"))
