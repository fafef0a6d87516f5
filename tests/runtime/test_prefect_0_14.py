"""Result handlers on Prefect 0.11 to 1.4, under the shim."""

import importlib
import inspect
import os
import subprocess
import sys

import cloudpickle
import pytest

import rehandle
from rehandle import ResultHandlerDeprecationWarning, handlers

STORAGE = "prefect.environments.storage" if rehandle.prefect_release.has_handlers() else "prefect.storage"

pytestmark = [
    pytest.mark.prefect("0.11", "2"),
    pytest.mark.usefixtures("shim"),
    pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning"),
]


class TextHandler(handlers.ResultHandler):
    """A custom handler: one text file a value."""

    def __init__(self, folder):
        self.folder = str(folder)
        super().__init__()

    def read(self, loc):
        with open(loc) as file:
            return int(file.read())

    def write(self, result):
        path = os.path.join(self.folder, f"{result}.txt")
        with open(path, "w") as file:
            file.write(str(result))
        return path


def stored(state):
    """What a task's state stored: type and location of its Result."""
    return type(state._result).__name__, state._result.location


class TestImports:
    @pytest.mark.parametrize("package", ["result_handlers", "results_handler"])
    def test_the_package_has_every_class(self, package):
        module = __import__(f"prefect.engine.{package}", fromlist=["*"])
        for name in handlers.__all__:
            assert getattr(module, name) is getattr(handlers, name)

    def test_submodules(self):
        from prefect.engine.result_handlers.local_result_handler import LocalResultHandler
        from prefect.engine.result_handlers.result_handler import ResultHandler

        assert LocalResultHandler is handlers.LocalResultHandler
        assert ResultHandler is handlers.ResultHandler

    def test_as_attributes(self):
        import prefect
        import prefect.engine.result_handlers as rh
        from prefect.engine import result_handlers

        assert rh is result_handlers is prefect.engine.result_handlers
        assert rh.gcs_result_handler.GCSResultHandler is handlers.GCSResultHandler

    def test_the_wrapper(self):
        from prefect.engine.results import ResultHandlerResult, result_handler_result

        assert result_handler_result.ResultHandlerResult is ResultHandlerResult
        assert ResultHandlerResult.from_result_handler(handlers.JSONResultHandler()).location is None


class TestConstructors:
    @pytest.fixture(params=["Task", "Flow", "task", "subclass", "subclass made before", "Storage"])
    def make(self, request):
        import prefect

        storage = importlib.import_module(STORAGE)

        class Own(prefect.Task):
            def __init__(self, handler, **kwargs):
                super().__init__(result_handler=handler, **kwargs)

        class OwnStorage(storage.Storage):
            pass

        OwnStorage.__abstractmethods__ = frozenset()  # they differ between releases, and none is called here

        return {
            "Task": lambda h, **kw: prefect.Task(result_handler=h, **kw),
            "Flow": lambda h, **kw: prefect.Flow("f", result_handler=h, **kw),
            "task": lambda h, **kw: prefect.task(result_handler=h, **kw)(lambda: 1),
            "subclass": Own,
            "subclass made before": lambda h, **kw: prefect.tasks.core.constants.Constant(1, result_handler=h, **kw),
            "Storage": lambda h, **kw: OwnStorage(result_handler=h, **kw),
        }[request.param]

    def test_a_handler_becomes_the_result(self, make):
        made = make(handlers.JSONResultHandler())
        assert type(made.result).__name__ == "PrefectResult"
        assert isinstance(made.result_handler, handlers.JSONResultHandler)

    def test_none_means_none(self, make):
        made = make(None)
        assert made.result is None
        assert made.result_handler is None

    def test_a_result_is_used_as_it_is(self, make):
        from prefect.engine.results import PrefectResult

        result = PrefectResult()
        assert make(result).result is result

    def test_anything_else_is_refused(self, make):
        with pytest.raises(TypeError, match=r"got int$"):
            make(42)


class TestPositions:
    def test_task(self):
        import prefect

        handler = handlers.JSONResultHandler()
        state_handler = lambda task, old, new: new  # noqa: E731
        args = ["n", None, None, None, None, 10, None, True, None, None, None, False, handler, [state_handler]]
        task = prefect.Task(*args)
        assert type(task.result).__name__ == "PrefectResult"
        assert (task.name, task.timeout, task.checkpoint, task.state_handlers) == ("n", 10, False, [state_handler])

    @pytest.mark.parametrize("place", [10, 12], ids=["0.12", "0.13"])
    def test_flow(self, place):
        import prefect

        flow = prefect.Flow("n", *[None] * (place - 1), handlers.JSONResultHandler())
        assert type(flow.result).__name__ == "PrefectResult"

    def test_new_positions_stay_as_they_are(self):
        import prefect

        order = list(inspect.signature(prefect.Task.__init__).parameters)[1:]
        state_handler = lambda task, old, new: new  # noqa: E731
        task = prefect.Task("n", *[None] * (order.index("state_handlers") - 1), [state_handler])
        assert task.state_handlers == [state_handler]


class TestBoth:
    def test_the_handler_wins_with_a_warning(self):
        import prefect
        from prefect.engine.results import GCSResult

        with pytest.warns(
            ResultHandlerDeprecationWarning, match=r"Task got both result= and result_handler="
        ) as caught:
            task = prefect.Task(result=GCSResult("b"), result_handler=handlers.JSONResultHandler())
        assert type(task.result).__name__ == "PrefectResult"
        assert {warning.filename for warning in caught} == {__file__}

    def test_a_handler_given_as_result_is_converted(self):
        import prefect

        assert type(prefect.Task(result=handlers.JSONResultHandler()).result).__name__ == "PrefectResult"


class TestAttribute:
    def test_the_class_has_none(self):
        import prefect

        assert not hasattr(prefect.Task, "result_handler")

    def test_setting_converts(self):
        import prefect

        flow = prefect.Flow("f")
        assert flow.result_handler is None
        flow.result_handler = handlers.GCSResultHandler("b")
        assert flow.result.bucket == "b"
        flow.result_handler = None
        assert flow.result is None

    def test_changing_the_handler_changes_the_result(self):
        import prefect

        flow = prefect.Flow("f", result_handler=handlers.GCSResultHandler("b"))
        flow.result_handler.bucket = "c"
        assert flow.result.bucket == "c"

    def test_a_custom_handler_is_itself(self, tmp_path):
        import prefect

        handler = TextHandler(tmp_path)
        assert prefect.Task(result_handler=handler).result_handler is handler

    def test_what_is_no_handler_is_the_users_own(self):
        import prefect

        task = prefect.Task()
        task.result_handler = "mine"
        assert task.result_handler == "mine"
        assert task.result is None
        del task.result_handler
        assert task.result_handler is None

    def test_copy(self):
        import prefect

        copy = prefect.Task().copy(result_handler=handlers.JSONResultHandler())
        assert type(copy.result).__name__ == "PrefectResult"


class TestSecrets:
    def test_a_secret_takes_no_handler(self):
        from prefect.tasks.secrets import PrefectSecret

        with pytest.raises(ValueError, match="PrefectSecret takes no result_handler"):
            PrefectSecret("name", result_handler=handlers.JSONResultHandler())

    def test_none_is_fine(self):
        from prefect.tasks.secrets import PrefectSecret

        assert PrefectSecret("name", result_handler=None).name == "name"


class TestRuns:
    def test_flow_and_task_level(self, tmp_path):
        from prefect import Flow, task

        @task
        def one():
            return 1

        @task(result_handler=TextHandler(tmp_path))
        def two():
            return 2

        @task(result_handler=handlers.JSONResultHandler())
        def three():
            return 3

        @task(checkpoint=False)
        def four():
            return 4

        local = tmp_path / "local"
        with Flow("f", result_handler=handlers.LocalResultHandler(dir=str(local))) as flow:
            tasks = [one(), two(), three(), four()]
        state = flow.run()
        assert state.is_successful()
        assert [state.result[t].result for t in tasks] == [1, 2, 3, 4]
        (written,) = local.iterdir()
        assert cloudpickle.loads(written.read_bytes()) == 1
        assert stored(state.result[tasks[0]]) == ("LocalResult", str(written))
        assert stored(state.result[tasks[1]]) == ("ResultHandlerResult", str(tmp_path / "2.txt"))
        assert stored(state.result[tasks[2]]) == ("PrefectResult", "3")
        assert stored(state.result[tasks[3]])[1] is None

    @pytest.mark.parametrize("how", ["task_args", "call"])
    @pytest.mark.parametrize("mapped", [False, True])
    def test_handlers_given_at_the_call(self, how, mapped, tmp_path):
        from prefect import Flow, task

        @task
        def double(x):
            return 2 * x

        given = TextHandler(tmp_path)
        arguments = {"task_args": {"result_handler": given}} if how == "task_args" else {"result_handler": given}
        with Flow("f") as flow:
            result = double.map([1, 2], **arguments) if mapped else double(2, **arguments)
        assert flow.run().result[result].result == ([2, 4] if mapped else 4)
        assert sorted(path.name for path in tmp_path.iterdir()) == (["2.txt", "4.txt"] if mapped else ["4.txt"])

    def test_a_run_that_takes_result_handler_keeps_it(self):
        from prefect import Flow, task

        @task
        def show(result_handler):
            return result_handler

        @task
        def show_all(**kwargs):
            return kwargs["result_handler"]

        with Flow("f") as flow:
            shown = [show(result_handler="text"), show_all(result_handler="more")]
        state = flow.run()
        assert [state.result[t].result for t in shown] == ["text", "more"]

    def test_a_constant_handler_lets_the_task_succeed(self):
        from prefect import Flow, task

        @task(result_handler=handlers.ConstantResultHandler(5))
        def six():
            return 6

        with Flow("f") as flow:
            result = six()
        state = flow.run()
        assert state.result[result].result == 6
        assert stored(state.result[result]) == ("ConstantResult", "5")

    def test_a_write_that_is_not_implemented_stores_nothing(self):
        from prefect import Flow, task

        class ReadOnly(handlers.ResultHandler):
            def write(self, result):
                raise NotImplementedError("read only")

        with Flow("f") as flow:
            one = task(lambda: 1, name="one", result_handler=ReadOnly())()
        state = flow.run().result[one]
        assert state.is_successful(), state.message
        assert (state.result, state._result.location) == (1, None)

    def test_none_is_not_stored(self, tmp_path):
        from prefect import Flow, task

        with Flow("f", result_handler=TextHandler(tmp_path)) as flow:
            task(lambda: None, name="nothing")()
        assert flow.run().is_successful()
        assert list(tmp_path.iterdir()) == []

    def test_a_converted_flow_runs_without_rehandle(self, tmp_path):
        from prefect import Flow, task

        with Flow("f", result_handler=handlers.LocalResultHandler(dir=str(tmp_path / "results"))) as flow:
            task(lambda: 1, name="one")()
        with rehandle.installed():
            pickled = cloudpickle.dumps(flow)
        (tmp_path / "flow.pickle").write_bytes(pickled)
        code = (
            "import sys, cloudpickle; sys.modules['rehandle'] = None\n"
            f"flow = cloudpickle.load(open({str(tmp_path / 'flow.pickle')!r}, 'rb'))\n"
            "sys.exit(0 if flow.run().is_successful() else 1)"
        )
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0
        assert len(list((tmp_path / "results").iterdir())) == 1


def test_signatures_show_the_handler():
    import prefect

    for cls in (prefect.Task, prefect.Flow):
        assert inspect.signature(cls.__init__).parameters["result_handler"].default is None
