"""``REHANDLE=1``: switching the shim on in processes that nobody starts by hand, such as dask workers.

``rehandle.pth``, which is installed beside the package, imports this module when an interpreter starts with that
variable. Prefect isn't imported then, and the shim is switched on right after somebody imports it.
"""

import importlib.machinery
import os
import sys
import warnings
from types import ModuleType
from typing import Any, Optional

VARIABLE = "REHANDLE"
STRICT_VARIABLE = "REHANDLE_STRICT"

_ON = ("1", "true", "yes", "on")
# In rehandle.pth, too: most interpreters start without rehandle, and import nothing of it.
_OFF = ("0", "false", "no", "off")


def is_on(variable: str) -> bool:
    """Tell whether one of the environment's variables switches something on.

    Args:
        variable: its name. A value that is neither on nor off is off, and a warning says so.
    """
    value = os.environ.get(variable, "").strip()
    if value and value.lower() not in (*_ON, *_OFF):
        warnings.warn(
            f"{variable}={value} is neither on ({', '.join(_ON)}) nor off ({', '.join(_OFF)}): it is taken for off.",
            stacklevel=2,
        )
    return value.lower() in _ON


def activate_if_asked() -> None:
    """Switch the shim on where ``REHANDLE`` says so: now if Prefect has been imported, else right after it is."""
    if is_on(VARIABLE):
        activate()


def activate() -> None:
    """Switch the shim on: now if Prefect has been imported, else right after it is."""
    if "prefect" in sys.modules:
        _install()
    elif not any(isinstance(finder, PrefectFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, PrefectFinder())


def deactivate() -> None:
    """Forget about switching the shim on later."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PrefectFinder)]


class PrefectFinder:
    """Finds Prefect as everybody else does, and gives it a loader that switches the shim on."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        """Find the spec of ``prefect``, and of nothing else.

        Args:
            name: the module's name.
            path: where to look, None for a top-level module.
            target: not used.
        """
        if name != "prefect":
            return None
        # It stays after that: who asks for a spec need not import it, and who doesn't find Prefect may later.
        for finder in list(sys.meta_path):
            find = None if isinstance(finder, PrefectFinder) else getattr(finder, "find_spec", None)
            spec: Optional[importlib.machinery.ModuleSpec] = find and find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]  # it does all that the other one does
                return spec
        return None


class _Loader:
    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        module: Optional[ModuleType] = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # Others look at the loader for resources, and must find the real one.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if any(isinstance(finder, PrefectFinder) for finder in sys.meta_path):
            deactivate()
            _install()

    def __getattr__(self, name: str) -> Any:
        # What others ask a loader for: a source, the code, resources.
        if name == "_loader":
            raise AttributeError(name)
        return getattr(self._loader, name)


def _install() -> None:
    from rehandle.shim.installation import install

    try:
        install()
    except Exception as error:
        if is_on(STRICT_VARIABLE):
            raise
        warnings.warn(
            f"rehandle is off in this process, because switching it on failed: {error!r}. "
            f"Set {STRICT_VARIABLE}=1 to get the error itself.",
            stacklevel=2,
        )
