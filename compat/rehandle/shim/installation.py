"""Switching the shim on and off, without importing Prefect: that is the user's code's affair, and its time."""

import contextlib
import importlib
import os
import sys
import threading
import warnings
from types import ModuleType
from typing import Any, Iterator, Optional

from rehandle import prefect_release
from rehandle.shim import deprecation, generations, import_hook
from rehandle.shim.patches import Patches

VARIABLE = "REHANDLE"
STRICT_VARIABLE = "REHANDLE_STRICT"

_ON = ("1", "true", "yes", "on")
# In rehandle.pth, too: most interpreters start without rehandle, and import nothing of it.
_OFF = ("0", "false", "no", "off")

_PREFECT = "prefect"
# What of rehandle is made for one Prefect, with its classes as bases. Submodules count.
_MADE_FOR_ONE_PREFECT = (
    "rehandle.conversion",
    "rehandle.following",
    "rehandle.handlers",
    "rehandle.pickled_handlers",
    "rehandle.results",
    "rehandle.serializers",
    "rehandle.shim.generations",
)

_lock = threading.RLock()
_patches: Optional[Patches] = None
_patched: Optional[ModuleType] = None
_waiting = False
_found_another = False
_explicit = False
_contexts = 0


def install() -> bool:
    """Make result handlers and Results work on the installed Prefect. Doing that twice does nothing more.

    Prefect isn't imported for that: it is patched right after somebody imports it, or at once if that was done. Its
    configuration is read at the time at which it would be without rehandle.

    Prefect 0.14 to 1.4 gets its handlers back, and 0.11 to 0.13 converts them without losing anything. Prefect 0.6.6 to
    0.10 keeps its own, and gets Results and targets; 0.4.1 to 0.6.5 gets none. Its handlers read what later Results
    wrote, on all of them.

    A Prefect that was removed from ``sys.modules`` and imported anew is another one, and wants another call. What was
    imported from rehandle before has to be imported anew then, too.

    Returns:
        True if this call switched the shim on, False if it was on already.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
        PrefectUnsupportedError: the installed Prefect is none that rehandle adapts to, such as Prefect 2 or 3.
        RehandleError: ``REHANDLE_WARNINGS`` has a value that it can't have.
    """
    global _explicit
    _wait_for_import()
    with _lock:
        switched = _switch_on()
        _explicit = True
        return switched


def install_if_asked() -> None:
    """Switch the shim on where ``REHANDLE`` says so. ``rehandle.pth`` calls this when an interpreter starts.

    Warns:
        UserWarning: that failed, now or when Prefect is imported, or ``REHANDLE`` is neither on nor off.

    Raises:
        RehandleError: it failed, and ``REHANDLE_STRICT`` is on.
    """
    if _is_on(VARIABLE):
        with _lock:
            # What is missing or wrong is said when somebody imports Prefect: few interpreters do.
            if _PREFECT not in sys.modules:
                _wait()
            elif not _is_patched():
                _patch_or_warn()


def uninstall() -> bool:
    """Leave Prefect as it was before ``install``, and forget about switching the shim on later.

    Returns:
        True if the shim was on, False if there was nothing to do.
    """
    global _explicit
    with _lock:
        _explicit = False
        return _switch_off()


def is_installed() -> bool:
    """Tell whether the shim is on: whether Prefect is patched, or will be as soon as it is imported.

    Returns:
        Whether it is, in this process.
    """
    return _waiting or _is_patched()


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
    _wait_for_import()
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
    if _is_patched():
        return False
    deprecation.mode()  # a wrong value is an error now, not in the middle of a flow
    _look_again()
    prefect_release.require()
    if not prefect_release.has_either():
        generations.module_for(prefect_release.release())  # which says why not
    if _PREFECT in sys.modules:
        _patch()
        return True
    return _wait()


def _switch_off() -> bool:
    global _patches, _waiting
    was_on = is_installed()
    import_hook.forget(_PREFECT)
    _waiting = False
    if _patches is not None:
        _patches.undo()
        _patches = None
    return was_on


def _is_patched() -> bool:
    return _patches is not None and sys.modules.get(_PREFECT) is _patched


def _wait() -> bool:
    """Patch Prefect as soon as it is imported. False if that was the plan already."""
    global _waiting
    if _waiting:
        return False
    _waiting = True
    import_hook.after_import(_PREFECT, _imported)
    return True


def _imported() -> None:
    global _waiting
    with _lock:
        if _waiting:
            _patch_or_warn()
            _waiting = False


def _patch_or_warn() -> None:
    """Patch the Prefect that is there. Where nobody but the environment asks for it, an error is a warning."""
    try:
        _patch()
    except Exception as error:
        if _explicit or _contexts or _is_on(STRICT_VARIABLE):
            raise
        warnings.warn(
            f"rehandle is off in this process, because switching it on failed: {error!r}. "
            f"Set {STRICT_VARIABLE}=1 to get the error itself.",
            stacklevel=2,
        )


def _patch() -> None:
    """Patch the Prefect that is there."""
    global _patches, _patched
    prefect = importlib.import_module(_PREFECT)
    if _patches is not None:
        # Those of a Prefect that is gone.
        _patches.undo()
        _patches = None
    _look_again()
    if _found_another or _is_made_for_another():
        _forget_what_is_made()
    deprecation.mode()
    module = generations.module_for(prefect_release.release())
    patches = Patches()
    try:
        importlib.import_module(module).apply(patches)
    except BaseException:
        patches.undo()
        raise
    _patches, _patched = patches, prefect


def _look_again() -> None:
    global _found_another
    _found_another = prefect_release.look_again() or _found_another


def _is_made_for_another() -> bool:
    """Tell whether rehandle's own classes derive from those of a Prefect that is gone."""
    for module, name in (("rehandle.handlers", "ResultHandler"), ("rehandle.results", "Result")):
        cls: Any = vars(sys.modules[module]).get(name) if module in sys.modules else None
        for base in getattr(cls, "__mro__", ()):
            if base.__module__.partition(".")[0] == _PREFECT:
                home = sys.modules.get(base.__module__)
                return getattr(home, base.__name__, None) is not base
    return False


def _forget_what_is_made() -> None:
    """Let what is made for one Prefect be imported anew. The converters that the user registered stay."""
    global _found_another
    _found_another = False
    converters = getattr(sys.modules.get("rehandle.conversion"), "_converters", {})
    for name in list(sys.modules):
        if any(f"{name}.".startswith(f"{top}.") for top in _MADE_FOR_ONE_PREFECT):
            del sys.modules[name]
    for name in _MADE_FOR_ONE_PREFECT:
        parent, _, child = name.rpartition(".")
        vars(sys.modules[parent]).pop(child, None)
    for name in ("register", "to_result"):
        vars(sys.modules["rehandle"]).pop(name, None)
    if converters:
        importlib.import_module("rehandle.conversion")._converters.update(converters)


def _wait_for_import() -> None:
    """Let another thread that imports Prefect come to an end, before the lock is held that it will need."""
    if _PREFECT in sys.modules:
        importlib.import_module(_PREFECT)


def _is_on(variable: str) -> bool:
    """Tell whether one of the environment's variables switches something on."""
    value = os.environ.get(variable, "").strip()
    if value and value.lower() not in (*_ON, *_OFF):
        warnings.warn(
            f"{variable}={value} is neither on ({', '.join(_ON)}) nor off ({', '.join(_OFF)}): it is taken for off.",
            stacklevel=2,
        )
    return value.lower() in _ON
