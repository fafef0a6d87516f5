"""Where in the user's code something happened that the shim saw."""

import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple, Optional

# The packages between the user's line and the shim: @task is a toolz.curry up to Prefect 0.13.7.
_PASSED_THROUGH = ("rehandle", "prefect", "toolz", "cytoolz", "dask", "distributed", "importlib", "contextlib")


class SourceLine(NamedTuple):
    """A line of the user's code.

    Attributes:
        filename: the file, as the interpreter names it.
        row: the line, from 1.
        column: the column in characters, from 1; None before Python 3.11, which doesn't know it.
        namespace: the globals of the module.
    """

    filename: str
    row: int
    column: Optional[int]
    namespace: Any


def user_line() -> Optional[SourceLine]:
    """Find the innermost line on the stack that is neither rehandle's nor of a package that Prefect is built on.

    Returns:
        The line; None if there is none, as in a thread that Prefect started.
    """
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _PASSED_THROUGH:
            return SourceLine(frame.f_code.co_filename, frame.f_lineno, _column(frame), frame.f_globals)
        frame = frame.f_back
    return None


def _column(frame: FrameType) -> Optional[int]:
    code: CodeType = frame.f_code
    if sys.version_info < (3, 11):
        return None
    for number, (_, _, column, _) in enumerate(code.co_positions()):
        if number == frame.f_lasti // 2:
            return None if column is None else column + 1
    return None
