"""``rehandle results ls``: what lies in a folder or bucket."""

import argparse
import json
import shlex
import sys
from typing import Any, Dict, Optional

from rehandle.command_line import printable
from rehandle.errors import StorageError
from rehandle.storage import open_entries
from rehandle.stored import terminal
from rehandle.stored.folders import rows
from rehandle.stored.folders.progress import Progress
from rehandle.stored.folders.totals import Totals
from rehandle.stored.terminal import say

DONE, FAILED = 0, 1

DESCRIPTION = """\
Say what lies in a folder or bucket: the format of each object, whether it is whole, and what a pickle would import.
It reads the first bytes of each, and the last ones where they say more. Nothing is unpickled, nothing is changed.
"""

EPILOG = """\
examples:
  rehandle results ls ~/.prefect/results
  rehandle results ls --recursive s3://bucket/flows
  rehandle results ls --recursive --json gs://bucket > rows.json
  rehandle results ls --json azure://container | jq -r '.[] | select(.status == "truncated") | .path'
  rehandle results ls --recursive --json --after s3://bucket/flows/2020/5/6/x s3://bucket > more.json

--json prints an array with one object a line: path, size (bytes), modified (UTC), layers (the formats, from the
outermost to the innermost), status (complete, partly read, truncated, damaged, unknown, unreadable) and imports. An
import without a name is one that the pickle hides: don't load that. The sums are on standard error then.

What has more than 4,096 bytes is "partly read" where both ends are right. Links aren't followed.

Exit: 0; 1 if something could not be read, which standard error names; 2 after an error.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: the command's.
    """
    parser.add_argument("location", metavar="PATH", help="a folder, gs://bucket/folder, s3://... or azure://...")
    parser.add_argument("--recursive", action="store_true", help="look into folders, too")
    parser.add_argument("--json", action="store_true", help="print a JSON array instead of a table")
    parser.add_argument(
        "--after", metavar="PATH", help="go on behind this object, which was the last one that a broken off run printed"
    )


def main(options: argparse.Namespace) -> int:
    """Run the command.

    Args:
        options: the parsed arguments.

    Returns:
        The exit code.
    """
    listing = open_entries(options.location, options.recursive, options.after)
    totals = Totals()
    progress = Progress("objects", shares=True)
    last: Optional[str] = None
    try:
        with terminal.patient() as stop_if_told, _Json() if options.json else _Table() as printer:
            for row in rows.rows(listing.store, listing.entries):
                stop_if_told()
                totals.add(row)
                if row.problem is not None:
                    progress.clear()
                    say(f"rehandle: {printable(row.path)}: {printable(row.problem)}", sys.stderr)
                if row.entry.other is None:
                    printer.add(row)
                    last = row.path
                    progress.add()
    except (KeyboardInterrupt, StorageError):
        if last is not None:
            progress.clear()
            say(f"rehandle: not all was listed. Go on with: --after {printable(shlex.quote(last))}", sys.stderr)
        raise
    progress.clear()
    for line in totals.lines():
        say(line, sys.stderr if options.json else None)
    return FAILED if totals.problems else DONE


class _Printer:
    """Prints rows in a ``with`` block, each as soon as it is there: what is printed is whole even if they break off."""

    def __enter__(self) -> "_Printer":
        return self

    def __exit__(self, *error: object) -> None:
        raise NotImplementedError

    def add(self, row: rows.Row) -> None:
        raise NotImplementedError


class _Json(_Printer):
    def __init__(self) -> None:
        self._before = "[\n"

    def add(self, row: rows.Row) -> None:
        # DEL is the one command to a terminal that JSON leaves as it is.
        print(self._before + json.dumps(rows.facts(row)).replace("\x7f", "\\u007f"), end="")
        self._before = ",\n"

    def __exit__(self, *error: object) -> None:
        say("[]" if self._before == "[\n" else "\n]")


class _Table(_Printer):
    def __init__(self) -> None:
        self._line("format", "status", "bytes", "modified", "path")

    def add(self, row: rows.Row) -> None:
        facts = rows.facts(row)
        imports = ", ".join(_import(one) for one in facts["imports"])
        self._line(
            ", ".join(facts["layers"]),
            facts["status"],
            f"{facts['size']:,}",
            facts["modified"],
            printable(row.path) + (printable(f"  imports {imports}") if imports else ""),
        )

    def __exit__(self, *error: object) -> None:
        say("")

    @staticmethod
    def _line(layers: str, status: str, size: str, modified: str, rest: str) -> None:
        say(f"{layers:<16} {status:<11} {size:>15} {modified:<20} {rest}", flush=False)


def _import(one: Dict[str, Any]) -> str:
    return "something hidden" if one["name"] is None else f"{one['module']}.{one['name']}"
