"""What the example flows do on every Prefect: one table, and the documented exceptions of single releases."""

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import cloudpickle

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LEGACY = EXAMPLES / "legacy_flows"
IN_STATE = "in the state"
PICKLE = "results/<generated>"

Release = Tuple[int, ...]


class Row(NamedTuple):
    """One task, or one child of a mapped task.

    Attributes:
        task: the task's name.
        value: what the task returns.
        where: the location as ``rehandle.comparing.flow_outcome`` writes it, or None where nothing is stored.
        text: the stored object where it is text; any other file is the pickled value.
        map_index: a mapped child's index.
        state: the type of the final state.
    """

    task: str
    value: Any
    where: Optional[str] = None
    text: Optional[str] = None
    map_index: Optional[int] = None
    state: str = "Success"


class Flow(NamedTuple):
    """One script's flow.

    Attributes:
        name: the flow's name.
        tasks: its tasks, by their place in the flow, then by name.
        overwritten: values that are stored too, but that no final state points to.
    """

    name: str
    tasks: Tuple[Row, ...]
    overwritten: Tuple[Any, ...] = ()


def _squares() -> List[Dict[str, int]]:
    return [{"number": 1, "square": 1}, {"number": 2, "square": 4}, {"number": 3, "square": 9}]


_ORDERS = [
    {"order": "1", "region": "north", "amount": "10"},
    {"order": "2", "region": "south", "amount": "25"},
    {"order": "3", "region": "north", "amount": "7"},
]
_NORTH, _SOUTH = [_ORDERS[0], _ORDERS[2]], [_ORDERS[1]]
_VISITS = [{"day": "monday", "visits": "12"}, {"day": "tuesday", "visits": "30"}]

FLOWS = {
    "flow_level.py": Flow(
        "my handled flow!",
        (Row("add", 3, PICKLE), Row("add", 103, PICKLE)),
    ),
    "task_level.py": Flow(
        "my handled tasks!",
        (
            Row("add", 3, PICKLE),
            Row("add", 103, PICKLE),
            Row("describe", {"total": 103, "even": False}, PICKLE),
            Row("flag", False, IN_STATE),
            Row("forget", 2),
        ),
    ),
    "task_classes.py": Flow(
        "task classes",
        (Row("add", 3, IN_STATE), Row("add stored", 103, PICKLE), Row("double", 206, PICKLE)),
    ),
    "call_options.py": Flow(
        "another handler for one call",
        (Row("add", 3, IN_STATE), Row("big add", 103, PICKLE), Row("small add", 104, IN_STATE)),
    ),
    "inline_json.py": Flow(
        "small results",
        (
            Row("start", 1, IN_STATE),
            Row("add", 3, IN_STATE),
            Row("add", 103, IN_STATE),
            Row("summarise", {"total": 103, "digits": [1, 0, 3]}, IN_STATE),
        ),
    ),
    "mapped.py": Flow(
        "mapped",
        (
            Row("count", 3, IN_STATE),
            Row("numbers", [1, 2, 3], IN_STATE),
            Row("square", _squares(), state="Mapped"),
            *(Row("square", value, PICKLE, map_index=index) for index, value in enumerate(_squares())),
            Row("total", 14, PICKLE),
        ),
    ),
    "looped.py": Flow("looped", (Row("halve", 1, PICKLE),), overwritten=(10, 5, 2, 1)),
    "orders.py": Flow(
        "orders",
        (
            Row(
                "extract",
                _ORDERS,
                "results/orders/<uuid>.csv",
                "order,region,amount\r\n1,north,10\r\n2,south,25\r\n3,north,7\r\n",
            ),
            Row("regions", ["north", "south"]),
            Row("of_region", [_NORTH, _SOUTH], state="Mapped"),
            Row(
                "of_region",
                _NORTH,
                "results/orders/<uuid>.csv",
                "order,region,amount\r\n1,north,10\r\n3,north,7\r\n",
                map_index=0,
            ),
            Row("of_region", _SOUTH, "results/orders/<uuid>.csv", "order,region,amount\r\n2,south,25\r\n", map_index=1),
            Row(
                "report",
                [{"region": "north", "amount": "17"}, {"region": "south", "amount": "25"}],
                "results/reports/<uuid>.csv",
                "region;amount\r\nnorth;17\r\nsouth;25\r\n",
            ),
        ),
    ),
    "nightly.py": Flow(
        "nightly",
        (
            Row("fetch", _VISITS, IN_STATE),
            Row("secret_totals", [12, 30]),
            Row("store", _VISITS, "results/visits/<uuid>.csv", "day,visits\r\nmonday,12\r\ntuesday,30\r\n"),
            Row("alert", None, state="Skipped"),
        ),
    ),
}


class Exceptional(NamedTuple):
    """A range of releases on which Prefect itself does something else.

    Attributes:
        script: the flow's script.
        since: the first release of the range.
        before: the first release after the range.
        form: "legacy", "migrated" or "both".
        reason: what Prefect does there.
        flow: what then comes out; None where the flow can't even be built.
        error: a part of the error that building it then raises.
    """

    script: str
    since: Release
    before: Release
    form: str
    reason: str
    flow: Optional[Flow]
    error: str = ""


EXCEPTIONS = (
    Exceptional(
        "call_options.py",
        (0, 11),
        (0, 14),
        "legacy",
        "a task has no attribute result_handler, so task_args refuses it",
        None,
        "AttributeError: <Task: add> does not have result_handler as an attribute",
    ),
    Exceptional(
        "looped.py",
        (0, 8),
        (0, 13, 15),
        "both",
        "only the last iteration of a loop is stored",
        FLOWS["looped.py"]._replace(overwritten=()),
    ),
)


def exception_for(script: str, release: Release, form: str) -> Optional[Exceptional]:
    """Find the exception that a script has on a release; form is "legacy" or "migrated"."""
    for row in EXCEPTIONS:
        if row.script == script and row.since <= release < row.before and row.form in (form, "both"):
            return row
    return None


def expected(flow: Flow) -> Dict[str, Any]:
    """Give what ``comparable`` makes of the outcome of a flow that does what the table says."""
    rows = [row for row in flow.tasks if row.where not in (None, IN_STATE)]
    files = [(row.where, _checksum(_stored_bytes(row))) for row in rows]
    files += [(PICKLE, _checksum(cloudpickle.dumps(value))) for value in flow.overwritten]
    return {
        "flow": flow.name,
        "state": "Success",
        "tasks": sorted(map(_expected_task, flow.tasks)),
        "files": sorted(files),
    }


def _expected_task(row: Row) -> Tuple[str, ...]:
    checksum = "" if row.where is None else _checksum(_stored_bytes(row))
    read_back = "" if row.where is None else repr(row.value)
    # A skipped task's value is the signal it raised on some releases and None on others.
    value = "" if row.state == "Skipped" else repr(row.value)
    return (row.task, str(row.map_index), row.state, value, row.where or "", checksum, read_back)


def _stored_bytes(row: Row) -> bytes:
    if row.where == IN_STATE:
        return json.dumps(row.value).encode()
    return cloudpickle.dumps(row.value) if row.text is None else row.text.encode()


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def comparable(outcome: Dict[str, Any]) -> Dict[str, Any]:
    """Reduce what ``rehandle.comparing.flow_outcome`` wrote to what is the same on all releases."""
    assert "error" not in outcome, outcome["error"]
    return {
        "flow": outcome["flow"],
        "state": outcome["state"],
        "tasks": sorted(map(_actual_task, outcome["tasks"])),
        "files": sorted((file["location"], file["sha256"]) for file in outcome["files"]),
    }


def _actual_task(row: Dict[str, Any]) -> Tuple[str, ...]:
    stored = row["stored"] or {"location": "", "sha256": "", "read": ""}
    value = "" if row["state"] == "Skipped" else row["value"]
    where = (stored["location"], stored["sha256"], stored["read"])
    return (row["task"], str(row["map_index"]), row["state"], value, *where)
