"""Results that flows of Prefect 0.10, 0.13 and 1.4 have really stored: they are in `tests/data/results`."""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
from pathlib import Path

import pytest

from rehandle.stored.records import transcode

pytestmark = pytest.mark.prefect("3.2", "4")

RECORDED = {
    f"{release['prefect']}: {name}": one
    for path in sorted(Path(__file__).parents[1].glob("data/results/*.json"))
    for release in [json.loads(path.read_text("utf-8"))]
    for name, one in release["files"].items()
}
TABLES = ("csv", "parquet")


def plain(value):
    """As the record of the value is."""
    return value.isoformat() if isinstance(value, datetime.datetime) else value


@pytest.mark.parametrize("name", [name for name in RECORDED if not name.endswith(TABLES)])
def test_the_value_is_the_one_that_was_stored(name, folders):
    from prefect.filesystems import LocalFileSystem
    from prefect.results import ResultRecord, ResultStore

    from rehandle.prefect3 import RehandleSerializer

    data, value = base64.b64decode(RECORDED[name]["bytes"]), RECORDED[name]["value"]
    folders.put("a", data)
    store = folders.store()
    assert store.exists("a")
    assert plain(store.read("a").result) == value
    assert plain(asyncio.run(folders.store().aread("a")).result) == value
    assert plain(RehandleSerializer().loads(data)) == value
    # A record is read by Prefect alone.
    record = transcode(data, storage_key="a")
    assert ResultRecord.deserialize(record).metadata.serializer.type in ("json", "pickle")
    (folders.new).mkdir()
    (folders.new / "a").write_bytes(record)
    assert plain(ResultStore(result_storage=LocalFileSystem(basepath=str(folders.new))).read("a").result) == value


@pytest.mark.parametrize("name", [name for name in RECORDED if name.endswith(TABLES)])
def test_tables(name, folders):
    pytest.importorskip("pandas")
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    folders.put("a", base64.b64decode(RECORDED[name]["bytes"]))
    assert folders.store().exists("a")
    assert folders.store().read("a").result.to_dict("list") == RECORDED[name]["value"]


def test_text(folders):
    folders.put("a", "é, or so".encode())
    assert folders.store().read("a").result == "é, or so"


def test_what_the_serializer_writes_is_read_by_prefect_alone():
    from prefect.serializers import PickleSerializer

    from rehandle.prefect3 import RehandleSerializer

    for value in ({"a": [1]}, "text", None):
        assert PickleSerializer().loads(RehandleSerializer().dumps(value)) == value
        assert RehandleSerializer().loads(RehandleSerializer().dumps(value)) == value


def test_signed_results(monkeypatch):
    from rehandle.errors import SignatureError
    from rehandle.prefect3 import RehandleSerializer
    from rehandle.serializers import HMACSerializer, PickleSerializer

    monkeypatch.setenv("REHANDLE_HMAC_KEY", "0123456789abcdef")
    data = HMACSerializer(PickleSerializer()).serialize("value")
    assert RehandleSerializer().loads(data) == "value"
    with pytest.raises(SignatureError):
        RehandleSerializer().loads(data[:-1] + b"!")
