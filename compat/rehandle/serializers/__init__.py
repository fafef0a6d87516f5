"""How values become bytes: a Result's ``serializer``.

A ``Result`` of Prefect 0.12.1 to 1.4 takes them too. ``JSONSerializer`` and ``DateTimeSerializer`` are Prefect's own
classes where the installed Prefect has them (from 0.12.1 and 0.13.9 on), because its ``PrefectResult`` takes no others.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from rehandle import _prefect
from rehandle.serializers.base import Serializer
from rehandle.serializers.compressed import CompressedSerializer
from rehandle.serializers.pickles import PickleSerializer, loads, write_format
from rehandle.serializers.signed import HMACSerializer
from rehandle.serializers.tables import PandasSerializer

if TYPE_CHECKING:
    from rehandle.serializers.text import DateTimeSerializer, JSONSerializer

__all__ = [
    "CompressedSerializer",
    "DateTimeSerializer",
    "HMACSerializer",
    "JSONSerializer",
    "PandasSerializer",
    "PickleSerializer",
    "Serializer",
    "loads",
    "write_format",
]


def __getattr__(name: str) -> Any:
    # Prefect is imported no earlier than somebody asks for one of these.
    if name in ("DateTimeSerializer", "JSONSerializer"):
        own = getattr(importlib.import_module("rehandle.serializers.text"), name)
        globals()[name] = getattr(_prefect.serializers_module(), name, own)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
