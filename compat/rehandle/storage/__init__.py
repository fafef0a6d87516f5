"""Where bytes are kept: files, Google Cloud Storage, S3 and Azure, behind one interface.

A store is imported when it is asked for, and its client library when it is used: a flow whose values lie elsewhere
waits for neither.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from rehandle.storage.azure import AzureStore
    from rehandle.storage.base import Store
    from rehandle.storage.gcs import GCSStore
    from rehandle.storage.local import LocalStore
    from rehandle.storage.opening import open_entries, open_folder, open_location, open_place
    from rehandle.storage.s3 import S3Store

__all__ = [
    "AzureStore",
    "GCSStore",
    "LocalStore",
    "S3Store",
    "Store",
    "open_entries",
    "open_folder",
    "open_location",
    "open_place",
]

_HOMES = {
    "AzureStore": "rehandle.storage.azure",
    "GCSStore": "rehandle.storage.gcs",
    "LocalStore": "rehandle.storage.local",
    "S3Store": "rehandle.storage.s3",
    "Store": "rehandle.storage.base",
    "open_entries": "rehandle.storage.opening",
    "open_folder": "rehandle.storage.opening",
    "open_location": "rehandle.storage.opening",
    "open_place": "rehandle.storage.opening",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return globals()[name]


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
