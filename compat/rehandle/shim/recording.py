"""What the shim saw, one JSON line a place, for the codemods.

Off unless ``REHANDLE_RECORD`` names a file. A line tells where a handler was used, what it is and what it became;
of its arguments only the names, because some values are secrets.
"""

import json
import os
import threading
from typing import Any, Dict, Set, Tuple

from rehandle.errors import RehandleError
from rehandle.mapping import HANDLERS
from rehandle.shim.user_code import user_line

VARIABLE = "REHANDLE_RECORD"

_seen: Set[Tuple[Any, ...]] = set()
_lock = threading.Lock()


def record(what: str, handler: Any, result: Any) -> None:
    """Add a line for the place in the user's code that hands a handler over, once for each place and class.

    Args:
        what: how it was handed over, such as ``Task(result_handler=...)``.
        handler: the handler.
        result: the Result that it became.

    Raises:
        RehandleError: the file can't be written.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    caller = user_line()
    if caller is None:
        return
    line: Dict[str, Any] = {
        "filename": os.path.abspath(caller.filename),
        "row": caller.row,
        "column": caller.column,
        "use": what,
        "handler": _class_name(handler),
        "arguments": _argument_names(handler),
        "result": _class_name(result),
    }
    key = (path, *(json.dumps(value) for value in line.values()))
    with _lock:
        if key in _seen:
            return
        _seen.add(key)
    try:
        _append(path, (json.dumps(line) + "\n").encode())
    except OSError as error:
        raise RehandleError(
            f"{path}, which {VARIABLE} or --record names, can't be written ({error.strerror}): name another file"
        ) from error


def _append(path: str, line: bytes) -> None:
    # One write to a file opened for appending: lines of several processes never mix.
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(file, line)
    finally:
        os.close(file)


def _class_name(instance: Any) -> str:
    cls = type(instance)
    return f"{cls.__module__}.{cls.__qualname__}"


def _argument_names(handler: Any) -> Any:
    row = HANDLERS.get(type(handler).__name__)
    # Not with getattr: a property or a __getattr__ of the user's may do anything. With __slots__ there are none.
    attributes = getattr(handler, "__dict__", {})
    if row is None:
        return sorted(name for name in attributes if name != "logger" and not name.startswith("_"))
    return [p.name for p in row.parameters if p.is_given(attributes)]
