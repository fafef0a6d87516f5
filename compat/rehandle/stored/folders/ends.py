"""What an object is, told by its first bytes, and by its last ones where these say more."""

import base64
import binascii
from typing import Callable, Dict, Tuple

from rehandle.stored import formats
from rehandle.stored.formats import StoredFormat

FIRST = 4096
"""How many bytes are read first. What is as short is known whole."""

_LAST = 64
# How what is whole ends. White space may follow text.
_ENDS: Dict[str, Tuple[bytes, ...]] = {
    "feather": (b"ARROW1", b"FEA1"),
    "json": (b"}", b"]", b'"'),
    "parquet": (b"PAR1",),
    "pickle": (b".",),
    "prefect3": (b"}",),
}
_TEXT = ("json", "prefect3")


def identify(size: int, read: Callable[[int, int], bytes]) -> StoredFormat:
    """Tell what an object is.

    Args:
        size: how many bytes it has.
        read: gives some of them, from a position on, as many as asked for.

    Returns:
        The same as `rehandle.stored.formats.identify` for what is short. For what is longer ``partly read`` stands for
        complete, as far as was looked at: both ends are right.
    """
    head = read(0, min(size, FIRST)) if size else b""
    found = formats.identify(head)
    if len(head) >= size:
        return found
    return found._replace(size=size, status=_status(found, size, read))


def _status(found: StoredFormat, size: int, read: Callable[[int, int], bytes]) -> str:
    innermost = found.layers[-1]
    if found.status in ("damaged", "unknown"):
        return found.status
    if any(layer in formats.COMPRESSIONS for layer in found.layers):
        # The end of what is inside isn't at the end.
        return "partly read"
    if innermost == "pickle" and found.status == "complete":
        # Loading it ignores what follows.
        return "complete"
    tail = read(size - _LAST, _LAST)
    if "base64" in found.layers:
        tail = _decoded_end(tail)
    if innermost in _TEXT:
        tail = tail.rstrip()
    return "partly read" if tail.endswith(_ENDS.get(innermost, (b"",))) else "truncated"


def _decoded_end(tail: bytes) -> bytes:
    # Groups of four letters, counted from the end, where the last one may be padded.
    letters = tail.translate(None, b"\r\n \t")
    try:
        return base64.b64decode(letters[len(letters) % 4 :], validate=True)
    except binascii.Error:
        return b""
