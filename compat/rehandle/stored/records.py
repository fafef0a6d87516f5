"""Stored results as records of Prefect 3: the text that its own serializers read. Nothing is unpickled here.

A record is a JSON object with ``metadata``, which names the serializer, and ``result``, the text that this one reads.
"""

import base64
import binascii
import datetime
import json
import pickle
import re
from typing import Any, Dict, Optional, Tuple, Union

from rehandle.errors import RehandleError, SignatureError
from rehandle.serializers import signing
from rehandle.serializers.text import DateTimeSerializer
from rehandle.stored import formats, pickle_opcodes, prefect3_records
from rehandle.stored.unpacking import unpack

# The oldest Prefect 3 that rehandle writes for: a record names a release, and nothing reads the name.
PREFECT_VERSION = "3.2.0"

_PICKLE = {"type": "pickle", "picklelib": "cloudpickle", "picklelib_version": None}
# Without Prefect's own decoder, which makes objects of whatever has a key __class__ or __exc_type__.
_JSON = {"type": "json", "jsonlib": "json", "object_encoder": None, "object_decoder": None}
# What no serializer of Prefect 3 reads, as base64 of the file.
_REHANDLE = {"type": "rehandle", "encoded": True}

Text = Union[bytes, memoryview]

_READ_BY_REHANDLE = ("csv", "feather", "orc", "parquet", "text", "zip")
_WHOLE = ("complete", "partly read", "unknown")

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n"
_MAY_BEGIN_JSON = re.compile(rb'\s*(?:[\[{]\s*["\[{\]}\-0-9tfnNI]|")')
_ENDS = {b"{": b"}", b"[": b"]", b'"': b'"'}
# What is longer isn't parsed by who reads it right after.
_LONGEST_PARSED = 64 * 1024


def transcode(data: bytes, *, storage_key: Optional[str] = None, storage_block_id: Optional[Any] = None) -> bytes:
    """Turn any stored result into a record that Prefect 3.2 and later read, without rehandle where that is possible.

    The value is the same: a pickle stays the same pickle, JSON the same JSON. What is a record already, of Prefect 2 or
    3, stays as it is. Tables (CSV, Parquet, Feather, ORC, Excel) and text become a record that needs rehandle where it
    is read. Nothing is unpickled, and nothing is read but the argument.

    Args:
        data: all bytes of the stored object, of any handler, Result or serializer of Prefect 0.4 to 1.4.
        storage_key: the key that the record will have, which Prefect 3 needs to find the value by a task run's state.
        storage_block_id: the id (a ``UUID`` or its text) of the saved block that it will lie in, if it is one.

    Returns:
        The record, as UTF-8.

    Raises:
        SignatureError: they are signed, and have to be verified first.
        RehandleError: they are nothing that Prefect reads, are damaged or cut off, or unpack to more than 1 GiB.
    """
    return _record(data, storage_key, storage_block_id, thorough=True)


def for_reading(data: bytes, storage_key: Optional[str] = None, storage_block_id: Optional[Any] = None) -> bytes:
    """Do what `transcode` does for who loads the value right after: damage inside of a pickle or of JSON shows then.

    Args:
        data: as for `transcode`.
        storage_key: as for `transcode`.
        storage_block_id: as for `transcode`.
    """
    return _record(data, storage_key, storage_block_id, thorough=False)


def _record(data: bytes, storage_key: Optional[str], storage_block_id: Optional[Any], thorough: bool) -> bytes:
    record = prefect3_records.parsed(data)
    if record is not None:
        return _completed(data, record, storage_key, storage_block_id)
    serializer, text = _innermost(data, thorough, 0)
    return _assembled(serializer, text, storage_key, storage_block_id)


def _assembled(
    serializer: Dict[str, Any], text: Text, storage_key: Optional[str], storage_block_id: Optional[Any]
) -> bytes:
    metadata = {
        "storage_key": storage_key,
        "expiration": None,
        "serializer": serializer,
        "prefect_version": PREFECT_VERSION,
        "storage_block_id": None if storage_block_id is None else str(storage_block_id),
    }
    head = json.dumps(metadata, separators=(",", ":")).encode()
    # One copy of what may be large.
    return b"".join([b'{"metadata":', head, b',"result":"', text, b'"}'])


def _innermost(data: bytes, thorough: bool, depth: int) -> Tuple[Dict[str, Any], Text]:
    """Give the serializer that reads a value, and the text that it reads, as it is in JSON between quotes."""
    if not thorough:
        found = _at_first_sight(data)
        if found is not None:
            return found
    known = formats.identify(data)
    layer = known.layers[0]
    if layer == "signed":
        raise SignatureError(
            "the object is signed, and Prefect 3 can't verify that: verify it with rehandle.serializers.HMACSerializer "
            f"or OldResults, which needs the key in {signing.VARIABLE}."
        )
    if layer in formats.COMPRESSIONS and depth < formats.MOST_LAYERS:
        return _innermost(unpack(layer, data), thorough, depth + 1)
    if known.status not in _WHOLE:
        raise RehandleError(f"the object is {known.status}: its format is {', '.join(known.layers)}.")
    if layer == "pickle":
        return _PICKLE, _encoded(data)
    if layer == "base64":
        return _PICKLE, _one_line(data) if _is_base64_alone(data) else _encoded(base64.b64decode(data))
    if layer == "json":
        return _JSON, _escaped(data)
    if layer == "datetime":
        return _PICKLE, _encoded(pickle.dumps(_standard_datetime(data), protocol=4))
    if layer in _READ_BY_REHANDLE:
        return _REHANDLE, _encoded(data)
    if layer == "empty":
        raise RehandleError("the object is empty: there is no value in it.")
    raise RehandleError(
        f"the object is nothing that handlers or Results write, as far as rehandle can tell: its format is {layer}."
    )


def _at_first_sight(data: bytes) -> Optional[Tuple[Dict[str, Any], Text]]:
    """Tell by both ends what most results are, None if that isn't sure."""
    if pickle_opcodes.says_so(data) and data.endswith(b"."):
        return _PICKLE, _encoded(data)
    if is_pickle_in_base64(data):
        return _PICKLE, _one_line(data)
    if len(data) > _LONGEST_PARSED and _MAY_BEGIN_JSON.match(data):
        inside = data.strip()
        if inside.endswith(_ENDS[inside[:1]]):
            return _JSON, _escaped(data)
    return None


def is_pickle_in_base64(data: bytes) -> bool:
    """Tell by both ends whether bytes are a pickle in base64, with nothing else between.

    Args:
        data: the bytes.
    """
    try:
        begin, end = base64.b64decode(data[:4]), base64.b64decode(data.rstrip()[-4:], validate=True)
    except binascii.Error:
        return False
    return pickle_opcodes.says_so(begin) and end.endswith(b".") and _is_base64_alone(data)


def _is_base64_alone(data: bytes) -> bool:
    return not data.translate(None, _BASE64)


def _encoded(data: bytes) -> bytes:
    # In one line, which decodebytes reads as well as many, and which takes a tenth of the time to write.
    return binascii.b2a_base64(data, newline=False)


def _one_line(encoded: bytes) -> bytes:
    return encoded.replace(b"\n", b"\\n")


def _escaped(data: bytes) -> memoryview:
    return memoryview(json.dumps(data.decode("utf-8"), ensure_ascii=False).encode("utf-8"))[1:-1]


def _standard_datetime(data: bytes) -> datetime.datetime:
    """Read a point in time as a standard datetime, which is equal to the one that Prefect 1.x gave."""
    read = DateTimeSerializer().deserialize(data)
    offset = read.utcoffset()
    zone = datetime.timezone.utc if not offset else datetime.timezone(offset)
    return datetime.datetime.combine(
        datetime.date(read.year, read.month, read.day),
        datetime.time(read.hour, read.minute, read.second, read.microsecond),
        zone,
    )


def is_record(data: bytes) -> bool:
    """Tell whether bytes are a record of Prefect 2 or 3, which its own storage holds.

    Args:
        data: the bytes.
    """
    return prefect3_records.parsed(data) is not None


def _completed(
    data: bytes, record: Dict[str, Any], storage_key: Optional[str], storage_block_id: Optional[Any]
) -> bytes:
    metadata = record.get("metadata")
    if metadata is None or storage_key is None or metadata.get("storage_key") is not None:
        return data
    metadata["storage_key"] = storage_key
    metadata["storage_block_id"] = None if storage_block_id is None else str(storage_block_id)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
