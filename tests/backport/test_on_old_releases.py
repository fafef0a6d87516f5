"""Results on Prefect 0.6 to 0.10: what isn't the same flow on every release, which tests/across runs."""

import json
import os
import subprocess
import sys
import textwrap
import warnings

import cloudpickle
import pytest
from installed import LOADS_FUNCTIONS
from stored_pickles import stored

import rehandle

pytestmark = pytest.mark.prefect("0.6.6", "0.11")


def python(code):
    return subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], capture_output=True, text=True)


class OwnHandler:
    """It isn't a subclass of any."""

    def read(self, loc):
        return loc["value"]

    def write(self, result):
        return {"value": result}


class TestOldCodeBeside:
    def test_handlers_of_ones_own_as_results(self, results):
        from prefect import Flow, task

        handler = OwnHandler()

        @task(result=rehandle.to_result(handler))
        def compute():
            return [1]

        with Flow("flow") as flow:
            made = compute()
        result = flow.run().result[made]._result
        assert result.result_handler is handler
        assert result.location == {"value": [1]}
        assert result.read(result.location).value == [1]

    def test_handlers_stay_handlers(self, results, tmp_path):
        from prefect import Flow, task
        from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

        handler = LocalResultHandler(dir=str(tmp_path))

        @task(result_handler=handler)
        def old():
            return 1

        flow = Flow("flow", result_handler=JSONResultHandler())
        assert old.result_handler is handler
        assert type(flow.result_handler) is JSONResultHandler
        assert type(old.result) is results.LocalResult
        assert old.result.dir == handler.dir
        assert old.target is None

    def test_both_in_one_flow(self, results, tmp_path):
        from prefect import Flow, task
        from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

        (tmp_path / "old").mkdir()

        @task(result_handler=LocalResultHandler(dir=str(tmp_path / "old")), checkpoint=True)
        def old():
            return ["old"]

        @task(result=results.LocalResult(dir="new", location="{x[0]}"))
        def new(x):
            return [*x, "new"]

        @task(checkpoint=True)
        def of_the_flow(x):
            return len(x)

        with Flow("flow", result_handler=JSONResultHandler()) as flow:
            first = old()
            second = new(first)
            third = of_the_flow(second)
        state = flow.run()
        assert state.is_successful()
        (name,) = os.listdir(str(tmp_path / "old"))
        assert stored(tmp_path) == {name: ["old"], "old": ["old", "new"]}
        old_result = state.result[first]._result
        assert type(old_result.result_handler) is LocalResultHandler
        assert old_result.safe_value.value == old_result.location == str(tmp_path / "old" / name)
        assert old_result.read(old_result.location).value == ["old"]
        assert state.result[third]._result.safe_value.value == "2"

    def test_a_handler_of_ones_own_that_is_converted(self, results, tmp_path):
        from prefect import Flow, task
        from prefect.engine.result_handlers import ResultHandler

        class Own(ResultHandler):
            def read(self, name):
                return json.loads((tmp_path / name).read_text("utf-8"))

            def write(self, value):
                (tmp_path / "own.json").write_text(json.dumps(value), "utf-8")
                return "own.json"

        handler = Own()
        result = rehandle.to_result(handler)
        assert result.result_handler is handler

        @task(result=result)
        def own():
            return [1]

        with Flow("flow") as flow:
            returned = own()
        state = flow.run()
        assert state.is_successful()
        assert state.result[returned]._result.safe_value.value == "own.json"
        assert own.result_handler.read(own.result_handler.write([2])) == [2]

    def test_a_handler_with_a_target(self, results, tmp_path):
        from prefect import Flow, task
        from prefect.engine.result_handlers import LocalResultHandler

        ran = []

        @task(result_handler=LocalResultHandler(dir=str(tmp_path)), target="{task_name}.pickle")
        def compute():
            ran.append(1)
            return 5

        with Flow("flow") as flow:
            made = compute()
        states = [type(flow.run().result[made]).__name__ for _ in range(2)]
        assert (states, ran) == (["Success", "Cached"], [1])
        assert stored(tmp_path) == {"compute.pickle": 5}

    def test_a_handler_comes_before_a_result(self, results):
        from prefect import Task
        from prefect.engine.result_handlers import JSONResultHandler

        handler = JSONResultHandler()
        with pytest.warns(rehandle.ResultHandlerDeprecationWarning, match="both result= and result_handler="):
            both = Task(result=results.LocalResult(), result_handler=handler)
        assert both.result_handler is handler

    def test_a_handler_as_a_result(self, results):
        from prefect import Task
        from prefect.engine.result_handlers import JSONResultHandler

        handler = JSONResultHandler()
        assert Task(result=handler).result_handler is handler

    def test_a_handler_is_assigned_over_a_result(self, results):
        from prefect import Task
        from prefect.engine.result_handlers import JSONResultHandler

        task = Task(result=results.LocalResult())
        task.result_handler = JSONResultHandler()
        assert type(task.result) is results.PrefectResult

    def test_checkpoint_is_asked_for_as_before(self, results, tmp_path):
        import prefect
        from prefect import Flow, task
        from prefect.engine.result_handlers import LocalResultHandler

        @task(result_handler=LocalResultHandler(dir=str(tmp_path)))
        def old():
            return 1

        with Flow("flow") as flow:
            old()
        flow.run()
        # Until 0.8 a handler alone stored nothing.
        has_to_ask = not prefect.__version__.startswith(("0.9.", "0.10."))
        assert len(stored(tmp_path)) == (0 if has_to_ask else 1)

    def test_an_old_task_may_call_anything_result(self, results):
        from prefect import Flow, Task
        from prefect.engine.result_handlers import JSONResultHandler

        class Old(Task):
            def __init__(self):
                super().__init__(result_handler=JSONResultHandler(), checkpoint=True)
                self.result = None
                self.result = {"of": "mine"}

            def run(self):
                return self.result

        with Flow("flow") as flow:
            made = Old()()
        state = flow.run().result[made]
        assert (state.result, state._result.location) == ({"of": "mine"}, json.dumps({"of": "mine"}))

    def test_warnings_of_prefect_are_for_handlers_alone(self, results):
        from prefect import Flow, Task

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Task(result=results.LocalResult(), target="target")
            Flow("flow", result=results.LocalResult())


# Ways to give a Result where a handler belongs, which the documentation of Prefect 0.11 teaches.
AS_HANDLER = {
    "a task's": lambda flow, made, result: setattr(made, "result_handler", result),
    "a flow's": lambda flow, made, result: setattr(flow, "result_handler", result),
    "a constructor's": lambda flow, made, result: setattr(
        made, "result_handler", type(made)(name="other", result_handler=result).result_handler
    ),
    "a copy's": lambda flow, made, result: setattr(
        made, "result_handler", made.copy(result_handler=result).result_handler
    ),
}


@pytest.mark.parametrize("how", list(AS_HANDLER))
def test_a_result_as_handler(how, results, tmp_path):
    from prefect import Flow, Task

    class One(Task):
        def run(self):
            return 42

    with Flow("flow") as flow:
        made = One(checkpoint=True)()
    AS_HANDLER[how](flow, made, results.LocalResult(dir=str(tmp_path), location="there"))
    result = flow.run().result[made]._result
    assert (type(result), result.read(result.location).value) == (results.LocalResult, 42)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


class TestRefusals:
    @pytest.mark.parametrize("wrong", ["a text", 5, object()])
    def test_no_result(self, results, wrong):
        from prefect import Flow, Task

        for make in (lambda: Task(result=wrong), lambda: Flow("flow", result=wrong)):
            with pytest.raises(TypeError, match=r"\(result=...\) takes a Result, such as LocalResult\(\), not "):
                make()

    def test_a_class(self, results):
        from prefect import Flow, Task

        with pytest.raises(TypeError, match="takes a Result"):
            Task(result=results.LocalResult)
        for owner in (Task(), Flow("flow")):
            with pytest.raises(TypeError, match=r"\.result takes a Result, .* not the class LocalResult itself"):
                owner.result = results.LocalResult

    def test_no_target(self, results):
        from prefect import Task

        with pytest.raises(TypeError, match=r"Task\(target=...\) takes a text or a function, not int"):
            Task(target=5)

    def test_prefects_own_result_of_a_value(self, results):
        from prefect import Task
        from prefect.engine.result import Result
        from prefect.engine.result_handlers import JSONResultHandler

        with pytest.raises(TypeError, match="takes a Result"):
            Task(result=Result(5, result_handler=JSONResultHandler()))

    @pytest.mark.prefect("0.10.2", "0.11")
    def test_previews(self):
        run = python("""
            from prefect.engine.results import LocalResult
            import rehandle.auto
            from prefect import Task
            Task(result=LocalResult(dir="results"))
        """)
        assert run.returncode == 1
        assert (
            "that Prefect 0.10 has as a preview, which doesn't work: write `import rehandle.auto` before" in run.stderr
        )

    def test_a_target_and_a_location(self, results):
        from prefect import Task

        with pytest.warns(UserWarning, match="has a target and its Result a location: the target is used"):
            task = Task(result=results.LocalResult(location="location"), target="target")
        assert task.result.location == "target"


class TestTasksFromBefore:
    """Until 0.8 a task that nobody said anything about has ``checkpoint=False``."""

    MADE = """
        import warnings
        from prefect import Flow, Task, context

        class One(Task):
            def run(self):
                return 1

        early, asked = One(name="early"), One(name="asked", checkpoint=True)
        import rehandle.auto
        from prefect.engine.results import LocalResult

        late, refused = One(name="late"), One(name="refused", checkpoint=False)
        result = LocalResult(dir="results")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            {code}
        for each in caught:
            if "checkpoint" in str(each.message):
                print(each.category.__name__, each.message)
        """
    ASSIGNED = """for task in (early, asked, late, refused):
                task.result = result
                task.result = LocalResult(dir="elsewhere")"""
    OF_THE_FLOW = """
            flow = Flow("flow", tasks=[early, asked, late, refused], result=result)
            with context(checkpointing=True):
                flow.run()
                flow.run()"""

    @pytest.mark.parametrize("code", [ASSIGNED, OF_THE_FLOW], ids=["of the task", "of the flow"])
    def test_warning(self, code, tmp_path, monkeypatch):
        import prefect

        monkeypatch.chdir(tmp_path)
        run = python(self.MADE.format(code=code))
        assert run.returncode == 0, run.stderr
        lines = run.stdout.splitlines()
        if prefect.__version__.startswith(("0.9.", "0.10.")):
            assert lines == []
            return
        (line,) = lines
        assert line.startswith("UserWarning <Task: early> has a Result, but its value isn't stored")
        assert line.endswith("Write `import rehandle.auto` first, or give the task checkpoint=True")


class TestOnAndOff:
    def test_off_again(self):
        import prefect
        from prefect import Flow, Task

        with rehandle.installed():
            from prefect.engine.results import LocalResult

            task = Task(result=LocalResult(dir="results"))
        assert not hasattr(Task, "target")
        assert "result" not in vars(Task)
        assert not hasattr(prefect.engine, "serializers")
        assert type(Flow("flow").result_handler).__name__ == "NoneType"
        # What was made under the shim is a handler to Prefect.
        assert callable(task.result_handler.read)
        assert callable(task.result_handler.write)

    def test_modules_are_hidden_and_shown_again(self):
        code = """
            import sys
            import rehandle
            with rehandle.installed():
                import prefect.engine.results as under
                import prefect.engine.results.local_result
                import prefect.engine.serializers
            print(under.LocalResult.__module__, "prefect.engine.serializers" in sys.modules)
            try:
                from prefect.engine.results import LocalResult
            except ImportError:
                print("none")
            else:
                print(LocalResult.__module__.partition("_")[0])
        """
        run = python(code)
        lines = run.stdout.splitlines()
        assert lines[0] == "rehandle.results.local False", run.stderr
        assert lines[1] in ("none", "prefect.engine.results.local")

    def test_signatures(self, shim):
        import inspect

        from prefect import Flow, Task

        parameters = inspect.signature(Task).parameters
        assert {"result", "target", "result_handler"} <= set(parameters)
        assert {"result", "result_handler"} <= set(inspect.signature(Flow).parameters)
        assert "target" not in inspect.signature(Flow).parameters


class TestArriving:
    """A flow in a process that knows nothing of the shim, such as a worker's."""

    @pytest.mark.skipif(
        not LOADS_FUNCTIONS,
        reason="the cloudpickle that this Prefect wants can't load functions on Python 3.11",
    )
    def test_unpickling_switches_the_shim_on(self, results, tmp_path):
        from prefect import Flow, task

        @task(target="{task_name}.target", result=results.LocalResult(dir=str(tmp_path / "results")))
        def compute():
            return {"a": 1}

        with Flow("flow") as flow:
            compute()
        (tmp_path / "flow.pickle").write_bytes(cloudpickle.dumps(flow))
        run = python(f"""
            import cloudpickle, prefect, rehandle
            prefect.context.update(checkpointing=True)
            before = rehandle.is_installed()
            flow = cloudpickle.load(open({str(tmp_path / "flow.pickle")!r}, "rb"))
            states = [list(flow.run().result.values())[0] for _ in range(2)]
            print(before, rehandle.is_installed(), *(type(state).__name__ for state in states))
        """)
        assert run.stdout.splitlines()[-1] == "False True Success Cached", run.stderr
        assert stored(tmp_path / "results") == {"compute.target": {"a": 1}}


class TestStorage:
    def test_result_of_a_storage_of_ones_own(self, results):
        from prefect.environments.storage import Storage

        class Own(Storage):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)

            default_labels = flows = name = property(lambda self: [])

            def add_flow(self, flow):
                return ""

            def build(self):
                return self

            def __contains__(self, flow):
                return False

            def get_env_runner(self, location):
                raise NotImplementedError

            def get_flow(self, location):
                raise NotImplementedError

        result = results.LocalResult(dir="results")
        own = Own(result=result)
        assert own.result is result
        assert Own().result is None
        own.result = None
        assert own.result is None

    def test_docker(self, results):
        from prefect.environments.storage import Docker

        result = results.LocalResult(dir="results")
        assert Docker(registry_url="registry", result=result).result is result
