"""A thread in which deeply nested code doesn't overflow the stack."""

from __future__ import annotations

import sys
import threading
from typing import Callable, TypeVar

# Python's own parser gives up at 6,000 levels, and what walks a tree needs several calls for each. The stack is room
# for as many; what isn't reached of it takes no memory.
_STACK = 256 * 1024 * 1024
_RECURSION_LIMIT = 50_000
_T = TypeVar("_T")


def with_large_stack(function: Callable[[], _T]) -> _T:
    """Call a function where deeply nested code doesn't overflow the stack."""
    result: list[_T] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            result.append(function())
        except BaseException as error:
            failure.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_STACK)
    try:
        sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
        thread = threading.Thread(target=work, name="rehandle-analysis", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if failure:
        raise failure[0]
    return result[0]
