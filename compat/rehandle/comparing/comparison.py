"""Compare two outcomes of one flow, as ``flow_outcome`` writes them, and lay the comparison out as a table."""

from itertools import zip_longest
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

EQUAL, DIFFERENT = "equal", "DIFFERENT"
COLUMNS = ("script", "task", "state", "value", "stored", "sha256")
LEGACY_AND_MIGRATED = ("legacy", "migrated")
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
        A comparison for the flow and one for each task and each file that no final state points to, and one for the
        warnings if they differ. The classes of the results are left out: a handler's stand-in is not the Result that
        replaces it. So are the warnings that handlers are deprecated.
    """
    if "error" in legacy or "error" in migrated:
        return [Comparison(script, "(whole flow)", _error(legacy), _error(migrated))]
    compared = [Comparison(script, f"flow {legacy['flow']!r}", _flow(legacy), _flow(migrated))]
    for before, after in zip_longest(legacy["tasks"], migrated["tasks"]):
        compared.append(Comparison(script, _task_name(before or after), _task(before), _task(after)))
    for before, after in zip_longest(_other_files(legacy), _other_files(migrated)):
        compared.append(Comparison(script, "(earlier iteration)", _file(before), _file(after)))
    for before, after in zip_longest(_warnings(legacy), _warnings(migrated)):
        if before != after:
            compared.append(Comparison(script, "(warning)", before, after))
    return compared


def is_same(one: Dict[str, Any], other: Dict[str, Any]) -> bool:
    """Tell whether two outcomes are equal in all that is compared."""
    return all(row.verdict == EQUAL for row in compare("", one, other))


def portable(outcome: Dict[str, Any]) -> Dict[str, Any]:
    """Leave out what Prefect's releases and Pythons do differently, though the flow does the same.

    Args:
        outcome: an outcome.

    Returns:
        The outcome without warnings, the bytes of pickles, and the values of skipped tasks.
    """
    if "error" in outcome:
        return outcome
    tasks = [dict(row, stored=_without_bytes(row["stored"])) for row in outcome["tasks"]]
    tasks = [dict(row, value="") if row["state"] == "Skipped" else row for row in tasks]
    return dict(outcome, tasks=tasks, files=list(map(_without_bytes, outcome["files"])), warnings=[])


def _without_bytes(stored: Any) -> Any:
    return dict(stored, sha256="") if stored and stored.get("pickle") else stored


def _error(outcome: Dict[str, Any]) -> Dict[str, Any]:
    error = outcome.get("error")
    return {"state": "error", "value": error.strip().splitlines()[-1]} if error else {"value": outcome["state"]}


def _warnings(outcome: Dict[str, Any]) -> List[Dict[str, Any]]:
    found = outcome.get("warnings", [])
    return [{"state": each["category"], "value": each["message"]} for each in found if not is_about_handlers(each)]


def is_about_handlers(warning: Dict[str, str]) -> bool:
    """Tell whether a warning says that handlers are deprecated.

    Args:
        warning: its ``category`` and ``message``. Prefect 0.9 and 0.11 to 0.13 have words of their own for it.
    """
    prefects = warning["message"].startswith(("Result Handlers are deprecated", "DEPRECATED: "))
    return warning["category"] == "ResultHandlerDeprecationWarning" or prefects


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
        final = row["stored"] and {key: value for key, value in row["stored"].items() if key != "read"}
        if final in others:
            others.remove(final)
    return others


def table(comparisons: List[Comparison], names: Tuple[str, str] = LEGACY_AND_MIGRATED) -> List[str]:
    """Lay comparisons out in columns.

    Args:
        comparisons: what was compared.
        names: what to call the two outcomes.

    Returns:
        The lines of the table. Where two outcomes differ, one line shows the first and one the second.
    """
    rows: List[Tuple[str, ...]] = [(*COLUMNS, " and ".join(names))]
    for comparison in comparisons:
        if comparison.verdict == EQUAL:
            rows.append((comparison.script, comparison.subject, *_cells(comparison.legacy), EQUAL))
        else:
            rows.append((comparison.script, comparison.subject, *_cells(comparison.legacy), f"{DIFFERENT}: {names[0]}"))
            rows.append(("", "", *_cells(comparison.migrated), f"{DIFFERENT}: {names[1]}"))
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
