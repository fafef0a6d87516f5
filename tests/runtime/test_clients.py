"""Clients and secrets as far as no server is needed."""

import sys

import pytest

import rehandle
from rehandle import handlers, to_result
from rehandle.serializers import pickles
from rehandle.storage import clients

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"

HANDLERS = pytest.mark.parametrize(
    ("handler", "module", "extra"),
    [
        (lambda secret: handlers.GCSResultHandler("b", secret), "google.cloud.storage", "gcs"),
        (lambda secret: handlers.S3ResultHandler("b", secret), "boto3", "s3"),
        (lambda secret: handlers.AzureResultHandler("c", None, secret), "azure.storage.blob", "azure"),
    ],
    ids=["gcs", "s3", "azure"],
)


@pytest.fixture(autouse=True)
def no_connection_string(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)


@HANDLERS
def test_a_missing_sdk_is_named_at_first_use(handler, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    result = to_result(handler(SECRET))
    with pytest.raises(ImportError, match=rf"pip install 'rehandle\[{extra}\]'"):
        result.write(1)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a text that is hidden", "JSON object with ACCOUNT_NAME, and holds something else .str."),
        (["hidden"], "something else"),
        ({"ACCOUNT_KEY": "hidden"}, "must have ACCOUNT_NAME, and has not"),
        ({"ACCOUNT_NAME": "hidden"}, "must have ACCOUNT_KEY or SAS_TOKEN beside ACCOUNT_NAME"),
    ],
)
def test_a_secret_that_holds_no_credentials(value, words, monkeypatch):
    import prefect

    monkeypatch.setattr(clients, "_sdk", lambda extra: None)
    with prefect.context(secrets={SECRET: value}), pytest.raises(rehandle.RehandleError, match=words) as caught:
        clients.azure_service(None, SECRET)
    assert SECRET in str(caught.value)
    error = caught.value
    while error is not None:
        assert "hidden" not in repr(vars(error)) + str(error)
        error = error.__cause__ or error.__context__


def test_azure_without_connection_string_and_secret(monkeypatch):
    monkeypatch.setattr(clients, "_sdk", lambda extra: None)
    with pytest.raises(rehandle.RehandleError, match=r"connection string .* or the name of a Prefect Secret"):
        clients.azure_service(None, None)


def writes_base64(result):
    return getattr(vars(result).get("serializer"), "write_format", None) == "base64"


@HANDLERS
@pytest.mark.parametrize("value", ["Base64", "raw"])
def test_an_unknown_format_is_refused(handler, module, extra, value, monkeypatch):
    monkeypatch.setenv(pickles.VARIABLE, value)
    with pytest.raises(rehandle.RehandleError, match=f"REHANDLE_WRITE_FORMAT={value} is none of pickle, base64"):
        to_result(handler(SECRET))


@pytest.mark.prefect("0.12.1", "2")  # before, all Results write base64
@pytest.mark.parametrize("value", ["", "pickle"])
@HANDLERS
def test_by_default_prefects_own_bytes_are_written(handler, module, extra, value, monkeypatch):
    monkeypatch.setenv(pickles.VARIABLE, value)
    assert not writes_base64(to_result(handler(SECRET)))


def test_the_format_is_about_cloud_storage_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(pickles.VARIABLE, "base64")
    result = to_result(handlers.LocalResultHandler(str(tmp_path)))
    assert not writes_base64(result)


@pytest.mark.parametrize(
    "handler",
    [
        lambda: handlers.GCSResultHandler("b", credentials_secret=""),
        lambda: handlers.S3ResultHandler("b", aws_credentials_secret=""),
        lambda: handlers.AzureResultHandler("c", connection_string="x", azure_credentials_secret=SECRET),
        lambda: handlers.AzureResultHandler("c", azure_credentials_secret=None),
    ],
)
def test_a_secret_that_is_not_used_leaves_prefects_own_class(handler):
    assert type(to_result(handler())).__module__.startswith("prefect.")


def test_an_empty_connection_string_means_none(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "")
    assert to_result(handlers.AzureResultHandler("c")).azure_credentials_secret == "AZ_CREDENTIALS"
