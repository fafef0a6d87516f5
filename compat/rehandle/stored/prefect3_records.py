"""What is a record of Prefect 2 or 3, and what is in it. Nothing is unpickled here.

Prefect 3 writes ``{"metadata": {"serializer": ..., ...}, "result": text}``, Prefect 2
``{"serializer": ..., "data": text, "prefect_version": ...}``. The serializer reads the text.
"""

import json
import re
from typing import Any, Dict, NamedTuple, Optional

_BEGINS = re.compile(rb'\{\s*"(?:metadata|serializer)"\s*:\s*')
_TEXT_BEGINS = re.compile(rb'\s*,\s*"(?:result|data)"\s*:\s*"')


class Record(NamedTuple):
    """A record.

    Attributes:
        serializer: the type of its serializer, such as ``pickle``; with a slash the type of what is inside, such as
            ``compressed/pickle``.
        text: what the serializer reads.
        is_whole: whether the end is there.
    """

    serializer: str
    text: bytes
    is_whole: bool


def parsed(data: bytes) -> Optional[Dict[str, Any]]:
    """Parse what is a record of Prefect 2 or 3, None if it isn't one.

    Not everything that Prefect takes for one: up to 3.4 at least, that is every JSON object with a key result or data.

    Args:
        data: all of its bytes.
    """
    if data[:1] != b"{" or b'"prefect_version"' not in data:
        return None
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    metadata, names = record, {"data", "serializer", "prefect_version"}
    if "metadata" in record:
        metadata, names = record["metadata"], {"metadata", "result"}
    is_one = _serializer(metadata) is not None and "prefect_version" in metadata
    return record if is_one and record.keys() - {"expiration"} == names else None


def find(data: bytes) -> Optional[Record]:
    """Tell whether bytes are a record, or how one begins.

    Args:
        data: its bytes, or the first of them.

    Returns:
        What is in it, None if they are none.
    """
    if _BEGINS.match(data) is None:
        return None
    record = parsed(data)
    if record is None:
        return _beginning(data)
    text = record["result" if "result" in record else "data"]
    serializer = _serializer(record.get("metadata", record)) or ""
    # What isn't a text is read by nothing.
    return Record(serializer, text.encode("utf-8", "surrogatepass") if isinstance(text, str) else b"", True)


def _beginning(data: bytes) -> Optional[Record]:
    """Find the metadata, as Prefect and rehandle write them first, and the text behind them."""
    start = _BEGINS.match(data)
    assert start is not None
    text = data[start.end() :].decode("utf-8", "replace")
    try:
        metadata, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    is_of_prefect_2 = data[:20].find(b"metadata") < 0
    serializer = _serializer({"serializer": metadata} if is_of_prefect_2 else metadata)
    behind = _TEXT_BEGINS.match(data, start.end() + len(text[:end].encode("utf-8")))
    if serializer is None or behind is None or not (is_of_prefect_2 or "prefect_version" in metadata):
        return None
    # The text of all of Prefect's serializers but JSON is base64, where the only escapes are those of line ends.
    return Record(serializer, data[behind.end() :].partition(b'"')[0].replace(b"\\n", b""), False)


def _serializer(metadata: Any) -> Optional[str]:
    serializer = metadata.get("serializer") if isinstance(metadata, dict) else None
    if not isinstance(serializer, dict) or not isinstance(serializer.get("type"), str):
        return None
    inner = serializer.get("serializer")
    inside = inner.get("type") if isinstance(inner, dict) else None
    return f"{serializer['type']}/{inside}" if serializer["type"] == "compressed" and inside else serializer["type"]
