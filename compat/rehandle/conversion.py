"""Handler to Result, and back.

A built-in handler becomes the Result that ``rehandle.results`` gives out: Prefect's own where Prefect has Results (0.11
to 1.4), so that nothing in a pickled flow mentions rehandle, else rehandle's. Where that loses something, such as the
name of a secret, it becomes the Result of that name in ``rehandle.results.legacy``. What no Result can stand in for
stays a handler, in a ``ResultHandlerResult`` (``rehandle.following`` decides that).
"""

import warnings
from typing import Any, Callable, Dict, Optional, TypeVar, Union, overload

from rehandle import handlers, prefect_release, results
from rehandle.following import built_in_of, followed_result, handler_of
from rehandle.mapping import HANDLERS
from rehandle.results.of_handler import legacy_class

Converter = Callable[[Any], Any]
ConverterT = TypeVar("ConverterT", bound=Converter)

_MAPPINGS_BY_RESULT = {row.result: row for row in HANDLERS.values()}

_converters: Dict[type, Converter] = {}


def to_result(x: Any) -> Any:
    """Convert a result handler into a Result.

    Args:
        x: a handler, a Result or None.

    Returns:
        The handler's Result; a Result and None as they are; what a ``ResultAdapter`` was made of. A custom handler, a
        subclass of a built-in one that overrides what its base does, one whose methods or client were set, and a local
        one whose folder is relative come back in a ``ResultHandlerResult`` that keeps them. A Result has what the
        handler has. Under the shim a task, flow or storage whose Result it is sees what is changed in the handler
        afterwards; in itself the Result does not.

    Raises:
        TypeError: x is anything else.
        RehandleError: ``REHANDLE_WRITE_FORMAT`` has a value that it can't have.
    """
    # The most frequent case first: a handler of a built-in class.
    cls: Any = type(x)
    built_in = None if cls in _converters else built_in_of(cls)
    return _other_result(x) if built_in is None else followed_result(x, built_in)


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
        None for what is no Result, and for a plain ``Result``, which stores nothing; the handler that the Result was
        made of in this process; that of a ``ResultHandlerResult`` or of whatever else was given one; for another Result
        that a built-in handler converts to, a handler whose attributes are the Result's own, so that changing one
        changes the other; else a handler that reads and writes through the Result.
    """
    if not isinstance(result, (results.Result, *prefect_release.result_classes())):
        return None
    handler = vars(result).get("result_handler")
    if handler is None:
        handler = handler_of(result)
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
    """Tell whether something is a handler: not a class, and with ``read`` or ``write`` to call.

    Prefect looks for the one that it needs, and when it needs it. Some handlers have no more than that.

    Args:
        x: anything.
    """
    if isinstance(x, (type, results.Result, *prefect_release.result_classes())):
        return False
    return isinstance(x, handlers.ResultHandler) or has_method(x, "write") or has_method(x, "read")


def has_method(x: Any, name: str) -> bool:
    """Tell whether something has a method. One whose attributes can't be asked for hasn't.

    Args:
        x: anything.
        name: the method's name.
    """
    try:
        return callable(getattr(x, name, None))
    except Exception:
        # A __getattr__ of the user's: one that looks in a dictionary raises KeyError.
        return False


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
        wanted = "expected a result handler (with read and write), a Result or None"
        raise TypeError(f"{wanted}, and got {shown_type(x)}")
    return results.ResultHandlerResult(x)


def _converted_by(converter: Converter, handler: Any) -> Any:
    result = converter(handler)
    if not is_result(result):
        raise TypeError(
            f"the converter registered for {type(handler).__name__} must return a Result, "
            f"and returned {type(result).__name__}"
        )
    return result


def shown_type(x: Any) -> str:
    """Say what something is that was given in the place of a handler. Its value may be a secret, and isn't shown.

    Args:
        x: anything.
    """
    if isinstance(x, type):
        return f"the class {x.__name__} itself: call it, {x.__name__}(...)"
    return type(x).__name__
