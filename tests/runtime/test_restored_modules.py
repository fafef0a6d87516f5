"""The modules that the shim brings: found, loaded again and removed as others are."""

import importlib
import importlib.util
import sys
import types

import pytest

import rehandle
from rehandle.shim import installation
from rehandle.shim.restored_modules import RestoredModules

pytestmark = pytest.mark.prefect("0.6.6", "2")


def restored():
    """The names of all modules that the shim has brought."""
    loaders = [
        (name, getattr(getattr(module, "__spec__", None), "loader", None)) for name, module in sys.modules.items()
    ]
    return sorted(name for name, loader in loaders if isinstance(loader, RestoredModules))


@pytest.mark.usefixtures("shim")
class TestUnderTheShim:
    def test_there_are_some(self):
        assert len(restored()) > 5

    def test_each_can_be_loaded_again(self):
        for name in restored():
            module = sys.modules[name]
            before = {key: getattr(module, key) for key in module.__all__}
            for key in before:
                setattr(module, key, None)
            assert importlib.reload(module) is module, name
            assert {key: getattr(module, key) for key in module.__all__} == before, name
            assert importlib.util.find_spec(name) == module.__spec__

    def test_each_can_be_removed_and_imported(self, monkeypatch):
        for name in restored():
            module = sys.modules[name]
            parent, _, child = name.rpartition(".")
            with monkeypatch.context() as patch:
                patch.setattr(sys.modules[parent], child, module)
                patch.delitem(sys.modules, name)
                again = importlib.import_module(name)
                assert again is not module
                for key in module.__all__:
                    assert getattr(again, key) is getattr(module, key), (name, key)


def packages():
    """The names of Prefect's modules that may have submodules."""
    return {name for name, module in sys.modules.items() if name.startswith("prefect.") and hasattr(module, "__path__")}


def test_none_is_left_without_the_shim():
    importlib.import_module("prefect")
    # It imports some more of Prefect's own.
    with rehandle.installed():
        pass
    before = packages()
    with rehandle.installed():
        names = restored()
        # A module object that the shim hasn't seen.
        del sys.modules[names[-1]]
        importlib.import_module(names[-1])
    if installation.is_installed():
        pytest.skip("the shim is on in the whole session")
    assert restored() == []
    assert packages() == before
    assert not any(isinstance(finder, RestoredModules) for finder in sys.meta_path)
    for name in names:
        parent, _, child = name.rpartition(".")
        kept = vars(sys.modules[parent]).get(child) if parent in sys.modules else None
        assert not isinstance(getattr(getattr(kept, "__spec__", None), "loader", None), RestoredModules)


@pytest.mark.usefixtures("shim")
def test_another_prefect_has_none(monkeypatch):
    name = restored()[0]
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "prefect", types.ModuleType("prefect"))
    assert not any(
        isinstance(finder, RestoredModules) and finder.find_spec(name) is not None for finder in sys.meta_path
    )
