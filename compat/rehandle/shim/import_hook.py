"""Calling a function right after a module has been imported, which isn't imported for that."""

import importlib.machinery
import sys
from types import ModuleType
from typing import Any, Callable, Optional

Callback = Callable[[], None]


def after_import(name: str, callback: Callback) -> None:
    """Call a function once, when a module has been imported.

    The module's import fails if the function does. The function is called again then, at the next attempt.

    Args:
        name: the name of a top-level module that isn't imported yet.
        callback: the function. It replaces the one that was given for that module before.
    """
    forget(name)
    sys.meta_path.insert(0, ImportFinder(name, callback))


def forget(name: str) -> None:
    """Call no function when a module is imported.

    Args:
        name: the module's name.
    """
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, ImportFinder) or each.name != name]


class ImportFinder:
    """Finds a module as everybody else does, and gives it a loader that calls a function.

    Args:
        name: the module's name.
        callback: the function.
    """

    def __init__(self, name: str, callback: Callback) -> None:
        self.name = name
        self._callback = callback

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[importlib.machinery.ModuleSpec]:
        """Find the spec of the module, and of nothing else.

        Args:
            name: the name of the module that is looked for.
            path: where to look, None for a top-level module.
            target: not used.
        """
        if name != self.name:
            return None
        # It stays after that: who asks for a spec need not import it, and who doesn't find the module may later.
        for finder in list(sys.meta_path):
            find = None if isinstance(finder, ImportFinder) else getattr(finder, "find_spec", None)
            spec: Optional[importlib.machinery.ModuleSpec] = find and find(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self)  # type: ignore[assignment]  # it does all that that one does
                return spec
        return None

    def imported(self) -> None:
        """Call the function, unless that has been done or is forgotten."""
        if self in sys.meta_path:
            self._callback()
            forget(self.name)


class _Loader:
    def __init__(self, loader: Any, finder: ImportFinder) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        module: Optional[ModuleType] = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # Others look at the loader for resources, and must find the real one.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._finder.imported()

    def __getattr__(self, name: str) -> Any:
        # What others ask a loader for: a source, the code, resources.
        if name == "_loader":
            raise AttributeError(name)
        return getattr(self._loader, name)
