"""Taking off compression, up to a limit: a small object can unpack to more than there is memory."""

import lzma
import zlib
from typing import List

from rehandle.errors import RehandleError
from rehandle.stored import formats

MOST_UNPACKED = 2**30
"""How many bytes are unpacked: 1 GiB."""


def unpack(name: str, data: bytes, most: int = MOST_UNPACKED) -> bytes:
    """Decompress an object.

    Args:
        name: how it is compressed: one of `rehandle.stored.formats.COMPRESSIONS`.
        data: the object. There may be several compressed parts in it, one after the other.
        most: how many bytes may come out.

    Returns:
        All that is in it.

    Raises:
        RehandleError: it is damaged or cut off, or more bytes are in it.
    """
    parts: List[bytes] = []
    size = 0
    compression = formats.COMPRESSIONS[name]
    try:
        # What follows the last part is passed over, as Python's own functions do for most.
        while data and (not parts or (compression.has_parts and compression.begins(data))):
            decompressor = compression.decompressor()
            part = decompressor.decompress(data, most - size + 1)
            size += len(part)
            parts.append(part)
            if size > most:
                raise RehandleError(
                    f"the object unpacks to more than {most} bytes, which is as much as rehandle unpacks in memory: "
                    f"decompress it ({name}), and keep it so."
                )
            if not decompressor.eof:
                raise RehandleError(f"the object is truncated: the end of its {name} data is missing.")
            data = decompressor.unused_data
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise RehandleError(f"the object is damaged: its {name} data can't be unpacked ({error}).") from error
    return b"".join(parts)
