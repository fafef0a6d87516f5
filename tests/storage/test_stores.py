"""What every store does, on real servers and without Prefect: bytes in, the same bytes out."""

import os
import pickle
import subprocess
import sys

import cloudpickle
import pytest

from rehandle import errors
from rehandle.storage import AzureStore, GCSStore, LocalStore, S3Store

# A store is the same beside any Prefect; what a Secret of Prefect opens is in test_store_credentials.py.
pytestmark = pytest.mark.prefect(None)

SECRET = "STORAGE_CREDENTIALS"


@pytest.fixture
def store(backend, secrets):
    secrets.update(backend.ambient_secrets)
    secrets[SECRET] = backend.right
    return backend.store(SECRET)


# The last is beyond what any of the libraries sends in one piece.
@pytest.mark.parametrize("size", [0, 1, 1000, 9 * 2**20, 70 * 2**20])
def test_what_is_written_is_read(store, size):
    data = os.urandom(size)
    store.write("name", data)
    read = store.read("name")
    assert type(read) is bytes
    assert read == data


@pytest.mark.parametrize(
    "name",
    ["a b", "2026/1/2/x.prefect_result", "{x}", "a%20b", "a+b&c=d?e#f", "été/日本", "a//b", ".hidden", "x" * 900],
)
def test_a_name_is_taken_as_it_is(backend, store, name):
    store.write(name, b"named")
    assert store.exists(name)
    assert store.read(name) == b"named"
    assert not store.exists(name[:-1])


def test_a_second_write_replaces_the_first(store):
    store.write("name", b"the first, which is longer")
    store.write("name", b"second")
    assert store.read("name") == b"second"


def test_exists(store):
    assert not store.exists("name")
    store.write("name", b"")
    assert store.exists("name")
    store.write("name", b"more")
    assert store.exists("name")


def test_a_missing_object(backend, store):
    with pytest.raises(
        errors.ObjectNotFoundError, match=f"reading 'missing' in the .* '{bucket_of(backend)}'"
    ) as caught:
        store.read("missing")
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("action", ["read", "write", "exists"])
def test_a_missing_bucket(backend, store, action):
    store = backend.store(SECRET, bucket="no-such-bucket")
    arguments = {"read": ("x",), "write": ("x", b""), "exists": ("x",)}[action]
    with pytest.raises(errors.BucketNotFoundError, match=r"'x' in the .* 'no-such-bucket': there is no such"):
        getattr(store, action)(*arguments)


@pytest.mark.parametrize(("bucket", "name"), [("", "x"), ("bucket", "")])
def test_empty_names(backend, bucket, name):
    store = backend.store(SECRET)
    store.bucket = bucket
    with pytest.raises(errors.StorageError, match="can't be empty"):
        store.read(name)


def test_a_pickled_store_goes_on(store):
    store.write("name", b"value")
    for module in (pickle, cloudpickle):
        again = module.loads(module.dumps(store))
        assert again == store
        assert again.read("name") == b"value"


def test_no_pickle_or_repr_shows_a_secret(backend, store):
    store.write("name", b"value")
    for hidden in (backend.hidden, backend.hidden.replace("\n", "\\n")):
        assert hidden.encode() not in cloudpickle.dumps(store)
        assert hidden not in repr(store)


def bucket_of(backend):
    return getattr(backend, "bucket", None) or backend.container


STORES = [
    LocalStore(),
    GCSStore("a"),
    GCSStore("b"),
    GCSStore("a", "SECRET"),
    S3Store("a"),
    S3Store("a", {"region_name": "x"}),
    S3Store("a", upload_options={"ACL": "private"}),
    AzureStore("a"),
    AzureStore("a", "AccountName=x"),
    AzureStore("a", connection_string_secret="SECRET"),
]


def test_stores_equal_those_of_their_configuration_alone():
    for number, store in enumerate(STORES):
        assert [store == other for other in STORES].index(True) == number
        assert pickle.loads(pickle.dumps(store)) == store
        assert store != "something else"


def test_a_repr_shows_no_argument_that_may_be_a_key():
    assert repr(S3Store("b", {"aws_secret_access_key": "hidden"})) == "S3Store('b')"
    assert repr(AzureStore("c", "AccountKey=hidden")) == "AzureStore('c')"


def test_arguments_are_copied():
    boto3_kwargs, upload_options = {"region_name": "x"}, {"ACL": "private"}
    store = S3Store("b", boto3_kwargs, upload_options)
    boto3_kwargs.clear()
    upload_options.clear()
    assert store == S3Store("b", {"region_name": "x"}, {"ACL": "private"})


@pytest.mark.parametrize(
    ("store", "module", "extra"),
    [
        (GCSStore("b"), "google.cloud.storage", "gcs"),
        (S3Store("b"), "boto3", "s3"),
        (AzureStore("c", "AccountName=x;AccountKey=eA=="), "azure.storage.blob", "azure"),
    ],
    ids=["gcs", "s3", "azure"],
)
def test_a_missing_sdk_is_named(store, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    for use in (lambda: store.read("x"), lambda: store.write("x", b""), lambda: store.exists("x")):
        with pytest.raises(ImportError, match=rf"pip install 'rehandle\[{extra}\]'"):
            use()


def test_stores_are_made_without_prefect_and_without_an_sdk():
    code = (
        "import sys; from rehandle.storage import *; GCSStore('b'); S3Store('b'); AzureStore('c'); open_location('s3://b/k');"
        "print([m for m in ('prefect', 'google.cloud.storage', 'boto3', 'azure.storage') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True, cwd=os.getcwd())
    assert done.stdout.strip() == b"[]"
