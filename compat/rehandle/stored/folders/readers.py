"""Who can read what: Prefect 1.x, Prefect 3 as it is, Prefect 3 with rehandle, or nobody."""

from typing import Tuple

from rehandle.stored.formats import StoredFormat

PREFECT_1, STOCK_PREFECT_3, WITH_REHANDLE, NOBODY = "Prefect 1.x", "stock Prefect 3", "rehandle.prefect3", "nobody"
READERS = (PREFECT_1, STOCK_PREFECT_3, WITH_REHANDLE, NOBODY)

# What no handler and no Result wrote, or what has lost a part.
_UNREADABLE_FORMATS = ("empty", "hdf5", "unknown")
_UNREADABLE = ("damaged", "truncated")
STOCK_SERIALIZERS = ("compressed/json", "compressed/pickle", "json", "pickle")
"""The types of the serializers that Prefect 3 brings."""

OUR_SERIALIZER = "rehandle"
"""The type of rehandle's serializer."""


def readers(found: StoredFormat) -> Tuple[str, ...]:
    """Tell who reads an object, as far as it was looked at.

    Args:
        found: what it is.

    Returns:
        Some of READERS. A custom handler or serializer may read more, and a signed object needs its key.
    """
    if found.status in _UNREADABLE or found.layers[-1] in _UNREADABLE_FORMATS:
        return (NOBODY,)
    if found.serializer is None:
        return (WITH_REHANDLE,) if "signed" in found.layers else (PREFECT_1, WITH_REHANDLE)
    if found.serializer in STOCK_SERIALIZERS:
        return (STOCK_PREFECT_3, WITH_REHANDLE)
    return (WITH_REHANDLE,) if found.serializer == OUR_SERIALIZER else (NOBODY,)
