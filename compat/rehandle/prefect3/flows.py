"""Flows of Prefect 3 for more results than one machine copies in time."""

import collections
import itertools
from typing import Any, Deque, Dict, Iterator, List, Sequence

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from rehandle.storage import open_place
from rehandle.storage.base import FOLDER, Entry
from rehandle.stored.folders import copying, renaming
from rehandle.stored.folders.copying import CONVERTED, FAILED, SKIPPED, Outcome, Source

__all__ = ["convert"]

PART_SIZE = 1000
"""How many objects a task copies."""

_AHEAD = 64


class _Report:
    """Sums over parts."""

    def __init__(self) -> None:
        self.sums: Dict[str, Any] = {CONVERTED: 0, SKIPPED: 0, FAILED: [], "need_rehandle": 0}

    def add(self, outcome: Outcome) -> None:
        self.sums["need_rehandle"] += outcome.needs_rehandle
        if outcome.what == FAILED:
            self.sums[FAILED].append({"path": outcome.path, "why": outcome.why})
        else:
            self.sums[outcome.what] += 1

    def add_part(self, sums: Dict[str, Any]) -> None:
        for name, value in sums.items():
            self.sums[name] += value


@task(name="convert a part", retries=3, retry_delay_seconds=10, cache_policy=NO_CACHE, persist_result=False)
def convert_part(old: str, within: str, new: str, names: List[str], templates: Sequence[str]) -> Dict[str, Any]:
    """Copy some objects, unless the same is there already.

    Args:
        old: the old folder, as for `convert`.
        within: its name in the store, which old names are counted from.
        new: the new folder.
        names: the objects' names in the store.
        templates: for new names.

    Returns:
        The report, as of `convert`.
    """
    source = Source(open_place(old)[0], within)
    store, folder = open_place(new)
    target = copying.Folder(store.for_threads(), folder)
    report = _Report()
    entries = (Entry(name) for name in names)
    for outcome in copying.copy_all(source, entries, target, [renaming.parse(text) for text in templates]):
        report.add(outcome)
    return report.sums


@flow(name="convert old results", persist_result=False)
def convert(old: str, new: str, templates: Sequence[str] = (), part_size: int = PART_SIZE) -> Dict[str, Any]:
    """Copy stored results, so that Prefect 3 reads them as it is: ``rehandle results convert`` on many machines.

    The flow lists the old folder, and tasks copy parts of the listing on whichever task runner it has::

        convert.with_options(task_runner=DaskTaskRunner(address=...))("s3://bucket/old", "s3://bucket/new")

    What is there already is skipped, so a task that runs again, because its worker died, and a flow that runs again do
    nothing twice. All workers need rehandle, both folders under the same names, and the same credentials.

    Args:
        old: a folder, ``gs://bucket/folder``, ``s3://...`` or ``azure://...``. A path has to be absolute where workers
            run elsewhere.
        new: the same, for the copies.
        templates: for new names, such as ``double-{n}.pkl=doubled/{n}``.
        part_size: how many objects a task copies.

    Returns:
        ``converted``, ``skipped`` (there already) and ``need_rehandle`` as numbers, and ``failed``, a list of dicts
        with ``path`` and ``why``.

    Raises:
        RehandleError: there is nothing in ``old``, ``new`` is inside of it, or a template is none.
    """
    for text in templates:
        renaming.parse(text)
    source, entries = copying.opened(old)
    target = copying.folder(new, source)
    report = _Report()
    running: Deque[Any] = collections.deque()
    for names in _parts(source, entries, target, report, part_size):
        running.append(convert_part.submit(old, source.within, new, names, list(templates)))
        if len(running) >= _AHEAD:
            report.add_part(running.popleft().result())
    while running:
        report.add_part(running.popleft().result())
    get_run_logger().info(
        "%d converted, %d there already, %d failed",
        report.sums[CONVERTED],
        report.sums[SKIPPED],
        len(report.sums[FAILED]),
    )
    return report.sums


def _parts(
    source: Source, entries: Iterator[Entry], target: copying.Target, report: _Report, size: int
) -> Iterator[List[str]]:
    """Give the names of objects in parts. What is none is reported."""

    def names() -> Iterator[str]:
        for entry in entries:
            if entry.other is None:
                yield entry.name
            elif entry.other != FOLDER or entry.problem is not None:
                report.add(copying.copy(source, target, [], entry))

    of_all = names()
    while True:
        part = list(itertools.islice(of_all, size))
        if not part:
            return
        yield part
