"""Compression around another serializer."""

import importlib
from typing import Any, Callable, Dict, Optional, Tuple

from rehandle.serializers.base import Serializer

STANDARD_FORMATS = ("bz2", "gzip", "lzma", "zlib")


class CompressedSerializer(Serializer):
    """Compresses what another serializer writes.

    Args:
        serializer: the other serializer.
        format: a module with the functions ``compress`` and ``decompress``, such as the standard library's bz2, gzip,
            lzma and zlib. Instead of it both functions can be given.
        compress: takes bytes, returns them compressed.
        decompress: undoes that.
        compress_kwargs: more arguments for the former.
        decompress_kwargs: more arguments for the latter.

    Raises:
        ImportError: there is no such module.
        ValueError: the module lacks one of the functions; or neither a format nor both functions were given; or both.
    """

    def __init__(
        self,
        serializer: Any,
        format: Optional[str] = None,
        compress: Optional[Callable[..., bytes]] = None,
        decompress: Optional[Callable[..., bytes]] = None,
        compress_kwargs: Optional[Dict[str, Any]] = None,
        decompress_kwargs: Optional[Dict[str, Any]] = None,
    ) -> None:
        self._serializer = serializer
        if format and not (compress or decompress):
            compress, decompress = self.compression_from_lib(format)
        elif format or not (compress and decompress):
            raise ValueError("CompressedSerializer takes either format, or both compress and decompress")
        self._compress = compress
        self._decompress = decompress
        self._compress_kwargs = compress_kwargs or {}
        self._decompress_kwargs = decompress_kwargs or {}

    def serialize(self, value: Any) -> bytes:
        """Turn a value into bytes and compress them.

        Args:
            value: the value.

        Returns:
            The compressed bytes.
        """
        return self._compress(self._serializer.serialize(value), **self._compress_kwargs)

    def deserialize(self, value: bytes) -> Any:
        """Decompress bytes and read the value from them.

        Args:
            value: the compressed bytes.

        Returns:
            The value.
        """
        return self._serializer.deserialize(self._decompress(value, **self._decompress_kwargs))

    @staticmethod
    def compression_from_lib(compression_format: str) -> Tuple[Callable[..., bytes], Callable[..., bytes]]:
        """Find the functions of a compression module.

        Args:
            compression_format: the module's name.

        Returns:
            ``compress`` and ``decompress``.

        Raises:
            ImportError: there is no such module.
            ValueError: it lacks one of the functions.
        """
        others = ", ".join(STANDARD_FORMATS)
        try:
            module = importlib.import_module(compression_format)
        except ImportError as error:
            raise ImportError(
                f"the compression module {compression_format!r} can't be imported ({error}). "
                f"The standard library has {others}."
            ) from error
        try:
            return module.compress, module.decompress
        except AttributeError as error:
            raise ValueError(
                f"the module {compression_format!r} must have compress and decompress ({error}). Pass functions of "
                f"your own as compress= and decompress=, or use one of {others}."
            ) from error

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and vars(self) == vars(other)

    __hash__ = None  # as in the base class: defining __eq__ resets it
