"""Where bytes are kept: files, Google Cloud Storage, S3 and Azure, behind one interface.

A client library is imported when a store is used and not before.
"""

import os
from typing import Callable, Dict, Tuple
from urllib.request import url2pathname

from rehandle.errors import RehandleError
from rehandle.storage.azure import AzureStore
from rehandle.storage.base import Store
from rehandle.storage.gcs import GCSStore
from rehandle.storage.local import LocalStore
from rehandle.storage.s3 import S3Store

__all__ = ["AzureStore", "GCSStore", "LocalStore", "S3Store", "Store", "open_location"]

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
    scheme, separator, rest = url.partition("://")
    if not separator:
        if not url:
            raise RehandleError(f"the location is empty: {_EXPECTED}.")
        return LocalStore(), url
    if scheme.lower() == "file":
        return LocalStore(), _path(url, rest)
    make = _CLOUDS.get(scheme.lower())
    if make is None:
        raise RehandleError(f"{url}: nothing is known of {scheme}://, {_EXPECTED}.")
    bucket, _, key = rest.partition("/")
    if not bucket or not key:
        raise RehandleError(f"{url} names no {'key' if bucket else 'bucket'}: {_EXPECTED}.")
    return make(bucket), key


def _path(url: str, rest: str) -> str:
    host, _, path = rest.partition("/")
    if host not in ("", "localhost"):
        raise RehandleError(f"{url} is on another machine, {host}: {_EXPECTED}.")
    return os.path.normpath(url2pathname(f"/{path}"))
