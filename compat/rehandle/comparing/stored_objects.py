"""What a flow has stored, told in a way that doesn't differ from run to run: a state's result, and files."""

import hashlib
import json
import os
import re
from typing import Any, Dict, List, Optional

import cloudpickle

from rehandle import prefect_release
from rehandle.results.locations import decoded_location

# A name that Prefect made up: for a local file up to 0.8, for a local file since, and for any other storage.
GENERATED_NAME = re.compile(
    r"(prefect-[a-z0-9_]{8}|prefect-result-[0-9a-ftz-]+|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}/[0-9a-f-]{36}\.prefect_result)$"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def stored_object(result: Any) -> Optional[Dict[str, Any]]:
    """Describe a stored result: where it is, what is in it, and what Prefect reads from it.

    Args:
        result: the ``_result`` of a state.

    Returns:
        The location, the object's value and checksum, and the value as Prefect reads it back. None when nothing
        is stored.
    """
    if prefect_release.has_results():
        location = result.location
        if location is None:
            return None
        read_back = result.read(location).value
        location = decoded_location(location)
    else:
        safe_value: Any = getattr(result, "safe_value", None)
        if type(safe_value).__name__ != "SafeResult":  # there is also NoResult
            return None
        location = safe_value.value
        read_back = safe_value.to_result().value
    # Before Prefect 0.12 the location of a LocalResult is relative to its folder.
    path = os.path.join(getattr(result, "dir", None) or "", str(location))
    if os.path.isfile(path):
        described = stored_file(path)
    elif is_inline(location, read_back):
        described = {"location": "in the state", "value": str(location), "sha256": checksum(str(location).encode())}
    else:
        where = UUID.sub("<uuid>", GENERATED_NAME.sub("<generated>", str(location)))
        described = {"location": where, "value": repr(read_back), "sha256": ""}
    return dict(described, read=repr(read_back))


def is_inline(location: Any, value: Any) -> bool:
    """Tell whether a location is the value itself, as JSON."""
    try:
        return bool(json.loads(location) == value)
    except (TypeError, ValueError):
        return False


def stored_files(folder: str, skipped: str) -> List[Dict[str, Any]]:
    """Describe every file below a folder.

    Args:
        folder: the folder; it need not exist.
        skipped: the name of a file that is none of the flow's.

    Returns:
        The files, sorted by location and content.
    """
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names if name != skipped]
    return sorted((stored_file(path) for path in paths), key=lambda row: (row["location"], row["value"]))


def stored_file(path: str) -> Dict[str, Any]:
    """Describe one file that holds a result.

    Args:
        path: the file.

    Returns:
        The location with placeholders for what differs from run to run, the value, and the checksum of the bytes.
    """
    location = os.path.relpath(os.path.realpath(path))
    location = UUID.sub("<uuid>", GENERATED_NAME.sub("<generated>", location))
    with open(path, "rb") as file:
        data = file.read()
    return {"location": location, "value": content(data), "sha256": checksum(data), "pickle": is_pickle(data)}


def is_pickle(data: bytes) -> bool:
    """Tell whether bytes look like a pickle, by how every protocol since the second begins."""
    return data.startswith(b"\x80") and data.endswith(b".")


def content(data: bytes) -> str:
    """Describe what a file holds: the value of a pickle, which the flow has just written itself, or a text."""
    try:
        return repr(cloudpickle.loads(data)) if is_pickle(data) else data.decode()
    except Exception:
        return f"{len(data)} bytes"


def checksum(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
