"""Handler to Result, and back.

A built-in handler becomes the Result that ``rehandle.results`` gives out: Prefect's own where Prefect has Results (0.11
to 1.4), so that nothing in a pickled flow mentions rehandle, else rehandle's. Where that loses something, such as the
name of a secret, it becomes the Result of that name in ``rehandle.results.legacy``. What no Result can stand in for
stays a handler, in a ``ResultHandlerResult``.
"""

import functools
import os
import warnings
from typing import Any, Callable, Dict, Optional, Set, TypeVar, Union, overload

from rehandle import handlers, prefect_release, results
from rehandle.mapping import HANDLERS, HandlerMapping
from rehandle.results.of_handler import legacy_class, of_handler

Converter = Callable[[Any], Any]
ConverterT = TypeVar("ConverterT", bound=Converter)

_BUILT_IN = {getattr(handlers, name): row for name, row in HANDLERS.items()}
_MAPPINGS_BY_RESULT = {row.result: row for row in HANDLERS.values()}

_METHODS = ("read", "write")

_converters: Dict[type, Converter] = {}


def to_result(x: Any) -> Any:
    """Convert a result handler into a Result.

    Args:
        x: a handler, a Result or None.

    Returns:
        The handler's Result; a Result and None as they are; what a ``ResultAdapter`` was made of. A custom handler, a
        subclass of a built-in one that overrides what its base does, and a local one whose folder is relative come
        back in a ``ResultHandlerResult`` that keeps them.

    Raises:
        TypeError: x is anything else.
        RehandleError: ``REHANDLE_WRITE_FORMAT`` has a value that it can't have.
    """
    # The most frequent case first: a handler of a built-in class.
    cls: Any = type(x)
    row = _built_in_row(cls)
    if row is None or cls in _converters:
        return _other_result(x)
    if not vars(x).keys().isdisjoint(_METHODS) or _is_changed(cls) or _has_relative_path(x, row):
        return results.ResultHandlerResult(x)
    return of_handler(x, row)


def is_result(x: Any) -> bool:
    """Tell whether something is a Result.

    Args:
        x: anything.
    """
    # On Prefect 0.6 to 0.10 one of the user's own derives from Prefect's, to which the shim gives what a Result has.
    return isinstance(x, results.Result) or (
        isinstance(x, prefect_release.result_classes()) and "_formatter" in vars(x)
    )


def to_handler(result: Any) -> Any:
    """Give the handler that a Result stands for, as ``task.result_handler`` shows it.

    Args:
        result: a Result, or whatever else an old task keeps under the name ``result``.

    Returns:
        None for what is no Result, and for a plain ``Result``, which stores nothing; the handler of a
        ``ResultHandlerResult`` or of whatever else was given one; for a Result that a built-in handler converts to, a
        handler whose attributes are the Result's own, so that changing one changes the other; else a handler that
        reads and writes through the Result.
    """
    if not isinstance(result, (results.Result, *prefect_release.result_classes())):
        return None
    handler = vars(result).get("result_handler")
    if handler is not None or type(result) is results.Result:
        return handler
    row = _MAPPINGS_BY_RESULT.get(type(result).__name__)
    if row is None or type(result) not in (getattr(results, row.result), legacy_class(row.result)):
        return ResultAdapter(result)
    cls = getattr(handlers, row.handler)
    handler = cls.__new__(cls)
    handler.__dict__ = result.__dict__
    return handler


def is_handler(x: Any) -> bool:
    """Tell whether something is a handler: not a class, and with ``read`` and ``write`` to call.

    Args:
        x: anything.
    """
    if isinstance(x, (type, results.Result, *prefect_release.result_classes())):
        return False
    return isinstance(x, handlers.ResultHandler) or (
        callable(getattr(x, "read", None)) and callable(getattr(x, "write", None))
    )


@overload
def register(handler_class: type) -> Callable[[ConverterT], ConverterT]: ...
@overload
def register(handler_class: type, converter: ConverterT) -> ConverterT: ...
def register(
    handler_class: type, converter: Optional[ConverterT] = None
) -> Union[ConverterT, Callable[[ConverterT], ConverterT]]:
    """Teach how a handler class of your own becomes a Result.

    Args:
        handler_class: the class. Subclasses aren't meant: register each.
        converter: takes the handler, returns a Result. Without it ``register`` is a decorator.

    Returns:
        The converter, or the decorator.

    Raises:
        TypeError: handler_class is no class, or the converter can't be called.

    Warns:
        UserWarning: the class had a converter, which is replaced.
    """
    if not isinstance(handler_class, type):
        raise TypeError(f"rehandle.register takes a handler class first, not {type(handler_class).__name__}")
    if converter is None:
        return lambda function: register(handler_class, function)
    if not callable(converter):
        raise TypeError(
            f"the converter for {handler_class.__name__} must be a function, not {type(converter).__name__}"
        )
    if handler_class in _converters:
        warnings.warn(f"the converter registered for {handler_class.__name__} is replaced", stacklevel=2)
    _converters[handler_class] = converter
    return converter


class ResultAdapter(handlers.ResultHandler):
    """A handler that reads and writes through a Result.

    Args:
        result: the Result.
    """

    def __init__(self, result: Any) -> None:
        self.result = result
        super().__init__()

    def read(self, loc: Any) -> Any:
        """Read a value.

        Args:
            loc: the location.

        Returns:
            The value.
        """
        return self.result.read(loc).value

    def write(self, result: Any) -> Any:
        """Write a value.

        Args:
            result: the value.

        Returns:
            Its location.
        """
        return self.result.write(result).location


def _other_result(x: Any) -> Any:
    if x is None or is_result(x):
        return x
    if isinstance(x, ResultAdapter):
        return x.result
    converter = _converters.get(type(x))
    if converter is not None:
        return _converted_by(converter, x)
    if not is_handler(x):
        raise TypeError(_not_a_handler(x))
    return results.ResultHandlerResult(x)


def _has_relative_path(handler: Any, row: HandlerMapping) -> bool:
    """Tell whether a path is relative that the Result couldn't use so (``LocalResultHandler`` without ``validate``)."""
    for parameter in row.parameters:
        if parameter.relative_trap:
            path: Any = getattr(handler, parameter.name, None)
            return bool(path) and not os.path.isabs(path)
    return False


def _converted_by(converter: Converter, handler: Any) -> Any:
    result = converter(handler)
    if not is_result(result):
        raise TypeError(
            f"the converter registered for {type(handler).__name__} must return a Result, "
            f"and returned {type(result).__name__}"
        )
    return result


def _not_a_handler(x: Any) -> str:
    if isinstance(x, type):
        return f"expected a result handler, and got the class {x.__name__} itself: call it, {x.__name__}(...)"
    # Not what it is: it may be a connection string, or another secret.
    return f"expected a result handler (with read and write), a Result or None, and got {type(x).__name__}"


@functools.lru_cache(maxsize=1024)
def _built_in_row(cls: Any) -> Optional[HandlerMapping]:
    """Find the built-in handler that decides what a class does: None if there is none, or the class has a say of it."""
    if issubclass(cls, (results.Result, *prefect_release.result_classes())):
        return None
    own: Set[str] = set()
    for base in cls.__mro__:
        if base is handlers.ResultHandler:
            return None
        if base in _BUILT_IN:
            return _BUILT_IN[base] if own.isdisjoint(dir(base)) else None
        own |= {name for name in vars(base) if name in ("__getattribute__", "__getstate__") or not _is_special(name)}
    return None


def _is_changed(cls: Any) -> bool:
    """Tell whether somebody else has put a method of theirs into a built-in class, or a subclass that had none."""
    for name in _METHODS:
        home = getattr(getattr(cls, name), "__globals__", {}).get("__name__", "")
        if not home.startswith(("prefect.", "rehandle.")):
            return True
    return False


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
