"""Less work for Python's garbage collector."""

from __future__ import annotations

import contextlib
import gc
from typing import Iterator

_OBJECTS = 100_000
"""So many objects are made until Python looks for circles again; it would be 700."""


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Have Python look seldom for circles that nothing refers to: nearly all that a run makes is kept to its end."""
    before = gc.get_threshold()
    gc.set_threshold(before[0] and max(before[0], _OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
