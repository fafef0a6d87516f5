"""Telling serializers that sign where Prefect's own Results write and read (0.11 to 1.4)."""

import functools
import importlib
from typing import Any, Callable, Optional

from rehandle.mapping import RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.serializers import signing
from rehandle.shim.patches import Patches


def bind(patches: Patches) -> None:
    """Make signatures hold for one location alone.

    Args:
        patches: records each change.
    """
    base = importlib.import_module(RESULT_BASE_MODULE).Result
    patches.set_attribute(base, "format", _telling(base.format))
    results = importlib.import_module(RESULTS_MODULE)
    for cls in (results.LocalResult, results.GCSResult, results.S3Result, results.AzureResult):
        patches.set_attribute(cls, "read", _reading(cls.read))
        patches.set_attribute(cls, "write", _writing(cls.write))


def _folder(result: Any) -> Optional[str]:
    return getattr(result, "dir", None)


def _reading(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def read(self: Any, location: str) -> Any:
        with signing.stored_at(location, _folder(self)):
            return original(self, location)

    return read


def _writing(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        with signing.stored_at(None):
            return original(self, *args, **kwargs)

    return write


def _telling(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap ``format``, by which every ``write`` finds its location."""

    @functools.wraps(original)
    def format_(self: Any, **kwargs: Any) -> Any:
        new = original(self, **kwargs)
        signing.now_known(new.location, _folder(self))
        return new

    return format_
