"""Who reads whose bytes: real releases write to real storage, and rehandle reads it on every release and without any.

Each release writes all its objects in one process, and each reads those of all the others in one.
"""

import contextlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import releases
import stored_sample
from servers import azure_server, google_server, s3_server  # noqa: F401

from rehandle.results import LocalResult
from rehandle.serializers import PandasSerializer
from rehandle.stored import formats, values

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

_HANDLERS = ("LocalResultHandler", "JSONResultHandler", "GCSResultHandler", "S3ResultHandler")
_STORED = ("LocalResult", "GCSResult", "S3Result", "AzureResult")
_COMPRESSIONS = ("bz2", "gzip", "lzma", "zlib")

# For each release what it can write, and the serializers that its Results have.
# From 0.8.0 on AzureResultHandler can't write: these releases require an SDK that it doesn't work with.
WRITERS = {
    "0.6.7": ((*_HANDLERS, "AzureResultHandler"), ()),
    "0.8.1": ((*_HANDLERS, "AzureResultHandler"), ()),
    "0.10.7": ((*_HANDLERS, *_STORED, "PrefectResult"), ("pickle",)),
    "0.11.5": ((*_HANDLERS, *_STORED, "PrefectResult"), ("pickle",)),
    "0.12.6": ((*_HANDLERS, *_STORED, "PrefectResult"), ("pickle", "json")),
    "0.13.19": ((*_HANDLERS, *_STORED, "PrefectResult"), ("pickle", "json", "datetime")),
    "0.14.22": ((*_STORED, "PrefectResult"), ("pickle", "json", "datetime", *_COMPRESSIONS)),
    "1.4.1": ((*_STORED, "PrefectResult"), ("pickle", "json", "datetime", *_COMPRESSIONS)),
}
NONE = "no Prefect"
READERS = (*WRITERS, NONE)

_SDKS = ("boto3", "azure-storage-blob>=12.1")
# What Prefect's own extra asks for until 0.13; it imports pkg_resources, which later releases of setuptools lack.
_OLD_SDKS = (*_SDKS, "google-cloud-storage<2", "setuptools<80")
_AZURE_2 = "azure-storage-blob==2.1.0"


def sdks(release):
    if release == "0.10.7":
        # Its GCSResult imports BigQuery's SDK too.
        return (*_OLD_SDKS, "google-cloud-bigquery<2")
    return (*_SDKS, "google-cloud-storage") if release in ("0.14.22", "1.4.1") else _OLD_SDKS


def what(release):
    """The classes that a release writes with, each with all its serializers."""
    classes, serializers = WRITERS[release]
    for cls in classes:
        if stored_sample.STORES[cls] == "inline":
            yield cls, "inline"
            if cls == "PrefectResult" and "datetime" in serializers:
                yield cls, "datetime"
        elif cls.endswith("Handler"):
            yield cls, "pickle"
        else:
            yield from ((cls, how) for how in serializers)


def cells(release):
    return [(cls, how, value) for cls, how in what(release) for value in stored_sample.VALUES_OF[how]]


@contextlib.contextmanager
def environment(variables):
    """The environment of this process, for the clients in it; what installs releases must not see it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


def clean_environment(folder):
    """What a writer or reader shall see of this process's environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT", "AWS"))}
    return {
        **kept,
        "PREFECT__HOME_DIR": str(folder / "home"),
        "PREFECT__LOGGING__LEVEL": "CRITICAL",
        "PYTHONIOENCODING": "utf-8",
    }


def run(python, script, variables, **task):
    """Run a script that takes a task and gives lines of JSON. Only readers find rehandle."""
    source = [str(ROOT / "compat")] if script.startswith("read") else []
    done = subprocess.run(
        [str(python), str(HERE / script)],
        input=json.dumps(task),
        capture_output=True,
        encoding="utf-8",
        env={**variables, "PYTHONPATH": os.pathsep.join(source)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


class Storage:
    """All servers, with a bucket on each, as the processes that write and read need to know them."""

    def __init__(self, folder, google, s3, azure):
        self.bucket = f"bytes-{uuid.uuid4()}"
        google.make_bucket(self.bucket)
        s3.make_bucket(self.bucket)
        with environment(azure.environment):
            azure.make_container("firstaccount", self.bucket)
        self._servers = (google, s3, azure)
        credentials = google.credentials("writer@tests")
        account = folder / "account.json"
        account.write_text(json.dumps(credentials))
        key, secret = s3.keys["writer"]
        self.settings = {
            "local": {"folder": str(folder)},
            "google": {"bucket": self.bucket, "credentials": credentials},
            "s3": {"bucket": self.bucket, "boto3_kwargs": s3.boto3_kwargs},
            "azure": {"container": self.bucket, "connection_string": azure.connection_string("firstaccount")},
        }
        self.environment = {
            **clean_environment(folder),
            **azure.environment,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "STORAGE_EMULATOR_HOST": google.url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        }

    def write(self, python, classes_and_serializers):
        return run(python, "write_bytes.py", self.environment, servers=self.settings, what=classes_and_serializers)

    def read(self, python, objects, ways=("result", "handler")):
        return run(python, "read_bytes.py", self.environment, servers=self.settings, objects=objects, ways=ways)

    def show(self, *arguments):
        """Run `rehandle show` without Prefect, and give what it prints to both streams."""
        s3 = self.settings["s3"]["boto3_kwargs"]
        variables = {
            "AWS_ENDPOINT_URL": s3["endpoint_url"],
            "AWS_DEFAULT_REGION": s3["region_name"],
            "AZURE_STORAGE_CONNECTION_STRING": self.settings["azure"]["connection_string"],
            "PYTHONPATH": os.pathsep.join([str(ROOT / "compat"), str(HERE)]),
        }
        command = [sys.executable, "-W", "ignore", "-m", "rehandle", "show", *arguments]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env={**self.environment, **variables}, check=False
        )
        return done.stdout, done.stderr

    def bytes_of(self):
        """The bytes of each object, by where it is and its location."""
        google, s3, azure = self._servers
        found = {("google", name): data for name, data in google.objects(self.bucket).items()}
        found.update((("s3", name), data) for name, data in s3.objects(self.bucket).items())
        with environment(azure.environment):
            found.update((("azure", name), data) for name, data in azure.objects("firstaccount", self.bucket).items())
        return found


@pytest.fixture(scope="module")
def storage(tmp_path_factory, google_server, s3_server, azure_server):  # noqa: F811
    return Storage(tmp_path_factory.mktemp("bytes"), google_server, s3_server, azure_server)


@pytest.fixture(scope="module")
def written(storage):
    """All objects of all releases."""
    objects = []
    for release in WRITERS:
        tasks = {}
        for cls, how in what(release):
            tasks.setdefault(_AZURE_2 if cls == "AzureResultHandler" else None, []).append((cls, how))
        for sdk, task in tasks.items():
            python = releases.python(release, *((sdk,) if sdk else sdks(release)))
            for item in storage.write(python, task):
                objects.append({"release": release, **item})
    return objects


@pytest.mark.parametrize("release", WRITERS)
def test_everything_is_written(written, release):
    found = [(item["class"], item["serializer"], item["value"]) for item in written if item["release"] == release]
    assert sorted(found) == sorted(cells(release))


@pytest.mark.parametrize("reader", READERS)
def test_everything_is_read(storage, written, reader):
    python = sys.executable if reader == NONE else releases.python(reader, *sdks(reader))
    outcomes = storage.read(python, written)
    assert_no_problems(outcomes)
    by_result = {(o["release"], o["class"], o["serializer"], o["value"]) for o in outcomes if o["way"] == "result"}
    assert by_result == {(release, *cell) for release in WRITERS for cell in cells(release)}
    by_handler = [o for o in outcomes if o["way"] == "handler"]
    assert len(by_handler) == sum(item["serializer"] in ("pickle", "inline") for item in written)


@pytest.mark.parametrize("reader", ["0.6.7", "0.8.1"])
def test_azure_handlers_read_with_the_sdk_that_they_were_made_for(storage, written, reader):
    blobs = [i for i in written if stored_sample.STORES[i["class"]] == "azure" and i["serializer"] == "pickle"]
    outcomes = storage.read(releases.python(reader, _AZURE_2), blobs, ways=["handler"])
    assert_no_problems(outcomes)
    assert {o["release"] for o in outcomes} == {
        r for r in WRITERS if any(cls.startswith("Azure") for cls in WRITERS[r][0])
    }


def assert_no_problems(outcomes):
    problems = [outcome for outcome in outcomes if outcome["problem"] is not None]
    assert not problems, f"{len(problems)} of {len(outcomes)}: {problems[:5]}"


def test_the_oldest_python_writes_and_the_newest_reads(tmp_path):
    """All others here are the same Python, which has only one protocol of pickles."""
    variables, servers = clean_environment(tmp_path), {"local": {"folder": str(tmp_path)}}
    how = [("LocalResult", serializer) for serializer in WRITERS["1.4.1"][1]]
    objects = run(releases.python("1.4.1", minors=[7]), "write_bytes.py", variables, servers=servers, what=how)
    assert formats.identify(Path(objects[0]["location"]).read_bytes()).pickle.protocol == 4
    newest = releases.without_prefect([13, 12], "cloudpickle")
    outcomes = run(newest, "read_bytes.py", variables, servers=servers, objects=objects, ways=["result"])
    assert_no_problems(outcomes)
    assert len(outcomes) == sum(len(stored_sample.VALUES_OF[serializer]) for _, serializer in how)


_WRITE_TABLES = """
import sys, pandas, prefect
from prefect.engine.results import LocalResult
from prefect.engine.serializers import PandasSerializer

for kind in ("csv", "json", "pickle"):
    how = {"index": False} if kind == "csv" else {}
    result = LocalResult(dir=sys.argv[1], location=kind, serializer=PandasSerializer(kind, serialize_kwargs=how))
    result.write(pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
"""


def test_tables(tmp_path):
    pandas = pytest.importorskip("pandas")
    writer = releases.python("1.4.1", "pandas<2", "numpy<2")
    done = subprocess.run(
        [str(writer), "-W", "ignore", "-c", _WRITE_TABLES, str(tmp_path)],
        capture_output=True,
        encoding="utf-8",
        env=clean_environment(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    table = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    for kind in ("csv", "json"):
        read = LocalResult(dir=str(tmp_path), serializer=PandasSerializer(kind)).read(kind)
        pandas.testing.assert_frame_equal(read.value, table)
        assert formats.identify((tmp_path / kind).read_bytes()).layers == (kind,)
    facts = formats.identify((tmp_path / "pickle").read_bytes()).pickle
    assert "pandas" in {module.split(".")[0] for module, _ in facts.imports}


def test_everything_is_recognised_and_loaded(storage, written):
    """What `rehandle show --value` does."""
    stored = storage.bytes_of()
    for item in written:
        store, location = stored_sample.STORES[item["class"]], item["location"]
        if store == "inline":
            data = location.encode()
        elif store == "local":
            data = Path(storage.settings["local"]["folder"], location).read_bytes()
        else:
            data = stored[store, location]
        found = formats.identify(data)
        assert (found.layers, found.status) == (_layers(item), "complete"), item
        assert formats.writers(found), item
        assert values.load(data, _none_is_signed) == stored_sample.VALUES[item["value"]], item


def _none_is_signed(data):
    raise AssertionError("nothing here is signed")


@pytest.mark.parametrize(("store", "scheme"), [("google", "gs"), ("s3", "s3"), ("azure", "azure"), ("local", None)])
def test_the_command_shows_them(storage, written, store, scheme):
    """One object of each format, and one that isn't there."""
    items = {_layers(item): item for item in written if stored_sample.STORES[item["class"]] == store}
    folder = f"{scheme}://{storage.bucket}/" if scheme else os.path.join(storage.settings["local"]["folder"], "")
    for layers, item in items.items():
        location = item["location"] if os.path.isabs(item["location"]) else folder + item["location"]
        shown, errors = storage.show("--json", "--value", location)
        assert json.loads(shown)["layers"] == list(layers), errors
        assert json.loads(shown)["repr"] == repr(stored_sample.VALUES[item["value"]]), errors
        assert ("runs whatever code is in it" in errors) == (layers[-1] == "pickle")
    shown, errors = storage.show(folder + "missing")
    assert shown == ""
    assert errors.startswith("rehandle: error: ")
    assert "missing" in errors
    assert "Traceback" not in errors


def _layers(item):
    how = item["serializer"]
    if how == "inline":
        return ("json",)
    if how in _COMPRESSIONS:
        return (how, "pickle")
    is_cloud = stored_sample.STORES[item["class"]] != "local"
    is_old = item["class"].endswith("Handler") or item["release"] in ("0.10.7", "0.11.5")
    return ("base64", "pickle") if how == "pickle" and is_cloud and is_old else (how,)
