"""Where the flows of a test keep their values: handlers with the shim, the same Results without."""

import functools
import os
import pickle
import re
import uuid

from rehandle import handlers

KINDS = ("local", "json", "custom")


class PickleHandler(handlers.ResultHandler):
    """A custom handler: one pickle a value, under a name of its own."""

    def __init__(self, folder):
        self.folder = folder
        super().__init__()

    def read(self, loc):
        with open(loc, "rb") as file:
            return pickle.load(file)

    def write(self, result):
        path = os.path.join(self.folder, uuid.uuid4().hex)
        with open(path, "wb") as file:
            pickle.dump(result, file)
        return path


@functools.lru_cache(maxsize=None)
def pickle_result_class():
    """The class that a user of Results would write instead."""
    from prefect.engine.result import Result

    class PickleResult(Result):
        def __init__(self, folder, **kwargs):
            self.handler = PickleHandler(folder)
            super().__init__(**kwargs)

        def read(self, location):
            new = self.copy()
            new.location, new.value = location, self.handler.read(location)
            return new

        def write(self, value_, **kwargs):
            new = self.copy()
            new.location, new.value = self.handler.write(value_), value_
            return new

    return PickleResult


class Store:
    """Gives the keywords that make a task or flow store its values: handlers with the shim, Results without."""

    def __init__(self, kind, shim, folder):
        self.kind, self.shim, self.folder = kind, shim, folder
        folder.mkdir(exist_ok=True)

    def __call__(self, kind=None):
        from prefect.engine import results

        makers = {
            "local": (handlers.LocalResultHandler, results.LocalResult, {"dir": str(self.folder)}),
            "json": (handlers.JSONResultHandler, results.PrefectResult, {}),
            "custom": (PickleHandler, pickle_result_class(), {"folder": str(self.folder)}),
        }
        handler, result, arguments = makers[kind or self.kind]
        return {"result_handler": handler(**arguments)} if self.shim else {"result": result(**arguments)}

    def shape(self, text):
        """A text without what differs from run to run."""
        text = str(text).replace(str(self.folder), "FOLDER")
        text = re.sub(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "UUID", text)
        return re.sub(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(t[\d-]+)?", "TIME", text)

    def described(self, found):
        """A state, and all that hangs on it, as plain data to compare."""
        from prefect import Task
        from prefect.engine.result import NoResultType, Result
        from prefect.engine.state import State

        if isinstance(found, State):
            kept = {"message": self.shape(found.message), "type": type(found).__name__}
            for name in ("_result", "map_states", "cached_inputs"):
                kept[name] = self.described(getattr(found, name, None))
            return kept
        if isinstance(found, Result) and not isinstance(found, NoResultType):
            name = type(found).__name__.replace("PickleResult", "ResultHandlerResult")
            return name, self.described(found.value), self.shape(found.location)
        if isinstance(found, dict):
            items = [(k.name if isinstance(k, Task) else k, self.described(v)) for k, v in found.items()]
            return sorted(items, key=repr)
        if isinstance(found, (list, tuple)):
            return [self.described(each) for each in found]
        return repr(found)

    def files(self):
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        return sorted((self.shape(path), path.read_bytes()) for path in found)
