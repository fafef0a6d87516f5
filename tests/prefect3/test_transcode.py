"""Stored results become records that Prefect 3's own serializers read, with the same value."""

from __future__ import annotations

import base64
import bz2
import datetime
import gzip
import json
import lzma
import pickle
import uuid
import zlib

import cloudpickle
import pytest

from rehandle.errors import RehandleError, SignatureError
from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.stored import records, unpacking
from rehandle.stored.records import transcode

on_prefect_3 = pytest.mark.prefect("3.2", "4")

VALUE = {"answer": [42, "é", None]}
COMPRESSIONS = {"bz2": bz2.compress, "gzip": gzip.compress, "lzma": lzma.compress, "zlib": zlib.compress}
PICKLE = cloudpickle.dumps(VALUE)
JSON = json.dumps(VALUE).encode()
PLAIN = {
    **{f"protocol {number}": pickle.dumps(VALUE, number) for number in range(pickle.HIGHEST_PROTOCOL + 1)},
    "base64": base64.b64encode(PICKLE),
    "base64 in lines": base64.encodebytes(PICKLE),
    "base64 with other bytes between": base64.b64encode(PICKLE)[:8] + b" \xff" + base64.b64encode(PICKLE)[8:],
    "JSON": JSON,
    "JSON with spaces": b" " + JSON + b"\n",
    "JSON in UTF-8": json.dumps(VALUE, ensure_ascii=False).encode(),
    "pickle with bytes after it": PICKLE + b"more",
}
FILES = {
    **PLAIN,
    **{f"{how}, {name}": compress(data) for how, compress in COMPRESSIONS.items() for name, data in PLAIN.items()},
    "gzip in gzip": gzip.compress(gzip.compress(PICKLE)),
    **{f"{how}, and bytes after it": compress(PICKLE) + bytes(8) for how, compress in COMPRESSIONS.items()},
    "gzip in two parts": gzip.compress(PICKLE[:20]) + gzip.compress(PICKLE[20:]),
}
both_ways = pytest.mark.parametrize("way", [transcode, records.for_reading])


def loaded(record):
    """The value, read by Prefect 3 itself."""
    from prefect.results import ResultRecord

    return ResultRecord.deserialize(record).result


class MakesAFolder:
    """Unpickling it leaves a trace."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        import os

        return os.mkdir, (self.path,)


@on_prefect_3
@both_ways
@pytest.mark.parametrize("name", FILES)
def test_the_value_is_the_same(way, name):
    assert loaded(way(FILES[name])) == VALUE


@on_prefect_3
@both_ways
@pytest.mark.parametrize(
    "value",
    [
        {"result": 3},
        {"data": 3},
        {"result": {"metadata": 1}, "metadata": {"serializer": "pickle"}},
        {"metadata": {"prefect_version": "3.0.0"}, "result": 3},
        {"__class__": "builtins.int", "data": "3"},
        [{"__exc_type__": "builtins.ValueError", "message": "m"}],
        "2020-01-01",
        'text \u2028 with \\ and "',
        3,
        1.5,
        True,
        None,
        [],
        {},
        [float("inf")],
        {"long": ["x" * 1000] * 100},
        ["é\n"] * 50000,
    ],
    ids=lambda value: repr(value)[:30],
)
def test_json_keeps_its_value(way, value):
    for ascii_only in (True, False):
        assert loaded(way(json.dumps(value, ensure_ascii=ascii_only).encode())) == value


@on_prefect_3
@pytest.mark.parametrize(
    ("text", "offset"),
    [("2020-02-24T12:00:00Z", 0), ("2020-02-24T13:00:00.123456+01:00", 1), ("2020-02-24T12:00:00", 0)],
)
def test_a_datetime_is_a_standard_one(text, offset):
    value = loaded(transcode(text.encode()))
    zone = datetime.timezone(datetime.timedelta(hours=offset))
    assert type(value) is datetime.datetime
    assert value == datetime.datetime.fromisoformat(text[:26].replace("Z", "").split("+")[0]).replace(tzinfo=zone)
    assert value.utcoffset() == datetime.timedelta(hours=offset)


def test_it_is_found_where_people_look_for_it():
    import rehandle.prefect3

    assert rehandle.prefect3.transcode is transcode


@pytest.mark.parametrize("name", ["protocol 2", "base64", "base64 in lines"])
def test_a_pickle_stays_the_same_bytes(name):
    pickled = FILES[name] if name.startswith("protocol") else PICKLE
    assert base64.decodebytes(json.loads(transcode(FILES[name]))["result"].encode()) == pickled


@both_ways
@pytest.mark.parametrize("name", FILES)
def test_a_record_stays_as_it_is(way, name):
    record = way(FILES[name])
    assert way(record) == record
    assert transcode(record) == record


@on_prefect_3
@pytest.mark.parametrize("serializer", ["pickle", "json", "compressed/pickle", "compressed/json"])
def test_records_of_prefect_3_stay_as_they_are(serializer):
    from prefect.results import ResultRecord, ResultRecordMetadata
    from prefect.serializers import Serializer

    metadata = ResultRecordMetadata(serializer=Serializer(type=serializer), storage_key="a/b")
    record = ResultRecord(metadata=metadata, result=VALUE).serialize()
    assert records.is_record(record)
    assert transcode(record, storage_key="other") == record


@on_prefect_3
def test_records_of_prefect_2_stay_as_they_are():
    text = base64.encodebytes(PICKLE).decode()
    serializer = {"type": "pickle", "picklelib": "cloudpickle", "picklelib_version": None}
    blob = json.dumps({"serializer": serializer, "data": text, "prefect_version": "2.20.0"}).encode()
    assert transcode(blob) == blob
    assert loaded(blob) == VALUE


def test_the_key_and_the_block():
    block = uuid.uuid4()
    for record in (
        transcode(PICKLE, storage_key="a/b", storage_block_id=block),
        transcode(transcode(PICKLE), storage_key="a/b", storage_block_id=str(block)),
    ):
        metadata = json.loads(record)["metadata"]
        assert (metadata["storage_key"], metadata["storage_block_id"]) == ("a/b", str(block))
    assert json.loads(transcode(PICKLE))["metadata"]["storage_key"] is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
        (PICKLE[:-1], "truncated"),
        (PICKLE[:10], "truncated"),
        (b"\x80\x04N\xff", "damaged"),
        (base64.b64encode(PICKLE)[:-4], "truncated"),
        (JSON[:-1], "truncated"),
        (gzip.compress(PICKLE)[:-9], "truncated"),
        (gzip.compress(PICKLE)[:-8] + bytes(8), "damaged"),
        (lzma.compress(PICKLE)[:-8] + bytes(8), "format is unknown"),
        (bz2.compress(PICKLE)[:-9], "truncated"),
        (b"PAR1 and so on", "truncated"),
        (b"\x89HDF\r\n\x1a\n", "hdf5"),
        (b"\xe9t\xe9", "unknown"),
        (bytes(100), "unknown"),
    ],
)
def test_what_nobody_reads_is_an_error(data, message):
    with pytest.raises(RehandleError, match=message):
        transcode(data)


def test_signed_objects_have_to_be_verified_first():
    signed = HMACSerializer(PickleSerializer(), "0123456789abcdef").serialize(VALUE)
    for data in (signed, gzip.compress(signed)):
        with pytest.raises(SignatureError, match=r"signed, .* verify it with rehandle"):
            transcode(data)


@both_ways
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_unpickled(way, protocol, tmp_path):
    data = pickle.dumps(MakesAFolder(tmp_path / "made"), protocol)
    for file in (data, base64.b64encode(data), gzip.compress(data)):
        assert json.loads(way(file))["metadata"]["serializer"]["type"] == "pickle"
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "data", [b",a,b\n0,1,2\n1,3,4\n", b"PAR1 and so on PAR1", b"one line", b"ARROW1 ARROW1", b"ORC and so on"]
)
def test_tables_and_text_need_rehandle(data):
    record = json.loads(transcode(data))
    assert record["metadata"]["serializer"]["type"] == "rehandle"
    assert base64.b64decode(record["result"]) == data


@pytest.mark.parametrize("how", COMPRESSIONS)
def test_no_more_is_unpacked_than_the_limit(how):
    data = COMPRESSIONS[how](bytes(2**20))
    assert unpacking.unpack(how, data, 2**20) == bytes(2**20)
    with pytest.raises(RehandleError, match="more than 1048575 bytes"):
        unpacking.unpack(how, data, 2**20 - 1)
