"""Results in clouds' storage on real servers: rehandle's own on every release and without Prefect, and Prefect's."""

import importlib
import pickle

import cloudpickle
import pytest
from installed import PREFECT

from rehandle import errors, prefect_release, results, serializers, to_result
from rehandle.serializers import pickles

VALUE = {"answer": [42, None, "grüße"]}
MODULES = {"GCSResult": "gcs", "S3Result": "s3", "AzureResult": "azure"}
CLIENTS = {"GCSResult": "gcs_bucket", "S3Result": "client", "AzureResult": "service"}
SECRET = "STORAGE_CREDENTIALS"


def own_class(backend):
    return getattr(importlib.import_module(f"rehandle.results.{MODULES[backend.result_class]}"), backend.result_class)


@pytest.fixture
def make(backend, secrets):
    """A function that makes a Result for the backend, with the right credentials where Prefect 1.4.1 looks for them."""

    def make(cls=None, bucket=None, **kwargs):
        cls = cls or own_class(backend)
        if backend.result_class == "AzureResult":
            connection = backend.server.connection_string("secondaccount")
            return cls(bucket or backend.container, connection_string=connection, **kwargs)
        if backend.result_class == "S3Result":
            kwargs.setdefault("boto3_kwargs", dict(backend.server.boto3_kwargs))
        return cls(bucket or backend.bucket, **kwargs)

    if backend.result_class != "AzureResult":
        (name,) = backend.ambient_secrets
        secrets[name] = backend.right
    return make


@pytest.fixture(params=["own", "native"] if prefect_release.has_results() else ["own"])
def cls(request, backend):
    """rehandle's own class, and Prefect's."""
    if request.param == "own":
        return own_class(backend)
    if backend.result_class == "AzureResult" and PREFECT < (0, 14):
        pytest.skip("Prefect's AzureResult reads nothing before 0.14")
    return getattr(results, backend.result_class)


def test_what_is_written_is_read(backend, make, cls):
    result = make(cls, location="{name}/{n:03}")
    written = result.write(VALUE, name="a", n=7)
    assert (written.value, written.location) == (VALUE, "a/007")
    assert (result.value, result.location) == (None, "{name}/{n:03}")
    assert backend.objects() == {"a/007": cloudpickle.dumps(VALUE)}
    read = make(cls).read("a/007")
    assert (read.value, read.location) == (VALUE, "a/007")
    assert read.value is not VALUE


def test_default_locations(backend, make, cls):
    locations = {make(cls).write(number).location for number in range(3)}
    assert backend.objects().keys() == locations
    assert len(locations) == 3


def test_existence(backend, make, cls):
    backend.put("there", b"")
    result = make(cls)
    assert [result.exists(name, name="there") for name in ("there", "{name}", "{name}fore")] == [True, True, False]
    with pytest.raises(KeyError):
        result.exists("{unknown}", name="there")


def test_an_object_without_bytes_is_none(backend, make, cls):
    backend.put("empty", b"")
    assert make(cls).read("empty").value is None


def test_bytes_of_every_release_are_read(backend, make, cls):
    for format in pickles.FORMATS:
        make(cls, location=format, serializer=serializers.PickleSerializer(format)).write(VALUE)
        assert make(cls).read(format).value == VALUE


def test_other_serializers(backend, make, cls):
    result = make(cls, location="x", serializer=serializers.JSONSerializer())
    result.write(VALUE)
    assert backend.objects()["x"].startswith(b'{"answer": [42, null, "gr')
    assert result.read("x").value == VALUE


def test_a_pickled_result_works(make, cls):
    result = make(cls, location="x")
    location = result.write(VALUE).location
    for loads, dumps in ((pickle.loads, pickle.dumps), (cloudpickle.loads, cloudpickle.dumps)):
        loaded = loads(dumps(result))
        assert loaded == result
        assert loaded.read(location).value == VALUE


class TestOwn:
    """What Prefect's own classes don't all do."""

    def test_writing_again_replaces(self, backend, make):
        result = make(location="x")
        result.write(["the first", "is longer"])
        result.write(2)
        assert result.read("x").value == 2
        assert list(backend.objects()) == ["x"]

    def test_what_is_not_there(self, make):
        with pytest.raises(errors.ObjectNotFoundError, match="reading 'missing' in the "):
            make().read("missing")

    @pytest.mark.parametrize("action", ["read", "write", "exists"])
    def test_a_missing_bucket(self, make, action):
        with pytest.raises(errors.BucketNotFoundError, match=r"'x' in the .* 'no-such-bucket'"):
            getattr(make(bucket="no-such-bucket", location="x"), action)("x")

    @pytest.mark.parametrize("action", ["read", "write", "exists"])
    def test_denied_is_an_error(self, backend, make, secrets, action):
        if backend.result_class == "AzureResult":
            result = make()
            result.connection_string = backend.server.connection_string("secondaccount").replace(
                backend.right["ACCOUNT_KEY"], backend.wrong["ACCOUNT_KEY"]
            )
        else:
            secrets.update(backend.ambient_secrets)
            result = make()
        with pytest.raises((errors.AccessDeniedError, errors.CredentialsError)) as caught:
            getattr(result, action)("x")
        assert backend.hidden not in str(caught.value)

    @pytest.mark.parametrize("data", [b"\x80", b"gASV", b'{"answer": 42}', cloudpickle.dumps(VALUE)[:-5]])
    def test_what_is_no_value(self, backend, make, data):
        backend.put("x", data)
        with pytest.raises(pickle.UnpicklingError):
            make().read("x")

    def test_a_value_that_cannot_be_pickled_leaves_the_old_one(self, make):
        result = make(location="x")
        result.write(1)
        with pytest.raises((TypeError, pickle.PicklingError)):
            result.write(x for x in "generator")
        assert result.read("x").value == 1

    def test_a_client_is_made_once(self, backend, make):
        def client(result):
            found = getattr(result, CLIENTS[backend.result_class])
            return found.client if backend.result_class == "GCSResult" else found

        first, second = make(), make(location="x").copy()
        assert client(first) is client(first) is client(second)

    def test_a_client_of_ones_own(self, backend, make, secrets):
        """It is used, whatever the context says by then."""
        name = CLIENTS[backend.result_class]
        result = make(location="x")
        setattr(result, name, getattr(make(), name))
        if backend.result_class == "AzureResult":
            result.connection_string = None
        else:
            secrets.update(backend.ambient_secrets)
        assert result.read(result.write(VALUE).location).value == VALUE
        assert result.exists("x")
        with pytest.raises(errors.StorageError):
            result.copy().read("x")


class TestConverted:
    """What a handler with a named secret becomes, on every release and without Prefect."""

    @pytest.fixture
    def result(self, backend, secrets):
        secrets.update(backend.ambient_secrets)
        secrets[SECRET] = backend.right
        return to_result(backend.handler(SECRET))

    def test_it_uses_that_secret(self, backend, result):
        location = result.write(VALUE).location
        assert result.read(location).value == VALUE
        assert result.exists(location)
        assert not result.exists("missing")
        backend.assert_right_account()

    def test_it_is_the_result_of_that_name(self, backend, result):
        assert type(result).__name__ == backend.result_class
        assert type(result).__module__ == "rehandle.results.legacy"
        assert isinstance(result, getattr(results, backend.result_class))

    def test_it_is_pickled_without_the_secret(self, backend, result):
        location = result.write(VALUE).location
        data = cloudpickle.dumps(result)
        assert backend.hidden.encode() not in data
        assert cloudpickle.loads(data).read(location).value == VALUE

    def test_so_does_the_handler(self, backend, result):
        handler = backend.handler(SECRET)
        if backend.result_class == "AzureResult" and PREFECT and PREFECT < (0, 14):
            pytest.skip("Prefect's AzureResultHandler works before 0.8 alone")
        assert handler.read(handler.write(VALUE)) == VALUE
