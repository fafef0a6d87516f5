"""What Prefect 0.11 to 0.13 does with result handlers by itself, and what it does under the shim.

What holds on every release from 0.11 on is in ``test_prefect_0_14.py``.
"""

import importlib
import os
import warnings
from typing import Any, Callable, NamedTuple

import cloudpickle
import pytest

import rehandle
from rehandle import ResultHandlerDeprecationWarning, handlers

pytestmark = [
    pytest.mark.prefect("0.11", "0.14"),
    pytest.mark.filterwarnings("ignore"),
]


class TextHandler(handlers.ResultHandler):
    def __init__(self, folder):
        self.folder = str(folder)
        super().__init__()

    def read(self, loc):
        with open(loc) as file:
            return file.read()

    def write(self, result):
        path = os.path.join(self.folder, f"{result}.txt")
        with open(path, "w") as file:
            file.write(str(result))
        return path


class FalsyHandler(TextHandler):
    def __len__(self):
        return 0


class ListsHandler(handlers.LocalResultHandler):
    def write(self, result):
        return super().write([result])

    def read(self, fpath):
        return super().read(fpath)[0]


class LoudHandler(handlers.JSONResultHandler):
    def read(self, jblob):
        return super().read(jblob).upper()


def json_handler(folder):
    return handlers.JSONResultHandler()


def prefects(name, *arguments, **keywords):
    """Prefect's own class of a name, looked up late."""
    module, _, name = name.rpartition(".")
    return getattr(importlib.import_module(module), name)(*arguments, **keywords)


def result_class(name, **keywords):
    return prefects(f"prefect.engine.results.{name}", **keywords)


def run(call=None, flow=None, change=None, function=lambda: 1, **keywords):
    """Run one task: its state's type, its Result's type, and the location it stored at."""
    from prefect import Flow, task

    with Flow("f", **(flow or {})) as made:
        one = task(function, name="one", **keywords)(**(call or {}))
    if change is not None:
        change(made, one)
    state = made.run().result[one]
    location = state._result.location
    if isinstance(location, str) and os.path.isabs(location):
        location = os.path.basename(location)
    elif not isinstance(location, (str, type(None))):
        location = f"a {type(location).__name__}"
    return type(state).__name__, type(state._result).__name__, location


def run_twice(**keywords):
    return run(**keywords)[0], run(**keywords)[0]


def after_creation(what):
    def change(flow, task):
        {"flow": flow, "task": task}[what].result_handler = handlers.JSONResultHandler()

    return lambda folder: run(change=change)


def stored_value(folder):
    """What a subclass of a built-in handler that overrides ``write`` stores."""
    run(result_handler=ListsHandler(dir=str(folder)))
    (path,) = folder.iterdir()
    return cloudpickle.loads(path.read_bytes())


def folder_of(result_handler, given, folder):
    import prefect

    prefect.Task(result_handler=result_handler(given(folder), validate=False))
    return sorted(path.name for path in folder.iterdir())


def read_location(folder):
    wrapper = prefects("prefect.engine.results.ResultHandlerResult", TextHandler(folder))
    return wrapper.read(wrapper.write("x").location).location == str(folder / "x.txt")


def exists(folder):
    wrapper = prefects("prefect.engine.results.ResultHandlerResult", TextHandler(folder))
    return wrapper.exists(wrapper.write("x").location), wrapper.exists(str(folder / "y.txt"))


def storage(folder):
    class Own(importlib.import_module("prefect.environments.storage").Storage):
        pass

    Own.__abstractmethods__ = frozenset()
    return type(Own(result_handler=handlers.JSONResultHandler()).result).__name__


def warned(make):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make()
    return [warning.category.__name__ for warning in caught]


def both_given():
    import prefect

    return prefect.Task(result=result_class("PrefectResult"), result_handler=handlers.ConstantResultHandler(5))


def in_old_place(value):
    import prefect

    return type(prefect.Task("n", *[None] * 11, value).result).__name__


def secret_task(name):
    import prefect

    class Vault(prefect.Task):
        def run(self):
            return "hidden"

    return Vault(name=name)


def read_secret(folder):
    handler = handlers.SecretResultHandler(secret_task("v"))
    wrapper = importlib.import_module("prefect.engine.results").ResultHandlerResult
    return wrapper.from_result_handler(handler).read("v").value


def attribute(make):
    return lambda folder: type(make(handlers.JSONResultHandler()).result_handler).__name__


def task_with(handler):
    return prefects("prefect.Task", result_handler=handler)


def flow_with(handler):
    return prefects("prefect.Flow", "f", result_handler=handler)


def change_folder(folder):
    flow = flow_with(handlers.LocalResultHandler(dir=str(folder)))
    (folder / "elsewhere").mkdir()
    flow.result_handler.dir = str(folder / "elsewhere")
    return os.path.basename(flow.result.dir)


def mapped(folder):
    from prefect import Flow, task

    with Flow("f") as flow:
        made = task(lambda x: x, name="one").map([1, 2], task_args={"result_handler": TextHandler(folder)})
    flow.run()
    return type(made.result).__name__, sorted(path.name for path in folder.iterdir())


def with_input_named_value(make):
    return lambda folder: run(function=lambda value: value, call={"value": 3}, result_handler=make(folder))


JSON_STORED = ("Success", "PrefectResult", "1")
NOT_STORED = ("Success", "Result", None)
FAILED = ("Failed", "Result", None)
COLLIDES = ((0, 12), (0, 13, 7))


class Gap(NamedTuple):
    """A probe, and what it gives natively and under the shim: a value, or the type of the error that it raises.

    ``there`` are the releases, from and up to but without, that have the gap; elsewhere Prefect needs no repair.
    """

    name: str
    probe: Callable[[Any], Any]
    native: Any
    shimmed: Any
    there: Any = ((0, 11), (0, 14))


GAPS = [
    Gap(
        "task_args", lambda f: run(call={"task_args": {"result_handler": json_handler(f)}}), AttributeError, JSON_STORED
    ),
    Gap("task_args of map", mapped, AttributeError, ("ResultHandlerResult", ["1.txt", "2.txt"])),
    Gap("the call", lambda f: run(call={"result_handler": json_handler(f)}), TypeError, JSON_STORED),
    Gap("task set", after_creation("task"), NOT_STORED, JSON_STORED),
    Gap("flow set", after_creation("flow"), NOT_STORED, JSON_STORED),
    Gap("task read", attribute(task_with), AttributeError, "JSONResultHandler"),
    Gap("flow read", attribute(flow_with), AttributeError, "JSONResultHandler"),
    Gap("flow changed", change_folder, AttributeError, "elsewhere"),
    Gap("subclass writes", stored_value, 1, [1]),
    Gap("subclass reads", lambda f: task_with(LoudHandler()).result.read('"a"').value, "a", "A"),
    Gap(
        "folder made at definition",
        lambda f: folder_of(handlers.LocalResultHandler, lambda f: str(f / "made"), f),
        ["made"],
        [],
    ),
    Gap(
        "relative folder made at definition",
        lambda f: folder_of(handlers.LocalResultHandler, lambda f: "made", f),
        ["made"],
        [],
    ),
    Gap(
        "target and custom handler",
        lambda f: run(result_handler=TextHandler(f), target="t"),
        FAILED,
        ("Success", "ResultHandlerResult", "1.txt"),
    ),
    Gap(
        "target and built-in handler",
        lambda f: run_twice(result_handler=handlers.LocalResultHandler(dir=str(f)), target="t"),
        ("Success", "Success"),
        ("Success", "Cached"),
        ((0, 11), (0, 11, 2)),
    ),
    Gap(
        "a Result as handler",
        lambda f: run(result_handler=result_class("LocalResult", dir=str(f), location="v"))[1:],
        ("ResultHandlerResult", "a LocalResult"),
        ("LocalResult", "v"),
    ),
    Gap(
        "a Result in the old place",
        lambda f: in_old_place(result_class("PrefectResult")),
        "ResultHandlerResult",
        "PrefectResult",
    ),
    Gap("the wrapper forgets the location", read_location, False, True),
    Gap("the wrapper knows nothing that exists", exists, NotImplementedError, (True, False)),
    Gap("storage", storage, TypeError, "PrefectResult"),
    Gap(
        "the warning's category",
        lambda f: warned(lambda: task_with(handlers.JSONResultHandler())),
        ["UserWarning"],
        ["ResultHandlerDeprecationWarning"],
    ),
    Gap("both given", lambda f: len(warned(both_given)), 1, 2),
    Gap("a handler as result", lambda f: run(result=handlers.JSONResultHandler()), FAILED, JSON_STORED),
    # A task's doesn't count, and its flow's does: so it was in Prefect 0.10 too.
    Gap(
        "falsy",
        lambda f: run(flow={"result_handler": FalsyHandler(f)}),
        NOT_STORED,
        ("Success", "ResultHandlerResult", "1.txt"),
    ),
    Gap("no handler at all", lambda f: run(result_handler=42), FAILED, TypeError),
    Gap(
        "secret with a handler",
        lambda f: (
            type(prefects("prefect.tasks.secrets.PrefectSecret", "n", result_handler=json_handler(f)).result).__name__
        ),
        "SecretResult",
        ValueError,
    ),
    Gap(
        "constant",
        lambda f: run(result_handler=handlers.ConstantResultHandler(5)),
        FAILED,
        ("Success", "ConstantResult", "5"),
    ),
    Gap(
        "secret",
        lambda f: run(result_handler=handlers.SecretResultHandler(secret_task("v"))),
        FAILED,
        ("Success", "SecretResult", "v"),
    ),
    Gap("secret read", read_secret, TypeError, "hidden"),
    Gap(
        "an input named value",
        with_input_named_value(json_handler),
        FAILED,
        ("Success", "PrefectResult", "3"),
        COLLIDES,
    ),
    Gap(
        "an input named value, custom",
        with_input_named_value(TextHandler),
        FAILED,
        ("Success", "ResultHandlerResult", "3.txt"),
        COLLIDES,
    ),
    Gap(
        "the guide's module",
        lambda f: importlib.import_module("prefect.engine.results_handler").JSONResultHandler.__name__,
        ModuleNotFoundError,
        "JSONResultHandler",
    ),
    Gap(
        "the guide's class",
        lambda f: importlib.import_module("prefect.engine.result_handlers").LocalStorageHandler.__name__,
        AttributeError,
        "LocalResultHandler",
    ),
]


def outcome(gap, folder):
    try:
        return gap.probe(folder)
    except Exception as error:
        return type(error)


def is_there(gap):
    first, end = gap.there
    return first <= rehandle.prefect_release.release() < end


@pytest.fixture(autouse=True)
def working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)
class TestGaps:
    def test_without_the_shim(self, gap, tmp_path):
        assert outcome(gap, tmp_path) == (gap.native if is_there(gap) else gap.shimmed)

    def test_with_the_shim(self, gap, tmp_path, shim):
        assert outcome(gap, tmp_path) == gap.shimmed


class TestTheWrapper:
    def test_it_is_prefects_own_too(self, tmp_path):
        from prefect.engine.results import ResultHandlerResult

        result = rehandle.to_result(TextHandler(tmp_path))
        assert isinstance(result, ResultHandlerResult)
        assert type(result).__name__ == "ResultHandlerResult"

    def test_prefects_own_stays_the_class(self, shim):
        from prefect.engine.results import ResultHandlerResult

        assert ResultHandlerResult.__module__ == "prefect.engine.results.result_handler_result"
        assert type(ResultHandlerResult.from_result_handler(handlers.JSONResultHandler())).__name__ == "PrefectResult"

    def test_without_the_shim_it_is_repaired_as_well(self, tmp_path):
        result = rehandle.to_result(TextHandler(tmp_path))
        location = result.write("x").location
        assert result.read(location).location == location
        assert result.exists(location)


def test_handlers_stay_prefects_own(shim):
    from prefect.engine.result_handlers import JSONResultHandler

    assert JSONResultHandler is handlers.JSONResultHandler
    assert JSONResultHandler.__module__ == "prefect.engine.result_handlers.json_result_handler"


def test_prefects_own_warning_is_gone(shim):
    import prefect

    with pytest.warns(ResultHandlerDeprecationWarning) as caught:
        prefect.Task(result_handler=handlers.JSONResultHandler())
    assert [warning.filename for warning in caught] == [__file__]
