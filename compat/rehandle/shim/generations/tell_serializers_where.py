"""Telling serializers that sign where Prefect's own Results write and read (0.11 to 1.4)."""

import functools
import importlib
import os
from typing import Any, Callable, Dict

from rehandle import storage
from rehandle.mapping import RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.serializers import signing
from rehandle.shim.patches import Patches

# By the class's name: where an object of a Result lies.
_PLACES: Dict[str, Callable[[Any, str], str]] = {
    "LocalResult": lambda result, location: storage.LocalStore().place(os.path.join(result.dir, location)),
    "GCSResult": lambda result, location: storage.GCSStore(result.bucket).place(location),
    "S3Result": lambda result, location: storage.S3Store(result.bucket).place(location),
    "AzureResult": lambda result, location: storage.AzureStore(result.container, client=lambda: result.service).place(
        location
    ),
}


def bind(patches: Patches) -> None:
    """Make signatures hold for one place alone.

    Args:
        patches: records each change.
    """
    base = importlib.import_module(RESULT_BASE_MODULE).Result
    results = importlib.import_module(RESULTS_MODULE)
    places = {getattr(results, name): place for name, place in _PLACES.items()}

    def place(result: Any, location: str) -> str:
        return next(places[cls] for cls in type(result).__mro__ if cls in places)(result, location)

    patches.set_attribute(base, "format", _telling(base.format, place))
    for cls in places:
        patches.set_attribute(cls, "read", _reading(cls.read, place))
        patches.set_attribute(cls, "write", _writing(cls.write))


def _reading(original: Callable[..., Any], place: Callable[[Any, str], str]) -> Callable[..., Any]:
    @functools.wraps(original)
    def read(self: Any, location: str) -> Any:
        with signing.stored_at(place, self, location):
            return original(self, location)

    return read


def _writing(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        with signing.stored_at(None):
            return original(self, *args, **kwargs)

    return write


def _telling(original: Callable[..., Any], place: Callable[[Any, str], str]) -> Callable[..., Any]:
    """Wrap ``format``, by which every ``write`` finds its location."""

    @functools.wraps(original)
    def format_(self: Any, **kwargs: Any) -> Any:
        new = original(self, **kwargs)
        signing.now_known(place, self, new.location)
        return new

    return format_
