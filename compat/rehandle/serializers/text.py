"""Serializers whose bytes people can read: for where Prefect has none of that name."""

import datetime
import importlib
import json
from typing import Any

from rehandle.serializers.base import Serializer

_UTC = "+00:00"


class JSONSerializer(Serializer):
    """Writes values as JSON."""

    def serialize(self, value: Any) -> bytes:
        """Encode a value.

        Args:
            value: the value.

        Returns:
            Its JSON, in UTF-8.

        Raises:
            TypeError: JSON can't hold the value.
        """
        return json.dumps(value).encode()

    def deserialize(self, value: bytes) -> Any:
        """Decode a value.

        Args:
            value: the JSON.

        Returns:
            The value.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(value)


class DateTimeSerializer(Serializer):
    """Writes points in time as ISO 8601. Reads them as pendulum's ``DateTime`` where that is installed."""

    def serialize(self, value: Any) -> bytes:
        """Write a point in time.

        Args:
            value: a ``datetime``. One without a timezone is taken for UTC.

        Returns:
            Its ISO 8601 text.

        Raises:
            ValueError: the value is no ``datetime``.
        """
        if not isinstance(value, datetime.datetime):
            raise ValueError(f"DateTimeSerializer writes a datetime, and got {type(value).__name__}")
        pendulum = _pendulum()
        if pendulum is not None:
            # As Prefect's: only a zone that is called UTC is a Z, and any other without an offset is +00:00.
            return str(pendulum.instance(value).to_iso8601_string()).encode()
        text = (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)).isoformat()
        return (text[: -len(_UTC)] + "Z" if text.endswith(_UTC) else text).encode()

    def deserialize(self, value: bytes) -> Any:
        """Read a point in time.

        Args:
            value: the ISO 8601 text.

        Returns:
            The ``datetime``, with a timezone.

        Raises:
            ValueError: it is no such text.
        """
        text = value.decode()
        pendulum = _pendulum()
        if pendulum is None:
            # Python reads a final Z since 3.11 alone.
            read = datetime.datetime.fromisoformat(text[:-1] + _UTC if text.endswith("Z") else text)
            return read if read.tzinfo else read.replace(tzinfo=datetime.timezone.utc)
        return pendulum.parse(text)


def _pendulum() -> Any:
    try:
        return importlib.import_module("pendulum")
    except ImportError:
        return None
