"""The warning that a place in the user's code still uses a handler."""

import sys
import warnings
from types import FrameType
from typing import Any, Optional

from rehandle.errors import ResultHandlerDeprecationWarning
from rehandle.mapping import HANDLERS

# The packages between the user's line and the shim: @task is a toolz.curry up to Prefect 0.13.7.
_PASSED_THROUGH = (
    "rehandle",
    "prefect",
    "toolz",
    "cytoolz",
    "dask",
    "distributed",
    "importlib",
    "contextlib",
)


def warn(what: str, handler: Any) -> None:
    """Warn about a handler at the line of the user's code that hands it over.

    Args:
        what: how it was handed over, such as ``Task(result_handler=...)``.
        handler: the handler.
    """
    _warn(f"{what} is deprecated, Prefect 0.14 removed it: {advice(handler)}.")


def warn_both(name: str) -> None:
    """Warn that a handler and a Result were given, and that the handler wins, as in Prefect 0.11 to 0.13.

    Args:
        name: the name of the class that got both.
    """
    _warn(f"{name} got both result= and result_handler=: the handler is used. Leave out one of them.")


def advice(handler: Any) -> str:
    """Say what to write instead of a handler. No argument's value is shown: some are secrets.

    Args:
        handler: the handler.

    Returns:
        Words such as ``write result=LocalResult(dir=...), from prefect.engine.results``.
    """
    name = type(handler).__name__
    row = HANDLERS.get(name)
    if row is None or name == "ResultHandler" or not type(handler).__module__.startswith(("rehandle.", "prefect.")):
        return (
            f"write result=to_result({name}(...)), from rehandle import to_result, or make {name} a subclass of Result"
        )
    given = [p for p in row.parameters if p.result_name and getattr(handler, p.name, p.default) != p.default]
    arguments = ", ".join(f"{p.result_name}=..." for p in given)
    return f"write result={row.result}({arguments}), from {row.result_module} import {row.result}"


def _warn(message: str) -> None:
    frame = _user_frame()
    if frame is None:
        warnings.warn(message, ResultHandlerDeprecationWarning, stacklevel=4)
        return
    warnings.warn_explicit(
        message,
        ResultHandlerDeprecationWarning,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )


def _user_frame() -> Optional[FrameType]:
    frame: Optional[FrameType] = sys._getframe(3)
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in _PASSED_THROUGH:
            return frame
        frame = frame.f_back
    return None
