"""Tables: pandas' ``DataFrame``."""

import importlib
import io
from typing import Any, Callable, Dict, Optional

from rehandle.serializers.base import Serializer


class PandasSerializer(Serializer):
    """Writes a pandas ``DataFrame`` in one of the formats that pandas reads and writes.

    Args:
        file_type: the format, such as ``csv``, ``json`` or ``parquet``: pandas must have ``read_<file_type>`` and
            ``DataFrame.to_<file_type>``.
        deserialize_kwargs: arguments for the former.
        serialize_kwargs: arguments for the latter.

    Raises:
        ImportError: pandas isn't installed.
        ValueError: pandas lacks one of the two.
    """

    def __init__(
        self,
        file_type: str,
        deserialize_kwargs: Optional[Dict[str, Any]] = None,
        serialize_kwargs: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.file_type = file_type
        self.deserialize_kwargs = {} if deserialize_kwargs is None else deserialize_kwargs
        self.serialize_kwargs = {} if serialize_kwargs is None else serialize_kwargs
        self._reader()
        self._writer(_pandas().DataFrame)

    def serialize(self, value: Any) -> bytes:
        """Write a table.

        Args:
            value: the ``DataFrame``.

        Returns:
            The bytes of the file that pandas would write.

        Raises:
            ValueError: the value can't be written in this format.
        """
        write = self._writer(value)
        binary = io.BytesIO()
        try:
            write(binary, **self.serialize_kwargs)
            return binary.getvalue()
        except TypeError:
            # Some formats of some releases of pandas can only be written as text.
            text = io.StringIO()
            write(text, **self.serialize_kwargs)
            return text.getvalue().encode()

    def deserialize(self, value: bytes) -> Any:
        """Read a table.

        Args:
            value: the bytes.

        Returns:
            The ``DataFrame``.
        """
        return self._reader()(io.BytesIO(value), **self.deserialize_kwargs)

    def _reader(self) -> Callable[..., Any]:
        return _method(_pandas(), f"read_{self.file_type}", "pandas")

    def _writer(self, table: Any) -> Callable[..., Any]:
        return _method(table, f"to_{self.file_type}", f"{table if isinstance(table, type) else type(table)}")

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and vars(self) == vars(other)

    __hash__ = None  # as in the base class: defining __eq__ resets it


def _pandas() -> Any:
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise ImportError(f"PandasSerializer needs pandas, which can't be imported here: {error}") from error


def _method(owner: Any, name: str, shown: str) -> Callable[..., Any]:
    method: Optional[Callable[..., Any]] = getattr(owner, name, None)
    if method is None:
        raise ValueError(f"file_type must be a format that pandas reads and writes: {shown} has no {name}")
    return method
