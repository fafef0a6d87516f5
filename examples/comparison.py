"""Compare two outcomes of one flow, as ``outcomes.py`` writes them, and lay the comparison out as a table."""

from itertools import zip_longest
from typing import Any, Dict, List, NamedTuple, Optional

EQUAL, DIFFERENT = "equal", "DIFFERENT"
COLUMNS = ("script", "task", "state", "value", "stored", "sha256", "legacy and migrated")
WIDEST_VALUE = 32


class Comparison(NamedTuple):
    """One line of the table.

    Attributes:
        script: the flow's script.
        subject: the task, or what else of the flow is compared.
        legacy: what came of it before the migration; None where there is nothing.
        migrated: the same afterwards.
    """

    script: str
    subject: str
    legacy: Optional[Dict[str, Any]]
    migrated: Optional[Dict[str, Any]]

    @property
    def verdict(self) -> str:
        """EQUAL or DIFFERENT."""
        return EQUAL if self.legacy == self.migrated else DIFFERENT


def compare(script: str, legacy: Dict[str, Any], migrated: Dict[str, Any]) -> List[Comparison]:
    """Compare two outcomes: the flow's state, each task, and all files that were stored.

    Args:
        script: the flow's script.
        legacy: the outcome before the migration.
        migrated: the outcome after it.

    Returns:
        A comparison for the flow and one for each task and each file that no final state points to. The classes
        of the results are left out: a handler's stand-in is not the Result that replaces it.
    """
    compared = [Comparison(script, f"flow {legacy['flow']!r}", _flow(legacy), _flow(migrated))]
    for before, after in zip_longest(legacy["tasks"], migrated["tasks"]):
        compared.append(Comparison(script, _task_name(before or after), _task(before), _task(after)))
    for before, after in zip_longest(_other_files(legacy), _other_files(migrated)):
        compared.append(Comparison(script, "(earlier iteration)", _file(before), _file(after)))
    return compared


def _flow(outcome: Dict[str, Any]) -> Dict[str, Any]:
    return {"name": outcome["flow"], "state": outcome["state"], "value": f"{len(outcome['files'])} files"}


def _task(row: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    return None if row is None else {key: value for key, value in row.items() if key != "result"}


def _task_name(row: Dict[str, Any]) -> str:
    return row["task"] if row["map_index"] is None else f"{row['task']}[{row['map_index']}]"


def _file(file: Optional[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    return None if file is None else {"value": file["value"], "stored": file}


def _other_files(outcome: Dict[str, Any]) -> List[Dict[str, Any]]:
    """List the files that are not the result of a task's final state."""
    others = list(outcome["files"])
    for row in outcome["tasks"]:
        final = row["stored"] and {key: row["stored"][key] for key in ("location", "value", "sha256")}
        if final in others:
            others.remove(final)
    return others


def table(comparisons: List[Comparison]) -> List[str]:
    """Lay comparisons out in columns.

    Args:
        comparisons: what was compared.

    Returns:
        The lines of the table. Where two outcomes differ, one line shows the legacy outcome and one the migrated.
    """
    rows = [COLUMNS]
    for comparison in comparisons:
        if comparison.verdict == EQUAL:
            rows.append((comparison.script, comparison.subject, *_cells(comparison.legacy), EQUAL))
        else:
            rows.append((comparison.script, comparison.subject, *_cells(comparison.legacy), f"{DIFFERENT}: legacy"))
            rows.append(("", "", *_cells(comparison.migrated), f"{DIFFERENT}: migrated"))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _cells(row: Optional[Dict[str, Any]]) -> List[str]:
    if row is None:
        return ["missing", "", "", ""]
    stored = row.get("stored") or {"location": "-", "sha256": ""}
    value = row["value"]
    if len(value) > WIDEST_VALUE:
        value = value[: WIDEST_VALUE - 3] + "..."
    return [row.get("state", ""), value.replace("\r\n", "\\n"), stored["location"], stored["sha256"][:8]]
