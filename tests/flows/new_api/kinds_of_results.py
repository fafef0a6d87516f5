"""The classes of Results, the user's own, and serializers."""

import importlib
import os
import pickle

from new_api_outcomes import error_name, place, stored, told
from prefect import Flow, Task, task
from prefect.engine.result import NoResult, Result
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult, SecretResult


@task
def add(x, y=1):
    return x + y


def run(result, value):
    @task(result=result)
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
    outcomes = [run(LocalResult(dir="results"), 1)]
    outcomes.append(run(LocalResult(dir="results", location="a/b/c.d"), 2))
    outcomes.append(run(LocalResult(dir="results", location=os.path.abspath("elsewhere/file")), 3))
    os.makedirs("unchecked")
    outcomes.append(run(LocalResult(dir=os.path.abspath("unchecked"), validate_dir=False, location="x"), 4))
    return [outcomes, stored()]


def inline():
    values = [1, "text", [1, {"a": None}], True]
    return [run(PrefectResult(), value) for value in values] + [run(PrefectResult(), {1, 2})]


def constant():
    result = ConstantResult(value=7)
    with Flow("flow") as flow:
        unwritten = add.copy(checkpoint=False, result=result)(1)
        written = add.copy(result=result)(1)
    return [told(flow.run(), unwritten=unwritten, written=written), result.read("anything").value, result.exists("x")]


class Fetching(Task):
    def run(self, name=None):
        return f"fetched {name}"


def secret():
    fetching = Fetching(name="fetching")
    result = SecretResult(fetching)
    with Flow("flow") as flow:
        written = add.copy(result=result)(1)
    return [told(flow.run(), written=written), result.read("a name").value, result.location]


def of_no_kind():
    return [run(Result(), 5), run(Result(location="somewhere"), 6)]


class Files(Result):
    """What a user's own class looks like."""

    def __init__(self, folder, **kwargs):
        self.folder = folder
        super().__init__(**kwargs)

    def read(self, location):
        new = self.copy()
        new.location = location
        with open(os.path.join(self.folder, location), "rb") as file:
            new.value = pickle.loads(file.read())
        return new

    def write(self, value_, **kwargs):
        new = self.format(**kwargs)
        new.value = value_
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, new.location.replace("/", "-")), "wb") as file:
            file.write(pickle.dumps(value_))
        return new

    def exists(self, location, **kwargs):
        return os.path.exists(os.path.join(self.folder, location.format(**kwargs)))


def custom():
    outcomes = [run(Files("own", location="{task_name}"), 1)]
    ran = []

    @task(target="target")
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow", result=Files("own")) as flow:
        made = compute(1)
    outcomes += [told(flow.run(), compute=made), told(flow.run(), compute=made), ran]
    result = Files("own")
    return [outcomes, isinstance(result, Result), isinstance(flow.result, Files), stored()]


class Unreadable(Result):
    def write(self, value_, **kwargs):
        raise OSError("the disk is full")


def failing_write():
    return run(Unreadable(), 1)


class OnlyReading(Result):
    def read(self, location):
        return self.from_value("read " + location)


def without_write():
    return run(OnlyReading(), 1)


def of_the_class():
    """A task's state has a Result of the class that was given, in any state."""
    with Flow("flow", result=LocalResult(dir="results", location="x")) as flow:
        stored_one = add(1)
        unstored = add(2, task_args={"checkpoint": False})
        own = add(3, task_args={"result": PrefectResult()})
    state = flow.run()
    rows = []
    for each in (stored_one, unstored, own):
        result = state.result[each]._result
        rows.append([type(result).__name__, isinstance(result, Result), result.value, result.location is None])
    return [rows, isinstance(flow.result, LocalResult), [place(flow.result, "x")]]


def interface():
    result = LocalResult(dir="results", location="{name}")
    new = result.format(name="formatted")
    written = result.write([1], name="written")
    value = result.from_value(3)
    return [
        [new.location, result.location],
        [place(written, written.location), written.value, result.exists("{name}", name="written")],
        [value.value, value.location],
        [place(result, result.read("written").location), result.copy() == result],
        [result.exists("none"), bool(result.default_location)],
        repr(result),
        stored(),
    ]


def imports():
    names = {
        "result": ["Result", "NoResult", "NoResultType"],
        "result.base": ["Result", "NoResult", "NoResultType"],
        "results": [
            "AzureResult",
            "ConstantResult",
            "GCSResult",
            "LocalResult",
            "PrefectResult",
            "S3Result",
            "SecretResult",
        ],
        "results.azure_result": ["AzureResult"],
        "results.constant_result": ["ConstantResult"],
        "results.gcs_result": ["GCSResult"],
        "results.local_result": ["LocalResult"],
        "results.prefect_result": ["PrefectResult"],
        "results.s3_result": ["S3Result"],
        "results.secret_result": ["SecretResult"],
    }
    missing = []
    for module, classes in names.items():
        imported = importlib.import_module("prefect.engine." + module)
        missing += [name for name in classes if not hasattr(imported, name)]
    return [missing, repr(NoResult) != ""]


def in_the_cloud():
    from prefect.engine.results import AzureResult, GCSResult, S3Result

    shown = []
    for result in (
        GCSResult("bucket", location="{task_name}"),
        S3Result("bucket", location="x", boto3_kwargs={"region_name": "eu"}),
        AzureResult("container", connection_string="c"),
    ):
        with Flow("flow", result=result) as flow:
            add(1)
        shown.append([type(flow.result).__name__, flow.result.location, getattr(flow.result, "bucket", None)])
    return shown


def refused():
    """What no release of Prefect takes."""
    try:
        from prefect.tasks.secrets import PrefectSecret
    except ImportError:  # Prefect 0.7 to 0.9
        from prefect.tasks.secrets import Secret as PrefectSecret

    try:
        return type(PrefectSecret("name", result=LocalResult(dir="results"))).__name__
    except ValueError as error:
        return error_name(error)


FEATURES = {
    "`LocalResult`": local,
    "`PrefectResult`": inline,
    "`ConstantResult`": constant,
    "`SecretResult`": secret,
    "`GCSResult`, `S3Result` and `AzureResult` are taken": in_the_cloud,
    "`Result` itself": of_no_kind,
    "`Result` subclasses of one's own": custom,
    "`Result` subclasses without `write`": without_write,
    "A `write` that fails, fails the task": failing_write,
    "`state._result` is of the given class": of_the_class,
    "The interface of Results": interface,
    "The modules of Results": imports,
    "A secret refuses `result=`": refused,
}
