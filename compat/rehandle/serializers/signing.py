"""Signatures on stored results: bytes that somebody without the key has written are refused before they are unpickled.

A signed object is a header, the signature (HMAC-SHA256) of the header and the payload, and the payload. The header
holds the location that the object was written to, so that one object can't be put in the place of another.
"""

import contextvars
import hashlib
import hmac
import io
import os
import struct
from typing import IO, Any, Callable, NamedTuple, Optional, Tuple

from rehandle.errors import RehandleError, SignatureError

VARIABLE = "REHANDLE_HMAC_KEY"
"""The environment's variable that holds the key."""

SHORTEST_KEY = 16
"""How many bytes a key must have."""

# No text begins so, no pickle, and nothing that is compressed.
_MAGIC = b"\x93RHSIGN"
_VERSION = 1
# Magic, version, whether there is a location, and the length of the location.
_HEADER = struct.Struct(f">{len(_MAGIC)}sB?I")
_DIGEST_SIZE = hashlib.sha256().digest_size

MAKE_A_KEY = "python -c 'import secrets; print(secrets.token_hex(32))'"
"""A command that prints a new key."""

# The location and the folder, of which only a signature makes a name: that takes longer than reading a small file.
_Place = Tuple[Optional[str], Optional[str]]
_place: "contextvars.ContextVar[Optional[_Place]]" = contextvars.ContextVar("rehandle_location", default=None)
_NOT_YET_KNOWN: _Place = (None, None)


class Signed(NamedTuple):
    """The parts of a signed object.

    Attributes:
        location: the location that it was written to; None if it was written where rehandle couldn't tell.
        header: all before the signature.
        signature: the signature.
        payload_start: where the payload begins.
    """

    location: Optional[str]
    header: bytes
    signature: bytes
    payload_start: int


def key_of_environment() -> Optional[bytes]:
    """Give the key in the environment's ``REHANDLE_HMAC_KEY``, None if there is none.

    Raises:
        RehandleError: it is too short.
    """
    text = os.environ.get(VARIABLE)
    return checked_key(text, VARIABLE) if text else None


class stored_at:  # noqa: N801  # read as the word after ``with``
    """Says where the bytes lie that a serializer writes or reads in a ``with`` block.

    Args:
        location: an object's name in its bucket or container, or a path. With None, `now_known` will tell.
        folder: for a path the folder of the Result. What lies inside is signed as relative to it, so that the whole
            folder can be moved.
    """

    # Not a generator with contextlib.contextmanager: it takes a tenth of the time of reading a small file.
    __slots__ = ("_place", "_token")

    def __init__(self, location: Optional[str], folder: Optional[str] = None) -> None:
        self._place = _NOT_YET_KNOWN if location is None else (location, folder)

    def __enter__(self) -> None:
        self._token = _place.set(self._place)

    def __exit__(self, *error: object) -> None:
        _place.reset(self._token)


def now_known(location: str, folder: Optional[str] = None) -> None:
    """Say where the bytes will lie, in a block of ``stored_at(None)``. Elsewhere it does nothing.

    Args:
        location: as for ``stored_at``.
        folder: as for ``stored_at``.
    """
    if _place.get() == _NOT_YET_KNOWN:
        _place.set((location, folder))


def known_location() -> Optional[str]:
    """Tell where the bytes lie, if somebody said so: for a file relative to its Result's folder, with slashes."""
    location, folder = _place.get() or _NOT_YET_KNOWN
    return None if location is None else _name(location, folder)


def _name(location: str, folder: Optional[str]) -> str:
    if folder is None:
        return location
    folder = os.path.abspath(folder)
    path = os.path.abspath(os.path.join(folder, location))
    try:
        is_inside = os.path.commonpath([folder, path]) == folder
    except ValueError:  # two drives on Windows
        is_inside = False
    return (os.path.relpath(path, folder) if is_inside else path).replace(os.sep, "/")


def starts_like_one(data: bytes) -> bool:
    """Tell whether bytes begin as a signed object.

    Args:
        data: the bytes.
    """
    return data[: len(_MAGIC)] == _MAGIC


def split(data: bytes) -> Signed:
    """Take a signed object apart, without verifying anything.

    Args:
        data: the bytes.

    Returns:
        Its parts.

    Raises:
        SignatureError: they are none, are cut off, or are of a version that this rehandle doesn't know.
    """
    if not starts_like_one(data):
        raise SignatureError(
            "the object isn't signed, and only signed ones are read here. If it was written before there were "
            "signatures, HMACSerializer(..., allow_unsigned=True) reads it, and anything else that somebody puts there."
        )
    if len(data) < _HEADER.size:
        raise SignatureError("the signed object is cut off in its header.")
    _, version, is_bound, length = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise SignatureError(f"the object's signature is of version {version}, and this rehandle knows {_VERSION}.")
    header_end = _HEADER.size + length
    start = header_end + _DIGEST_SIZE
    if len(data) < start:
        raise SignatureError("the signed object is cut off in its header.")
    header = bytes(data[:header_end])
    location = header[_HEADER.size :].decode("utf-8", "surrogateescape") if is_bound else None
    return Signed(location, header, bytes(data[header_end:start]), start)


def verify(data: bytes, key: bytes) -> Signed:
    """Take a signed object apart after its signature was found right.

    Args:
        data: the bytes.
        key: the key.

    Returns:
        Its parts.

    Raises:
        SignatureError: they aren't signed, not with this key, or were changed since.
    """
    signed = split(data)
    expected = _signature(key, signed.header, memoryview(data)[signed.payload_start :])
    if not hmac.compare_digest(expected, signed.signature):
        raise SignatureError(
            "the object's signature is wrong: it was signed with another key, or it was changed or cut off after that. "
            "It is not read."
        )
    return signed


def sign(write: Callable[[IO[bytes]], Any], key: bytes) -> bytes:
    """Sign bytes, for the location that is known.

    Args:
        write: writes the bytes to a file. A large object is then in the memory once, not once more with a signature.
        key: the key.

    Returns:
        The signed object.
    """
    location = known_location()
    encoded = (location or "").encode("utf-8", "surrogateescape")
    header = _HEADER.pack(_MAGIC, _VERSION, location is not None, len(encoded)) + encoded
    start = len(header) + _DIGEST_SIZE
    file = io.BytesIO()
    file.write(header + bytes(_DIGEST_SIZE))
    write(file)
    with file.getbuffer() as signed, signed[start:] as payload:
        signed[len(header) : start] = _signature(key, header, payload)
    return file.getvalue()


def checked_key(key: Any, source: str) -> bytes:
    """Check that something can be a key.

    Args:
        key: bytes or text.
        source: what to call it in an error.

    Returns:
        The key as bytes.

    Raises:
        RehandleError: it is too short.
        TypeError: it is neither bytes nor text.
    """
    if isinstance(key, str):
        key = key.encode("utf-8")
    if not isinstance(key, bytes):
        number = " (digits alone are a number in JSON: put it in quotes)" if isinstance(key, (int, float)) else ""
        raise TypeError(f"the key of an HMACSerializer is bytes or text, and {source} is {type(key).__name__}{number}")
    if len(key) < SHORTEST_KEY:
        raise RehandleError(
            f"the key of an HMACSerializer must have at least {SHORTEST_KEY} bytes, and {source} has {len(key)}. "
            f"A new key: {MAKE_A_KEY}"
        )
    return key


def _signature(key: bytes, header: bytes, payload: memoryview) -> bytes:
    signature = hmac.new(key, header, hashlib.sha256)
    signature.update(payload)
    return signature.digest()
