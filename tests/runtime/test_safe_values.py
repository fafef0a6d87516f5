"""What the documentation of Prefect 0.5 to 0.13 read from states, and what code of that time does with it."""

import importlib
import pickle

import pytest
from old_states import Texts, deserialize

from rehandle import handlers
from rehandle.prefect_release import has_handlers

pytestmark = [
    pytest.mark.prefect("0.11", "2"),
    pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning"),
]


@pytest.mark.usefixtures("shim")
class TestDocumentedReads:
    def run(self, handler):
        from prefect import Flow, task

        with Flow("f", result_handler=handler) as flow:
            one = task(lambda: 1, name="one")()
        return flow.run().result[one]

    def test_safe_value_of_a_run(self, tmp_path):
        from prefect.engine.result import SafeResult

        state = self.run(handlers.LocalResultHandler(dir=str(tmp_path)))
        safe = state._result.safe_value
        assert isinstance(safe, SafeResult)
        assert repr(safe) == f"<SafeResult: {state._result.location!r}>"
        assert safe.value == state._result.location
        assert safe.to_result().value == 1
        assert safe.safe_value is safe

    def test_as_the_guide_prints_it(self):
        from prefect.engine.results import GCSResult

        result = GCSResult("b", location="2020/2/24/x.prefect_result")
        assert repr(result.safe_value) == "<SafeResult: '2020/2/24/x.prefect_result'>"

    def test_with_a_custom_handler(self, tmp_path):
        from prefect import Flow, task

        handler = Texts(tmp_path)
        with Flow("f") as flow:
            one = task(lambda: "one", name="one", result_handler=handler)()
        safe = flow.run().result[one]._result.safe_value
        assert safe.result_handler is handler
        assert safe.to_result().value == "one"

    def test_nothing_stored(self):
        from prefect.engine.result import NoResult

        assert self.run(None)._result.safe_value == NoResult

    def test_comparing_results_ends(self, tmp_path):
        from prefect.engine.results import LocalResult

        one, other = (LocalResult(dir=str(tmp_path), location=name) for name in ("a", "b"))
        assert one == one.copy()
        assert one != other
        assert one.safe_value == one.copy().safe_value
        assert one.safe_value != other.safe_value

    def test_results_pickle_without_a_trace(self, tmp_path):
        result = self.run(handlers.JSONResultHandler())._result
        result.safe_value  # noqa: B018 - reading it leaves nothing behind
        assert b"rehandle" not in pickle.dumps(result)

    def test_the_class_has_none(self):
        from prefect.engine.result import Result

        assert not hasattr(Result, "safe_value")

    def test_storing(self):
        from prefect.engine.result import Result

        result = Result(value={"a": 1}, result_handler=handlers.JSONResultHandler())
        result.store_safe_value()
        assert result.safe_value.value == '{"a": 1}'
        result.value = 2
        result.store_safe_value()
        assert result.safe_value.value == '{"a": 1}', "it is stored once"

    @pytest.mark.parametrize("make", ["Result(5, handler)", "Result(value=5, result_handler=handler)"])
    def test_results_with_a_handler(self, make):
        from prefect.engine.result import Result

        handler = handlers.JSONResultHandler()
        result = eval(make, {"Result": Result, "handler": handler})
        assert (result.value, result.result_handler, result.location) == (5, handler, None)
        assert result.to_result() is result
        other = handlers.ConstantResultHandler(6)
        assert result.to_result(other).result_handler is other

    @pytest.mark.parametrize("with_handler", [False, True])
    def test_a_value_that_was_json(self, tmp_path, with_handler):
        handler = handlers.LocalResultHandler(dir=str(tmp_path))
        loaded = deserialize(self.run(handler).serialize())._result
        assert loaded.value is None
        assert loaded.to_result(*[handler] * with_handler).value == 1

    def test_a_constant_in_a_state(self):
        result = self.run(handlers.ConstantResultHandler(7))._result
        assert (result.value, result.location, result.safe_value.to_result().value) == (1, "7", 7)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: handlers.LocalResultHandler(dir="/tmp"),
            handlers.JSONResultHandler,
            lambda: handlers.ConstantResultHandler(7),
            lambda: handlers.S3ResultHandler("bucket"),
        ],
        ids=["local", "JSON", "constant", "S3"],
    )
    def test_a_handler_that_is_read_equals_the_given_one(self, make):
        from prefect import Flow

        read = Flow("f", result_handler=make()).result_handler
        assert read == make()
        assert make() == read
        assert read != handlers.LocalResultHandler(dir="elsewhere")

    def test_storing_needs_a_handler(self):
        from prefect.engine.result import Result

        Result().store_safe_value()
        with pytest.raises(AssertionError, match=r"[Hh]andler"):
            Result(5).store_safe_value()

    def test_a_state_made_by_hand(self):
        from prefect.engine.result import SafeResult
        from prefect.engine.state import Success

        state = Success(result=SafeResult("[1]", result_handler=handlers.JSONResultHandler()))
        assert isinstance(state._result, SafeResult)
        assert state.result == "[1]"
        assert deserialize(state.serialize()).load_result().result == [1]
        assert state.load_result().result == [1]

    def test_reading_with_another_handler(self):
        from prefect.engine.result import SafeResult

        safe = SafeResult("[1]", result_handler=handlers.JSONResultHandler())
        result = safe.to_result(handlers.ConstantResultHandler(7))
        assert result.value == 7
        assert result.safe_value == safe

    def test_a_sentinel_of_the_users(self):
        from prefect.engine.result import SafeResult
        from prefect.engine.state import Success

        class Purged(SafeResult):
            def __init__(self):
                super().__init__(value=None, result_handler=handlers.ResultHandler())

        state = Success(result=Purged())
        assert isinstance(state.load_result()._result, Purged)

    @pytest.mark.parametrize("module", ["prefect.engine.result", "prefect.engine.result.base"])
    def test_imports(self, module):
        found = importlib.import_module(module)
        for name in ("Result", "NoResultType", "SafeResult"):
            assert issubclass(getattr(found, name), found.ResultInterface)
        assert isinstance(found.NoResult, found.NoResultType)


def test_without_the_shim_nothing_can_be_read(tmp_path):
    results = importlib.import_module("prefect.engine.results")
    result = results.LocalResult(dir=str(tmp_path)).write(1)
    if has_handlers():
        assert repr(result.safe_value) == "<No result>"
    else:
        assert not hasattr(result, "safe_value")
        assert not hasattr(importlib.import_module("prefect.engine.result"), "SafeResult")
