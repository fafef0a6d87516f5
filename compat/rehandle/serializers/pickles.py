"""Pickles, in every form that was ever stored, and the environment variable that says which form is written.

Legacy cloud handlers wrote pickles in base64, and so did the Results of Prefect 0.11.0 to 0.12.0. Since 0.12.1 Results
write the pickle itself, which none of the older ones can read. Base64 is read by all.
"""

import base64
import binascii
import os
import pickle
from typing import IO, Any

import cloudpickle

from rehandle.errors import RehandleError
from rehandle.serializers.base import Serializer

VARIABLE = "REHANDLE_WRITE_FORMAT"
FORMATS = ("pickle", "base64")

# The first byte of every pickle since protocol 2, and no character of base64, JSON or other text.
_PICKLE = b"\x80"


def write_format() -> str:
    """Tell what Results converted from cloud handlers write: the environment's ``REHANDLE_WRITE_FORMAT``.

    Returns:
        ``pickle``, which means whatever Prefect's own Results write, or ``base64``.

    Raises:
        RehandleError: the variable has another value.
    """
    value = os.environ.get(VARIABLE) or FORMATS[0]
    if value not in FORMATS:
        raise RehandleError(f"{VARIABLE}={value} is none of {', '.join(FORMATS)}: set it to one of them, or unset it.")
    return value


def loads(data: bytes) -> Any:
    """Read a value that any handler or Result has pickled, in base64 or not.

    Args:
        data: the bytes, or a view of them.

    Returns:
        The value.

    Raises:
        EOFError: there are no bytes.
        pickle.UnpicklingError: they are no pickle of protocol 2 or later (which is all that was ever written), in
            base64 or not, or only a part of one.
    """
    if len(data) == 0:
        raise EOFError("expected a pickle, and there are no bytes at all")
    try:
        return cloudpickle.loads(data if data[:1] == _PICKLE else _decoded(bytes(data)))
    except EOFError as error:
        # Callers take an EOFError for an empty object.
        raise _cut_off(error) from error


def _cut_off(error: EOFError) -> pickle.UnpicklingError:
    return pickle.UnpicklingError(f"the pickle is cut off: {error}")


def _decoded(data: bytes) -> bytes:
    try:
        # Some encoders break lines. Anything else that isn't base64 is an error.
        decoded = base64.b64decode(data.translate(None, b"\r\n") if b"\n" in data else data, validate=True)
    except binascii.Error:
        decoded = b""
    if decoded[:1] != _PICKLE:
        raise pickle.UnpicklingError(
            f"expected a pickle, in base64 or not, and these {len(data)} bytes are none. "
            "Was the value written with another serializer?"
        )
    return decoded


class PickleSerializer(Serializer):
    """Writes values as pickles, by cloudpickle. Reads pickles with and without base64, whatever it writes itself.

    Args:
        write_format: ``pickle``, or ``base64`` for what every handler and every Result of every release reads: handlers
            and the Results of Prefect 0.11.0 to 0.12.0 read nothing else from a cloud's storage.

    Raises:
        ValueError: the format is neither.
    """

    def __init__(self, write_format: str = "pickle") -> None:
        if write_format not in FORMATS:
            raise ValueError(f"write_format must be one of {', '.join(FORMATS)}, and is {write_format!r}")
        self.write_format = write_format

    def serialize(self, value: Any) -> bytes:
        """Pickle a value.

        Args:
            value: the value.

        Returns:
            The pickle, in the format that this serializer writes.
        """
        data: bytes = cloudpickle.dumps(value)
        return base64.b64encode(data) if self.write_format == "base64" else data

    def dump(self, value: Any, file: IO[bytes]) -> None:
        """Pickle a value to a file.

        Args:
            value: the value.
            file: the file, open for writing bytes.
        """
        if self.write_format == "base64":
            file.write(self.serialize(value))
        else:
            cloudpickle.dump(value, file)

    def deserialize(self, value: bytes) -> Any:
        """Read a value. Unpickling runs code: whoever can write the bytes decides what is run.

        Args:
            value: the bytes.

        Returns:
            The value.

        Raises:
            EOFError: there are no bytes.
            pickle.UnpicklingError: they are no pickle, or only a part of one.
        """
        return loads(value)

    def load(self, file: IO[bytes]) -> Any:
        """Read a value from a file. It is then in the memory once, not once more as a pickle.

        Args:
            file: the file, open for reading bytes with a buffer.

        Returns:
            The value.

        Raises:
            EOFError: there are no bytes.
            pickle.UnpicklingError: they are no pickle, or only a part of one.
        """
        if file.peek(1)[:1] != _PICKLE:  # type: ignore[attr-defined]  # a buffer has it
            return loads(file.read() or b"")
        try:
            return cloudpickle.load(file)
        except EOFError as error:
            raise _cut_off(error) from error

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and vars(self) == vars(other)

    __hash__ = None  # as in the base class: defining __eq__ resets it
