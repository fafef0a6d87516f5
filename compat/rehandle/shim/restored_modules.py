"""Modules that Prefect hasn't got, found as others are: also by ``importlib.reload``, or once they were removed."""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any, Dict, NamedTuple, Optional


class Contents(NamedTuple):
    """What a module has.

    Attributes:
        attributes: its attributes by name. Without ``__all__`` all of them are in it.
        is_package: whether submodules may follow.
    """

    attributes: Dict[str, Any]
    is_package: bool


class RestoredModules(MetaPathFinder, Loader):
    """Finds and loads modules whose contents were given to it, before others find what they hide.

    Args:
        package: the package that they are in. For another one of that name, imported anew, nothing is found.
    """

    def __init__(self, package: ModuleType) -> None:
        self._package = package
        self._contents: Dict[str, Contents] = {}

    def add(self, name: str, contents: Contents) -> ModuleType:
        """Make a module importable.

        Args:
            name: the module's name. Its parent must have been imported.
            contents: what it has.

        Returns:
            The module. It is in no ``sys.modules`` yet.
        """
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        self._contents[name] = contents
        module = module_from_spec(self._spec(name))
        self.exec_module(module)
        return module

    def forget(self) -> None:
        """Let no module be found any more, and remove what was imported after it had been removed."""
        sys.meta_path[:] = [each for each in sys.meta_path if each is not self]
        for name in self._contents:
            module = sys.modules.get(name)
            if module is not None and getattr(module.__spec__, "loader", None) is self:
                del sys.modules[name]
                parent, _, child = name.rpartition(".")
                if getattr(sys.modules.get(parent), child, None) is module:
                    delattr(sys.modules[parent], child)
        self._contents.clear()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """Find one of the modules.

        Args:
            name: the name of the module that is looked for.
            path: not used.
            target: not used.
        """
        is_here = name in self._contents and sys.modules.get(self._package.__name__) is self._package
        return self._spec(name) if is_here else None

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module.

        Args:
            module: the module, a new one or one that is loaded again.
        """
        attributes = self._contents[module.__name__].attributes
        names = attributes.get("__all__", sorted(attributes))
        # What the module's __getattr__ gives is no attribute, unless somebody has set one.
        for name in names:
            vars(module).pop(name, None)
        vars(module).update({**attributes, "__all__": names})

    def _spec(self, name: str) -> ModuleSpec:
        return ModuleSpec(name, self, origin="rehandle", is_package=self._contents[name].is_package)
