"""Flows and tasks as objects: what is saved, serialised, copied and looked at, with handlers and with Results."""

import contextlib
import copy
import importlib
import json
import os
import pickle
import subprocess
import sys
import textwrap

import cloudpickle
import pytest
from stores import KINDS, PickleHandler, Store

import rehandle
from rehandle import handlers

pytestmark = [pytest.mark.prefect("0.11", "2"), pytest.mark.filterwarnings("ignore")]

STORAGE = "prefect.environments.storage" if rehandle.prefect_release.has_handlers() else "prefect.storage"
HERE = os.path.dirname(os.path.abspath(__file__))


def flow_with(store):
    from prefect import Flow, task

    with Flow("f", **store()) as flow:
        one = task(lambda: 1, name="one", slug="one", **store("json"))()
        task(lambda x: x + 1, name="two", slug="two", **store())(one)
    return flow


@pytest.fixture
def pair(tmp_path):
    """Give what a function makes of a store without the shim, and what it makes with handlers under it."""

    def pair(kind, make):
        native = make(Store(kind, False, tmp_path / "native"))
        with rehandle.installed():
            return native, make(Store(kind, True, tmp_path / "shim"))

    return pair


def test_saved_flows_run_in_a_new_process(tmp_path):
    with rehandle.installed():
        for kind in ("local", "custom"):
            flow_with(Store(kind, True, tmp_path / kind)).save(str(tmp_path / f"{kind}.flow"))
    code = f"""
    import os, sys
    from prefect import Flow
    def run(kind):
        state = Flow.load(os.path.join({str(tmp_path)!r}, kind + ".flow")).run()
        return sorted((task.name, each.result) for task, each in state.result.items())
    sys.modules["rehandle"] = None
    print(run("local"))
    try:
        run("custom")
    except Exception as error:
        print(*str(error).splitlines())
    del sys.modules["rehandle"]
    print(run("custom"))
    """
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True
    )
    values = "[('one', 1), ('two', 2)]"
    assert done.returncode == 0, done.stderr
    local, error, custom = done.stdout.splitlines()
    assert (local, custom) == (values, values)
    assert "No module named 'rehandle.results'" in error
    assert [len(list((tmp_path / kind).iterdir())) for kind in ("local", "custom")] == [1, 1]


@pytest.mark.parametrize("build", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_serialised_flows_are_the_same(kind, build, pair):
    def serialised(store):
        flow = flow_with(store)
        flow.storage = importlib.import_module(STORAGE).Local(directory=str(store.folder))
        found = flow.serialize(build=build)
        found["tasks"].sort(key=lambda task: task["name"])
        return store.shape(json.dumps(found, sort_keys=True))

    native, shimmed = pair(kind, serialised)
    assert shimmed == native
    assert json.loads(shimmed)["storage"]["type"] == "Local"
    assert "FOLDER" in shimmed
    assert "result_handler" not in shimmed


def plain(thing):
    """The attributes of a task, a flow or a Result that are comparable."""
    found = dict(vars(thing))
    found.pop("logger", None)
    return found


@pytest.mark.parametrize("kind", ["local", "json"])
def test_the_attributes_are_the_same(kind, pair):
    native, shimmed = pair(kind, flow_with)
    assert vars(shimmed).keys() == vars(native).keys()
    for ours, theirs in zip(shimmed.sorted_tasks(), native.sorted_tasks()):
        assert vars(ours).keys() == vars(theirs).keys()
        assert type(ours.result) is type(theirs.result)
        assert plain(ours.result).keys() == plain(theirs.result).keys()
        changed = {name for name, value in plain(ours).items() if repr(value) != repr(vars(theirs)[name])}
        assert changed <= {"run", "__wrapped__", "result", "slug"}, changed


COPIES = {
    "cloudpickle": lambda flow: cloudpickle.loads(cloudpickle.dumps(flow)),
    "deepcopy": copy.deepcopy,
    "Flow.copy": lambda flow: flow.copy(),
}


@pytest.mark.parametrize("how", sorted(COPIES))
@pytest.mark.parametrize("kind", KINDS)
def test_copies_run_with_and_without_the_shim(how, kind, pair):
    def copied(store):
        flow = COPIES[how](flow_with(store))
        return store.described(flow.run()), [type(task.result).__name__ for task in flow.sorted_tasks()], flow, store

    native, shimmed = pair(kind, copied)
    assert shimmed[0] == native[0]
    if kind != "custom":
        assert shimmed[1] == native[1]
    flow, store = shimmed[2:]
    assert store.described(flow.run()) == native[0]


@pytest.mark.usefixtures("shim")
def test_a_task_with_a_handler_is_pickled():
    import prefect

    task = prefect.Task(name="t", result_handler=handlers.GCSResultHandler("bucket"))
    loaded = pickle.loads(pickle.dumps(task))
    assert (loaded.name, type(loaded.result).__name__, loaded.result_handler.bucket) == ("t", "GCSResult", "bucket")


@pytest.mark.usefixtures("shim")
def test_state_handlers_can_look_at_handlers(tmp_path):
    from prefect import Flow, task

    seen = []

    def watch(thing, old, new):
        if new.is_finished():
            seen.append((thing.name, type(thing.result_handler).__name__))
        return new

    custom = PickleHandler(str(tmp_path))
    with Flow("f", result_handler=handlers.LocalResultHandler(str(tmp_path)), state_handlers=[watch]) as flow:
        for name, handler in (("json", handlers.JSONResultHandler()), ("custom", custom), ("none", None)):
            task(lambda: 1, name=name, result_handler=handler, state_handlers=[watch])()
    assert flow.run().is_successful()
    assert sorted(seen) == [
        ("custom", "PickleHandler"),
        ("f", "LocalResultHandler"),
        ("json", "JSONResultHandler"),
        ("none", "NoneType"),
    ]


class TestSubclasses:
    @staticmethod
    def define():
        import prefect

        class Own(prefect.Task):
            def __init__(self, number, **kwargs):
                self.number = number
                super().__init__(**kwargs)

            def run(self):
                return self.number

        class Without(prefect.Task):
            def run(self):
                return 1

        return Own, Without

    def test_defined_before_the_shim(self):
        own, without = self.define()
        with rehandle.installed():
            made = (
                own(1, result_handler=handlers.JSONResultHandler()),
                without(result_handler=handlers.JSONResultHandler()),
            )
        assert [type(task.result).__name__ for task in made] == ["PrefectResult", "PrefectResult"]

    def test_defined_under_the_shim_and_used_after_it(self):
        from prefect.engine.results import PrefectResult

        with rehandle.installed():
            own, without = self.define()
        made = own(1, result=PrefectResult()), without(result=PrefectResult())
        assert [type(task.result).__name__ for task in made] == ["PrefectResult", "PrefectResult"]
        if not rehandle.prefect_release.has_handlers():
            with pytest.raises(TypeError, match="result_handler"):
                without(result_handler=None)


@pytest.mark.parametrize("value", [[1], {}, "text", 5], ids=lambda value: type(value).__name__)
def test_an_own_attribute_named_result_has_no_handler(shim, value):
    from prefect import Task

    task = Task()
    task.result = value
    assert (task.result, task.result_handler, hasattr(task, "result_handler")) == (value, None, True)


def classes_with_the_name():
    """Tasks to which ``result_handler`` is something of their own: class, and what the attribute gives."""
    import prefect

    class SetBefore(prefect.Task):
        def __init__(self, value):
            self.result_handler = value
            super().__init__()

        def run(self):
            return str(self.result_handler)

    class SetAfter(SetBefore):
        def __init__(self, value):
            prefect.Task.__init__(self)
            self.result_handler = value

    class OfTheClass(prefect.Task):
        result_handler = "text"

        def __init__(self, value):
            super().__init__()

        def run(self):
            return str(self.result_handler)

    class Property(OfTheClass):
        @property
        def result_handler(self):
            return "text"

    class Method(OfTheClass):
        def result_handler(self):
            return "text"

        def run(self):
            return self.result_handler()

    return {cls.__name__: cls for cls in (SetBefore, SetAfter, OfTheClass, Property, Method)}


@pytest.mark.parametrize("shim_first", [False, True])
@pytest.mark.parametrize("name", ["SetBefore", "SetAfter", "OfTheClass", "Property", "Method"])
def test_the_name_may_mean_something_else(name, shim_first):
    from prefect import Flow

    classes = None if shim_first else classes_with_the_name()
    with rehandle.installed():
        with Flow("f") as flow:
            task = (classes or classes_with_the_name())[name]("text")()
        state = flow.run()
    assert (task.result, state.result[task].result, state.result[task]._result.location) == (None, "text", None)


@pytest.mark.parametrize("shim", [False, True])
def test_a_handler_set_too_early_has_no_effect(shim):
    """A constructor that sets it before Prefect's runs: Prefect's sets another one, where it has handlers."""
    handler = handlers.JSONResultHandler()
    with rehandle.installed() if shim else contextlib.nullcontext():
        task = classes_with_the_name()["SetBefore"](handler)
        assert task.result is None
        assert task.result_handler is (None if shim else handler)


@pytest.mark.usefixtures("shim")
def test_a_handler_set_early_and_passed_on_is_the_tasks(tmp_path):
    import prefect

    class Forwarding(prefect.Task):
        def __init__(self, result_handler):
            self.result_handler = result_handler
            super().__init__(result_handler=result_handler)

    task = Forwarding(handlers.GCSResultHandler("b"))
    task.result_handler.bucket = "c"
    assert task.result.bucket == "c"


def classes_that_hide_it(base, *arguments):
    """Tasks or flows whose class has an attribute ``result_handler``, which Prefect's constructor set on each."""

    class Declared(base):
        result_handler = None

    class Assigned(Declared):
        def __init__(self, result_handler):
            super().__init__(*arguments)
            self.result_handler = result_handler

    class Replaced(Declared):
        def __init__(self, result_handler):
            super().__init__(*arguments, result_handler=handlers.LocalResultHandler("unused"))
            self.result_handler = result_handler

    class Property(base):
        @property
        def result_handler(self):
            return self.kept

        @result_handler.setter
        def result_handler(self, value):
            self.kept = value

    return {
        "given": lambda handler: Declared(*arguments, result_handler=handler),
        "assigned": Assigned,
        "replaced": Replaced,
        "property": lambda handler: Property(*arguments, result_handler=handler),
        "copied": lambda handler: copy.copy(Assigned(handler)),
        "pickled": lambda handler: cloudpickle.loads(cloudpickle.dumps(Assigned(handler))),
    }


@pytest.mark.usefixtures("shim")
@pytest.mark.parametrize("how", ["given", "assigned", "replaced", "property", "copied", "pickled"])
@pytest.mark.parametrize("kind", ["Task", "Flow"])
def test_the_handler_of_a_class_that_hides_the_attribute(kind, how, tmp_path, monkeypatch):
    import prefect

    monkeypatch.chdir(tmp_path)
    handler = handlers.JSONResultHandler()
    arguments = () if kind == "Task" else ("f",)
    owner = classes_that_hide_it(getattr(prefect, kind), *arguments)[how](handler)
    assert owner.result_handler == handler
    task = owner if kind == "Task" else prefect.Task()
    task.run = lambda: [1]
    flow = owner if kind == "Flow" else prefect.Flow("f")
    flow.add_task(task)
    with prefect.context(checkpointing=True):
        for _ in range(2):
            assert flow.run().result[task]._result.location == "[1]"


@pytest.mark.usefixtures("shim")
def test_a_handler_as_class_attribute_has_no_effect():
    import prefect

    class OfTheClass(prefect.Task):
        result_handler = handlers.JSONResultHandler()

    task = OfTheClass()
    assert (task.result, task.result_handler) == (None, None)
