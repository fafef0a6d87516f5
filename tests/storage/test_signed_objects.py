"""Signed results in clouds, on real servers: a copy under another name, in another bucket or account is refused."""

import importlib
import uuid

import pytest
from servers import plain

from rehandle import errors, prefect_release, results
from rehandle.errors import SignatureError
from rehandle.serializers import HMACSerializer, PickleSerializer, signing
from rehandle.storage import AzureStore
from rehandle.stored import show, sign

KEY = "0123456789abcdef"
VALUE = {"answer": 42}
CLASSES = {"google": ("gcs", "GCSResult"), "s3": ("s3", "S3Result"), "azure": ("azure", "AzureResult")}
SCHEMES = {"google": "gs", "s3": "s3", "azure": "azure"}


@pytest.fixture(params=["own", "native"] if prefect_release.has_results() else ["own"])
def make(request, shim_where_there_is_one):
    """A function that makes a signing Result for a bucket: rehandle's own, or Prefect's under the shim."""

    def make(place, **kwargs):
        module, name = CLASSES[place.name]
        cls = getattr(
            results if request.param == "native" else importlib.import_module(f"rehandle.results.{module}"), name
        )
        if place.name == "s3":
            kwargs["boto3_kwargs"] = place.server.boto3_kwargs(place.server.process.url)
        if place.name == "azure":
            kwargs["connection_string"] = place.server.connection_string(place.server.process.url)
        kwargs.setdefault("serializer", HMACSerializer(PickleSerializer(), KEY))
        return cls(place.store().bucket, **kwargs)

    return make


@pytest.fixture
def shim_where_there_is_one(request):
    if prefect_release.has_results() or prefect_release.has_handlers():
        request.getfixturevalue("shim")


@pytest.fixture
def other(place):
    """Another bucket on the same server."""
    return plain.Place(place.name, place.server)


def scheme_and_bucket(place):
    account = "@firstaccount" if place.name == "azure" else ""
    return f"{SCHEMES[place.name]}://{place.store().bucket}{account}"


def test_it_is_read_where_it_was_written(place, make):
    location = make(place, location="{what}/today").write(VALUE, what="prices").location
    assert make(place).read(location).value == VALUE
    assert signing.split(place.store().read(location)).place == f"{scheme_and_bucket(place)}/prices/today"


def test_a_copy_is_refused(place, other, make):
    location = make(place, location="today").write(VALUE).location
    data = place.store().read(location)
    place.store().write("tomorrow", data)
    other.store().write("today", data)
    for elsewhere, name in ((place, "tomorrow"), (other, "today")):
        with pytest.raises(SignatureError, match="is signed for another place"):
            make(elsewhere).read(name)
    moved = {scheme_and_bucket(place): scheme_and_bucket(other)}
    serializer = HMACSerializer(PickleSerializer(), KEY, moved=moved)
    assert make(other, serializer=serializer).read("today").value == VALUE


def test_a_copy_in_another_account_is_refused(azure_server, monkeypatch):
    pytest.importorskip("azure.storage.blob")
    for name, value in azure_server.environment.items():
        monkeypatch.setenv(name, value)
    container = f"container-{uuid.uuid4()}"
    stores = []
    for account in ("firstaccount", "secondaccount"):
        azure_server.make_container(account, container)
        stores.append(AzureStore(container, azure_server.connection_string(account)))
    first, second = stores
    assert first.place("today") == f"azure://{container}@firstaccount/today"
    assert second.place("today") == f"azure://{container}@secondaccount/today"


def test_names(place):
    store = place.store()
    assert store.names("") == []
    for name in ("a", "folder/b", "folder/deeper/c", "folders/d", "folder"):
        store.write(name, b"")
    assert store.names("") == ["a", "folder", "folder/b", "folder/deeper/c", "folders/d"]
    assert store.names("folder") == store.names("folder/") == ["folder/b", "folder/deeper/c"]
    store.bucket = f"missing-{uuid.uuid4()}"
    with pytest.raises(errors.BucketNotFoundError, match="listing"):
        store.names("")


@pytest.mark.usefixtures("command_line")
def test_signing_anew(place, other, make, capsys, monkeypatch):
    monkeypatch.setenv(signing.VARIABLE, KEY)
    make(place, location="folder/today").write(VALUE)
    other.store().write("archive/today", place.store().read("folder/today"))
    scheme, old, new = SCHEMES[place.name], scheme_and_bucket(place), other.store().bucket
    location = f"{scheme}://{new}/archive/today"
    assert show.main(["--verify", location]) == 1
    assert sign.main([f"{scheme}://{new}/archive/"]) == 1
    assert sign.main(["--moved-from", f"{old}/other", f"{scheme}://{new}/archive/"]) == 1
    with pytest.raises(SignatureError):
        make(other).read("archive/today")
    capsys.readouterr()
    assert sign.main(["--moved-from", f"{old}/folder", f"{scheme}://{new}/archive/"]) == 0
    assert capsys.readouterr().out == f"signed {scheme_and_bucket(other)}/archive/today\n"
    assert show.main(["--verify", location]) == 0
    assert make(other).read("archive/today").value == VALUE
    assert sign.main([f"{scheme}://{new}"]) == 0
