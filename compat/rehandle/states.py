"""States that older releases wrote, and what their documentation read from states."""

import functools
import importlib
from typing import Any, Callable

from rehandle import safe_results, serialization
from rehandle.conversion import is_handler
from rehandle.patching import Patches

_RESULT_MODULES = ("prefect.engine.result", "prefect.engine.result.base")
_CUSTOM_LOCATIONS = ("Result", "CustomResult", "ResultHandlerResult")


def repair(patches: Patches) -> None:
    """Load old states and show safe values where Prefect has ``SafeResult`` but its engine lost it (0.11 to 0.13).

    Args:
        patches: records each change.
    """
    schema_class = importlib.import_module("prefect.serialization.result_handlers").ResultHandlerSchema
    patches.set_attribute(schema_class, "_load", _loading_any_type(schema_class._load))
    patches.set_attribute(safe_results.SafeResult, "location", _Location())
    _read_states(patches)


def restore(patches: Patches) -> None:
    """Load old states and show safe values where Prefect has no ``SafeResult`` (0.14 and later).

    Args:
        patches: records each change.
    """
    result_class = importlib.import_module("prefect.engine.result").Result
    names = {"SafeResult": safe_results.SafeResult, "ResultInterface": result_class}
    for module in _RESULT_MODULES:
        for name, cls in names.items():
            patches.set_attribute(importlib.import_module(module), name, cls)
    patches.set_attribute(result_class, "__init__", _taking_handler(result_class.__init__))
    patches.set_attribute(result_class, "result_handler", safe_results.HandlerOfResult())
    patches.set_attribute(result_class, "store_safe_value", safe_results.store_safe_value)
    schemas = importlib.import_module("prefect.serialization.result")
    patches.set_attribute(schemas, "SafeResultSchema", serialization.SafeResultSchema)
    patches.set_item(schemas.StateResultSchema.type_schemas, "SafeResult", serialization.SafeResultSchema)
    _read_states(patches)


class _Location:
    """``location`` of Prefect's own ``SafeResult``, for the engine. ``NoResult`` has an attribute of that name."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'location'")
        return instance.value


def _read_states(patches: Patches) -> None:
    state_class = importlib.import_module("prefect.engine.state").State
    result_class = importlib.import_module("prefect.engine.result").Result
    schemas = importlib.import_module("prefect.serialization.result").StateResultSchema.type_schemas
    patches.set_attribute(result_class, "safe_value", safe_results.SafeValue())
    patches.set_attribute(result_class, "to_result", safe_results.read_safe_value)
    patches.set_attribute(state_class, "load_result", _loading_result(state_class.load_result))
    patches.set_attribute(state_class, "load_cached_results", _loading_inputs(state_class.load_cached_results))
    for name in _CUSTOM_LOCATIONS:
        if name in schemas:
            declared = schemas[name]._declared_fields
            patches.set_item(declared, "location", serialization.LocationField(allow_none=True))


def _loading_any_type(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, serialization.with_known_type(self, data), *args, **kwargs)

    return load


def _loading_result(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_result(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._result = safe_results.native_result(self._result)
        return original(self, *args, **kwargs)

    return load_result


def _loading_inputs(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_cached_results(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.cached_inputs = {key: safe_results.native_result(value) for key, value in self.cached_inputs.items()}
        return original(self, *args, **kwargs)

    return load_cached_results


def _taking_handler(original: Callable[..., None]) -> Callable[..., None]:
    """Make ``Result(value, result_handler)`` work: the handler was the second argument, and a keyword."""

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        handler = kwargs.pop("result_handler", None)
        if len(args) > 1 and is_handler(args[1]):
            args, handler = (args[0], None, *args[2:]), args[1]
        original(self, *args, **kwargs)
        if handler is not None:
            self.result_handler = handler

    return init
