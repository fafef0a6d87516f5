"""One row for each thing in a folder or bucket."""

import datetime
import functools
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from rehandle.errors import RehandleError
from rehandle.storage import Store
from rehandle.storage.base import Entry
from rehandle.stored import imports
from rehandle.stored.folders import ends, parallel
from rehandle.stored.formats import StoredFormat

UNREADABLE = "unreadable"
"""The status of what could not be read."""

# What a pickle imports under a name that its opcodes don't say.
_HIDDEN = {"module": None, "name": None, "found": False}


class Row(NamedTuple):
    """What was found.

    Attributes:
        path: where it is, as the command line takes it.
        entry: what the listing says.
        found: what it is; None if it is no object or can't be read.
        problem: why it, or what is in it, can't be read.
    """

    path: str
    entry: Entry
    found: Optional[StoredFormat]
    problem: Optional[str]


def rows(store: Store, entries: Iterator[Entry]) -> Iterator[Row]:
    """Look at what a listing finds.

    Args:
        store: where it lies.
        entries: the listing.

    Yields:
        A row for each entry, in that order.
    """
    return parallel.each(functools.partial(_row, store.for_threads()), entries, parallel.threads_for(store))


def _row(store: Store, entry: Entry) -> Row:
    path = store.address(entry.name)
    if entry.other is not None:
        return Row(path, entry, None, None if entry.problem is None else str(entry.problem))
    try:
        return Row(path, entry, ends.identify(entry.size, functools.partial(store.read_part, entry.name)), None)
    except RehandleError as problem:
        return Row(path, entry, None, str(problem))


def facts(row: Row) -> Dict[str, Any]:
    """Describe an object, for JSON.

    Args:
        row: what was found.
    """
    found = row.found
    return {
        "path": row.path,
        "size": row.entry.size,
        "modified": modified(row.entry),
        "layers": list(found.layers) if found else [],
        "status": found.status if found else UNREADABLE,
        "imports": imported(found) if found else [],
    }


def modified(entry: Entry) -> str:
    """Tell when an object was written, in UTC.

    Args:
        entry: what the listing says.
    """
    # Not fromtimestamp, which refuses some times on some systems.
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(entry.modified))
    return time.isoformat() + "Z"


def imported(found: StoredFormat) -> List[Dict[str, Any]]:
    """Describe all that a reader may import, whether it unpickles an object as it is or decodes it first.

    Args:
        found: what the object is.
    """
    pickles = [pickle for pickle in (found.pickle, found.in_base64) if pickle is not None]
    described = [one for pickle in pickles for one in imports.described(pickle)]
    return [*described, _HIDDEN] if any(pickle.hides_imports for pickle in pickles) else described
