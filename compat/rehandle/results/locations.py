"""New locations, and how a state spells what a handler's ``write`` returned: Prefect has room for a text alone."""

import json
import time
import uuid
from typing import Any

_JSON_MARK = "rehandle+json:"


def new_location() -> str:
    """Make a location that nothing has: ``YYYY/M/D/<uuid>.prefect_result``, with the day in UTC."""
    now = time.gmtime()
    return f"{now.tm_year}/{now.tm_mon}/{now.tm_mday}/{uuid.uuid4()}.prefect_result"


def encoded_location(location: Any) -> str:
    """Turn a location into the text that a serialised state has room for.

    Args:
        location: what a handler's ``write`` returned: a text, which stays as it is, or anything that JSON can hold.

    Returns:
        The text.

    Raises:
        TypeError: JSON can't hold it.
    """
    return location if isinstance(location, str) else _JSON_MARK + json.dumps(location)


def decoded_location(location: Any) -> Any:
    """Undo ``encoded_location``.

    Args:
        location: a location, encoded or not.

    Returns:
        What the handler's ``write`` returned.
    """
    if isinstance(location, str) and location.startswith(_JSON_MARK):
        return json.loads(location[len(_JSON_MARK) :])
    return location


def kept_location(location: Any) -> Any:
    """Give what a Result keeps of a location. Prefect takes an empty one to mean that nothing is stored.

    Args:
        location: what a handler's ``write`` returned.

    Returns:
        The location, encoded if it is None, an empty text, 0 or another empty value that JSON can hold.
    """
    is_empty = isinstance(location, (type(None), str, int, float, list, dict)) and not location
    return _JSON_MARK + json.dumps(location) if is_empty else location
