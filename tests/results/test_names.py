"""What ``rehandle.results`` and ``rehandle.serializers`` give out, and when they import Prefect."""

import importlib
import subprocess
import sys

import pytest
from interfaces import MODULES, NATIVE

import rehandle
from rehandle import prefect_release, results, serializers


@pytest.mark.parametrize("name", MODULES)
def test_results_are_prefects_own_where_it_has_them(name):
    if NATIVE:
        module = "prefect.engine.result" if name == "Result" else "prefect.engine.results"
    else:
        module = f"rehandle.results.{MODULES[name]}"
    assert getattr(results, name) is getattr(importlib.import_module(module), name)


def test_every_name_is_there_and_no_other():
    namespace = {}
    exec("from rehandle.results import *", namespace)
    assert {*MODULES, "ResultHandlerResult"} == set(results.__all__) == namespace.keys() - {"__builtins__"}
    assert set(results.__all__) <= set(dir(results))
    with pytest.raises(AttributeError, match=r"'rehandle\.results' has no attribute 'NoSuchResult'"):
        results.NoSuchResult  # noqa: B018
    with pytest.raises(AttributeError, match=r"'rehandle\.serializers' has no attribute 'NoSuchSerializer'"):
        serializers.NoSuchSerializer  # noqa: B018


@pytest.mark.parametrize("name", ["JSONSerializer", "DateTimeSerializer"])
def test_serializers_of_text_are_those_that_prefects_result_takes(name):
    cls = getattr(serializers, name)
    prefects = getattr(prefect_release.serializers_module(), name, None)
    assert cls is prefects or (prefects is None and cls.__module__ == "rehandle.serializers.text")


@pytest.mark.parametrize("name", ["legacy", "wrapper"])
def test_all_results_have_one_base(name):
    module = importlib.import_module(
        {"legacy": "rehandle.results.legacy", "wrapper": "rehandle.results.handler_result"}[name]
    )
    found = [cls for cls in vars(module).values() if isinstance(cls, type) and cls.__module__ == module.__name__]
    assert len(found) == {"legacy": 5, "wrapper": 1}[name]
    assert all(issubclass(cls, results.Result) for cls in found)


IMPORTED = """
import sys
import rehandle
import rehandle.results, rehandle.serializers, rehandle.storage
from rehandle.serializers import PickleSerializer, CompressedSerializer, PandasSerializer
sdks = {"boto3", "botocore", "google.cloud.storage", "azure.storage.blob", "pandas", "pendulum"}
print(*sorted({"prefect", *sdks} & set(sys.modules)))
"""


def test_nothing_is_imported_before_its_time():
    run = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("\n", "")


@pytest.mark.parametrize("name", ["register", "to_result"])
def test_converting_is_there(name):
    assert callable(getattr(rehandle, name))
