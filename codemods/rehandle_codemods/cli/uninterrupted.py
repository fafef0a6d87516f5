"""Work on one file after the other, which Ctrl-C ends between two of them."""

from __future__ import annotations

import signal
import threading
from typing import Iterable, Iterator, TypeVar

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_T = TypeVar("_T")


def uninterrupted(items: Iterable[_T]) -> Iterator[_T]:
    """Pass items on so that a signal to end (Ctrl-C, SIGTERM, SIGHUP) waits for the work on one; a second doesn't wait.

    Args:
        items: what is worked on.

    Yields:
        The items.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield from items
        return
    received: list[int] = []

    def wait(number: int, frame: object) -> None:
        if received:
            end(number)
        received.append(number)

    def end(number: int) -> None:
        restore()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        signal.raise_signal(number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.getsignal(number) for number in _STOPPING}
    # What is ignored, as by nohup, stays so; a handler that wasn't set from Python (None) couldn't be set again.
    before = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    try:
        for number in before:
            signal.signal(number, wait)
        for item in items:
            yield item
            if received:
                end(received[0])
    finally:
        restore()
