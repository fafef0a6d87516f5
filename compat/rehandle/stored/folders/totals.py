"""How much there is of what, and how much of it is readable where."""

from typing import Dict, Iterator, List, Tuple

from rehandle.stored.folders.readers import OUR_SERIALIZER, READERS, STOCK_SERIALIZERS, readers
from rehandle.stored.folders.rows import UNREADABLE, Row


class _Sum:
    def __init__(self) -> None:
        self.count = 0
        self.size = 0

    def add(self, size: int) -> None:
        self.count += 1
        self.size += size


class Totals:
    """Sums over rows. They take as much memory as there are formats.

    Attributes:
        problems: how many objects and folders could not be read.
    """

    def __init__(self) -> None:
        self.problems = 0
        self._all = _Sum()
        self._formats: Dict[str, _Sum] = {}
        self._readers = {reader: _Sum() for reader in READERS}
        self._others: Dict[str, int] = {}

    def add(self, row: Row) -> None:
        """Count a row.

        Args:
            row: what was found.
        """
        self.problems += row.problem is not None
        if row.entry.other is not None:
            if row.problem is None:
                self._others[row.entry.other] = self._others.get(row.entry.other, 0) + 1
            return
        size = row.entry.size
        self._all.add(size)
        if row.found is None:
            self._formats.setdefault(UNREADABLE, _Sum()).add(size)
            return
        name = ", ".join(row.found.layers)
        if row.found.serializer is not None:
            # Whoever writes there may call it anything.
            is_known = row.found.serializer in (*STOCK_SERIALIZERS, OUR_SERIALIZER)
            name += f" ({row.found.serializer if is_known else 'another serializer'})"
        self._formats.setdefault(name, _Sum()).add(size)
        for reader in readers(row.found):
            self._readers[reader].add(size)

    def lines(self) -> Iterator[str]:
        """Give the sums as lines of text."""
        formats = sorted(self._formats.items(), key=lambda one: (-one[1].count, one[0]))
        yield from _table("format", [*formats, ("all", self._all)])
        yield ""
        yield from _table("readable by", list(self._readers.items()))
        for kind, count in sorted(self._others.items()):
            yield f"not looked at: {counted(count, kind)}" + (", see --recursive" if kind == "folder" else "")


def _table(title: str, sums: List[Tuple[str, _Sum]]) -> Iterator[str]:
    yield f"{title:<30} {'objects':>12} {'bytes':>20}"
    for name, one in sums:
        yield f"{name:<30} {one.count:>12,} {one.size:>20,}"


def counted(count: int, what: str) -> str:
    """Say how many there are of something.

    Args:
        count: how many.
        what: one of them.
    """
    return f"{count:,} {what}" + ("" if count == 1 else "s")
