"""The Result that a built-in handler's row in ``mapping`` stands for."""

import functools
import importlib
from typing import Any, Dict, Mapping

from rehandle import results, serializers
from rehandle.mapping import HandlerMapping, lost_parameters
from rehandle.storage import clients

Arguments = Dict[str, Any]


def handler_arguments(attributes: Mapping[str, Any], row: HandlerMapping) -> Arguments:
    """Tell what arguments of its constructor a handler still holds, as they are now.

    Args:
        attributes: what the handler keeps of them: its ``vars()``, which asks no code of the user's.
        row: the handler's row in the table.

    Returns:
        The arguments by the handler's names for them. Those for a client are a copy: the handler's may change.
    """
    found = {p.name: attributes[p.name] for p in row.parameters if p.kept and p.name in attributes}
    return _with_own_dictionaries(found) if row.in_cloud else found


def result_for(arguments: Arguments, row: HandlerMapping) -> Any:
    """Make the Result for a built-in handler with some arguments.

    Args:
        arguments: what ``handler_arguments`` gives.
        row: the handler's row in the table.

    Returns:
        The Result.

    Raises:
        RehandleError: ``REHANDLE_WRITE_FORMAT`` has a value that it can't have.
    """
    lost = lost_parameters(row, arguments)
    there = [p for p in row.parameters if p in lost or (p.result_name and p.name in arguments)]
    values = {p.result_name or p.name: arguments.get(p.name, p.default) for p in there}
    if row.trap:
        return legacy_class(row.result)(**values)
    native = not lost and not _has_keys(values.get("boto3_kwargs"))
    cls = getattr(results, row.result) if native else legacy_class(row.result)
    # The arguments have been through a constructor, and go through none again: LocalResult's would make <home>/results
    # of a folder in Prefect's home. To copy one Result also takes a fifth of the time that it takes to make one.
    result = cls.__new__(cls)
    vars(result).update(_with_own_dictionaries({**_attributes(cls, row), **values}))
    if row.in_cloud and serializers.write_format() == "base64" and hasattr(result, "serializer"):
        result.serializer = serializers.PickleSerializer(write_format="base64")
    return result


@functools.lru_cache(maxsize=None)
def _attributes(cls: Any, row: HandlerMapping) -> Dict[str, Any]:
    """Give the attributes of a Result that has no arguments but those that it can't do without."""
    # Nor with those that only a constructor takes: LocalResult's validate_dir would make a folder.
    needed = {p.result_name or p.name: "" if p.required else False for p in row.parameters if p.required or not p.kept}
    return dict(vars(cls(**needed)))


def _with_own_dictionaries(values: Arguments) -> Arguments:
    return {name: dict(value) if type(value) is dict else value for name, value in values.items()}


# Looking the module up each time takes longer than all else in a conversion.
@functools.lru_cache(maxsize=None)
def legacy_class(name: str) -> Any:
    """Find a class in ``rehandle.results.legacy``: None if it has none of that name.

    Args:
        name: the name of Prefect's Result.
    """
    return getattr(importlib.import_module("rehandle.results.legacy"), name, None)


def _has_keys(boto3_kwargs: Any) -> bool:
    """Tell whether there are keys, which Prefect's ``S3Result`` gives up for a context secret or fails on (0.11)."""
    return isinstance(boto3_kwargs, dict) and not boto3_kwargs.keys().isdisjoint(clients.AWS_KEYS)
