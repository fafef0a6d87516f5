"""A line on a terminal that says how far a long command is."""

import sys
import time

_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """Counts, and shows the count on standard error while that is a terminal which shows nothing else.

    Args:
        what: what is counted, such as ``objects``.
        shares: whether standard output is written to meanwhile: then it must be elsewhere.

    Attributes:
        count: how many there were.
    """

    def __init__(self, what: str, shares: bool) -> None:
        self.count = 0
        self._what = what
        self._start = self._shown = time.monotonic()
        is_seen = sys.stderr is not None and sys.stderr.isatty()
        self._shows = is_seen and not (shares and sys.stdout is not None and sys.stdout.isatty())

    def add(self) -> None:
        """Count one."""
        self.count += 1
        if not self._shows:
            return
        now = time.monotonic()
        if now - self._shown >= _SECONDS:
            self._shown = now
            each_second = self.count / (now - self._start)
            sys.stderr.write(f"{_CLEAR}{self.count:,} {self._what}, {each_second:,.0f} a second")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._shows:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
