"""Reading a stored value whatever handler, Result or serializer wrote it."""

import bz2
import gzip
import importlib
import io
import json
import lzma
import zlib
from typing import Any, Callable, Dict, Optional

import cloudpickle

from rehandle import serializers
from rehandle.errors import RehandleError
from rehandle.serializers import signing
from rehandle.stored import formats, pickle_opcodes

_DECOMPRESS: Dict[str, Callable[[bytes], bytes]] = {
    "bz2": bz2.decompress,
    "gzip": gzip.decompress,
    "lzma": lzma.decompress,
    "zlib": zlib.decompress,
}


# The name of a part that every workbook has, in the list of those of the zip file.
_EXCEL = b"xl/workbook.xml"


def signed_part(data: bytes) -> Optional[bytes]:
    """Take off what is around a signature.

    Args:
        data: the bytes of the object.

    Returns:
        The signed object, None if nothing in it is signed, or it is damaged before that.
    """
    for layer in formats.identify(data).layers:
        if layer == "signed":
            return data
        if layer not in _DECOMPRESS:
            break
        try:
            data = _DECOMPRESS[layer](data)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            break
    return None


def load(data: bytes, verify: Callable[[bytes], signing.Signed], tables: bool = False) -> Any:
    """Read a value. A pickle runs code while it is read: whoever can write the bytes decides what is run.

    Args:
        data: the bytes of the object.
        verify: verifies a signed object and takes it apart, or raises an error.
        tables: whether CSV is read as a table, too.

    Returns:
        The value; for a table its ``DataFrame``, for a text the text.

    Raises:
        RehandleError: the bytes are nothing that handlers or Results write, or what ``verify`` raises.
        Exception: what reading the innermost format raises.
    """
    layers = formats.identify(data).layers
    for layer in layers:
        if layer == "signed":
            data = data[verify(data).payload_start :]
        elif layer in _DECOMPRESS:
            data = _DECOMPRESS[layer](data)
        else:
            reader = _table("csv") if tables and layer == "csv" else _READERS.get(layer, _unreadable)
            return reader(data)
    raise RehandleError(f"the object is wrapped too many times: {', '.join(layers)}.")


def _table(kind: str) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise RehandleError(f"reading {kind} needs pandas, which can't be imported here: {error}") from error
        return getattr(pandas, f"read_{kind}")(io.BytesIO(data))

    return read


def _excel(data: bytes) -> Any:
    return _table("excel")(data) if _EXCEL in data else _unreadable(data)


def _pickle(data: bytes) -> Any:
    # Of protocol 0 and 1 there is no mark by which to know them.
    return serializers.loads(data) if pickle_opcodes.says_so(data) else cloudpickle.loads(data)


def _datetime(data: bytes) -> Any:
    return serializers.DateTimeSerializer().deserialize(data)


def _unreadable(data: bytes) -> Any:
    if not data:
        raise RehandleError("the object is empty: there is no value in it.")
    raise RehandleError("the object is nothing that handlers or Results write, as far as rehandle can tell.")


_READERS: Dict[str, Callable[[bytes], Any]] = {
    "base64": serializers.loads,
    "pickle": _pickle,
    "json": json.loads,
    "datetime": _datetime,
    "csv": bytes.decode,
    "text": bytes.decode,
    "parquet": _table("parquet"),
    "feather": _table("feather"),
    "orc": _table("orc"),
    "zip": _excel,
}
