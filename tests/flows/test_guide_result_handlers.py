"""The examples of the guide "Using Result Handlers", as printed: under the shim, and on Prefects of the guide's time.

Only what the guide leaves out is added: imports, bodies of tasks, and the local disk instead of a bucket.
"""

import os

import pytest
from guides import read_back, result_of, stored_values

UNDER_THE_SHIM = pytest.mark.prefect("0.11", "2")


@UNDER_THE_SHIM
def test_result_handler_at_the_flow_level(shim, storage):
    from prefect import Flow, task
    from prefect.engine.result_handlers import LocalStorageHandler

    @task
    def add(x, y=1):
        return x + y

    # send the configuration to the Flow object
    with Flow("my handled flow!", result_handler=LocalStorageHandler()) as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100)

    state = flow.run()
    assert [state.result[first_result].result, state.result[second_result].result] == [3, 103]
    assert [read_back(state, first_result), read_back(state, second_result)] == [3, 103]
    home = os.path.expanduser(os.environ["PREFECT__HOME_DIR"])
    assert result_of(state, first_result).dir == os.path.join(home, "results")
    assert result_of(state, first_result).location != result_of(state, second_result).location


@UNDER_THE_SHIM
def test_result_handler_at_the_task_level_and_at_call_time(shim, storage):
    from prefect import Flow, task
    from prefect.engine.results_handler import LocalStorageHandler

    # configure on the task decorator
    @task(result_handler=LocalStorageHandler())
    def add(x, y=1):
        return x + y

    with Flow("my handled flow!") as flow:
        first_result = add(1, y=2)
        # or send as a keyword argument at task initialization
        second_result = add(x=first_result, y=100, result_handler=LocalStorageHandler())

    state = flow.run()
    assert [read_back(state, first_result), read_back(state, second_result)] == [3, 103]


@UNDER_THE_SHIM
def test_result_handler_at_call_time_alone(shim, storage):
    from prefect import Flow, task
    from prefect.engine.result_handlers import JSONResultHandler, LocalStorageHandler

    @task(result_handler=JSONResultHandler())
    def add(x, y=1):
        return x + y

    with Flow("my handled flow!") as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100, result_handler=LocalStorageHandler(str(storage / "called")))
        third_result = add(second_result)

    state = flow.run()
    assert stored_values(storage) == {os.path.relpath(result_of(state, second_result).location): 103}
    # The task itself keeps its own handler.
    assert [result_of(state, each).location for each in (first_result, third_result)] == ["3", "104"]


@UNDER_THE_SHIM
def test_flow_with_a_configured_handler(shim, storage):
    from prefect import Flow, task
    from prefect.engine.result_handlers import LocalStorageHandler

    gcs_handler = LocalStorageHandler(str(storage / "prefect_results"))

    @task
    def add(x, y=1):
        return x + y

    with Flow("my handled flow!", result_handler=gcs_handler) as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100)

    state = flow.run()
    assert sorted(stored_values(storage / "prefect_results").values()) == [3, 103]
    for each in (first_result, second_result):
        assert os.path.isfile(result_of(state, each).location)


@UNDER_THE_SHIM
@pytest.mark.parametrize("module", ["prefect.engine.result_handlers", "prefect.engine.results_handler"])
def test_gcs_result_handler_is_built(shim, module):
    import importlib

    from prefect import Flow
    from prefect.engine.results import GCSResult

    GCSResultHandler = importlib.import_module(module).GCSResultHandler  # noqa: N806 (a class)
    gcs_handler = GCSResultHandler(bucket="prefect_results")

    with Flow("my handled flow!", result_handler=gcs_handler) as flow:
        ...

    assert type(flow.result) is GCSResult
    assert flow.result.bucket == "prefect_results"


@pytest.mark.prefect("0.9", "0.11")
def test_on_a_prefect_that_has_handlers(storage):
    """Without rehandle. The class that the guide calls LocalStorageHandler has another name there."""
    from prefect import Flow, task
    from prefect.engine.result_handlers import GCSResultHandler, JSONResultHandler
    from prefect.engine.result_handlers import LocalResultHandler as LocalStorageHandler

    @task
    def add(x, y=1):
        return x + y

    @task(result_handler=JSONResultHandler())
    def inline(x):
        return x

    handler = LocalStorageHandler(str(storage))
    with Flow("my handled flow!", result_handler=handler) as flow:
        first_result = add(1, y=2)
        second_result = add(x=first_result, y=100)
        inline_result = inline(second_result)

    state = flow.run()
    assert sorted(stored_values(storage).values()) == [3, 103]
    for each, value in ((first_result, 3), (second_result, 103)):
        safe_value = state.result[each]._result.safe_value
        assert repr(safe_value) == f"<SafeResult: {safe_value.value!r}>"
        assert handler.read(safe_value.value) == value
    assert state.result[inline_result]._result.safe_value.value == "103"
    assert (
        Flow("f", result_handler=GCSResultHandler(bucket="prefect_results")).result_handler.bucket == "prefect_results"
    )
