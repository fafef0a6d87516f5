"""States on Prefect 0.6 to 0.10 where a Result made them: in pickles, as JSON, and for Prefect Cloud."""

import json
import os

import cloudpickle
import pytest
from stored_pickles import stored

pytestmark = pytest.mark.prefect("0.6.6", "0.11")


class TestPickles:
    def test_states_are_pickled_with_their_result(self, results):
        from prefect import Flow, task

        @task(result=results.LocalResult(dir="results", location="x"))
        def compute():
            return 1

        with Flow("flow") as flow:
            made = compute()
        state = cloudpickle.loads(cloudpickle.dumps(flow.run().result[made]))
        assert type(state._result) is results.LocalResult
        assert (state.result, os.path.basename(state._result.location)) == (1, "x")


class TestStatesAsJson:
    def run(self, of_the_flow, value=1, **kwargs):
        from prefect import Flow, task

        @task(**kwargs)
        def compute():
            return value

        @task(checkpoint=False)
        def use(x):
            return [x]

        with Flow("flow", result=of_the_flow) as flow:
            made = compute()
            used = use(made)
        return flow, made, used, flow.run()

    def loaded(self, state):
        from prefect.engine.state import State

        return State.deserialize(json.loads(json.dumps(state.serialize())))

    def test_prefects_own_handler_reads_it(self, results):
        from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

        for result, handler in (
            (results.LocalResult(dir="results", location="{task_name}"), LocalResultHandler),
            (results.PrefectResult(), JSONResultHandler),
        ):
            _, made, _, state = self.run(result, value=[1])
            safe = self.loaded(state.result[made])._result
            assert type(safe.result_handler) is handler
            assert safe.to_result().value == [1]

    @pytest.mark.parametrize("level", ["flow", "task"])
    def test_what_only_the_result_reads(self, results, level):
        from prefect.engine.serializers import JSONSerializer
        from prefect.engine.state import Pending

        result = results.LocalResult(dir="results", location="{task_name}.json", serializer=JSONSerializer())
        if level == "flow":
            flow, made, used, state = self.run(result, value={"a": [1]})
        else:
            flow, made, used, state = self.run(None, value={"a": [1]}, result=result)
        loaded = self.loaded(state.result[made])
        again = flow.run(task_states={made: loaded, used: Pending()})
        assert again.result[used].result == [{"a": [1]}]

    def test_inputs_of_a_retry(self, results):
        from prefect.engine.state import Retrying

        flow, made, used, state = self.run(results.LocalResult(dir="results", location="{task_name}"), value=7)
        waiting = Retrying(run_count=1, cached_inputs={"x": state.result[made]._result})
        again = flow.run(task_states={made: type(state)(), used: self.loaded(waiting)})
        assert again.result[used].result == [7]


class TestPrefectCloud:
    """Its runners store a task's inputs when the task has to be run again, through what stored them first."""

    def test_inputs_do_not_overwrite_what_is_stored(self, results, tmp_path):
        from prefect.engine.cloud.utilities import prepare_state_for_cloud
        from prefect.engine.result import Result
        from prefect.engine.state import Retrying

        result = results.LocalResult(dir="results", location="fixed")
        written = result.write([1, 2])
        element = Result(1, result_handler=written.result_handler)
        unwritten = result.from_value("unwritten")
        inputs = {"element": element, "whole": written, "unwritten": unwritten}
        prepare_state_for_cloud(Retrying(cached_inputs=inputs))
        assert stored(tmp_path)["fixed"] == [1, 2]
        assert element.safe_value.to_result().value == 1
        assert unwritten.read(unwritten.location).value == "unwritten"
        assert written.location == os.path.join(result.dir, "fixed")

    def test_none_is_not_stored(self, results, tmp_path):
        handler = results.LocalResult(dir="results").result_handler
        assert handler.write(None) is None
        assert stored(tmp_path) == {}


class TestPrefectsOwnResult:
    def test_what_the_engine_makes_is_as_before(self, results):
        from prefect.engine.result import NoResult, Result
        from prefect.engine.result_handlers import JSONResultHandler

        handler = JSONResultHandler()
        for made in (Result(5, handler), Result(5, result_handler=handler), Result(value=5, result_handler=handler)):
            assert (made.value, made.result_handler, made.location) == (5, handler, None)
            assert made.safe_value == NoResult
            made.store_safe_value()
            assert (made.safe_value.value, made.location) == ("5", "5")
        assert Result(5).result_handler is None
        assert Result(5) == Result(5)
        assert Result(5) != Result(6)
        # Nothing that a process without the shim would stumble over.
        assert not {"serializer", "_formatter"} & set(vars(Result(5, handler)))

    def test_one_of_the_users(self, results):
        from prefect.engine.result import NoResult, Result

        for made in (Result(), Result(5, "at"), Result(value=5, location="at"), Result(5, serializer=None)):
            assert (made.result_handler, made.serializer is None) == (None, False)
        assert Result().safe_value == NoResult
        assert Result(5, "at").location == "at"
