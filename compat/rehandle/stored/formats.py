"""What the bytes of a stored result are, and who can have written them. Nothing is unpickled, and nothing is executed.

A result may be wrapped several times, such as a pickle in base64, compressed and signed. Each wrapping is a layer.
"""

import base64
import binascii
import bz2
import codecs
import csv
import json
import lzma
import re
import zlib
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from rehandle.errors import SignatureError
from rehandle.serializers import signing
from rehandle.stored import pickle_opcodes, prefect3_records
from rehandle.stored.pickle_opcodes import PickleFacts

# No more than this is decompressed, so that no small object can fill the memory.
_MOST_DECOMPRESSED = 8 * 2**20
_PIECE = 64 * 1024
# What is longer isn't parsed as JSON, only looked at from both ends.
_LONGEST_JSON = 4 * 2**20
_TEXT_SAMPLE = 64 * 1024

MOST_LAYERS = 6
"""How many wrappings are looked into."""


class StoredFormat(NamedTuple):
    """What some bytes are, as far as they tell.

    Attributes:
        layers: the formats from the outermost to the innermost, such as ``("gzip", "pickle")``. The last one is one of
            ``pickle``, ``json``, ``datetime``, ``csv``, ``parquet``, ``feather``, ``orc``, ``hdf5``, ``zip``,
            ``text``, ``prefect3`` (a record of Prefect 2 or 3), ``empty`` and ``unknown``; those before it are
            ``signed``, ``base64``, ``gzip``, ``bz2``, ``lzma`` or ``zlib``.
        size: the number of bytes.
        status: ``complete``; ``truncated``, the end is missing; ``damaged``; ``partly read``, it was too large to look
            at all of it; or ``unknown``, where the format has no mark of its end.
        pickle: more about a pickle, else None.
        signed_for: the place that a signature is for, None if there is none.
        in_base64: more about the pickle that readers find who decode base64 first, as handlers for S3, GCS and Azure
            do, where that isn't what the layers say. Nobody writes such an object by accident.
        serializer: of a record of Prefect 2 or 3, the type of its serializer, such as ``pickle``. ``pickle`` above is
            about what it would unpickle.
    """

    layers: Tuple[str, ...]
    size: int
    status: str
    pickle: Optional[PickleFacts] = None
    signed_for: Optional[str] = None
    in_base64: Optional[PickleFacts] = None
    serializer: Optional[str] = None


class _Layer(NamedTuple):
    """A wrapping that has been taken off."""

    name: str
    inside: bytes
    # "complete" or the reason why not all of it is there.
    status: str
    signed_for: Optional[str] = None
    # What is inside, where that is known already.
    pickle: Optional[PickleFacts] = None


def identify(data: bytes) -> StoredFormat:
    """Tell what the bytes of a stored result are. It takes no bytes as an error.

    Args:
        data: all bytes of the object.

    Returns:
        What they are, as far as they tell.
    """
    record = prefect3_records.find(data)
    if record is not None:
        status = "complete" if record.is_whole else "truncated"
        # JSON's text is none of base64, and all others' is.
        text = _unwrapped(b"" if record.serializer == "json" else _decoded(record.text))
        return StoredFormat(("prefect3",), len(data), status, text.pickle, serializer=record.serializer)
    return _unwrapped(data)


def _unwrapped(data: bytes) -> StoredFormat:
    layers: List[str] = []
    inside, status = data, "complete"
    signed_for: Optional[str] = None
    # First: readers unpickle what they can unpickle, whatever else it looks like.
    pickle = pickle_opcodes.examine(data)
    in_base64 = _in_base64(data)
    while pickle is None and len(layers) < MOST_LAYERS:
        layer = _wrapping(inside, _in_base64(inside) if layers else in_base64)
        if layer is None:
            break
        layers.append(layer.name)
        inside = layer.inside
        signed_for = signed_for or layer.signed_for
        status = status if status != "complete" else layer.status
        pickle = layer.pickle or pickle_opcodes.examine(inside)
    innermost, own_status = _innermost(inside, pickle)
    if status == "complete" or own_status == "damaged":
        status = own_status
    in_base64 = None if layers[:1] == ["base64"] else in_base64
    return StoredFormat((*layers, innermost), len(data), status, pickle, signed_for, in_base64)


def _wrapping(data: bytes, in_base64: Optional[PickleFacts]) -> Optional[_Layer]:
    if signing.starts_like_one(data):
        try:
            signed = signing.split(data)
        except SignatureError:
            return _Layer("signed", b"", "truncated")
        return _Layer("signed", data[signed.payload_start :], "complete", signed.place)
    for name, compression in COMPRESSIONS.items():
        if compression.begins(data):
            return _decompressed(name, data, compression.decompressor())
    if in_base64 is None:
        return None
    return _Layer("base64", _decoded(data), "complete" if _is_whole_base64(data) else "truncated", pickle=in_base64)


class Compression(NamedTuple):
    """One way to compress.

    Attributes:
        begins: tells whether bytes begin so.
        decompressor: makes a decompressor of Python's for one of its parts.
        has_parts: whether more parts may follow.
    """

    begins: Callable[[bytes], bool]
    decompressor: Callable[[], Any]
    has_parts: bool = True


COMPRESSIONS: Dict[str, Compression] = {
    "gzip": Compression(lambda data: data.startswith(b"\x1f\x8b\x08"), lambda: zlib.decompressobj(zlib.MAX_WBITS | 16)),
    "bz2": Compression(lambda data: data.startswith(b"BZh"), bz2.BZ2Decompressor),
    "lzma": Compression(
        lambda data: data.startswith((b"\xfd7zXZ\x00", b"\x5d\x00\x00")),
        lambda: lzma.LZMADecompressor(memlimit=2**28),
    ),
    # Two bytes that some text begins with too, such as "x^2".
    "zlib": Compression(
        lambda data: data[:1] == b"x" and int.from_bytes(data[:2], "big") % 31 == 0, zlib.decompressobj, has_parts=False
    ),
}
"""By the names of Python's modules."""


def _decompressed(name: str, data: bytes, decompressor: Any) -> Optional[_Layer]:
    inside = bytearray()
    status = "truncated"
    try:
        for start in range(0, len(data), _PIECE):
            inside += decompressor.decompress(data[start : start + _PIECE], _MOST_DECOMPRESSED - len(inside))
            if decompressor.eof:
                status = "complete"
                break
            if len(inside) >= _MOST_DECOMPRESSED:
                status = "partly read"
                break
    except (OSError, EOFError, ValueError, MemoryError, zlib.error, lzma.LZMAError):
        if not inside and name != "gzip":
            return None
        status = "damaged"
    return _Layer(name, bytes(inside), status)


# What b64decode passes over where it isn't told to be strict, as readers of results don't tell it.
_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
# Most of what isn't base64 shows at its beginning.
_BASE64_SAMPLES = (64, 4096)


def _in_base64(data: bytes) -> Optional[PickleFacts]:
    """Tell what pickle bytes are in base64, which nobody has ever written around anything else."""
    for size in _BASE64_SAMPLES:
        if len(data) > size and not pickle_opcodes.may_begin_one(_decoded(data[:size])):
            return None
    return pickle_opcodes.examine(_decoded(data))


def _decoded(data: bytes) -> bytes:
    letters, padding, _ = data.translate(None, _NO_BASE64).partition(b"=")
    if padding and len(letters) % 4 >= 2:
        letters += b"=" * (-len(letters) % 4)
    return base64.b64decode(letters[: len(letters) // 4 * 4])


def _is_whole_base64(data: bytes) -> bool:
    try:
        base64.b64decode(data)
    except binascii.Error:
        return False
    return True


def _innermost(data: bytes, pickle: Optional[PickleFacts]) -> Tuple[str, str]:
    if not data:
        return "empty", "complete"
    if pickle is not None:
        is_partly_read = pickle.status == "complete" and not pickle.was_read_whole
        return "pickle", "partly read" if is_partly_read else pickle.status
    for name, begin, end in _MARKS:
        if data.startswith(begin):
            if end is None:
                return name, "unknown"
            return name, "complete" if data.endswith(end) and len(data) > len(begin) else "truncated"
    return _text(data)


# How the files begin that pandas writes, and how they end if that is sure.
_MARKS: Tuple[Tuple[str, bytes, Optional[bytes]], ...] = (
    ("parquet", b"PAR1", b"PAR1"),
    ("feather", b"ARROW1", b"ARROW1"),
    ("feather", b"FEA1", b"FEA1"),
    ("orc", b"ORC", None),
    ("hdf5", b"\x89HDF\r\n\x1a\n", None),
    ("zip", b"PK\x03\x04", None),
)

# What DateTimeSerializer writes, and other datetimes in ISO 8601.
_DATETIME = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def _text(data: bytes) -> Tuple[str, str]:
    if _DATETIME.fullmatch(data):
        return "datetime", "complete"
    # A character that is cut in the middle at the end of the sample is no error.
    try:
        sample = codecs.getincrementaldecoder("utf-8")().decode(data[:_TEXT_SAMPLE])
    except UnicodeDecodeError:
        return "unknown", "unknown"
    if _CONTROLS.search(sample):
        return "unknown", "unknown"
    json_status = _json_status(data)
    if json_status is not None:
        return "json", json_status
    return "csv" if _is_table(sample) else "text", "unknown"


_ENDS = {b"{": b"}", b"[": b"]", b'"': b'"'}


def _json_status(data: bytes) -> Optional[str]:
    """Tell whether bytes are JSON, None if they aren't."""
    if len(data) > _LONGEST_JSON:
        data = data.strip()
        end = _ENDS.get(data[:1])
        return None if end is None else "partly read" if data.endswith(end) else "truncated"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(data)
        # Numbers are left as they are: a very long one takes very long to convert.
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return "truncated" if data.lstrip()[:1] in _ENDS and _is_cut(text, error) else None
    except UnicodeDecodeError:
        return None
    except RecursionError:
        return "partly read"
    # Behind it there may be half a character.
    return None if decoder.getstate()[0] else "complete"


_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_HALF_A_NUMBER = re.compile(r"[.eE][+-]?")


def _is_cut(text: str, error: json.JSONDecodeError) -> bool:
    """Tell whether a text could go on as JSON where it ends."""
    rest = text[error.pos :].rstrip()
    return (
        any(literal.startswith(rest) for literal in _LITERALS)  # with no rest as well
        or error.msg.startswith("Unterminated string")
        or (error.msg.startswith("Invalid \\uXXXX") and len(rest) < len("\\u0000"))
        or _HALF_A_NUMBER.fullmatch(rest) is not None
    )


def _is_table(text: str) -> bool:
    """Tell whether the first lines of a text have commas, and equally many."""
    lines = text.splitlines()[:20]
    try:
        widths = {len(row) for row in csv.reader(lines)}
    except csv.Error:
        return False
    return len(lines) > 1 and len(widths) == 1 and widths.pop() > 1


# Who writes which layers; the first row whose layers the outermost ones are.
_WRITERS: Tuple[Tuple[Tuple[str, ...], str], ...] = (
    (("prefect3",), "Prefect 2 or 3; or rehandle's transcode"),
    (("signed",), "HMACSerializer of rehandle"),
    (
        ("base64", "pickle"),
        "a handler for S3, GCS or Azure (Prefect 0.4 to 0.13); such a Result of Prefect 0.10 to 0.12.0; "
        'or rehandle\'s PickleSerializer(write_format="base64")',
    ),
    (
        ("pickle",),
        "a handler or Result for local files (any release); a Result for S3, GCS or Azure (Prefect 0.12.1 and later)",
    ),
    (("json",), "JSONResultHandler or PrefectResult (any release); JSONSerializer (Prefect 0.12.1 and later)"),
    (("datetime",), "DateTimeSerializer (Prefect 0.13 and later)"),
    (("csv",), "PandasSerializer (Prefect 0.13 and later)"),
    (("parquet",), "PandasSerializer (Prefect 0.13 and later)"),
    (("feather",), "PandasSerializer (Prefect 0.13 and later)"),
    (("orc",), "PandasSerializer (Prefect 0.13 and later)"),
    (("gzip",), "CompressedSerializer (Prefect 0.14.9 and later)"),
    (("bz2",), "CompressedSerializer (Prefect 0.14.9 and later)"),
    (("lzma",), "CompressedSerializer (Prefect 0.14.9 and later)"),
    (("zlib",), "CompressedSerializer (Prefect 0.14.9 and later)"),
)

# The oldest protocol of what Prefect has ever written.
_OLDEST_WRITTEN = 2

# The oldest Python that writes a protocol by default, as cloudpickle does, and that reads it.
_PYTHONS = {2: "2.3", 3: "3.0", 4: "3.4", 5: "3.8"}


def writers(found: StoredFormat) -> Optional[str]:
    """Tell who writes such bytes, as far as they tell.

    Args:
        found: what they are.

    Returns:
        The classes and the releases of Prefect, None if none is known.
    """
    if found.pickle is not None and found.pickle.protocol < _OLDEST_WRITTEN:
        return "no handler or Result of Prefect: they write protocol 2 and later, though most read this"
    for layers, names in _WRITERS:
        if found.layers[: len(layers)] == layers:
            return names
    return None


def oldest_python(found: StoredFormat) -> Optional[str]:
    """Tell which Python can load a pickle.

    Args:
        found: what the bytes are.

    Returns:
        The oldest version, such as ``3.8``. The one that wrote it wasn't older either, unless it had the package
        pickle5. None if it is no pickle, or one that every Python can load.
    """
    return None if found.pickle is None else _PYTHONS.get(found.pickle.protocol)
