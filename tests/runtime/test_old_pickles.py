"""A task that Prefect 0.13.19 pickled with its handler, loaded where Prefect has no handlers."""

import pickle
from pathlib import Path

import pytest

import rehandle
from rehandle import handlers

# cloudpickle.dumps(prefect.Task(name="kept", result_handler=ResultHandler()), protocol=4)
PICKLE = (Path(__file__).parent.parent / "data" / "pickles" / "task-0.13.19.pickle").read_bytes()

pytestmark = pytest.mark.prefect("0.14", "2")


def test_under_the_shim_it_loads_with_its_handler():
    with rehandle.installed():
        task = pickle.loads(PICKLE)
        assert task.name == "kept"
        assert type(task.result_handler) is handlers.ResultHandler


def test_without_the_shim_it_does_not():
    with pytest.raises(ModuleNotFoundError, match=r"prefect\.engine\.result"):
        pickle.loads(PICKLE)
