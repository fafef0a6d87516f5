"""What a person at a terminal sees of a long run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence, TypeVar

if TYPE_CHECKING:
    from types import TracebackType

ProgressCallback = Callable[[str, int, int], None]
"""Called with a step's name, how much of it is done, and how much there is."""

_DELAY = 1.0
_INTERVAL = 0.05
_T = TypeVar("_T")


def silent(step: str, done: int, total: int) -> None:
    """Report nothing."""


def counted(step: str, items: Sequence[_T], report: ProgressCallback) -> Iterator[_T]:
    """Pass items on and report how many were.

    Args:
        step: the step's name.
        items: what is worked on.
        report: what is told.

    Yields:
        The items.
    """
    for number, item in enumerate(items):
        report(step, number, len(items))
        yield item


class ProgressLine:
    """One line on standard error, from one second on, where that is a terminal; gone at the end.

    It is called as a `ProgressCallback`.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        """Begin to wait.

        Args:
            quiet: whether nothing is to be shown at all.
        """
        self._shown_from = time.monotonic() + _DELAY
        self._progress: Any = None
        self._on_terminal = sys.stderr.isatty() and not quiet

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show a state, unless another one has been shown just now."""
        now = time.monotonic()
        if not self._on_terminal or now < self._shown_from:
            return
        self._shown_from = now + _INTERVAL
        if self._progress is None:
            self._start()
        self._progress.update(self._task, description=step, completed=done, total=total)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("", total=None)
        self._progress.start()
