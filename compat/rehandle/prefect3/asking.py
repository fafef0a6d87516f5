"""Who asks for a stored result: somebody who wants the value, or Prefect, whether there is one.

Prefect 3 has no way to ask a storage whether something is there. ``ResultStore.exists`` reads it, and takes every error
for a no: then the task is run again, although its value may only be out of reach. What it reads it throws away.
"""

import sys
from typing import Any, Optional

_MODULE = "prefect.results"
_FUNCTIONS = frozenset({"exists", "aexists", "_exists", "_aexists"})


def prefect_asks_whether_it_exists() -> bool:
    """Tell whether the caller's answer goes to ``ResultStore.exists``, by the functions that are running."""
    # Nothing else tells: there is no argument for it, and Prefect isn't changed.
    frame: Optional[Any] = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name in _FUNCTIONS and frame.f_globals.get("__name__") == _MODULE:
            return True
        frame = frame.f_back
    return False
