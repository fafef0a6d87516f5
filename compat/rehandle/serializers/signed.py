"""Signatures around another serializer: what somebody without the key has written is never unpickled."""

import functools
from typing import Any, Mapping, Optional, Union

from rehandle.errors import RehandleError
from rehandle.serializers import signing
from rehandle.serializers.base import Serializer
from rehandle.serializers.pickles import PickleSerializer
from rehandle.storage import secrets


class HMACSerializer(Serializer):
    """Signs what another serializer writes, and reads nothing that isn't signed with the same key.

    It works with every Result that takes a serializer: those of Prefect 0.12.1 to 1.4, those of 0.11 with the shim, and
    rehandle's. Signatures say where an object was written: under which name, in which folder, bucket or container. They
    hold nowhere else, unless a Result of Prefect itself writes or reads without the shim (``rehandle.install()``).

    Args:
        inner: the serializer that makes the bytes; its ``deserialize`` gets nothing but what the key has signed.
        key: the key, at least 16 bytes. A text is taken as UTF-8. It is pickled along with the serializer, which the
            other two ways to give a key aren't. Without it, it is the environment's ``REHANDLE_HMAC_KEY``.
        allow_unsigned: whether to read what isn't signed, too. Whoever can write the storage can then do so without
            the key: it is meant for the time until all that is read has been written with a signature.
        key_secret: the name of a Prefect Secret with the key, instead of ``key``.
        allow_unbound: whether a Result that knows its place also reads what was signed without one.
        moved: what was moved on purpose, from where to where: ``{"/old/results": "/data/results"}``,
            ``{"gs://old-bucket": "gs://new-bucket/archive"}``. What is signed for a place in the first is read at the
            same place in the second, too. Two names of one folder, such as two mount points, are two places.

    Raises:
        RehandleError: both ``key`` and ``key_secret`` are given, or the key is too short.
        TypeError: the key is neither bytes nor text.
    """

    def __init__(
        self,
        inner: Any,
        key: Union[bytes, str, None] = None,
        allow_unsigned: bool = False,
        *,
        key_secret: Optional[str] = None,
        allow_unbound: bool = False,
        moved: Optional[Mapping[str, str]] = None,
    ) -> None:
        if key is not None and key_secret is not None:
            raise RehandleError("HMACSerializer takes key= or key_secret=, and got both: leave one of them out.")
        self.inner = inner
        self._key = None if key is None else signing.checked_key(key, "key=")
        self.allow_unsigned = allow_unsigned
        self.key_secret = key_secret
        self.allow_unbound = allow_unbound
        self.moved = dict(moved or {})

    def serialize(self, value: Any) -> bytes:
        """Make bytes of a value, and sign them.

        Args:
            value: the value.

        Returns:
            The signed bytes.

        Raises:
            RehandleError: there is no key.
        """
        key = self._find_key()
        if type(self.inner) is PickleSerializer:
            return signing.sign(functools.partial(self.inner.dump, value), key)
        return signing.sign(lambda file: file.write(self.inner.serialize(value)), key)

    def deserialize(self, data: bytes) -> Any:
        """Read a value, after its signature was found right.

        Args:
            data: the bytes.

        Returns:
            The value.

        Raises:
            SignatureError: they aren't signed, not with this key, not for this place, or were changed since.
            RehandleError: there is no key.
        """
        if self.allow_unsigned and not signing.starts_like_one(data):
            return self.inner.deserialize(data)
        signed = signing.verify(data, self._find_key())
        place = signing.known_place()
        if place is not None:
            signing.check_place(signed, place, self.moved, self.allow_unbound)
        payload = memoryview(data)[signed.payload_start :]
        # A copy of a large object is spared where the serializer is known not to need bytes.
        return self.inner.deserialize(payload if type(self.inner) is PickleSerializer else bytes(payload))

    def _find_key(self) -> bytes:
        if self._key is not None:
            return self._key
        if self.key_secret is not None:
            return signing.checked_key(secrets.get(self.key_secret), f"the Prefect Secret {self.key_secret}")
        key = signing.key_of_environment()
        if key is None:
            raise RehandleError(
                f"HMACSerializer has no key: set {signing.VARIABLE}, or give key= or key_secret=. "
                f"A new key: {signing.MAKE_A_KEY}"
            )
        return key

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and vars(self) == vars(other)

    __hash__ = None  # as in the base class: defining __eq__ resets it

    def __repr__(self) -> str:
        source = "key=..." if self._key is not None else f"key_secret={self.key_secret!r}" if self.key_secret else ""
        shown = ", ".join(part for part in (repr(self.inner), source) if part)
        return f"<HMACSerializer: {shown}>"
