"""rehandle moves Prefect flows from result handlers (0.4 to 0.13) to Results (0.11 to 1.4).

PYTEST_DONT_REWRITE: where ``REHANDLE=1`` imports it before pytest, pytest would warn that it is too late for that.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from rehandle.errors import (
    PrefectNotFoundError,
    PrefectUnsupportedError,
    RehandleError,
    ResultHandlerDeprecationWarning,
)

if TYPE_CHECKING:
    from rehandle.conversion import register, to_result
    from rehandle.shim.installation import install, installed, is_installed, uninstall

__version__ = "0.1.0"

__all__ = [
    "PrefectNotFoundError",
    "PrefectUnsupportedError",
    "RehandleError",
    "ResultHandlerDeprecationWarning",
    "install",
    "installed",
    "is_installed",
    "register",
    "to_result",
    "uninstall",
]

_HOMES = {
    "install": "rehandle.shim.installation",
    "installed": "rehandle.shim.installation",
    "is_installed": "rehandle.shim.installation",
    "register": "rehandle.conversion",
    "to_result": "rehandle.conversion",
    "uninstall": "rehandle.shim.installation",
}


def __getattr__(name: str) -> Any:
    # Conversion imports the handlers, and those import Prefect where it has its own: a second that `rehandle check`
    # need not spend.
    if name in _HOMES:
        # Kept: looking the module up at every rehandle.to_result(...) would take longer than converting.
        globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
