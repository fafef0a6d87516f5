"""How values become bytes: a Result's ``serializer``.

A ``Result`` of Prefect 0.12.1 to 1.4 takes them too. ``JSONSerializer`` and ``DateTimeSerializer`` are Prefect's own
classes where the installed Prefect has them (from 0.12.1 and 0.13.9 on), because its ``PrefectResult`` takes no others.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from rehandle import prefect_release
from rehandle.serializers.base import Serializer
from rehandle.serializers.pickles import PickleSerializer, loads, write_format

if TYPE_CHECKING:
    from rehandle.serializers.compressed import CompressedSerializer
    from rehandle.serializers.signed import HMACSerializer
    from rehandle.serializers.tables import PandasSerializer
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

# What is imported no earlier than somebody asks for it.
_HOMES = {
    "CompressedSerializer": "rehandle.serializers.compressed",
    "DateTimeSerializer": "rehandle.serializers.text",
    "HMACSerializer": "rehandle.serializers.signed",
    "JSONSerializer": "rehandle.serializers.text",
    "PandasSerializer": "rehandle.serializers.tables",
}
_PREFECTS_IF_IT_HAS_THEM = ("DateTimeSerializer", "JSONSerializer")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    cls = getattr(importlib.import_module(_HOMES[name]), name)
    if name in _PREFECTS_IF_IT_HAS_THEM:
        cls = getattr(prefect_release.serializers_module(), name, cls)
    globals()[name] = cls
    return cls


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
