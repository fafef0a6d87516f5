"""Results that follow their handlers: what pickles have of that, what is told, and what is refused."""

import gc
import pickle
import pickletools
import subprocess
import sys
import threading
import warnings
from unittest import mock

import cloudpickle
import pytest

import rehandle
from rehandle import following, handlers, results

pytestmark = [pytest.mark.prefect("0.11", "2"), pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def owner(shim, tmp_path):
    """A task with a handler whose folder was set since, and the folder."""
    import prefect

    handler = handlers.LocalResultHandler(str(tmp_path / "first"))
    task = prefect.Task(name="owner", result_handler=handler)
    (tmp_path / "second").mkdir()
    handler.dir = str(tmp_path / "second")
    return task


def names_in(data):
    """What a pickle imports, and its texts."""
    return {argument for _, argument, _ in pickletools.genops(data) if isinstance(argument, str)}


def test_a_pickle_has_the_last_folder_and_no_trace_of_the_handler(owner, tmp_path):
    data = cloudpickle.dumps(owner)
    assert str(tmp_path / "second") in names_in(data)
    assert not [name for name in names_in(data) if name.startswith("rehandle") or "LocalResultHandler" in name]
    assert type(cloudpickle.loads(data).result) is results.LocalResult


@pytest.mark.parametrize("handler", [handlers.GCSResultHandler("b"), handlers.S3ResultHandler("b")], ids=repr)
def test_a_pickle_of_a_handler_with_a_client_has_no_trace_of_it(shim, handler):
    import prefect

    task = prefect.Task(result_handler=handler)
    setattr(handler, "gcs_bucket" if hasattr(type(handler), "gcs_bucket") else "client", mock.sentinel.client)
    assert type(task.result) is results.ResultHandlerResult
    data = cloudpickle.dumps(task)
    assert not [name for name in names_in(data) if name.startswith("rehandle")]
    assert type(cloudpickle.loads(data).result).__name__ in ("GCSResult", "S3Result")
    assert type(task.result) is results.ResultHandlerResult


class Team(handlers.LocalResultHandler):
    """A class of the user's own that overrides nothing."""


LOAD_WITHOUT = """
import pickle, sys
sys.modules["rehandle"] = None
with open(sys.argv[1], "rb") as file:
    task = pickle.load(file)
print(type(task.result).__name__, type(pickle.loads(pickle.dumps(task)).result).__name__)
"""


def test_a_handler_of_ones_own_class_is_in_a_pickle_that_loads_without_rehandle(shim, tmp_path):
    import prefect

    handler = Team(str(tmp_path))
    handler.owner = "me"
    data = cloudpickle.dumps(prefect.Task(result_handler=handler))
    assert not [name for name in names_in(data) if name.startswith("rehandle") or "Team" in name]
    (tmp_path / "task").write_bytes(data)
    command = [sys.executable, "-W", "ignore", "-c", LOAD_WITHOUT, str(tmp_path / "task")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.split() == ["LocalResult", "LocalResult"], done.stderr
    loaded = pickle.loads(data).result_handler
    assert (type(loaded), loaded.owner, loaded.dir) == (Team, "me", str(tmp_path))


def test_a_handler_that_cant_be_pickled_is_loaded_as_what_its_result_is(shim, tmp_path):
    import prefect

    handler = Team(str(tmp_path))
    handler.lock = threading.Lock()
    loaded = cloudpickle.loads(cloudpickle.dumps(prefect.Task(result_handler=handler)))
    assert (type(loaded.result_handler), loaded.result_handler.dir) == (handlers.LocalResultHandler, str(tmp_path))
    assert loaded.result_handler is loaded.result_handler


def test_an_attribute_that_is_the_results_own_stays_when_a_loaded_handler_changes(shim, tmp_path):
    import prefect

    task = prefect.Task(result_handler=handlers.LocalResultHandler(str(tmp_path)))
    task.result.location = "there"
    loaded = pickle.loads(pickle.dumps(task))
    (tmp_path / "second").mkdir()
    loaded.result_handler.dir = str(tmp_path / "second")
    assert (loaded.result.dir, loaded.result.location) == (str(tmp_path / "second"), "there")


def test_the_result_is_the_same_object_before_and_after(owner, tmp_path):
    before = vars(owner)["result"]
    assert owner.result is before
    assert before.dir == str(tmp_path / "second")
    with mock.patch.object(owner.result_handler, "write"):
        assert owner.result is before
        assert type(before) is results.ResultHandlerResult
    assert owner.result is before
    assert type(before) is results.LocalResult


def test_what_was_set_in_the_result_stays(owner, tmp_path):
    owner.result.location = "there"
    owner.result.serializer = serializer = type(owner.result.serializer)() if hasattr(owner.result, "serializer") else 1
    (tmp_path / "third").mkdir()
    owner.result_handler.dir = str(tmp_path / "third")
    found = owner.result
    assert (found.dir, found.location, found.serializer) == (str(tmp_path / "third"), "there", serializer)


def test_a_shared_result_follows_everywhere(owner, tmp_path):
    import prefect

    other, flow = prefect.Task(result=owner.result), prefect.Flow("f", result=owner.result)
    (tmp_path / "third").mkdir()
    owner.result_handler.dir = str(tmp_path / "third")
    assert [each.result.dir for each in (flow, other, owner)] == [str(tmp_path / "third")] * 3


def test_nothing_is_remembered_of_results_that_are_gone(shim, tmp_path):
    gc.collect()
    before = len(following._links)
    made = [rehandle.to_result(handlers.LocalResultHandler(str(tmp_path))) for _ in range(50)]
    assert len(following._links) == before + 50
    del made
    gc.collect()
    assert len(following._links) == before


def test_after_the_shim_a_task_has_its_result(tmp_path):
    import prefect

    with rehandle.installed():
        task = prefect.Task(result_handler=handlers.LocalResultHandler(str(tmp_path)))
    assert (type(task.result), task.result.dir) == (results.LocalResult, str(tmp_path))
    assert pickle.loads(pickle.dumps(task)).result == task.result


class ReadsOnly(handlers.ResultHandler):
    def write(self, result):
        raise NotImplementedError("only for reading")


def test_a_write_that_isnt_implemented_is_told(shim):
    import prefect

    with prefect.Flow("f", result_handler=ReadsOnly()) as flow:
        made = prefect.task(lambda: 1, name="one")()
    with prefect.context(checkpointing=True), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state = flow.run()
    assert (state.is_successful(), state.result[made].result) == (True, 1)
    (told,) = (str(each.message) for each in caught if "isn't stored" in str(each.message))
    assert "ReadsOnly.write raises NotImplementedError (only for reading)" in told


def owners():
    import prefect

    return [prefect.Task(), prefect.Flow("f")]


@pytest.mark.usefixtures("shim")
@pytest.mark.parametrize("number", [0, 1], ids=["Task", "Flow"])
def test_a_handler_in_the_place_of_a_result(number):
    owner = owners()[number]
    owner.result = handler = handlers.JSONResultHandler()
    assert (type(owner.result), owner.result_handler is handler) == (results.PrefectResult, True)


@pytest.mark.usefixtures("shim")
@pytest.mark.parametrize("value", [handlers.JSONResultHandler, "gs://bucket", 5], ids=["class", "text", "number"])
def test_what_can_be_no_flows_result_is_refused_at_once(value):
    with pytest.raises(TypeError, match=r"Flow.result takes a Result, such as LocalResult\(\), or a result handler"):
        owners()[1].result = value


@pytest.mark.usefixtures("shim")
def test_what_is_a_tasks_own_is_told():
    with pytest.warns(UserWarning, match="Task.result takes a Result, .* and got str: nothing is stored with it"):
        owners()[0].result = "gs://bucket"


@pytest.mark.usefixtures("shim")
def test_a_class_in_the_place_of_its_instance_is_refused():
    with pytest.raises(TypeError, match="got the class LocalResult itself: call it"):
        owners()[0].result = results.LocalResult
