"""Telling serializers that sign where Prefect's own Results write and read (0.11 to 1.4)."""

import functools
import importlib
from typing import Any, Callable

from rehandle.mapping import RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.results.azure import AzureResult
from rehandle.results.gcs import GCSResult
from rehandle.results.local import LocalResult
from rehandle.results.s3 import S3Result
from rehandle.serializers import signing
from rehandle.shim.patches import Patches

# rehandle's class that stores in the same place as Prefect's of the same name.
_OWN = (LocalResult, GCSResult, S3Result, AzureResult)


def bind(patches: Patches) -> None:
    """Make signatures hold for one place alone.

    Args:
        patches: records each change.
    """
    base = importlib.import_module(RESULT_BASE_MODULE).Result
    results = importlib.import_module(RESULTS_MODULE)
    own = {getattr(results, cls.__name__): cls for cls in _OWN}

    def place(result: Any, location: str) -> str:
        cls: Any = next(own[cls] for cls in type(result).__mro__ if cls in own)
        told: str = cls._store(result).place(cls._name(result, location))
        return told

    patches.set_attribute(base, "format", _telling(base.format, place))
    for cls in own:
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
