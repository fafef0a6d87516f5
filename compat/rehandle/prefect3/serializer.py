"""A serializer of Prefect 3 that reads what any serializer of Prefect 0.4 to 1.4 has written."""

import base64
from typing import Any

import cloudpickle
from prefect.serializers import PickleSerializer, Serializer
from pydantic import Field

from rehandle.serializers import signing
from rehandle.stored import pickle_opcodes, records, signatures, values


class RehandleSerializer(Serializer):
    """Reads whatever Prefect 0.4 to 1.4 stored, and writes what Prefect 3's own PickleSerializer writes.

    ``@task(result_serializer="rehandle")`` knows it once ``rehandle.prefect3`` is imported.

    Reading unpickles: whoever can write the bytes decides what is run. What ``HMACSerializer`` signed is verified with
    the key in ``REHANDLE_HMAC_KEY``, but not the place that it is signed for, which isn't known here.

    Args:
        encoded: whether the bytes are in base64, as in the records that ``transcode`` makes of tables and texts.
    """

    type: str = Field(default="rehandle", frozen=True)

    encoded: bool = False

    def dumps(self, obj: Any) -> bytes:
        """Pickle a value.

        Args:
            obj: the value.

        Returns:
            The pickle in base64, which Prefect reads without rehandle.
        """
        data: bytes = PickleSerializer().dumps(obj)
        return data

    def loads(self, blob: bytes) -> Any:
        """Read a value.

        Args:
            blob: what any handler, Result or serializer of Prefect 0.4 to 1.4 wrote.

        Returns:
            The value; for CSV, Parquet, Feather, ORC and Excel a ``DataFrame``.

        Raises:
            SignatureError: the bytes are signed, with another key.
            RehandleError: they are nothing that was ever written, or unpack to more than 1 GiB.
            Exception: what reading the innermost format raises.
        """
        data = base64.b64decode(blob) if self.encoded else blob
        if records.is_pickle_in_base64(data):
            return cloudpickle.loads(base64.b64decode(data))
        if pickle_opcodes.says_so(data):
            return cloudpickle.loads(data)
        return values.load(data, lambda found: signing.verify(found, signatures.key()), tables=True)
