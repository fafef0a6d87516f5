"""One reversible list of patches."""

import importlib
import sys
from typing import Any, Callable, Dict, Iterable, List, Optional

from rehandle.shim.restored_modules import Contents, RestoredModules

_MISSING = object()


class Patches:
    """Changes to classes, modules and mappings that can all be undone, the last one first.

    A patched place that somebody else has changed since is left as it is: their change came later.
    """

    def __init__(self) -> None:
        self._undo: List[Callable[[], None]] = []
        self._restored: Optional[RestoredModules] = None

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

    def add_module(self, name: str, attributes: Dict[str, Any], is_package: bool = False) -> None:
        """Make a module importable under its name, and an attribute of its parent.

        Args:
            name: the module's name. Its parent must have been imported. One that is a single file becomes a package.
            attributes: what the module has. Without ``__all__`` all of that is in it.
            is_package: whether submodules may follow.
        """
        if self._restored is None:
            self._restored = RestoredModules(sys.modules[name.partition(".")[0]])
            self._undo.append(self._restored.forget)
        module = self._restored.add(name, Contents(attributes, is_package))
        self.set_item(sys.modules, name, module)
        parent_name, _, child = name.rpartition(".")
        parent = sys.modules[parent_name]
        if not hasattr(parent, "__path__"):
            # Python asks no finder for what is in a module that isn't a package.
            self.set_attribute(parent, "__path__", [])
        self.set_attribute(parent, child, module)

    def undo(self) -> None:
        """Undo every change, the last one first."""
        while self._undo:
            self._undo.pop()()


def attributes_of(home: str, names: Iterable[str], module: str) -> Callable[[str], Any]:
    """Make a module's ``__getattr__`` that gives contents of another one, which isn't imported before that.

    Args:
        home: the name of the other module.
        names: what it gives.
        module: the name of the module.
    """

    def get(name: str) -> Any:
        if name in names:
            return getattr(importlib.import_module(home), name)
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return get
