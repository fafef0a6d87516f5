"""The examples of Prefect's guide "Using Results", as printed, on every Prefect that has Results, and on those before.

Only what the guide leaves out is added: imports, bodies of tasks, and the local disk instead of a bucket.
"""

import re

import pytest
from guides import read_back, result_of, stored_values
from installed import PREFECT

WITH_RESULTS = pytest.mark.prefect("0.6.6", "2")
CLOUD_LOCATION = re.compile(r"\d{4}/\d{1,2}/\d{1,2}/[0-9a-f-]{36}\.prefect_result$")
# Prefect's own LocalResult has another one, which rehandle's hasn't.
DEFAULT_LOCATION = re.compile(r"(^|/)prefect-result-[0-9tz-]+$|" + CLOUD_LOCATION.pattern)


def without(first, end):
    """Skip a test on some releases."""
    first, end = (tuple(map(int, version.split("."))) for version in (first, end))
    return pytest.mark.skipif(PREFECT is not None and first <= PREFECT < end, reason="Prefect did something else there")


@pytest.fixture(autouse=True)
def results():
    """Results where Prefect has none."""
    if PREFECT is None or not (0, 6, 6) <= PREFECT < (0, 11):
        yield
        return
    import rehandle

    with rehandle.installed():
        yield


@WITH_RESULTS
def test_result_at_the_flow_level(storage):
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    @task
    def add(x, y=1):
        return x + y

    # send the configuration to the Flow object
    with Flow("my handled flow!", result=LocalResult()) as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100)

    state = flow.run()
    assert [read_back(state, first_result), read_back(state, second_result)] == [3, 103]
    assert DEFAULT_LOCATION.search(result_of(state, first_result).location)


@WITH_RESULTS
def test_result_at_the_task_level(storage):
    from prefect import Flow, Task, task
    from prefect.engine.results import LocalResult, PrefectResult

    # configure on the task decorator
    @task(result=PrefectResult())
    def add(x, y=1):
        return x + y

    class AddTask(Task):
        def run(self, x, y):
            return x + y

    # or when instantiating a Task object
    a = AddTask(result=LocalResult(dir=str(storage / "results")))

    with Flow("my handled flow!") as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100)
        third_result = a(second_result, y=1000)

    state = flow.run()
    assert [result_of(state, each).location for each in (first_result, second_result)] == ["3", "103"]
    assert read_back(state, third_result) == 1103
    ((location, value),) = stored_values(storage / "results").items()
    assert DEFAULT_LOCATION.match(location)
    assert value == 1103


@WITH_RESULTS
def test_gcs_result_is_configured():
    from prefect import Flow
    from prefect.engine.results import GCSResult

    gcs_result = GCSResult(bucket="prefect_results")

    with Flow("my handled flow!", result=gcs_result) as flow:
        ...

    assert flow.result.bucket == "prefect_results"
    assert CLOUD_LOCATION.match(flow.result.default_location)


@WITH_RESULTS
def test_location_given_directly(storage):
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    gcs_result = LocalResult(dir=str(storage), location="my_task.txt")

    @task(result=gcs_result)
    def my_task():
        return "mine"

    with Flow("f") as flow:
        my_task()

    assert flow.run().is_successful()
    assert stored_values(storage) == {"my_task.txt": "mine"}


@WITH_RESULTS
@pytest.mark.parametrize(
    ("location", "stored"),
    [
        ("{task_name}.txt", ["my_second_task.txt", "my_task.txt"]),
        ("{flow_name}/{task_name}.txt", ["my handled flow!/my_second_task.txt", "my handled flow!/my_task.txt"]),
        ("{custom}-{task_name}", ["own-my_second_task", "own-my_task"]),
    ],
)
def test_location_template(storage, location, stored):
    import prefect
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    @task
    def my_task():
        return 1

    @task
    def my_second_task():
        return 2

    with Flow("my handled flow!", result=LocalResult(dir=str(storage), location=location)) as flow:
        my_task()
        my_second_task()

    with prefect.context(custom="own"):
        assert flow.run().is_successful()
    assert stored_values(storage) == dict(zip(stored, [2, 1]))


@WITH_RESULTS
def test_location_template_with_a_formatted_date(storage):
    import prefect
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    @task(result=LocalResult(dir=str(storage), location="{date:%Y-%d}/{task_name}"))
    def my_task():
        return prefect.context.date

    with Flow("f") as flow:
        dated = my_task()

    state = flow.run()
    date = state.result[dated].result
    assert list(stored_values(storage)) == [f"{date:%Y-%d}/my_task"]


def mapped_flow(result):
    from prefect import Flow, task

    @task
    def numbers():
        return [1, 2, 3]

    @task(result=result)
    def double(x):
        return 2 * x

    with Flow("mapped") as flow:
        double.map(numbers())
    return flow


@WITH_RESULTS
def test_mapped_locations_by_map_index(storage):
    from prefect.engine.results import LocalResult

    flow = mapped_flow(LocalResult(dir=str(storage), location="{map_index}.pickle"))
    assert flow.run().is_successful()
    assert stored_values(storage) == {"0.pickle": 2, "1.pickle": 4, "2.pickle": 6}


@WITH_RESULTS
@without("0.11", "0.12.2")  # local runs have no task_run_id there
def test_mapped_locations_by_task_run_id(storage):
    from prefect.engine.results import LocalResult

    # In a local run the children share the mapped task's id: they would overwrite each other without map_index.
    flow = mapped_flow(LocalResult(dir=str(storage), location="{task_run_id}/{map_index}.pickle"))
    assert flow.run().is_successful()
    stored = stored_values(storage)
    assert sorted(stored.values()) == [2, 4, 6]
    assert all(re.match(r"[0-9a-f-]{36}/[0-2]\.pickle$", location) for location in stored)


def looped_flow(result):
    import prefect
    from prefect import Flow, task
    from prefect.engine.signals import LOOP

    @task(result=result)
    def count():
        done = prefect.context.get("task_loop_count", 1)
        if done < 3:
            raise LOOP(result=done * 10)
        return done * 10

    with Flow("looped") as flow:
        count()
    return flow


@pytest.mark.prefect("0.11", "0.13.15")
def test_looped_locations_of_the_last_iteration(storage):
    from prefect.engine.results import LocalResult

    flow = looped_flow(LocalResult(dir=str(storage), location="{task_loop_count}.pickle"))
    assert flow.run().is_successful()
    assert stored_values(storage) == {"3.pickle": 30}


@WITH_RESULTS
@without("0.11", "0.13.15")
def test_looped_locations_as_the_guide_has_them(storage):
    from prefect.engine.results import LocalResult

    # The guide's own template: Prefect 0.13.15 and later store the first iteration too, where the count isn't set yet.
    flow = looped_flow(LocalResult(dir=str(storage), location="{task_loop_count}.pickle"))
    state = flow.run()
    (loop,) = state.result.values()
    assert state.is_failed()
    assert isinstance(loop.result, KeyError)
    assert "'task_loop_count'" in str(loop.result)


@WITH_RESULTS
@without("0.11", "0.13.15")
def test_looped_locations_of_every_iteration(storage):
    from prefect.engine.results import LocalResult

    def location(task_loop_count=1, **context):
        return f"{task_loop_count}.pickle"

    flow = looped_flow(LocalResult(dir=str(storage), location=location))
    assert flow.run().is_successful()
    assert stored_values(storage) == {"1.pickle": 10, "2.pickle": 20, "3.pickle": 30}


@WITH_RESULTS
def test_prefect_result(storage):
    from prefect import Flow, Parameter, task
    from prefect.engine.results import PrefectResult

    @task
    def add(x, y=1):
        return x + y

    with Flow("my handled flow!", result=PrefectResult()) as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=Parameter("y", default=100))

    state = flow.run()
    assert [result_of(state, each).value for each in (first_result, second_result)] == [3, 103]
    assert [result_of(state, each).location for each in (first_result, second_result)] == ["3", "103"]
    assert stored_values(storage) == {}


@WITH_RESULTS
def test_checkpointing_switched_off(storage):
    import prefect
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    @task(checkpoint=False)
    def kept_in_memory():
        return 1

    @task
    def stored():
        return 2

    with Flow("f", result=LocalResult(dir=str(storage))) as flow:
        kept_in_memory()
        stored()

    assert flow.run().is_successful()
    assert list(stored_values(storage).values()) == [2]
    with prefect.context(checkpointing=False):
        assert flow.run().is_successful()
    assert list(stored_values(storage).values()) == [2]


@WITH_RESULTS
def test_task_over_flow(storage):
    from prefect import Flow, task
    from prefect.engine.results import LocalResult

    @task(result=LocalResult(dir=str(storage / "task")))
    def own():
        return 1

    @task
    def inherited():
        return 2

    with Flow("f", result=LocalResult(dir=str(storage / "flow"))) as flow:
        own()
        inherited()

    assert flow.run().is_successful()
    assert list(stored_values(storage / "task").values()) == [1]
    assert list(stored_values(storage / "flow").values()) == [2]
