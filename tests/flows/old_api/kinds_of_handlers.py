"""The built-in result handlers, and the user's own."""

import importlib
import json
import os
import pickle

from new_api_outcomes import error_name, stored
from old_api_outcomes import told
from prefect import Flow, Task, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler, ResultHandler


def files(name="results"):
    os.makedirs(name, exist_ok=True)
    return LocalResultHandler(dir=os.path.abspath(name))


def run(handler, value):
    @task(result_handler=handler, checkpoint=True)
    def give():
        return value

    @task
    def receive(x):
        return [x]

    with Flow("flow") as flow:
        made = give()
        received = receive(made)
    return told(flow.run(), give=made, receive=received)


def local():
    return [[run(files(), value) for value in (1, {"a": [None]}, {1, 2})], stored()]


def inline():
    return [run(JSONResultHandler(), value) for value in [1, "text", [1, {"a": None}], True, {1, 2}]]


def constant():
    from prefect.engine.result_handlers import ConstantResultHandler

    handler = ConstantResultHandler(value=7)
    return [run(handler, 1), handler.read("anything"), handler.write(1)]


class Fetching(Task):
    def run(self, name=None):
        return f"fetched {name}"


def secret():
    from prefect.engine.result_handlers import SecretResultHandler

    handler = SecretResultHandler(Fetching(name="fetching"))
    return [run(handler, 1), handler.read("a name"), handler.write(1)]


class Files(ResultHandler):
    """What a user's own handler looks like."""

    def __init__(self, folder):
        self.folder = folder
        super().__init__()

    def read(self, loc):
        with open(os.path.join(self.folder, loc), "rb") as file:
            return pickle.loads(file.read())

    def write(self, result):
        os.makedirs(self.folder, exist_ok=True)
        name = f"value-{len(os.listdir(self.folder))}"
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(pickle.dumps(result))
        return name


def custom():
    handler = Files("own")
    outcomes = [run(handler, value) for value in (1, [2])]

    @task(checkpoint=True)
    def triple(x):
        return 3 * x

    with Flow("flow", result_handler=handler) as flow:
        mapped = triple.map([1, 2])
    outcomes.append(told(flow.run(), mapped=mapped))
    return [outcomes, isinstance(handler, ResultHandler), isinstance(flow.result_handler, Files), stored()]


class Upper(LocalResultHandler):
    """A built-in one with a format of its own."""

    def read(self, fpath):
        with open(fpath) as file:
            return json.loads(file.read().lower())

    def write(self, result):
        path = os.path.join(self.dir, "upper.json")
        with open(path, "w") as file:
            file.write(json.dumps(result).upper())
        return path


def extended():
    os.makedirs("results", exist_ok=True)
    return [run(Upper(os.path.abspath("results")), {"a": "b"}), stored()]


class Structured(ResultHandler):
    """Its locations are no texts."""

    def read(self, loc):
        return loc["value"]

    def write(self, result):
        return {"value": result}


def structured():
    return run(Structured(), [1])


class Full(ResultHandler):
    def read(self, loc):
        return None

    def write(self, result):
        raise OSError("the disk is full")


def failing_write():
    return run(Full(), 1)


class OnlyReading(ResultHandler):
    def read(self, loc):
        return f"read {loc}"


def without_write():
    return run(OnlyReading(), 1)


def interface():
    handler = files()
    location = handler.write([1])
    return [
        [handler.read(location), os.path.isabs(location), os.path.dirname(location) == handler.dir],
        [handler == files(), handler == files("elsewhere"), handler == JSONResultHandler()],
        [JSONResultHandler().write({"a": 1}), JSONResultHandler().read('{"a": 1}')],
        [repr(JSONResultHandler()), pickle.loads(pickle.dumps(handler)) == handler],
        stored("results"),
    ]


def imports():
    names = {
        "result_handlers": ["ConstantResultHandler", "GCSResultHandler", "JSONResultHandler", "LocalResultHandler"],
        "result_handlers.result_handler": ["ResultHandler"],
        "result_handlers.constant_result_handler": ["ConstantResultHandler"],
        "result_handlers.gcs_result_handler": ["GCSResultHandler"],
        "result_handlers.json_result_handler": ["JSONResultHandler"],
        "result_handlers.local_result_handler": ["LocalResultHandler"],
        "result_handlers.s3_result_handler": ["S3ResultHandler"],
        "result_handlers.secret_result_handler": ["SecretResultHandler"],
        "result": ["NoResult", "NoResultType", "Result", "ResultInterface", "SafeResult"],
    }
    missing = []
    for module, classes in names.items():
        imported = importlib.import_module("prefect.engine." + module)
        missing += [f"{module}.{name}" for name in classes if not hasattr(imported, name)]
    return missing


def azure():
    from prefect.engine.result_handlers.azure_result_handler import AzureResultHandler

    with Flow("flow", result_handler=AzureResultHandler("container")) as flow:
        pass
    return [type(flow.result_handler).__name__, flow.result_handler.container]


def refused():
    """What Prefect never took."""
    try:
        from prefect.tasks.secrets import PrefectSecret
    except ImportError:  # Prefect 0.7 to 0.9
        from prefect.tasks.secrets import Secret as PrefectSecret
    try:
        return type(PrefectSecret("name", result_handler=JSONResultHandler())).__name__
    except ValueError as error:
        return error_name(error)


FEATURES = {
    "`LocalResultHandler`": local,
    "`JSONResultHandler`": inline,
    "`ConstantResultHandler`": constant,
    "`SecretResultHandler`": secret,
    "`AzureResultHandler` is taken": azure,
    "Handlers of one's own": custom,
    "Subclasses of built-in handlers": extended,
    "Locations that are no texts": structured,
    "Handlers without `write`": without_write,
    "A handler's `write` that fails, fails the task": failing_write,
    "The interface of handlers": interface,
    "The modules of handlers": imports,
    "A secret refuses `result_handler=`": refused,
}
