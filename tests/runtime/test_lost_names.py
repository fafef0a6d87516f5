"""Functions, arguments and attributes that only earlier releases of Prefect had, under the shim."""

import importlib

import pytest

from rehandle import handlers
from rehandle.prefect_release import has_handlers

pytestmark = [
    pytest.mark.prefect("0.11", "2"),
    pytest.mark.usefixtures("shim"),
    pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning"),
]


class CustomHandler(handlers.ResultHandler):
    pass


class TestRunners:
    @pytest.fixture(params=[("prefect.engine", "TaskRunner"), ("prefect.engine.cloud", "CloudTaskRunner")])
    def runner(self, request):
        return getattr(importlib.import_module(request.param[0]), request.param[1])

    def test_they_take_a_handler(self, runner):
        import prefect

        task = prefect.Task()
        handler = CustomHandler()
        assert runner(task, result_handler=handler).result_handler is handler
        assert runner(task, None, handler).result.result_handler is handler
        assert runner(task, result_handler=None).result_handler is None
        assert runner(task).result_handler is None

    def test_the_tasks_own_comes_first(self, runner):
        import prefect

        task = prefect.Task(result_handler=handlers.JSONResultHandler())
        assert isinstance(runner(task, result_handler=CustomHandler()).result_handler, handlers.JSONResultHandler)


class TestLostFunctions:
    def default(self, monkeypatch, value):
        import prefect
        from prefect.engine import get_default_result_handler_class

        monkeypatch.setitem(prefect.config.engine, "result_handler", {"default_class": value})
        return get_default_result_handler_class()

    def test_the_default_class(self, monkeypatch):
        from prefect.engine import get_default_result_handler_class

        assert get_default_result_handler_class()() is None
        name = "prefect.engine.result_handlers.JSONResultHandler"
        assert self.default(monkeypatch, name) is handlers.JSONResultHandler
        assert self.default(monkeypatch, CustomHandler) is CustomHandler

    @pytest.mark.parametrize("name", ["nowhere.Handler", "prefect.Nothing", "Handler"])
    def test_a_default_that_can_not_be_imported(self, name, monkeypatch):
        with pytest.warns(UserWarning, match="can't be imported"):
            assert self.default(monkeypatch, name)() is None

    def test_the_health_check(self, capsys):
        import prefect

        package = "prefect.environments.storage" if has_handlers() else "prefect.storage"
        healthcheck = importlib.import_module(package + "._healthcheck")
        healthcheck.result_handler_check([prefect.Flow("f", result_handler=handlers.JSONResultHandler())])
        assert capsys.readouterr().out == "Result check: OK\n"
