"""Prefect's states, Results and runners without any handler: the same with the shim on as off."""

import datetime
import pathlib

import pytest
from comparing import both, task_class
from installed import PREFECT

pytestmark = pytest.mark.prefect("0.11", "2")

MINUTE = datetime.timedelta(minutes=1)
THERE = PREFECT is not None and (0, 11) <= PREFECT < (2,)


def every_result():
    import prefect
    from prefect.engine import results
    from prefect.engine.result import NoResult, Result

    class Own(Result):
        pass

    own, plain, rows = Own(), Result(), Own()
    rows.location = {"rows": [1, 2]}
    own.location = plain.location = pathlib.PurePosixPath("x")
    return {
        "Result": Result(location="x"),
        "LocalResult": results.LocalResult("/tmp", location="x"),
        "GCSResult": results.GCSResult("b", location="x"),
        "S3Result": results.S3Result("b", location="x"),
        "AzureResult": results.AzureResult("c", location="x"),
        "PrefectResult": results.PrefectResult(location='{"a": 1}'),
        "ConstantResult": results.ConstantResult(value=1),
        "SecretResult": results.SecretResult(prefect.tasks.secrets.PrefectSecret("s")),
        "Own": Own(location="x"),
        "Own, a path": own,
        "Own, a dict": rows,
        "Result, a path": plain,
        "NoResult": NoResult,
    }


@pytest.mark.parametrize("name", sorted(every_result()) if THERE else [])
def test_states_are_serialised(name):
    from prefect.engine import state as states
    from prefect.serialization.state import StateSchema

    classes = [cls for cls in vars(states).values() if getattr(cls, "__name__", None) in StateSchema.type_schemas]
    assert len(classes) > 15
    made = [cls(message="m", result=every_result()[name]) for cls in classes]

    def look():
        found = {}
        for cls, state in zip(classes, made):
            written = state.serialize()
            loaded = states.State.deserialize(written)
            again = loaded.serialize()
            found[cls.__name__] = (written, type(loaded), type(loaded._result).__name__, again, repr(state))
        return found

    for cls, (written, loaded, kept, again, shown) in both(look).items():
        assert (loaded.__name__, written["type"], written["message"]) == (cls, cls, "m")
        assert shown == f'<{cls}: "m">'
        if name not in ("Own", "Own, a path", "Own, a dict", "SecretResult"):
            assert again == written
        if written.get("_result"):
            assert again["_result"].get("location") == written["_result"].get("location")
            assert written["_result"]["type"] == {"Own": "CustomResult"}.get(name.split(",")[0], kept)


def test_results_are_compared_copied_and_shown():
    from prefect.engine.result import NoResult, NoResultType, Result

    def look():
        one = Result(1, location="x")
        new = one.copy()
        new.location = "y"
        return one == Result(1, location="x"), one == new, one.location, repr(one), type(NoResult), list(vars(one))

    assert both(look)[:5] == (True, False, "x", "<Result: 1>", NoResultType)


def histories():
    import prefect
    from prefect.engine import signals

    def raising(error):
        def run(self):
            raise error

        return run

    retried = {"max_retries": 1, "retry_delay": MINUTE}
    skipped = {"run": raising(signals.SKIP("s"))}
    return {
        "success": ({}, {}, ["Pending", "Running", "Success"]),
        "failure": ({"run": raising(ValueError())}, {}, ["Pending", "Running", "Failed"]),
        "retry": ({"run": raising(ValueError())}, retried, ["Pending", "Running", "Failed", "Retrying"]),
        "skip": (skipped, {}, ["Pending", "Running", "Skipped"]),
        "pause": ({}, {"trigger": prefect.triggers.manual_only}, ["Pending", "Paused"]),
    }


@pytest.mark.parametrize("name", sorted(histories()) if THERE else [])
def test_task_runners_go_through_the_same_states(name):
    from prefect.engine.state import Success
    from prefect.engine.task_runner import TaskRunner

    contents, arguments, expected = histories()[name]

    def look():
        import prefect

        seen = ["Pending"]

        def watch(task, old, new):
            assert type(old).__name__ == seen[-1]
            seen.append(type(new).__name__)
            return new

        task = task_class(**contents)(state_handlers=[watch], **arguments)
        edge = prefect.core.Edge(prefect.Task("before"), task)
        state = TaskRunner(task=task).run(upstream_states={edge: Success(result=1)})
        return seen, type(state).__name__, str(state.message), repr(state.result)

    assert both(look)[:2] == (expected, expected[-1])


def test_flow_runners():
    import prefect
    from prefect.engine.flow_runner import FlowRunner

    def look():
        with prefect.Flow("f") as flow:
            one = prefect.task(lambda x: x + 1, name="one")(prefect.Parameter("x", default=1))
            two = prefect.task(lambda x: x / 0, name="two", log_stdout=True)(one)
        state = FlowRunner(flow).run(return_tasks=[one, two])
        return type(state).__name__, state.result[one].result, repr(state.result[two].result), state.message

    assert both(look) == ("Failed", 2, "ZeroDivisionError('division by zero')", "Some reference tasks failed.")
