"""``rehandle results convert``: copies of stored results that stock Prefect 3 reads."""

import argparse
import json
import sys
from typing import Iterator

from rehandle.command_line import printable
from rehandle.storage.base import Entry
from rehandle.stored import terminal
from rehandle.stored.folders import copying, renaming
from rehandle.stored.folders.copying import CONVERTED, FAILED, SKIPPED, Outcome
from rehandle.stored.folders.progress import Progress
from rehandle.stored.terminal import say

DONE, SOME_FAILED = 0, 1

DESCRIPTION = """\
Copy stored results, so that Prefect 3 reads them as it is: OLD and all folders in it, each object to the same name in
NEW. Nothing is unpickled. Nothing in OLD is changed, nothing in NEW is replaced, and each copy is read back.
"""

TEMPLATES = """\
--map renames what its old name, counted from OLD, fits: {n} stands for some characters but /. All else keeps its name.
A = in a name is written ==, a brace twice.
"""

EPILOG = f"""\
examples:
  rehandle results convert --sample 20 /srv/results /srv/results-3
  rehandle results convert --map 'double-{{n}}.pkl=doubled/{{n}}' /srv/results /srv/results-3
  rehandle results convert --json gs://bucket/old gs://bucket/new > report.json

{TEMPLATES}
What has the same copy in NEW already is skipped: a run that was broken off, even by kill -9, goes on where it was. A
copy is written as a whole or not at all. Tables and text become records that need rehandle where they are read.
--json prints one object: failed (an array of path and why), converted, skipped, need_rehandle (numbers).

Exit: 0; 1 if something could not be copied, which is named; 2 after an error, such as a NEW inside of OLD.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: the command's.
    """
    parser.add_argument("location", metavar="OLD", help="a folder, gs://bucket/folder, s3://... or azure://...")
    parser.add_argument("new", metavar="NEW", help="the same: a folder for the copies, which is made if need be")
    add_common_arguments(parser)


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of all commands that copy.

    Args:
        parser: the command's.
    """
    parser.add_argument("--sample", metavar="N", type=_count, help="copy only the first N objects of the listing")
    parser.add_argument(
        "--map",
        metavar="OLD=NEW",
        action="append",
        default=[],
        help="a template for new names; may be given several times",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of objects: expected 1 or more")
    return int(text)


def main(options: argparse.Namespace) -> int:
    """Run the command.

    Args:
        options: the parsed arguments.

    Returns:
        The exit code.
    """
    source, entries = copying.opened(options.location)
    return run(options, source, entries, copying.folder(options.new, source))


def run(options: argparse.Namespace, source: copying.Source, entries: Iterator[Entry], target: copying.Target) -> int:
    """Copy what a listing finds, and report.

    Args:
        options: the parsed arguments.
        source: where it lies.
        entries: the listing.
        target: where the copies go.

    Returns:
        The exit code.
    """
    templates = [renaming.parse(text) for text in options.map]
    report = _Report(options.json)
    try:
        with terminal.patient() as stop_if_told:
            for outcome in copying.copy_all(source, entries, target, templates, options.sample):
                report.add(outcome)
                stop_if_told()
    finally:
        report.end()
    return SOME_FAILED if report.counts[FAILED] else DONE


class _Report:
    """Says at once what failed, and at the end how many there were."""

    def __init__(self, as_json: bool) -> None:
        self.counts = dict.fromkeys((CONVERTED, SKIPPED, FAILED), 0)
        self._need_rehandle = 0
        self._as_json = as_json
        self._progress = Progress("objects", shares=False)
        self._before = '{"failed": [\n'

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.what] += 1
        self._need_rehandle += outcome.needs_rehandle
        if outcome.what == FAILED:
            self._progress.clear()
            if self._as_json:
                # DEL is the one command to a terminal that JSON leaves as it is.
                failed = json.dumps({"path": outcome.path, "why": outcome.why}).replace("\x7f", "\\u007f")
                print(self._before + failed, end="")
                self._before = ",\n"
            else:
                say(f"rehandle: {printable(outcome.path)}: {printable(outcome.why or '')}", sys.stderr)
        self._progress.add()

    def end(self) -> None:
        self._progress.clear()
        converted, skipped, failed = self.counts.values()
        if self._as_json:
            begun = '{"failed": [' if failed == 0 else "\n"
            rest = {"converted": converted, "skipped": skipped, "need_rehandle": self._need_rehandle}
            say(f"{begun}], {json.dumps(rest)[1:]}")
            return
        say(f"{converted:,} converted, {skipped:,} there already, {failed:,} failed")
        if self._need_rehandle:
            say(f"{self._need_rehandle:,} of them need rehandle where they are read")
