"""Old results in Prefect 3.2 and later, on CPython 3.10 and later: the extra ``prefect3``.

Prefect 3 imports this package by itself where it meets a block ``old-results``. Importing it makes the serializer
``rehandle`` known. Without Prefect 3 there is ``transcode``.
"""

from typing import Any

from rehandle import prefect_release
from rehandle.errors import PrefectUnsupportedError
from rehandle.stored.records import transcode

__all__ = ["OldResults", "RehandleSerializer", "prefect_3", "transcode"]

_OLDEST = (3, 2)

if prefect_release.is_prefect_3():
    if prefect_release.release() < _OLDEST:
        raise PrefectUnsupportedError(
            "rehandle.prefect3 needs Prefect 3.2 or later: earlier releases store a failed task's error at the key of "
            "its result."
        )
    from rehandle.prefect3.options import prefect_3
    from rehandle.prefect3.overlay import OldResults
    from rehandle.prefect3.serializer import RehandleSerializer


def __getattr__(name: str) -> Any:
    if name in __all__:
        raise PrefectUnsupportedError(
            f"rehandle.prefect3.{name} needs Prefect 3.2 or later: pip install 'rehandle[prefect3]'."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
