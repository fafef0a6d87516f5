"""The warning that a place in the user's code still uses a handler."""

import os
import warnings
from typing import Any

from rehandle.errors import RehandleError, ResultHandlerDeprecationWarning
from rehandle.mapping import HANDLERS, loss, relative_loss, relative_parameters
from rehandle.shim.user_code import user_line

VARIABLE = "REHANDLE_WARNINGS"
MODES = ("once", "always", "error", "off")


def mode() -> str:
    """Tell how often to warn: the environment's ``REHANDLE_WARNINGS``, ``once`` a place if it is missing.

    Raises:
        RehandleError: the variable has another value.
    """
    value = os.environ.get(VARIABLE) or MODES[0]
    if value not in MODES:
        raise RehandleError(f"{VARIABLE}={value} is none of {', '.join(MODES)}: set it to one of them, or unset it.")
    return value


def warn(what: str, handler: Any) -> None:
    """Warn about a handler at the line of the user's code that hands it over.

    Args:
        what: how it was handed over, such as ``Task(result_handler=...)``.
        handler: the handler.

    Raises:
        ResultHandlerDeprecationWarning: ``REHANDLE_WARNINGS=error``.
    """
    if mode() != "off":
        _warn(f"{what} is deprecated, Prefect 0.14 removed it: {advice(handler)}.")


def warn_both(name: str) -> None:
    """Warn that a handler and a Result were given, and that the handler wins, as in Prefect 0.11 to 0.13.

    Args:
        name: the name of the class that got both.

    Raises:
        ResultHandlerDeprecationWarning: ``REHANDLE_WARNINGS=error``.
    """
    _warn(f"{name} got both result= and result_handler=: the handler is used. Leave out one of them.")


def advice(handler: Any) -> str:
    """Say what to write instead of a handler. No argument's value is shown: some are secrets.

    Args:
        handler: the handler.

    Returns:
        Words such as ``write result=LocalResult(dir=...), from prefect.engine.results import LocalResult``.
    """
    name = type(handler).__name__
    row = HANDLERS.get(name)
    if row is None or name == "ResultHandler" or not type(handler).__module__.startswith(("rehandle.", "prefect.")):
        return (
            f"write result=to_result({name}(...)), from rehandle import to_result, or make {name} a subclass of Result"
        )
    # Not with getattr: a property or a __getattr__ of the user's may do anything.
    arguments = vars(handler)
    lost = loss(row, arguments) or relative_loss(row, relative_parameters(row, arguments))
    if lost:
        return f"write result=to_result({name}(...)), from rehandle import to_result, because {lost}"
    given = ", ".join(f"{p.result_name}=..." for p in row.parameters if p.result_name and p.is_given(arguments))
    # A handler doesn't tell whether it was made with one of these.
    renamed = [f"{p.result_name}= for {p.name}=" for p in row.parameters if p.result_name and not p.kept]
    more = f" (with {' and '.join(renamed)})" if renamed else ""
    return f"write result={row.result}({given}){more}, from {row.result_module} import {row.result}"


def _warn(message: str) -> None:
    how = mode()
    if how == "off":
        return
    if how == "error":
        raise ResultHandlerDeprecationWarning(message)
    caller = user_line()
    if caller is None:
        warnings.warn(message, ResultHandlerDeprecationWarning, stacklevel=3)
        return
    warnings.warn_explicit(
        message,
        ResultHandlerDeprecationWarning,
        filename=caller.filename,
        lineno=caller.row,
        module=caller.namespace.get("__name__"),
        # Python's own memory of what was shown, a place at a time; without one it shows every warning.
        registry=None if how == "always" else caller.namespace.setdefault("__warningregistry__", {}),
    )
