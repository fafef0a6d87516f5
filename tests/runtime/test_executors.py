"""Converted flows in other threads, in other processes, and on a dask worker that never heard of the shim."""

import importlib
import importlib.util
import os
import re
import socket
import subprocess
import sys
import time

import pytest

from rehandle import handlers

pytestmark = [
    pytest.mark.prefect("0.11", "2"),
    pytest.mark.usefixtures("shim"),
    pytest.mark.filterwarnings("ignore"),
]

# Imported by name in other processes, like any handler of a user's package.
HANDLER_MODULE = """
import os
from rehandle.handlers import ResultHandler

class TextHandler(ResultHandler):
    def __init__(self, folder):
        self.folder = folder
        super().__init__()

    def read(self, loc):
        with open(loc) as file:
            return int(file.read())

    def write(self, result):
        path = os.path.join(self.folder, "{}-{}.txt".format(result, os.getpid()))
        with open(path, "w") as file:
            file.write(str(result))
        return path
"""


@pytest.fixture
def text_handler(tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    (package / "text_handlers.py").write_text(HANDLER_MODULE)
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")]))
    sys.modules.pop("text_handlers", None)
    results = tmp_path / "text"
    results.mkdir()
    return importlib.import_module("text_handlers").TextHandler(str(results))


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # dask leaves its files in the working directory


@pytest.fixture
def run(tmp_path):
    """Run a flow with a flow-level handler, a mapped task with a handler of its own and a Task subclass."""

    def run(executor, mapped_handler):
        import prefect

        class Total(prefect.Task):
            def __init__(self, **kwargs):
                super().__init__(result_handler=handlers.JSONResultHandler(), **kwargs)

            def run(self, numbers):
                return sum(numbers)

        @prefect.task
        def numbers():
            return [1, 2, 3]

        @prefect.task
        def double(number):
            return 2 * number

        local = handlers.LocalResultHandler(dir=str(tmp_path / "local"))
        with prefect.Flow("f", result_handler=local) as flow:
            doubled = double.map(numbers(), task_args={"result_handler": mapped_handler})
            total = Total()(doubled)
        state = flow.run(executor=executor)
        assert state.is_successful(), state.message
        children = state.result[doubled].map_states
        assert [child.result for child in children] == [2, 4, 6]
        assert [child._result.read(child._result.location).value for child in children] == [2, 4, 6]
        assert state.result[total]._result.location == "12"
        assert len(list((tmp_path / "local").iterdir())) == 1
        return {int(re.search(r"-(\d+)\.txt", child._result.location).group(1)) for child in children}

    return run


def executors():
    name = "prefect.executors" if importlib.util.find_spec("prefect.executors") else "prefect.engine.executors"
    return importlib.import_module(name)


def dask():
    options = {"n_workers": 1, "processes": True, "dashboard_address": None}
    return executors().DaskExecutor(cluster_kwargs=options)


@pytest.mark.parametrize(
    ("executor", "elsewhere"),
    [
        (lambda: executors().LocalExecutor(), False),
        (lambda: executors().LocalDaskExecutor(scheduler="threads"), False),
        pytest.param(
            lambda: executors().LocalDaskExecutor(scheduler="processes"),
            True,
            # There mapped tasks fail without the shim too: "Could not infer an active Flow context".
            marks=pytest.mark.prefect("0.14.22", "2"),
        ),
        (dask, True),
    ],
    ids=["local", "threads", "processes", "dask"],
)
def test_executors(executor, elsewhere, run, text_handler):
    assert (os.getpid() not in run(executor(), text_handler)) is elsewhere


@pytest.fixture
def remote(tmp_path):
    """A dask scheduler and worker, started as a person starts them. Yields a function that takes the environment."""
    started = []

    def start(*command, **environment):
        log = open(str(tmp_path / f"{len(started)}.log"), "w")  # noqa: SIM115 - the process writes to it
        environment = {**os.environ, **environment}
        process = subprocess.Popen(
            [sys.executable, *command], stdout=log, stderr=log, env=environment, cwd=str(tmp_path)
        )
        started.append((process, log))
        return process

    def remote(*worker_options, **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        cli = "distributed.cli.dask_{}"
        scheduler = start("-m", cli.format("scheduler"), "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        address = f"tcp://127.0.0.1:{port}"
        worker = [cli.format("worker"), address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        wait_for(port, scheduler, tmp_path / "0.log")
        start("-m", *worker, *worker_options, **environment)
        return address

    remote.start = start
    yield remote
    for process, log in reversed(started):
        process.kill()
        process.wait(timeout=300)
        log.close()


# Only a process that hangs takes so long.
SECONDS_TO_START = 300


def wait_for(port, process, log):
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the scheduler did not start: {log.read_text()}")


class TestRemoteWorker:
    # A module of this name before rehandle's on the worker's path: as if rehandle weren't installed there.
    @pytest.fixture
    def without_rehandle(self, tmp_path):
        folder = tmp_path / "without"
        folder.mkdir()
        (folder / "rehandle.py").write_text(
            "raise ModuleNotFoundError(\"No module named 'rehandle'\", name='rehandle')"
        )
        return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])

    def test_built_in_handlers_need_nothing_there(self, remote, without_rehandle, tmp_path):
        import prefect

        address = remote(PYTHONPATH=without_rehandle)

        @prefect.task(result_handler=handlers.LocalResultHandler(dir=str(tmp_path / "task")))
        def one():
            return 1

        with prefect.Flow("f", result_handler=handlers.JSONResultHandler()) as flow:
            prefect.task(lambda x: x + 1, name="two")(one())
        state = flow.run(executor=executors().DaskExecutor(address=address))
        assert state.is_successful(), state.message
        assert len(list((tmp_path / "task").iterdir())) == 1

    def test_custom_handlers_need_rehandle_importable(self, remote, run, text_handler):
        pids = run(executors().DaskExecutor(address=remote()), text_handler)
        assert os.getpid() not in pids

    def test_preloading_the_shim(self, remote, run, text_handler):
        pids = run(executors().DaskExecutor(address=remote("--preload", "rehandle.auto")), text_handler)
        assert os.getpid() not in pids

    def test_a_missing_rehandle_says_so(self, remote, without_rehandle, text_handler, tmp_path):
        address = remote(PYTHONPATH=without_rehandle)
        (tmp_path / "flow.py").write_text(
            f"import rehandle.auto, prefect, text_handlers, {executors().__name__} as executors\n"
            f"with prefect.Flow('f', result_handler=text_handlers.TextHandler({text_handler.folder!r})) as flow:\n"
            "    prefect.task(lambda: 1, name='one')()\n"
            f"flow.run(executor=executors.DaskExecutor(address={address!r}))\n"
        )
        # Some releases of distributed fail the task, others lose the worker and wait for a better one.
        flow = remote.start(str(tmp_path / "flow.py"))
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            said = "".join(log.read_text() for log in tmp_path.glob("*.log"))
            if "No module named 'rehandle'" in said or flow.poll() is not None:
                break
            time.sleep(0.1)
        assert "No module named 'rehandle'" in said
