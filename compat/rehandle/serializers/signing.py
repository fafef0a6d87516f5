"""Signatures on stored results: bytes that somebody without the key has written are refused before they are unpickled.

A signed object is a header, the signature (HMAC-SHA256) of the header and the payload, and the payload. The header
holds the place that the object was written to, so that no object can be put in the place of another, and none that was
copied to another folder or bucket is taken for one of those there.
"""

import contextvars
import hashlib
import hmac
import io
import os
import struct
from typing import IO, Any, Callable, Mapping, NamedTuple, Optional, Tuple

from rehandle.errors import RehandleError, SignatureError

VARIABLE = "REHANDLE_HMAC_KEY"
"""The environment's variable that holds the key."""

SHORTEST_KEY = 16
"""How many bytes a key must have."""

# No text begins so, no pickle, and nothing that is compressed.
_MAGIC = b"\x93RHSIGN"
VERSION = 2
"""What is written; the others are read."""

# Those of version 1 have the name in a folder or bucket that isn't told: they hold in each of them.
_NAMELESS_VERSION = 1
# Magic, version, whether there is a place, and its length.
_HEADER = struct.Struct(f">{len(_MAGIC)}sB?I")
_DIGEST_SIZE = hashlib.sha256().digest_size

MAKE_A_KEY = "python -c 'import secrets; print(secrets.token_hex(32))'"
"""A command that prints a new key."""

# A function that tells the place, and its arguments: telling takes longer than reading a small file, and only a
# signature needs it. Without a function it isn't known yet.
_Place = Tuple[Optional[Callable[..., str]], Tuple[Any, ...]]
_place: "contextvars.ContextVar[Optional[_Place]]" = contextvars.ContextVar("rehandle_place", default=None)
_NOT_YET_KNOWN: _Place = (None, ())


class Signed(NamedTuple):
    """The parts of a signed object.

    Attributes:
        version: of the signature.
        place: the place that it was written to, such as ``/data/results/today`` or ``gs://bucket/today``; in version 1
            the name in its folder or bucket alone. None if it was written where rehandle couldn't tell.
        header: all before the signature.
        signature: the signature.
        payload_start: where the payload begins.
    """

    version: int
    place: Optional[str]
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
        place: a function that tells it, as a store's ``place`` does. With None, `now_known` will say it.
        *arguments: the function's.
    """

    # Not a generator with contextlib.contextmanager: it takes a tenth of the time of reading a small file.
    __slots__ = ("_place", "_token")

    def __init__(self, place: Optional[Callable[..., str]], *arguments: Any) -> None:
        self._place = (place, arguments)

    def __enter__(self) -> None:
        self._token = _place.set(self._place)

    def __exit__(self, *error: object) -> None:
        _place.reset(self._token)


def now_known(place: Callable[..., str], *arguments: Any) -> None:
    """Say where the bytes will lie, in a block of ``stored_at(None)``. Elsewhere it does nothing.

    Args:
        place: as for ``stored_at``.
        *arguments: as for ``stored_at``.
    """
    if _place.get() == _NOT_YET_KNOWN:
        _place.set((place, arguments))


def known_place() -> Optional[str]:
    """Tell where the bytes lie, if somebody said so."""
    place, arguments = _place.get() or _NOT_YET_KNOWN
    return None if place is None else place(*arguments)


def check_place(signed: Signed, place: str, moved: Mapping[str, str], allow_unbound: bool) -> None:
    """Refuse an object whose signature holds elsewhere.

    Args:
        signed: the object, whose signature was found right.
        place: where it lies.
        moved: what was moved on purpose, from where to where: places of objects, folders or buckets.
        allow_unbound: whether to accept a signature for no place, or for a name in any folder or bucket.

    Raises:
        SignatureError: it isn't for this place.
    """
    if signed.place is None or signed.version == _NAMELESS_VERSION:
        if allow_unbound and (signed.place is None or _is_name_of(signed.place, place)):
            return
        raise SignatureError(_unbound(signed.place, place))
    if signed.place != place and signed.place not in (_moved_back(place, *pair) for pair in moved.items()):
        raise SignatureError(
            f"the object at {place!r} is signed for another place, {signed.place!r}: it was moved or copied from "
            "there. If that was meant, HMACSerializer(..., moved={from: to}) reads it, and "
            "`rehandle sign --moved-from` signs it for where it lies."
        )


def _is_name_of(name: str, place: str) -> bool:
    return f"/{place}".endswith("/" + name.lstrip("/"))


def _unbound(name: Optional[str], place: str) -> str:
    if name is None:
        what = "for no place: Prefect's own Results write such signatures without rehandle.install()"
    else:
        what = f"for the name {name!r} in whatever folder or bucket, as rehandle 0.1's development versions did"
    return (
        f"the object at {place!r} is signed {what}. So it may have been copied from another place. "
        "HMACSerializer(..., allow_unbound=True) accepts it, and `rehandle sign --unbound` signs it for where it lies."
    )


def _moved_back(place: str, old: str, new: str) -> Optional[str]:
    """Tell where the object lay before, None if it isn't in what was moved."""
    old, new = (whole_place(one).rstrip("/") for one in (old, new))
    return old + place[len(new) :] if f"{place}/".startswith(f"{new}/") else None


def whole_place(place: str) -> str:
    """Complete a path that a person wrote. What has a scheme, such as ``gs://bucket``, is taken as it is.

    Args:
        place: the path or place.
    """
    return place if "://" in place else os.path.abspath(os.path.expanduser(place)).replace(os.sep, "/")


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
    if version not in (_NAMELESS_VERSION, VERSION):
        raise SignatureError(
            f"the object's signature is of version {version}, and this rehandle knows {_NAMELESS_VERSION} and "
            f"{VERSION}."
        )
    header_end = _HEADER.size + length
    start = header_end + _DIGEST_SIZE
    if len(data) < start:
        raise SignatureError("the signed object is cut off in its header.")
    header = bytes(data[:header_end])
    place = header[_HEADER.size :].decode("utf-8", "surrogateescape") if is_bound else None
    return Signed(version, place, header, bytes(data[header_end:start]), start)


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
    """Sign bytes, for the place that is known.

    Args:
        write: writes the bytes to a file. A large object is then in the memory once, not once more with a signature.
        key: the key.

    Returns:
        The signed object.
    """
    place = known_place()
    encoded = (place or "").encode("utf-8", "surrogateescape")
    header = _HEADER.pack(_MAGIC, VERSION, place is not None, len(encoded)) + encoded
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
