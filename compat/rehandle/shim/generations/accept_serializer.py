"""Prefect 0.11 to 0.13: Results without a serializer, or without a later one, get it to read what later ones wrote."""

import functools
import importlib
import os
from typing import Any, Callable

from rehandle import serializers
from rehandle.mapping import RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.shim.patches import Patches
from rehandle.storage.atomic_file import write_atomically

_OWN_FORMAT = "deserialize_from_bytes"


def repair(patches: Patches) -> None:
    """Make the Results of 0.11.0 to 0.12.0 take ``serializer=``, and read every pickle without one.

    Those since then take it, but ``PrefectResult`` takes no ``DateTimeSerializer`` until Prefect has that.

    Args:
        patches: records each change.
    """
    base = importlib.import_module(RESULT_BASE_MODULE).Result
    results = importlib.import_module(RESULTS_MODULE)
    if not hasattr(base, _OWN_FORMAT):
        own = vars(results.PrefectResult)["serializer"]
        patches.set_attribute(results.PrefectResult, "serializer", own.setter(_taking_datetimes(own.fset)))
        return
    patches.set_attribute(base, "__init__", _taking_serializer(base.__init__))
    patches.set_attribute(base, "serializer", _Serializer(serializers.PickleSerializer))
    for cls in (results.GCSResult, results.S3Result, getattr(results, "AzureResult", None)):
        if cls is not None:
            patches.set_attribute(cls, "serializer", _Serializer(_base64))
    patches.set_attribute(results.PrefectResult, "serializer", _Serializer(serializers.JSONSerializer))
    patches.set_attribute(base, "serialize_to_bytes", _Method(_serialize, base.serialize_to_bytes))
    patches.set_attribute(base, _OWN_FORMAT, _Method(_deserialize, serializers.loads))
    local, inline = results.LocalResult, results.PrefectResult
    patches.set_attribute(local, "read", _unless_serialized(local.read, _read_file))
    patches.set_attribute(local, "write", _unless_serialized(local.write, _write_file))
    patches.set_attribute(inline, "read", _unless_serialized(inline.read, _read_text))
    patches.set_attribute(inline, "write", _unless_serialized(inline.write, _write_text))
    patches.set_attribute(inline, "exists", _unless_serialized(inline.exists, _is_readable_text))


def _taking_datetimes(original: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def set_serializer(self: Any, serializer: Any) -> None:
        if isinstance(serializer, serializers.DateTimeSerializer):
            self._serializer = serializer
        else:
            original(self, serializer)

    return set_serializer


def _taking_serializer(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, serializer: Any = None, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        # Without one a Result's class reads and writes its own format, and shows the serializer for that.
        if serializer is not None:
            self.serializer = serializer

    return init


class _Serializer:
    """``result.serializer``: what a Result was given, or what does as its class does."""

    def __init__(self, default: Callable[[], Any]) -> None:
        self._default = default

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'serializer'")
        return vars(instance)["serializer"] if _has_one(instance) else self._default()

    def __set__(self, instance: Any, serializer: Any) -> None:
        vars(instance)["serializer"] = serializer

    def __delete__(self, instance: Any) -> None:
        vars(instance).pop("serializer", None)


def _has_one(result: Any) -> bool:
    return "serializer" in vars(result)


def _base64() -> Any:
    return serializers.PickleSerializer(write_format="base64")


class _Method:
    """A class method of Prefect's that gives way to the serializer of an instance that has one."""

    def __init__(self, through_serializer: Callable[[Any, Any], Any], own: Callable[[Any], Any]) -> None:
        self._through_serializer = through_serializer
        self._own = own

    def __get__(self, instance: Any, owner: type) -> Callable[[Any], Any]:
        if instance is None or not _has_one(instance):
            return self._own
        return functools.partial(self._through_serializer, instance.serializer)


class _Bytes(bytes):
    """What a serializer wrote. Prefect's code makes text of it, which only base64 stands, before it uploads that."""

    def decode(self, *args: Any, **kwargs: Any) -> Any:
        return bytes(self)


def _serialize(serializer: Any, value: Any) -> bytes:
    return _Bytes(serializer.serialize(value))


def _deserialize(serializer: Any, data: bytes) -> Any:
    return serializer.deserialize(data)


def _unless_serialized(original: Callable[..., Any], through_serializer: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return (through_serializer if _has_one(self) else original)(self, *args, **kwargs)

    return method


def _read_file(self: Any, location: str) -> Any:
    new = self.copy()
    new.location = location
    with open(os.path.join(self.dir, location), "rb") as file:
        new.value = self.serializer.deserialize(file.read())
    return new


def _write_file(self: Any, value: Any, **kwargs: Any) -> Any:
    new = self.format(**kwargs)
    new.value = value
    write_atomically(os.path.join(self.dir, new.location), self.serializer.serialize(value))
    return new


def _read_text(self: Any, location: str) -> Any:
    new = self.copy()
    new.location = location
    new.value = self.serializer.deserialize(location.encode("utf-8"))
    return new


def _write_text(self: Any, value: Any, **kwargs: Any) -> Any:
    new = self.copy()
    new.value = value
    new.location = self.serializer.serialize(value).decode("utf-8")
    return new


def _is_readable_text(self: Any, location: str, **kwargs: Any) -> bool:
    try:
        self.serializer.deserialize(location.encode("utf-8"))
    except Exception:
        # Whatever a serializer raises for what isn't its own.
        return False
    return True
