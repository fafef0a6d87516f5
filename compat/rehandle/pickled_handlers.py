"""The handler that a Result was made of, in pickles and copies of the task, flow or storage that has the Result.

The Result in a pickle is Prefect's own, and a process that only runs the flow needs no more. What the Result can't tell
of its handler, a class and attributes of the user's own, is beside it as bytes, which nobody looks at before somebody
asks for the handler. In the pickle all of it is made of Python's own types: where rehandle isn't installed it is an
attribute that means nothing.
"""

import logging
import threading
import weakref
from typing import Any, Dict, Optional, Tuple

import cloudpickle

from rehandle import following, handlers, results
from rehandle.handlers.cloud import CLIENTS
from rehandle.mapping import HANDLERS
from rehandle.results.of_handler import Arguments, handler_arguments, legacy_class

ATTRIBUTE = "_made_of_handler"
"""Where an owner has its Result's handler, once it came in a pickle or is a copy."""

_ROWS = {row.result: row for row in HANDLERS.values()}

_lock = threading.RLock()


class _Packed:
    """A handler that is going to be pickled. There it is a list: with its own pickle, or empty if that says no more.

    Args:
        handler: the handler. One that came in a pickle also has the arguments that it had there.
    """

    __slots__ = ("__weakref__", "arguments", "handler")

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self.arguments: Arguments = {}

    def __reduce__(self) -> Tuple[Any, ...]:
        data = _own_pickle(self.handler)
        return list, () if data is None else ((data,),)


# By the handler's identity: one handler of several owners is one in the pickle, too.
_packed: "weakref.WeakValueDictionary[int, _Packed]" = weakref.WeakValueDictionary()


def has_handler(owner: Any) -> bool:
    """Tell whether a task or flow has a Result that was made of a handler, here or in the process that it came from.

    Args:
        owner: the task or flow, on Prefect 0.11 and later.
    """
    result = owner.result
    is_handlers = following.handler_of(result) is not None or isinstance(result, results.ResultHandlerResult)
    return is_handlers or ATTRIBUTE in vars(owner)


def with_handler(state: Any, result: Any) -> Any:
    """Add the handler to what a pickle or copy keeps of a Result's owner.

    Args:
        state: what it keeps.
        result: the Result, up to date.

    Returns:
        The state, or a copy with the handler, if the Result was made of one in this process.
    """
    handler = following.handler_of(result)
    if handler is None or type(state) is not dict or vars(result).get("result_handler") is not None:
        return state
    return {**state, ATTRIBUTE: (result, _pack(handler))}


def unpack(attributes: Dict[str, Any], asked: bool) -> None:
    """Let the Result of an owner that came in a pickle follow its handler again.

    Args:
        attributes: the owner's.
        asked: whether somebody asks for the handler. Otherwise it matters only if another owner was asked for it.
    """
    result, packed = attributes[ATTRIBUTE]
    if result is not attributes.get("result") or following.handler_of(result) is not None:
        return
    with _lock:
        while type(packed) is list and packed and not isinstance(packed[0], bytes):
            packed = packed[0]
        if type(packed) is list:
            if not asked:
                return
            packed[:] = [_unpacked(packed[0] if packed else None, result)]
            packed = packed[0]
        cls: Any = type(packed.handler)
        built_in = following.built_in_of(cls)
        if built_in is not None:
            following.follow(result, packed.handler, built_in, packed.arguments)


def _unpacked(data: Optional[bytes], result: Any) -> _Packed:
    handler = None if data is None else _unpickled(data)
    if handler is None:
        handler = _made_of_result(result)
    packed = _pack(handler)
    cls: Any = type(handler)
    built_in = following.built_in_of(cls)
    if built_in is not None:
        packed.arguments = handler_arguments(vars(handler), built_in.row)
    return packed


def _pack(handler: Any) -> _Packed:
    packed = _packed.get(id(handler))
    if packed is None:
        packed = _packed[id(handler)] = _Packed(handler)
    return packed


def _own_pickle(handler: Any) -> Optional[bytes]:
    cls: Any = type(handler)
    built_in = following.built_in_of(cls)
    if built_in is None:
        return None
    told = {"logger", *CLIENTS, *(p.name for p in built_in.row.parameters)}
    if cls is built_in.classes[-1] and vars(handler).keys() <= told:
        return None
    try:
        return cloudpickle.dumps(handler)  # type: ignore[no-any-return]
    except Exception as error:
        # The Result can be pickled, and does what the handler does.
        logging.getLogger("rehandle").debug("%s can't be pickled: %s", cls.__name__, error)
        return None


def _unpickled(data: bytes) -> Any:
    try:
        return cloudpickle.loads(data)
    except Exception as error:
        logging.getLogger("rehandle").debug("a handler can't be unpickled: %s", error)
        return None


def _made_of_result(result: Any) -> Any:
    row = _ROWS.get(type(result).__name__)
    if row is None or type(result) not in (getattr(results, row.result), legacy_class(row.result)):
        return None
    cls = getattr(handlers, row.handler)
    handler = cls.__new__(cls)
    handlers.ResultHandler.__init__(handler)  # a logger
    has = vars(result)
    vars(handler).update({p.name: has.get(p.result_name or p.name, p.default) for p in row.parameters if p.kept})
    return handler
