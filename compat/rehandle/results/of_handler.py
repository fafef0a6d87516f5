"""The Result that a built-in handler's row in ``mapping`` stands for.

``rehandle.conversion`` and the handlers of cloud storage both make it: these read and write through it.
"""

import functools
import importlib
from typing import Any, Dict, Optional

from rehandle import results, serializers
from rehandle.mapping import HandlerMapping, lost_parameters
from rehandle.storage import clients

# A living handler has made its folder already, and its path is absolute.
_DONE_AT_INIT = {"validate": False}


def of_handler(handler: Any, row: HandlerMapping) -> Any:
    """Give the Result that a built-in handler stands for, whatever a subclass of it overrides.

    Args:
        handler: an instance of a built-in handler class or of a subclass.
        row: the class's row in the table.

    Returns:
        The Result.

    Raises:
        RehandleError: ``REHANDLE_WRITE_FORMAT`` has a value that it can't have.
    """
    values = {p.name: getattr(handler, p.name, p.default) for p in row.parameters}
    values.update(_DONE_AT_INIT)
    lost = lost_parameters(row, values)
    arguments = {p.result_name or p.name: values[p.name] for p in row.parameters if p.result_name or p in lost}
    native = not (lost or row.trap) and not _has_keys(values.get("boto3_kwargs"))
    cls = getattr(results, row.result) if native else legacy_class(row.result)
    result = cls(**{name: dict(value) if isinstance(value, dict) else value for name, value in arguments.items()})
    if row.in_cloud and serializers.write_format() == "base64" and hasattr(result, "serializer"):
        result.serializer = serializers.PickleSerializer(write_format="base64")
    return result


# Looking the module up each time takes longer than all else in a conversion.
@functools.lru_cache(maxsize=None)
def legacy_class(name: str) -> Any:
    """Find a class in ``rehandle.results.legacy``: None if it has none of that name.

    Args:
        name: the name of Prefect's Result.
    """
    return getattr(importlib.import_module("rehandle.results.legacy"), name, None)


def _has_keys(boto3_kwargs: Optional[Dict[str, Any]]) -> bool:
    """Tell whether there are keys, which Prefect's ``S3Result`` gives up for a context secret or fails on (0.11)."""
    return boto3_kwargs is not None and not boto3_kwargs.keys().isdisjoint(clients.AWS_KEYS)
