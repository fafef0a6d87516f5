"""Reading TOML on each Python."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TOMLError = tomllib.TOMLDecodeError


def parsed(text: str) -> dict[str, Any]:
    """What a text says.

    Raises:
        TOMLError: it isn't TOML.
    """
    data: dict[str, Any] = tomllib.loads(text)
    return data
