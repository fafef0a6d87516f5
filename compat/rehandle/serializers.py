"""How values become bytes, and the environment variable that says which bytes converted Results write.

Legacy cloud handlers wrote pickles in base64, and so did the Results of Prefect 0.11.0 to 0.12.0. Since 0.12.1 Results
write the pickle itself, which none of the older ones can read. Base64 is read by all.
"""

import base64
import os
from typing import Any

import cloudpickle

from rehandle.errors import RehandleError

VARIABLE = "REHANDLE_WRITE_FORMAT"
FORMATS = ("pickle", "base64")

# The first byte of every pickle since protocol 2, and no character of base64.
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
        data: the bytes.

    Returns:
        The value.

    Raises:
        EOFError: there are no bytes.
        ValueError: they are no base64.
        pickle.UnpicklingError: they are no pickle.
    """
    return cloudpickle.loads(data if data.startswith(_PICKLE) else base64.b64decode(data))


class Base64PickleSerializer:
    """Writes pickles in base64, which every handler and every Result reads. Reads them with and without.

    A ``Result`` of Prefect 0.12.1 to 1.4 takes it as its ``serializer``. Earlier ones write base64 by themselves.
    """

    def serialize(self, value: Any) -> bytes:
        """Pickle a value.

        Args:
            value: the value.

        Returns:
            The pickle, in base64.
        """
        return base64.b64encode(cloudpickle.dumps(value))

    def deserialize(self, value: bytes) -> Any:
        """Read a value.

        Args:
            value: the bytes, base64 or a pickle.

        Returns:
            The value.
        """
        return loads(value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = None  # type: ignore[assignment]  # nor can Prefect's serializers be hashed
