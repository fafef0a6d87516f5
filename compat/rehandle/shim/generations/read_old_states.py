"""States that older releases wrote, and what their documentation read from states."""

import functools
import importlib
from typing import Any, Callable, Dict

from marshmallow import fields
from prefect.engine import results
from prefect.engine.result import Result

from rehandle.conversion import is_handler
from rehandle.pickled_handlers import has_handler
from rehandle.results.handler_result import ResultHandlerResult
from rehandle.results.locations import encoded_location
from rehandle.shim.generations import safe_results
from rehandle.shim.patches import Patches, attributes_of

_RESULT_MODULES = ("prefect.engine.result", "prefect.engine.result.base")
_CUSTOM_LOCATIONS = ("Result", "CustomResult", "ResultHandlerResult")
_WRAPPERS = (ResultHandlerResult, getattr(results, "ResultHandlerResult", ResultHandlerResult))
_JSON = (dict, list, int, float)

SCHEMAS_MODULE = "rehandle.shim.generations.state_schemas"
"""The module with the schemas. It is imported when one is used: making them would be a third of all the shim's cost."""


def repair(patches: Patches) -> None:
    """Load old states and show safe values where Prefect has ``SafeResult`` but its engine lost it (0.11 to 0.13).

    Args:
        patches: records each change.
    """
    schema_class = importlib.import_module("prefect.serialization.result_handlers").ResultHandlerSchema
    patches.set_attribute(schema_class, "_load", _loading_any_type(schema_class._load))
    patches.set_attribute(safe_results.SafeResult, "location", _Location())
    patches.set_attribute(Result, "__eq__", safe_results.equal)
    _read_states(patches)


def restore(patches: Patches) -> None:
    """Load old states and show safe values where Prefect has no ``SafeResult`` (0.14 and later).

    Args:
        patches: records each change.
    """
    names = {"SafeResult": safe_results.SafeResult, "ResultInterface": Result}
    for module in _RESULT_MODULES:
        for name, cls in names.items():
            patches.set_attribute(importlib.import_module(module), name, cls)
    patches.set_attribute(Result, "__init__", _taking_handler(Result.__init__))
    patches.set_attribute(Result, "store_safe_value", safe_results.store_safe_value)
    schemas = importlib.import_module("prefect.serialization.result")
    later = attributes_of(SCHEMAS_MODULE, ["SafeResultSchema"], schemas.__name__)
    patches.set_attribute(schemas, "__getattr__", later)
    patches.set_item(schemas.StateResultSchema.type_schemas, "SafeResult", lambda: schemas.SafeResultSchema())
    _read_states(patches)


class _Location:
    """``location`` of Prefect's own ``SafeResult``, for the engine. ``NoResult`` has an attribute of that name."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'location'")
        return instance.value


def _read_states(patches: Patches) -> None:
    state_class = importlib.import_module("prefect.engine.state").State
    schemas = importlib.import_module("prefect.serialization.result").StateResultSchema.type_schemas
    patches.set_attribute(Result, "safe_value", safe_results.SafeValue())
    patches.set_attribute(Result, "result_handler", safe_results.HandlerOfResult())
    patches.set_attribute(Result, "to_result", safe_results.read_safe_value)
    patches.set_attribute(Result, "__setstate__", safe_results.restored)
    patches.set_attribute(state_class, "load_result", _loading_result(state_class.load_result))
    patches.set_attribute(state_class, "load_cached_results", _loading_inputs(state_class.load_cached_results))
    _restart_from_states(patches)
    for name in _CUSTOM_LOCATIONS:
        if name in schemas:
            declared = schemas[name]._declared_fields
            patches.set_item(declared, "location", LocationField(allow_none=True))


def _restart_from_states(patches: Patches) -> None:
    """Make local runs read the values of old states that they are given, as ``CloudTaskRunner`` does."""
    task_runner = importlib.import_module("prefect.engine.task_runner").TaskRunner
    flow_runner = importlib.import_module("prefect.engine.flow_runner").FlowRunner
    patches.set_attribute(task_runner, "load_results", _reading_upstream(task_runner.load_results))
    patches.set_attribute(flow_runner, "initialize_run", _reading_what_is_mapped(flow_runner.initialize_run))


def _reading_upstream(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load_results(self: Any, state: Any, upstream_states: Any) -> Any:
        # "default_result" in Prefect 0.11, which later ones call "flow_result".
        default = getattr(self, "flow_result", None) or getattr(self, "default_result", None)
        read = {
            edge: safe_results.read_unread(upstream, edge.upstream_task.result, default)
            for edge, upstream in upstream_states.items()
            if edge.key is not None and safe_results.is_unread(upstream._result)
        }
        return original(self, state=state, upstream_states={**upstream_states, **read})

    return load_results


def _reading_what_is_mapped(original: Callable[..., Any]) -> Callable[..., Any]:
    """The flow's runner itself takes a value to pieces that a task is mapped over."""

    @functools.wraps(original)
    def initialize_run(self: Any, *args: Any, **kwargs: Any) -> Any:
        initialized = original(self, *args, **kwargs)
        _find_unread(self.flow, initialized.task_states)
        failed = importlib.import_module("prefect.engine.state").Failed
        for task, state in initialized.task_states.items():
            if safe_results.is_unread(state._result) and any(edge.mapped for edge in self.flow.edges_from(task)):
                try:
                    initialized.task_states[task] = safe_results.read_unread(state, task.result, self.flow.result)
                except Exception as error:
                    message = f"Failed to retrieve task results: {error}"
                    initialized.task_states[task] = failed(message=message, result=error)
        return initialized

    return initialize_run


def _find_unread(flow: Any, task_states: Dict[Any, Any]) -> None:
    """Have values read that old code wants to have read: later releases read none of their own states in local runs."""
    for task, state in task_states.items():
        result = state._result
        is_location = isinstance(result, Result) and result.value is None and result.location is not None
        if is_location and (has_handler(task) or (task.result is None and has_handler(flow))):
            result._is_unread = True


def _loading_any_type(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def load(self: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, with_known_type(self, data), *args, **kwargs)

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


class LocationField(fields.String):
    """A location in a serialised state: a text, also where a custom handler's location is something else.

    Other Results, and a plain one with what no serialised state holds, are written as Prefect writes them.
    """

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        if (isinstance(obj, _WRAPPERS) and value is not None) or (type(obj) is Result and isinstance(value, _JSON)):
            value = encoded_location(value)
        return super()._serialize(value, attr, obj, **kwargs)


def with_known_type(schema: Any, data: Dict[str, Any]) -> Dict[str, Any]:
    """Make a custom handler of one whose class is unknown. Prefect 0.5 wrote the names of users' classes.

    Args:
        schema: a ``ResultHandlerSchema``.
        data: the serialised handler.

    Returns:
        A copy that the schema loads.
    """
    name = data.get(schema.type_field)
    return {**data, schema.type_field: name if name in schema.type_schemas else "CustomResultHandler"}
