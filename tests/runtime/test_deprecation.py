"""The warning at each place that hands over a handler."""

import warnings

import pytest

from rehandle import ResultHandlerDeprecationWarning, handlers

pytestmark = [pytest.mark.prefect("0.14", "2"), pytest.mark.usefixtures("shim")]


class OwnHandler(handlers.ResultHandler):
    """A custom handler."""


@pytest.mark.filterwarnings("default::rehandle.ResultHandlerDeprecationWarning")
class TestWarnings:
    def lines(self, caught):
        assert {warning.filename for warning in caught} == {__file__}
        return [str(warning.message) for warning in caught]

    def test_they_say_what_to_write(self):
        import prefect

        with pytest.warns(ResultHandlerDeprecationWarning) as caught:
            prefect.Task(result_handler=handlers.S3ResultHandler("b", boto3_kwargs={"aws_secret_access_key": "hidden"}))
        (line,) = self.lines(caught)
        assert line == (
            "Task(result_handler=...) is deprecated, Prefect 0.14 removed it: write result=S3Result(bucket=..., "
            "boto3_kwargs=...), from prefect.engine.results import S3Result."
        )

    def test_they_name_what_is_called_otherwise(self, tmp_path):
        import prefect

        with pytest.warns(ResultHandlerDeprecationWarning) as caught:
            prefect.Task(result_handler=handlers.LocalResultHandler(str(tmp_path), validate=False))
        (line,) = self.lines(caught)
        assert "write result=LocalResult(dir=...) (with validate_dir= for validate=), from prefect" in line

    @pytest.mark.parametrize(
        "handler",
        [handlers.GCSResultHandler("b", credentials_secret="hidden"), handlers.ConstantResultHandler(5)],
        ids=["secret", "constant"],
    )
    def test_what_a_result_alone_would_lose(self, handler):
        import prefect

        with pytest.warns(ResultHandlerDeprecationWarning) as caught:
            prefect.Task(result_handler=handler)
        (line,) = self.lines(caught)
        assert f"write result=to_result({type(handler).__name__}(...)), from rehandle import to_result" in line
        assert "hidden" not in line

    def test_through_the_decorator_and_calls(self):
        from prefect import Flow, task

        with pytest.warns(ResultHandlerDeprecationWarning) as caught:  # noqa: PT031 - three places, three warnings

            @task(result_handler=OwnHandler())
            def one(x=1):
                return x

            with Flow("f"):
                one(result_handler=OwnHandler())
                one.map([1], task_args={"result_handler": OwnHandler()})
        lines = self.lines(caught)
        assert lines[0].startswith("@task(result_handler=...) is deprecated")
        assert "write result=to_result(OwnHandler(...)), from rehandle import to_result" in lines[0]
        assert len(lines) == 3

    def test_once_a_place(self):
        import prefect

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            for _ in range(3):
                prefect.Task(result_handler=handlers.JSONResultHandler())
        assert len(caught) == 1

    def test_results_warn_of_nothing(self):
        import prefect
        from prefect.engine.results import PrefectResult

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            prefect.Task(result=PrefectResult())
            prefect.Task(result_handler=PrefectResult())
            prefect.Task(result_handler=None)
