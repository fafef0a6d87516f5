"""No error, repr, warning, log or record shows a secret's value, whatever it was given for."""

import importlib
import json
import traceback
import warnings

import pytest
from installed import PREFECT

import rehandle
from rehandle import handlers, prefect_release
from rehandle.serializers import CompressedSerializer, DateTimeSerializer, HMACSerializer, PickleSerializer
from rehandle.storage import AzureStore, GCSStore, LocalStore, S3Store, open_location, secrets
from rehandle.storage.masking import masked

SECRET = "s3cr3tV4lue+/=="
AZURE = f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={SECRET};EndpointSuffix=core.windows.net"
SAS = f"BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2020&sig={SECRET}&se=2020"
URL = f"https://user:{SECRET.replace('/', '')}@host/path"
AWS = {"ACCESS_KEY": "AKIA", "SECRET_ACCESS_KEY": SECRET}
BOTO = {"aws_access_key_id": "AKIA", "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
GCP = {"client_email": "a@b", "private_key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"}

# A part of it, which is in each of them.
VALUE = "s3cr3tV4lue"


class SecretTask:
    name = "NAME"

    def run(self, name=None):
        return SECRET


class Odd:
    """Something that shows a secret."""

    def __repr__(self):
        return SECRET


def own(module, name):
    return getattr(importlib.import_module(f"rehandle.results.{module}"), name)


MISTAKES = {
    "a connection string as a handler": lambda: rehandle.to_result(AZURE),
    "bytes as a handler": lambda: rehandle.to_result(SECRET.encode()),
    "a dict as a handler": lambda: rehandle.to_result(AWS),
    "something as a handler": lambda: rehandle.to_result(Odd()),
    "a text as a class": lambda: rehandle.register(SECRET),
    "a text as a converter": lambda: rehandle.register(Odd, SECRET),
    "a dict as a location": lambda: own("local", "LocalResult")(location={"token": SECRET}),
    "a function that returns no text": lambda: own("local", "LocalResult")(location=lambda **_: [SECRET]).format(),
    "a template": lambda: own("local", "LocalResult")(location="{missing}").format(token=SECRET),
    "a connection string as a path": lambda: LocalStore().read(AZURE),
    "a connection string as a path to write": lambda: LocalStore().write(f"/dev/null/{AZURE}", b""),
    "a connection string as a folder": lambda: LocalStore().names(AZURE),
    "an address with a password": lambda: open_location(URL),
    "a bucket with keys": lambda: open_location(f"s3://key:{VALUE}@"),
    "a connection string as a location": lambda: open_location(f"x://{AZURE}"),
    "a host with a password": lambda: open_location(f"file://user:{VALUE}@host/x"),
    "keys as a secret's name": lambda: secrets.get(AWS),
    "keys as a secret's name that is looked up": lambda: secrets.local(AWS),
    "keys as the name of a store's secret": lambda: S3Store("b", aws_credentials_secret=AWS).read("x"),
    "a service account as a secret's name": lambda: GCSStore("b", GCP).read("x"),
    "an account as a secret's name": lambda: AzureStore("c", azure_credentials_secret={"ACCOUNT_KEY": SECRET}).read(
        "x"
    ),
    "a connection string as a container": lambda: AzureStore(AZURE).read("x"),
    "a malformed connection string": lambda: AzureStore("c", AZURE.replace(";", " ")).read("x"),
    "a malformed access signature": lambda: AzureStore("c", SAS.replace("BlobEndpoint=", "")).read("x"),
    "a connection string as a blob": lambda: AzureStore("c").read(AZURE),
    "keys in the name of a bucket": lambda: S3Store(f"aws_secret_access_key={SECRET}", BOTO).read("x"),
    "an unknown argument of boto3": lambda: S3Store("b", {**BOTO, "token": SECRET}).read("x"),
    "an endpoint with a password": lambda: S3Store("b", {**BOTO, "endpoint_url": f"//user:{VALUE}@host"}).read("x"),
    "no datetime": lambda: DateTimeSerializer().serialize(SECRET),
    "a key that is no text": lambda: HMACSerializer(PickleSerializer(), [SECRET]),
    "a short key": lambda: HMACSerializer(PickleSerializer(), VALUE),
    "a secret that can't be written": lambda: own("inline", "SecretResult")(SecretTask()).write(SECRET),
}


@pytest.fixture(autouse=True)
def nothing_ambient(monkeypatch):
    for name in ("AZURE_STORAGE_CONNECTION_STRING", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_error(mistake, caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Exception) as raised:  # noqa: PT011  # each its own, and all must be silent
        MISTAKES[mistake]()
    lines = traceback.format_exception(type(raised.value), raised.value, None)
    # All that led to it, shown or not.
    error = raised.value
    while error is not None:
        lines.append(repr(error))
        error = error.__cause__ or error.__context__
    assert VALUE not in "".join(lines) + caplog.text


OBJECTS = {
    "a serializer with a key": lambda: HMACSerializer(PickleSerializer(), SECRET + SECRET),
    "one inside another": lambda: CompressedSerializer(HMACSerializer(PickleSerializer(), SECRET + SECRET), "gzip"),
    "a store of Azure": lambda: AzureStore("c", AZURE),
    "a store whose container is a connection string": lambda: AzureStore(AZURE),
    "a store with an access signature": lambda: AzureStore(SAS),
    "a store of S3": lambda: S3Store("b", BOTO),
    "an AzureResult": lambda: own("azure", "AzureResult")("c", AZURE),
    "an S3Result": lambda: own("s3", "S3Result")("b", boto3_kwargs=BOTO),
    "a SecretResult": lambda: own("inline", "SecretResult")(SecretTask()).read("NAME"),
    "an AzureResultHandler": lambda: handlers.AzureResultHandler("c", connection_string=AZURE),
    "an S3ResultHandler": lambda: handlers.S3ResultHandler("b", boto3_kwargs=BOTO),
    "a ConstantResultHandler": lambda: handlers.ConstantResultHandler(SECRET),
}


@pytest.mark.parametrize("what", OBJECTS)
def test_a_repr(what):
    if PREFECT is not None and PREFECT < (0, 10) and "Handler" in what:
        pytest.skip("Prefect's own handler, which takes other arguments")
    made = OBJECTS[what]()
    assert VALUE not in f"{made!r} {made} {[made]}"


@pytest.mark.skipif(not prefect_release.has_results(), reason="needs Prefect's Results")
@pytest.mark.usefixtures("shim")
class TestConverted:
    HANDLERS = (
        lambda: handlers.AzureResultHandler("c", connection_string=AZURE),
        lambda: handlers.S3ResultHandler("b", None, dict(BOTO)),
        lambda: handlers.SecretResultHandler(SecretTask()),
    )

    @pytest.mark.parametrize("make", HANDLERS)
    def test_warnings_reprs_and_records(self, make, tmp_path, monkeypatch, caplog):
        import prefect

        path = tmp_path / "calls.jsonl"
        monkeypatch.setenv("REHANDLE_RECORD", str(path))
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            task = prefect.Task(result_handler=make())
            flow = prefect.Flow("f", result_handler=make())
        shown = [str(one.message) for one in seen]
        assert shown
        shown += [repr(one) for one in (task, flow, task.result, flow.result, task.result_handler, flow.result_handler)]
        shown += [path.read_text(), caplog.text, json.dumps(task.serialize()), json.dumps(flow.serialize())]
        assert VALUE not in "".join(shown)

    def test_the_value_of_a_secret(self):
        result = rehandle.to_result(handlers.SecretResultHandler(SecretTask()))
        assert result.read("NAME").value == SECRET
        assert VALUE not in repr(result.read("NAME")) + repr(result.write(SECRET))

    @pytest.mark.parametrize("given", [AZURE, AWS, SECRET.encode()], ids=["text", "dict", "bytes"])
    def test_what_is_no_handler(self, given):
        import prefect

        for use in (lambda: prefect.Task(result_handler=given), lambda: prefect.Flow("f", result_handler=given)):
            with pytest.raises(TypeError) as raised:
                use()
            assert VALUE not in str(raised.value)


@pytest.mark.skipif(not prefect_release.has_handlers(), reason="needs Prefect's handlers")
@pytest.mark.skipif(prefect_release.has_results(), reason="there are Results already")
@pytest.mark.usefixtures("shim")
@pytest.mark.parametrize("given", [AZURE, AWS, SECRET.encode()], ids=["text", "dict", "bytes"])
def test_what_is_no_result(given):
    import prefect

    for use in (lambda: prefect.Task(result=given), lambda: prefect.Flow("f", result=given)):
        with pytest.raises(TypeError) as raised:
            use()
        assert VALUE not in str(raised.value)


@pytest.mark.prefect("0.14", "2")
def test_an_outcome(tmp_path, monkeypatch):
    import prefect
    from prefect.tasks.secrets import PrefectSecret

    from rehandle.comparing.flow_outcome import run_flow

    monkeypatch.chdir(tmp_path)
    with prefect.context(secrets={"NAME": SECRET}), prefect.Flow("f") as flow:
        PrefectSecret("NAME")()
    with prefect.context(secrets={"NAME": SECRET}):
        outcome = run_flow(flow, {})
    assert outcome["tasks"][0]["state"] == "Success"
    assert VALUE not in json.dumps(outcome)


@pytest.mark.parametrize(
    "text",
    [
        AZURE,
        SAS,
        URL,
        GCP["private_key"],
        json.dumps(GCP),
        json.dumps(BOTO),
        repr(AWS),
        f"https://a.blob.core.windows.net/c/b?sv=2020&sig={SECRET}&se=2020",
        f"https://b.s3.amazonaws.com/k?X-Amz-Signature={VALUE}&X-Amz-Date=2020",
    ],
)
def test_what_is_masked(text):
    assert VALUE not in masked(text)
    assert "..." in masked(text)


@pytest.mark.parametrize(
    "text",
    ["gs://bucket/2020/1/2/x.prefect_result", "azure://c@account/x", "the signature is wrong", "signed=1", "a:b@c", ""],
)
def test_what_is_not(text):
    assert masked(text) == text


@pytest.mark.skipif(prefect_release.has_handlers(), reason="Prefect's own handlers log as they did")
def test_a_log(caplog):
    """A cloud handler logs what keeps it from reading."""
    handler = handlers.AzureResultHandler(AZURE, connection_string=AZURE.replace(";", " "))
    assert handler.read("name") is None
    assert VALUE not in caplog.text
