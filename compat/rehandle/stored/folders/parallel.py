"""Doing the same with many objects, several at a time where the storage is far away."""

import collections
import concurrent.futures
from typing import Any, Callable, Deque, Iterable, Iterator, TypeVar

from rehandle.storage import LocalStore, Store, clients

T = TypeVar("T")
R = TypeVar("R")

# So many wait for each thread: the memory doesn't grow with the listing.
_AHEAD = 4


def threads_for(*stores: Store) -> int:
    """Tell how many objects are handled at a time: one where there is nothing to wait for.

    Args:
        *stores: where they lie.
    """
    return 1 if all(isinstance(store, LocalStore) for store in stores) else clients.THREADS


def each(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """Call a function with each item, in constant memory.

    Args:
        function: is called in another thread if there are several.
        items: as many as there may be.
        threads: how many calls there are at a time.

    Yields:
        What it returns, in the order of the items.
    """
    if threads == 1:
        yield from map(function, items)
        return
    waiting: Deque[concurrent.futures.Future[Any]] = collections.deque()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= threads * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
