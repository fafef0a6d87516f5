"""Handlers of other shapes than Prefect's own"""

import collections
import functools
import threading
import types
from unittest import mock

from handlers_in_use import stores
from prefect.engine.result_handlers import (
    JSONResultHandler,
    LocalResultHandler,
    ResultHandler,
)

try:
    import dataclasses
except ImportError:  # Python 3.6, which no release needs
    dataclasses = None


def everywhere(*makers):
    return [stores(make(), of_flow) for make in makers for of_flow in (False, True)]


class Keeping:
    """No class of Prefect's is its base."""

    def __init__(self):
        self.kept = {}

    def read(self, loc):
        return self.kept[loc]

    def write(self, result):
        self.kept[f"key-{len(self.kept)}"] = result
        return f"key-{len(self.kept) - 1}"


class Memory(Keeping, ResultHandler):
    """Prefect's handler is its base."""


class Slots:
    __slots__ = ("kept",)

    def __init__(self):
        self.kept = []

    def read(self, loc):
        return self.kept[loc]

    def write(self, result):
        self.kept.append(result)
        return len(self.kept)


class SlotsOfHandler(ResultHandler):
    __slots__ = ("kept",)

    def __init__(self):
        self.kept = None
        super().__init__()

    def write(self, result):
        self.kept = result
        return "slot"

    def read(self, loc):
        return self.kept


class Forwarding(ResultHandler):
    """Everything of it is another handler's."""

    def __init__(self, inner):
        self.inner = inner

    def __getattribute__(self, name):
        return super().__getattribute__(name) if name in ("inner", "__class__") else getattr(self.inner, name)


class Looking(Memory):
    """It looks up what it hasn't got, and knows nothing."""

    def __getattr__(self, name):
        return {}[name]


class LookingAtFiles(LocalResultHandler):
    def __getattr__(self, name):
        return {}[name]

    def write(self, result):
        self.kept = result
        return "kept"


class LookingAtJSON(JSONResultHandler):
    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        return "looking"


class Locked(Memory):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def write(self, result):
        with self.lock:
            return super().write(result)


class Empty(Memory):
    """It is false as long as it has nothing."""

    def __len__(self):
        return len(self.kept)


class Never(Memory):
    def __bool__(self):
        return False


class FalseJSON(JSONResultHandler):
    def __bool__(self):
        return False


class Comparing(Memory):
    """It equals nothing, not even None, and says so by an error."""

    __hash__ = None

    def __eq__(self, other):
        raise TypeError("not to be compared")


class Partial(ResultHandler):
    """Its methods are attributes."""

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.write = functools.partial(self._write, "prefix")
        self.read = lambda loc: self.kept[loc]

    def _write(self, prefix, result):
        self.kept[prefix] = result
        return prefix


class Static(ResultHandler):
    @staticmethod
    def write(result):
        return "static"

    @classmethod
    def read(cls, loc):
        return loc


class Computing(Memory):
    """Its method is computed, each time anew."""

    @property
    def write(self):
        return super().write


class Called(Memory):
    """It can be called, as a function for locations can, and mustn't be."""

    def __call__(self, *arguments, **keywords):
        raise RuntimeError("not to be called")


class Changing(Memory):
    """It changes the value that it is given."""

    def write(self, result):
        result.append("changed")
        return super().write(list(result))


def simple_namespace():
    return types.SimpleNamespace(write=lambda result: f"wrote {result}", read=lambda loc: loc)


def module():
    found = types.ModuleType("handler")
    exec("def write(result):\n    return 'module'\ndef read(loc):\n    return loc\n", vars(found))
    return found


def named_tuple():
    base = collections.namedtuple("Base", ["folder"])
    methods = {
        "write": lambda self, result: self.folder,
        "read": lambda self, loc: loc,
        "__init__": lambda self, folder: None,
    }
    return type("Named", (base, ResultHandler), methods)("folder")


def mocked():
    handler = mock.MagicMock()
    handler.write.return_value = "mocked"
    handler.kept = "nothing"
    return handler


def specified():
    handler = mock.create_autospec(LocalResultHandler, instance=True)
    handler.write.return_value = "specified"
    handler.kept = "nothing"
    return handler


def data_class(base, frozen):
    @dataclasses.dataclass(frozen=frozen)
    class Data(base):
        folder: str = "folder"
        kept: str = ""

        def write(self, result):
            return self.folder

        def read(self, loc):
            return loc

    return Data


def without_base():
    """Prefect 0.10 stores nothing with them, and 0.11 to 0.13 does. Without storing all go on."""
    kinds = (Keeping, Slots, simple_namespace, module, mocked, lambda: Forwarding(Keeping()), data_class(object, True))
    return [stores(make(), of_flow, checkpointing=False) for make in kinds for of_flow in (False, True)]


def with_base():
    kinds = (Memory, SlotsOfHandler, Locked, Comparing, Partial, Static, Computing, Called, named_tuple, specified)
    changing = [stores(Changing(), of_flow, value=[1]) for of_flow in (False, True)]
    return everywhere(*kinds, data_class(ResultHandler, False)) + changing


def lookups():
    forwarding = [lambda cls=cls: Forwarding(cls()) for cls in (Memory, JSONResultHandler)]
    return everywhere(*forwarding, Looking, lambda: LookingAtFiles("files"), LookingAtJSON)


def false():
    return everywhere(Empty, Never, FalseJSON)


class WriteOnly(ResultHandler):
    def write(self, result):
        return "somewhere"


class ReadOnly(ResultHandler):
    def read(self, loc):
        return loc


class OnlyWrites:
    def write(self, result):
        return "somewhere"


class OnlyReads:
    def read(self, loc):
        return loc


class Broken(ResultHandler):
    def read(self, loc):
        raise OSError("no reading")

    def write(self, result):
        raise OSError("no writing")


class OtherNames(ResultHandler):
    """Prefect passes no names."""

    def read(self, where, *, mode="r"):
        return where

    def write(self, what, mode="w"):
        return f"{what}-{mode}"


class Wanting(ResultHandler):
    def read(self, loc, mode):
        return loc

    def write(self, result, mode):
        return result


def half():
    return [
        stores(make(), of_flow, checkpointing)
        for make in (WriteOnly, ReadOnly, Broken, OtherNames, Wanting)
        for of_flow in (False, True)
        for checkpointing in (False, True)
    ] + [stores(make(), of_flow, checkpointing=False) for make in (OnlyWrites, OnlyReads) for of_flow in (False, True)]


FEATURES = {
    "Handlers that derive from nothing of Prefect's, without storing": without_base,
    "Handlers that derive from `ResultHandler`, with locks, slots and the like": with_base,
    "Handlers with `__getattr__`": lookups,
    "Handlers that are false": false,
    "Handlers that only read or only write, or fail": half,
}
