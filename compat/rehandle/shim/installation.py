"""Switching the shim on and off."""

import contextlib
import importlib
import threading
from typing import Iterator, Optional

from rehandle import prefect_release
from rehandle.shim import deprecation, generations, import_hook
from rehandle.shim.patches import Patches

_lock = threading.RLock()
_patches: Optional[Patches] = None
_explicit = False
_contexts = 0


def install() -> bool:
    """Make result handlers and Results work on the installed Prefect. Imports it; doing that twice does nothing more.

    Prefect 0.14 to 1.4 gets its handlers back, and 0.11 to 0.13 converts them without losing anything. Prefect 0.6.6 to
    0.10 keeps its own, and gets Results and targets; 0.4.1 to 0.6.5 gets none. Its handlers read what later Results
    wrote, on all of them.

    Returns:
        True if this call switched the shim on, False if it was on already.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
        PrefectUnsupportedError: the installed Prefect is none that rehandle adapts to, such as Prefect 2 or 3.
        RehandleError: ``REHANDLE_WARNINGS`` has a value that it can't have.
    """
    global _explicit
    with _lock:
        switched = _switch_on()
        _explicit = True
        return switched


def uninstall() -> bool:
    """Leave Prefect as it was before ``install``, and forget about switching the shim on later (``REHANDLE=1``).

    Returns:
        True if the shim was on, False if there was nothing to do.
    """
    global _explicit
    with _lock:
        _explicit = False
        import_hook.deactivate()
        return _switch_off()


def is_installed() -> bool:
    """Tell whether the shim is on.

    Returns:
        Whether it is, in this process.
    """
    return _patches is not None


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Switch the shim on for a ``with`` block, and leave it as it was found.

    Blocks may be nested and may overlap in several threads: the last one to end switches the shim off,
    unless ``install`` was called.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
        PrefectUnsupportedError: the installed Prefect is none that rehandle adapts to.
    """
    global _contexts
    with _lock:
        _switch_on()
        _contexts += 1
    try:
        yield
    finally:
        with _lock:
            _contexts -= 1
            if not _contexts and not _explicit:
                _switch_off()


def _switch_on() -> bool:
    global _patches
    if _patches is not None:
        return False
    deprecation.mode()  # a wrong value is an error now, not in the middle of a flow
    module = generations.module_for(prefect_release.release())
    patches = Patches()
    try:
        importlib.import_module(module).apply(patches)
    except BaseException:
        patches.undo()
        raise
    _patches = patches
    return True


def _switch_off() -> bool:
    global _patches
    if _patches is None:
        return False
    _patches.undo()
    _patches = None
    return True
