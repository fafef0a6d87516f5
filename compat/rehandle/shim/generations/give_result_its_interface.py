"""The ``Result`` of Prefect 0.6 to 0.10 with the interface that it has in 1.4.1, and the modules of Results.

Prefect's own class is changed in place, so that a ``Result`` of the user's own can be its subclass, as ever. What the
engine makes, a value with a handler, stays as it is: only a Result with a serializer is one of the new kind.
"""

import functools
import importlib
import sys
from typing import Any, Callable

from rehandle import handlers, results, serializers
from rehandle.conversion import is_handler, to_handler, to_result
from rehandle.mapping import HANDLERS, RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.results import base
from rehandle.shim.generations.importable_modules import add_serializers
from rehandle.shim.generations.result_as_handler import ResultAdapter, unlocated
from rehandle.shim.patches import Patches

_METHODS = (
    "default_location",
    "copy",
    "from_value",
    "format",
    "write",
    "exists",
    "validate",
    "_not_implemented",
)


def add_modules(patches: Patches) -> None:
    """Make Results and serializers importable from where Prefect 1.4.1 has them.

    Prefect 0.10 has previews of some Results there, which do less than they say. They are hidden.

    Args:
        patches: records each change.
    """
    classes = {name: getattr(results, name) for name in results.__all__ if name != "Result"}
    patches.add_module(RESULTS_MODULE, classes, is_package=True)
    for row in HANDLERS.values():
        if row.result in classes:
            submodule = row.result[: -len("Result")].lower() + "_result"
            patches.add_module(f"{RESULTS_MODULE}.{submodule}", {row.result: classes[row.result]})
    wrapper = {"ResultHandlerResult": classes["ResultHandlerResult"]}
    patches.add_module(f"{RESULTS_MODULE}.result_handler_result", wrapper)
    add_serializers(patches)
    module = importlib.import_module(RESULT_BASE_MODULE)
    patches.set_attribute(module, "ResultNotImplementedError", base.ResultNotImplementedError)
    base_module = sys.modules.get(f"{RESULT_BASE_MODULE}.base")
    if base_module is not None:
        patches.set_attribute(base_module, "ResultNotImplementedError", base.ResultNotImplementedError)
        return
    names = ("Result", "ResultInterface", "SafeResult", "NoResult", "NoResultType", "ResultNotImplementedError")
    patches.add_module(f"{RESULT_BASE_MODULE}.base", {name: getattr(module, name) for name in names})


def extend(patches: Patches) -> None:
    """Give Prefect's ``Result`` what a user's own subclass of it needs, and states their locations.

    Args:
        patches: records each change.
    """
    module = importlib.import_module(RESULT_BASE_MODULE)
    cls = module.Result
    patches.set_attribute(cls, "__init__", _initializing(cls))
    for name in _METHODS:
        patches.set_attribute(cls, name, vars(base.Result)[name])
    patches.set_attribute(cls, "read", _read)
    patches.set_attribute(cls, "to_result", _to_result(cls.to_result))
    patches.set_attribute(cls, "store_safe_value", _storing(cls.store_safe_value))
    patches.set_attribute(cls, "location", _Location())
    patches.set_attribute(cls, "__getstate__", _state_with_location)
    # What the engine makes has it too, as a task's inputs do since 0.12.1; NoResult is no Result here.
    patches.set_attribute(module.ResultInterface, "serializer", _Serializer())
    patches.set_attribute(cls, "safe_value", _SafeValue())
    patches.set_attribute(cls, "result_handler", _Handler())
    patches.set_attribute(module.SafeResult, "location", property(_location_of_safe_result))
    patches.set_attribute(importlib.import_module("prefect.engine.state").State, "load_result", _load_result)


def is_new(result: Any) -> bool:
    """Tell whether a ``Result`` stores itself, not through a handler.

    Args:
        result: a ``Result``.
    """
    return "_formatter" in vars(result)


def _initializing(cls: Any) -> Callable[..., None]:
    original = cls.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        # The engine gives a value, and mostly a handler, which was the second argument.
        by_engine = bool(args or kwargs) and type(self) is cls and not {"location", "serializer"} & set(kwargs)
        handler = kwargs.get("result_handler") or next(filter(is_handler, args[1:2]), None)
        if handler is not None or (by_engine and len(args) < 2):
            original(self, *args, **kwargs)
        else:
            kwargs.pop("result_handler", None)
            base.Result.__init__(self, *args, **kwargs)

    return init


def _read(self: Any, location: Any) -> Any:
    """Read a value, as ``Result.read`` does in Prefect 1.4.1.

    Args:
        self: the ``Result``, with a handler or of a class of the user's own.
        location: where the value is.

    Returns:
        A Result with the value and the location.

    Raises:
        NotImplementedError: the class doesn't define it.
    """
    handler = self.result_handler
    if is_new(self) or handler is None:
        return base.Result.read(self, location)
    return to_result(handler).read(location)


def _to_result(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def to_result(self: Any, result_handler: Any = None) -> Any:
        return self if is_new(self) else original(self, result_handler)

    return to_result


def _storing(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def store_safe_value(self: Any) -> None:
        if not is_new(self):
            original(self)
        elif self.value is not None and self.location is None:
            vars(self).update(vars(unlocated(self).write(self.value)))

    return store_safe_value


class _Attribute:
    """An attribute that instances may have, and a class's default for the others."""

    name: str

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self.name] = value


class _Location(_Attribute):
    """``result.location``: where a Result keeps its value, or what a handler returned for it."""

    name = "location"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return None
        # Prefect 0.10 sets an empty one.
        return vars(instance).get("location") or _location_of_safe_result(vars(instance).get("safe_value"))


def _state_with_location(self: Any) -> Any:
    """What a pickle keeps: the location too, so that it is there where it is read without rehandle."""
    return vars(self) if self.location is None else {**vars(self), "location": self.location}


class _Serializer(_Attribute):
    """``result.serializer``: what a Result was given, or the default."""

    name = "serializer"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'serializer'")
        return vars(instance).get("serializer") or serializers.PickleSerializer()


class _SafeValue(_Attribute):
    """``result.safe_value``: what a state keeps of a Result when it is serialised."""

    name = "safe_value"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'safe_value'")
        module = importlib.import_module(RESULT_BASE_MODULE)
        if not is_new(instance):
            return vars(instance).get("safe_value", module.NoResult)
        if instance.location is None:
            return module.NoResult
        return module.SafeResult(instance.location, _reader(instance))


class _Handler(_Attribute):
    """``result.result_handler``: the handler that was given, or the Result itself in a handler's place."""

    name = "result_handler"

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result_handler'")
        given = vars(instance).get("result_handler")
        if given is not None or not is_new(instance) or type(instance).write is base.Result.write:
            return given
        return ResultAdapter(instance.from_value(None))


def _reader(result: Any) -> Any:
    """Give the handler that reads what a Result wrote: Prefect's own if it can, which serialised states keep whole."""
    bare = result.from_value(None)
    written_by = (
        serializers.JSONSerializer if isinstance(result, results.PrefectResult) else serializers.PickleSerializer
    )
    handler = to_handler(bare) if result.serializer == written_by() else None
    return handler if type(handler) in vars(handlers).values() else ResultAdapter(bare)


def _location_of_safe_result(safe_value: Any) -> Any:
    module = importlib.import_module(RESULT_BASE_MODULE)
    if isinstance(safe_value, module.SafeResult) and not isinstance(safe_value, module.NoResultType):
        return safe_value.value
    return None


def _load_result(self: Any, result: Any = None) -> Any:
    """Read a state's value from storage, unless it is there: ``State.load_result``, which Prefect has since 0.11.

    Args:
        self: the state.
        result: the Result that reads it; by default the state's own.

    Returns:
        The state, with its value.
    """
    handler = None if result is None else ResultAdapter(result)
    self._result = self._result.to_result(handler)
    return self
