"""The base class of rehandle's own serializers."""

from typing import Any


class Serializer:
    """Turns values into bytes and back. A subclass says how, with ``serialize`` and ``deserialize``."""

    def serialize(self, value: Any) -> bytes:
        """Turn a value into bytes.

        Args:
            value: the value.

        Returns:
            The bytes.

        Raises:
            NotImplementedError: the subclass has no such method.
        """
        raise NotImplementedError(f"{type(self).__name__} must define serialize(value)")

    def deserialize(self, value: bytes) -> Any:
        """Turn bytes into the value that they stand for.

        Args:
            value: the bytes.

        Returns:
            The value.

        Raises:
            NotImplementedError: the subclass has no such method.
        """
        raise NotImplementedError(f"{type(self).__name__} must define deserialize(value)")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]  # Prefect's serializers can't be hashed either
