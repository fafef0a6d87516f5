"""``SafeResult``: where a value is stored, and with what handler, as states had it in Prefect 0.5 to 0.13.

Importing this module imports Prefect. Prefect 0.11 to 0.13 has a ``SafeResult`` of its own, and that is the one here.
"""

import copy
import importlib
import sys
from typing import TYPE_CHECKING, Any

from prefect.engine.result import NoResult, NoResultType, Result

from rehandle import handlers, prefect_release
from rehandle.conversion import ResultAdapter, to_handler, to_result
from rehandle.results.locations import decoded_location, kept_location

if TYPE_CHECKING or not prefect_release.has_handlers():

    class SafeResult(Result):
        """Where a value is stored, and the handler that reads it.

        Args:
            value: the location.
            result_handler: the handler.
        """

        def __init__(self, value: Any, result_handler: Any) -> None:
            super().__init__(value=value)
            self.location = value
            self.result_handler = result_handler

        @property
        def safe_value(self) -> "SafeResult":
            """Itself."""
            return self

        def to_result(self, result_handler: Any = None) -> Any:
            """Read the value.

            Args:
                result_handler: the handler to read it with from now on.

            Returns:
                A ``Result`` with the value, the location and the handler.
            """
            if result_handler is not None:
                self.result_handler = result_handler
            new = Result(value=self.result_handler.read(self.value))
            new.location = kept_location(self.value)
            new.result_handler = self.result_handler
            return new

else:
    SafeResult = importlib.import_module("prefect.engine.result").SafeResult


def native_result(result: Any) -> Any:
    """Give the Result that a ``SafeResult`` stands for.

    Args:
        result: a ``SafeResult`` or anything else.

    Returns:
        For a ``SafeResult`` with a built-in handler the Result that the handler converts to, with the location but not
        the value; with any other handler, which a serialised state doesn't keep, a plain ``Result`` that only a task's
        own Result can read. Anything else as it is, and so is what a subclass of the user's without a location means.
    """
    if not isinstance(result, SafeResult) or isinstance(result, NoResultType):
        return result
    if result.value is None and type(result) is not SafeResult:
        return result
    handler = result.result_handler
    unknown = handler is None or type(handler) is handlers.ResultHandler
    new = Result() if unknown else to_result(handler).copy()
    # Not at construction: a location that is no text would be taken for a function that makes one.
    new.location = kept_location(result.value)
    new._is_unread = True
    return new


def is_unread(result: Any) -> bool:
    """Tell whether a Result comes from a state of Prefect 0.4 to 0.10, and its value hasn't been read yet.

    Args:
        result: what a state has as its Result.
    """
    if isinstance(result, SafeResult):
        return not isinstance(result, NoResultType)
    return getattr(result, "_is_unread", False) and result.value is None and result.location is not None


def read_unread(state: Any, own: Any, default: Any) -> Any:
    """Give the state whose value has been read, as the engine of Prefect 0.10 and earlier did it for the next task.

    Args:
        state: a state whose Result is unread.
        own: the Result of the state's task, which comes first, or None.
        default: that of its flow, for a state that doesn't say what reads it, or None.

    Returns:
        A copy of the state.
    """
    result = native_result(state._result)
    reader = own or (default if type(result) is Result and default else result)
    new = copy.copy(state)
    new._result = reader.read(result.location)
    return new


def restored(self: Any, state: Any) -> None:
    """``Result.__setstate__``: one that Prefect 0.4 to 0.10 pickled has its location in a ``SafeResult``.

    Args:
        self: the Result.
        state: its attributes; with slots a pair of these and those.
    """
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    # As pickle does it: what is pickled again stays as short.
    vars(self).update({sys.intern(name): value for name, value in (attributes or {}).items()})
    for name, value in (slots or {}).items():
        setattr(self, name, value)
    kept = vars(self).get("safe_value")
    if isinstance(kept, SafeResult) and not isinstance(kept, NoResultType) and not vars(self).get("location"):
        self.location = kept_location(kept.value)


class SafeValue:
    """``result.safe_value``: the location, as a ``SafeResult``, or ``NoResult`` where nothing is stored.

    From Prefect 0.11 on the engine sets ``location`` alone. A ``SafeResult`` that the user's code set comes first.
    """

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'safe_value'")
        kept = vars(instance).get("safe_value", NoResult)
        location = vars(instance).get("location")
        if location is None or not isinstance(kept, NoResultType):
            return kept
        return SafeResult(decoded_location(location), _reader(instance))

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)["safe_value"] = value


class HandlerOfResult:
    """``result.result_handler``: the handler that was given, or the Result seen as one.

    Prefect 0.11 to 0.13 sets the attribute to None, and later releases have none.
    """

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result_handler'")
        return to_handler(instance)

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)["result_handler"] = value


def equal(self: Any, other: object) -> bool:
    """``Result.__eq__`` that compares what Results keep, and not what they are seen as: that would have no end.

    Args:
        self: the Result.
        other: anything.

    Returns:
        Whether it is a Result of the same class with the same public attributes.
    """
    if type(self) is not type(other):
        return False
    missing = object()
    names = {name for name in {**vars(self), **vars(other)} if not name.startswith("_")}
    return all(vars(self).get(name, missing) == vars(other).get(name, missing) for name in names)


def read_safe_value(self: Any, result_handler: Any = None) -> Any:
    """``Result.to_result`` as it was until Prefect 0.10: a value that isn't there yet is read.

    In a state that was JSON that was done by a ``SafeResult``, where newer releases have a Result without a value.

    Args:
        self: the Result.
        result_handler: the handler to read it with from now on.

    Returns:
        The Result itself if it has a value or no location, else one with the value.
    """
    if isinstance(self, NoResultType):
        return self
    if result_handler is not None:
        self.result_handler = result_handler
    if self.value is not None or self.location is None:
        return self
    return (self if result_handler is None else to_result(result_handler)).read(self.location)


def store_safe_value(self: Any) -> None:
    """``Result.store_safe_value`` as it was until Prefect 0.13: write the value with the handler, unless that was done.

    Args:
        self: the Result. Its ``location`` is set, which is what a serialised state keeps.

    Raises:
        AssertionError: there is a value but no handler (the error that Prefect raised).
    """
    if self.value is None or self.location is not None:
        return
    handler = self.result_handler
    if handler is None:
        raise AssertionError(f"{self!r} has no result handler to store its value with")
    self.location = kept_location(handler.write(self.value))


def _reader(result: Any) -> Any:
    handler = vars(result).get("result_handler")
    if handler is not None:
        return handler
    # Neither the handler of the same storage, which can't read what newer Results write, nor the Result as it is,
    # whose own safe_value would make comparing two of them endless.
    reader = result.copy()
    reader.value = reader.location = None
    return ResultAdapter(reader)
