"""What only Azure has: connection strings, access signatures, and two broken classes on Prefect 0.11 to 0.13."""

import cloudpickle
import pytest

import rehandle
from rehandle import handlers, to_result

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"
VALUE = {"answer": 42}


def test_a_connection_string_needs_no_secret(azure):
    result = to_result(azure.handler())
    assert type(result).__module__.startswith("prefect.")
    assert b"rehandle" not in cloudpickle.dumps(result)


@pytest.mark.usefixtures("shim")
def test_the_environments_connection_string_is_used(azure, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azure.server.connection_string("secondaccount"))
    handler = handlers.AzureResultHandler(azure.container)
    result = to_result(handler)
    assert type(result).__module__.startswith("prefect.")
    assert result.read(result.write(VALUE).location).value == VALUE
    assert handler.read(handler.write(VALUE)) == VALUE
    assert len(azure.objects()) == 2


@pytest.mark.usefixtures("shim")
def test_a_connection_string_goes_before_a_secret(azure, secrets):
    secrets[SECRET] = azure.wrong
    handler = handlers.AzureResultHandler(azure.container, azure.server.connection_string("secondaccount"), SECRET)
    assert handler.read(handler.write(VALUE)) == VALUE
    result = to_result(handler)
    assert result.read(result.write(VALUE).location).value == VALUE


@pytest.mark.parametrize("prefix", ["", "?"])
def test_a_secret_with_an_access_signature(azure, secrets, prefix):
    secrets["AZ_CREDENTIALS"] = {
        "ACCOUNT_NAME": "secondaccount",
        "SAS_TOKEN": prefix + azure.server.token("secondaccount"),
    }
    result = to_result(handlers.AzureResultHandler(azure.container))
    assert result.read(result.write(VALUE).location).value == VALUE


def test_a_key_goes_before_an_access_signature(azure, secrets):
    secrets["AZ_CREDENTIALS"] = {**azure.right, "SAS_TOKEN": "sig=wrong"}
    result = to_result(handlers.AzureResultHandler(azure.container))
    assert result.read(result.write(VALUE).location).value == VALUE


@pytest.mark.prefect("0.11", "0.14")
def test_prefects_result_reads_under_the_shim_alone(azure):
    from prefect.engine.results import AzureResult

    result = AzureResult(azure.container, connection_string=azure.server.connection_string("secondaccount"))
    location = result.write(VALUE).location
    with pytest.raises(TypeError, match="StorageStreamDownloader"):
        result.read(location)
    with rehandle.installed():
        assert result.read(location).value == VALUE


@pytest.mark.prefect("0.12.1", "2")
@pytest.mark.usefixtures("shim")
def test_prefects_result_keeps_its_serializer(azure):
    from prefect.engine.results import AzureResult
    from prefect.engine.serializers import JSONSerializer

    connection_string = azure.server.connection_string("secondaccount")
    result = AzureResult(azure.container, connection_string=connection_string, serializer=JSONSerializer())
    location = result.write(VALUE).location
    assert azure.objects()[location] == b'{"answer": 42}'
    assert result.read(location).value == VALUE


@pytest.mark.prefect("0.11", "0.14")
def test_prefects_handler_works_under_the_shim_alone(azure):
    handler = azure.handler()
    with pytest.raises(AttributeError, match="BlockBlobService"):
        handler.write(VALUE)
    with rehandle.installed():
        assert handler.read(handler.write(VALUE)) == VALUE


@pytest.mark.usefixtures("shim")
def test_prefects_result_fails_where_ours_writes_again(azure, secrets):
    """Why the Result of a handler with a secret has a ``write`` of its own."""
    from prefect.engine.results import AzureResult

    connection_string = azure.server.connection_string("secondaccount")
    native = AzureResult(azure.container, connection_string=connection_string, location="fixed")
    native.write(1)
    with pytest.raises(Exception, match="BlobAlreadyExists"):
        native.write(2)
    secrets["AZ_CREDENTIALS"] = azure.right
    ours = to_result(handlers.AzureResultHandler(azure.container))
    ours.location = "fixed"
    ours.write(3)
    assert native.read("fixed").value == 3
