"""A task that Prefect 0.13.19 pickled with its handler, loaded where Prefect has none, and a state of 0.10.7's."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import rehandle
from rehandle import handlers

# cloudpickle.dumps(prefect.Task(name="kept", result_handler=ResultHandler()), protocol=4)
PICKLES = Path(__file__).parent.parent / "data" / "pickles"
PICKLE = (PICKLES / "task-0.13.19.pickle").read_bytes()

# pickle.dumps(state, protocol=4) of a task that returns [1, 2] and has a JSONResultHandler: the value is the location.
STATE = (PICKLES / "state-0.10.7.pickle").read_bytes()


@pytest.mark.prefect("0.14", "2")
def test_under_the_shim_it_loads_with_its_handler():
    with rehandle.installed():
        task = pickle.loads(PICKLE)
        assert task.name == "kept"
        assert type(task.result_handler) is handlers.ResultHandler


@pytest.mark.prefect("0.14", "2")
def test_without_the_shim_it_does_not():
    with pytest.raises(ModuleNotFoundError, match=r"prefect\.engine\.result"):
        pickle.loads(PICKLE)


@pytest.mark.prefect("0.6.6", "2")
class TestState:
    def test_its_location_is_there(self, shim):
        result = pickle.loads(STATE)._result
        assert (result.location, result.value) == ("[1, 2]", [1, 2])
        assert pickle.loads(pickle.dumps(result)).location == "[1, 2]"
        assert type(result.safe_value.result_handler) is handlers.JSONResultHandler

    @pytest.mark.prefect("0.6.6", "0.11")
    def test_pickled_anew_it_is_there_without_the_shim(self, shim, tmp_path):
        path = tmp_path / "result"
        path.write_bytes(pickle.dumps(pickle.loads(STATE)._result, protocol=4))
        code = f"import pickle; print(vars(pickle.load(open({str(path)!r}, 'rb')))['location'])"
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
        assert done.stdout == "[1, 2]\n", done.stderr


@pytest.mark.prefect("0.6.6", "2")
def test_inputs_have_a_serializer(shim):
    from prefect import Flow, Parameter, task
    from prefect.engine import FlowRunner, TaskRunner

    seen = []

    class Runner(TaskRunner):
        def get_task_inputs(self, *args, **kwargs):
            inputs = super().get_task_inputs(*args, **kwargs)
            seen.extend(sorted((name, hasattr(result, "serializer")) for name, result in inputs.items()))
            return inputs

    @task
    def number():
        return 1

    @task(result_handler=handlers.JSONResultHandler())
    def add(a, b, c, d):
        return a + b + c + d

    with Flow("flow") as flow:
        add(number(), Parameter("b", default=2), 3, add(1, 1, 1, 1))
    assert FlowRunner(flow=flow, task_runner_cls=Runner).run().is_successful()
    assert {name for name, _ in seen} == set("abcd")
    assert all(has_one for _, has_one in seen)
