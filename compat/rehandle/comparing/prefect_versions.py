"""The table of ``--prefect-versions``: what flows did on each Prefect that pytest ran on."""

import json
import os
import sys
import warnings
from itertools import zip_longest
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import pytest

from rehandle import prefect_release
from rehandle.comparing.comparison import is_same
from rehandle.errors import RehandleError

FIXTURES = ("flow_runner", "legacy_and_migrated")


class PrefectVersions:
    """The file of ``--prefect-versions``: one line of JSON for each test in each run, and the table of it.

    A later line about the same test on the same Prefect and Python replaces an earlier one.
    """

    NAME = "rehandle-prefect-versions"

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                release = prefect_release.release()
        except RehandleError as error:
            raise pytest.UsageError(f"--prefect-versions: {error}") from error
        self.here = [".".join(map(str, numbers)) for numbers in (release, sys.version_info[:2])]
        self.rows: Dict[Tuple[str, str, str], Dict[str, Any]] = {}
        self.found: Dict[str, Dict[str, Any]] = {}
        self._read()

    def _read(self) -> None:
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    row = json.loads(line)
                    self.rows[_key(row)] = row
                except (ValueError, KeyError, TypeError) as error:
                    message = (
                        f"--prefect-versions: line {number} of {self.path} is no record ({error!r}): remove the file"
                    )
                    raise pytest.UsageError(message) from error

    def others(self, test: str) -> List[Dict[str, Any]]:
        """The rows of a test on other releases and Pythons, the oldest Prefect first."""
        rows = [row for row in self.rows.values() if row["test"] == test and row["where"] != self.here]
        return sorted(rows, key=lambda row: _numbers(row["where"]))

    def reference(self, test: str, number: int, code: str) -> Tuple[str, Optional[Dict[str, Any]]]:
        """The oldest release's outcome of a test's call of a fixture, if its code was the same."""
        for row in self.others(test):
            if number < len(row["outcomes"]) and row["outcomes"][number]["code"] == code:
                return row["where"][0], row["outcomes"][number]["outcome"]
        return "", None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any) -> Iterator[None]:
        """Send a test's outcomes along with its report, which is how they get here from other processes."""
        result = yield
        if set(FIXTURES) & set(getattr(item, "fixturenames", ())):
            result.get_result().rehandle_outcomes = list(getattr(item, "rehandle_outcomes", ()))  # type: ignore[attr-defined]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember what came of a test that uses a fixture of this plugin."""
        outcomes = getattr(report, "rehandle_outcomes", None)
        if outcomes is None or (report.when != "call" and report.passed):
            return
        row = {"test": report.nodeid, "where": self.here, "result": report.outcome, "outcomes": outcomes}
        self.found[report.nodeid] = row

    def pytest_sessionfinish(self, session: Any) -> None:
        """Add what was found to the file."""
        if hasattr(session.config, "workerinput") or not self.found:
            return
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        text = "".join(json.dumps(row) + "\n" for row in self.found.values())
        # One write: several runs may do this at a time.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, text.encode("utf-8"))
        finally:
            os.close(descriptor)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the table of this run's tests on all Prefects that have been collected."""
        if not self.found:
            return
        self._read()
        terminalreporter.section("Prefect versions")
        for line in self.table():
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"Collected in {self.path}. Each is compared with the first that ran.")

    def table(self) -> List[str]:
        """The lines of the table: a row for each test of this run, a column for each Prefect and Python."""
        rows = dict(self.rows)
        rows.update({_key(row): row for row in self.found.values()})
        columns = sorted({key[1:] for key in rows if key[0] in self.found}, key=_numbers)
        lines = [("test", *(f"{release}/py{python}" for release, python in columns))]
        for test, here in sorted(self.found.items()):
            reference: Any = None
            cells = []
            for column in columns:
                row = rows.get((test, *column))
                cells.append(_cell(row, reference, here))
                if reference is None and cells[-1] == "ran":
                    reference = row
            lines.append((test, *cells))
        widths = [max(map(len, column)) for column in zip(*lines)]
        return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]


def _cell(row: Any, reference: Any, here: Any) -> str:
    """What the table says of a test on a Prefect: the first that ran is what the others are compared with."""
    if row is None:
        return "-"
    if not row["outcomes"]:
        return str(row["result"])
    if here["outcomes"] and [each["code"] for each in row["outcomes"]] != [each["code"] for each in here["outcomes"]]:
        return "other code"
    if reference is None:
        return "ran"
    pairs = list(zip_longest(row["outcomes"], reference["outcomes"]))
    if not all(one and other and is_same(one["outcome"], other["outcome"]) for one, other in pairs):
        return "differs"
    return "same" if row["result"] != "failed" else "failed"


def _key(row: Dict[str, Any]) -> Tuple[str, str, str]:
    release, python = row["where"]
    return row["test"], release, python


def _numbers(where: Sequence[str]) -> List[List[int]]:
    return [[int(part) for part in version.split(".")] for version in where]
