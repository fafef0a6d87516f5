"""The table against the constructors of the installed Prefect, and what it says is lost."""

import importlib
import inspect

import pytest

from rehandle import handlers
from rehandle.mapping import HANDLERS, HANDLERS_MODULE, LEGACY_POSITIONS, lost_parameters

ROWS = list(HANDLERS.values())
SIGNATURE_TESTS = pytest.mark.parametrize("row", ROWS, ids=[row.handler for row in ROWS])


@pytest.mark.parametrize(
    ("handler", "arguments", "lost"),
    [
        ("LocalResultHandler", {"dir": "d", "validate": False}, []),
        ("JSONResultHandler", {}, []),
        ("GCSResultHandler", {"bucket": "b"}, []),
        ("GCSResultHandler", {"bucket": "b", "credentials_secret": None}, []),
        ("GCSResultHandler", {"bucket": "b", "credentials_secret": ""}, []),
        ("GCSResultHandler", {"bucket": "b", "credentials_secret": "S"}, ["credentials_secret"]),
        ("S3ResultHandler", {"bucket": "b", "boto3_kwargs": {"region_name": "r"}}, []),
        ("S3ResultHandler", {"bucket": "b", "aws_credentials_secret": "S"}, ["aws_credentials_secret"]),
        ("AzureResultHandler", {"container": "c"}, ["azure_credentials_secret"]),
        ("AzureResultHandler", {"container": "c", "azure_credentials_secret": None}, []),
        ("AzureResultHandler", {"container": "c", "connection_string": "x"}, []),
        ("AzureResultHandler", {"container": "c", "connection_string": ""}, ["azure_credentials_secret"]),
        ("AzureResultHandler", {"container": "c", "connection_string": "x", "azure_credentials_secret": "S"}, []),
    ],
)
def test_lost_parameters(handler, arguments, lost):
    assert [p.name for p in lost_parameters(HANDLERS[handler], arguments)] == lost


@pytest.mark.prefect("0.9.8", "0.14")
@SIGNATURE_TESTS
def test_parameters_are_those_of_prefects_handler(row):
    cls = getattr(importlib.import_module(HANDLERS_MODULE), row.handler)
    defaults = [
        (p.name, None if p.default is inspect.Parameter.empty else p.default, p.default is inspect.Parameter.empty)
        for p in inspect.signature(cls).parameters.values()
    ]
    # boto3_kwargs came with 0.10.1.
    expected = [(p.name, p.default, p.required) for p in row.parameters][: len(defaults)]
    assert defaults == expected


@SIGNATURE_TESTS
def test_rehandles_own_handlers_have_the_same_parameters(row):
    from rehandle.handlers import builtin

    parameters = inspect.signature(getattr(builtin, row.handler)).parameters
    assert list(parameters) == [p.name for p in row.parameters]


@pytest.mark.prefect("0.11", "2")
@SIGNATURE_TESTS
def test_results_take_what_the_table_gives_them(row):
    cls = getattr(importlib.import_module(row.result_module), row.result)
    parameters = inspect.signature(cls).parameters
    names = list(parameters)
    base = inspect.signature(importlib.import_module("prefect.engine.result").Result).parameters
    for place, parameter in enumerate(row.parameters):
        if parameter.result_name is None:
            continue
        assert parameter.result_name in parameters or parameter.result_name in base
        if parameter.positional:
            assert names[place] == parameter.result_name


@pytest.mark.prefect("0.11", "0.14")
@pytest.mark.parametrize("name", ["Task", "Flow"])
def test_legacy_positions_are_those_of_prefect(name):
    import prefect

    actual = tuple(inspect.signature(getattr(prefect, name).__init__).parameters)[1:]
    assert any(actual == order[: len(actual)] for order in LEGACY_POSITIONS[name])


@pytest.mark.prefect("0.4.1", "0.14")
def test_where_prefect_has_handlers_they_are_prefects():
    native = importlib.import_module(HANDLERS_MODULE)
    assert handlers.LocalResultHandler is native.LocalResultHandler
    assert handlers.LocalStorageHandler is native.LocalResultHandler
