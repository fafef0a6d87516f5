"""One reversible list of patches."""

import importlib
import sys
from types import ModuleType
from typing import Any, Callable, Iterable, List

_MISSING = object()


class Patches:
    """Changes to classes, modules and mappings that can all be undone, the last one first.

    A patched place that somebody else has changed since is left as it is: their change came later.
    """

    def __init__(self) -> None:
        self._undo: List[Callable[[], None]] = []

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a class or a module.

        Args:
            owner: the class or module. An inherited attribute is shadowed, and uncovered again by ``undo``.
            name: the attribute's name.
            value: its new value.
        """
        previous = vars(owner).get(name, _MISSING)
        setattr(owner, name, value)

        def restore() -> None:
            if vars(owner).get(name) is not value:
                return
            if previous is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, previous)

        self._undo.append(restore)

    def set_item(self, mapping: Any, key: Any, value: Any) -> None:
        """Set an item of a dictionary.

        Args:
            mapping: the dictionary.
            key: the item's key.
            value: its new value.
        """
        previous = mapping.get(key, _MISSING)
        mapping[key] = value

        def restore() -> None:
            if mapping.get(key) is not value:
                return
            if previous is _MISSING:
                del mapping[key]
            else:
                mapping[key] = previous

        self._undo.append(restore)

    def add_module(self, module: ModuleType) -> None:
        """Make a module importable under its name, and an attribute of its parent.

        Args:
            module: the module. Its parent must have been imported.
        """
        self.set_item(sys.modules, module.__name__, module)
        parent, _, name = module.__name__.rpartition(".")
        self.set_attribute(sys.modules[parent], name, module)

    def add_later(self, module: ModuleType, home: str, names: Iterable[str]) -> None:
        """Give a module contents of another one, which isn't imported before somebody asks for one of them.

        Args:
            module: the module. It must have no ``__getattr__``.
            home: the name of the other module.
            names: what it gives.
        """

        def get(name: str) -> Any:
            if name in names:
                return getattr(importlib.import_module(home), name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

        self.set_attribute(module, "__getattr__", get)

    def undo(self) -> None:
        """Undo every change, the last one first."""
        while self._undo:
            self._undo.pop()()
