"""Run the flows of some scripts and write down what came of each, as JSON.

``python outcomes.py FOLDER SCRIPT... [--shim] [--without MODULE]`` works on every Prefect from 0.8 to 1.4, so that the
outcomes of two releases, or of a flow before and after its migration, can be compared. Each script runs in the working
directory ``FOLDER/<its name>`` and leaves ``outcome.json`` there. Names of files that differ from run to run are left
out.
"""

import argparse
import hashlib
import importlib
import json
import os
import re
import runpy
import sys
import traceback
from typing import Any, Dict, List, Optional, Tuple

import cloudpickle

# Prefect reads these when it is imported. The second one is what Prefect 0.8 asks for beside the first.
CHECKPOINTING = {"PREFECT__FLOWS__CHECKPOINTING": "true", "PREFECT__TASKS__DEFAULTS__CHECKPOINT": "true"}
# A name that Prefect made up: for a local file up to 0.8, for a local file since, and for any other storage.
GENERATED_NAME = re.compile(
    r"(prefect-[a-z0-9_]{8}|prefect-result-[0-9a-ftz-]+|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}/[0-9a-f-]{36}\.prefect_result)$"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def observe(script: str, folder: str) -> None:
    """Run a script in a working directory of its own and write down the outcome.

    Args:
        script: a file that defines ``flow`` and does nothing more unless it is the main program.
        folder: the new working directory; ``outcome.json`` in it has the outcome, or ``{"error": <traceback>}``.
    """
    os.makedirs(folder)
    os.chdir(folder)
    repository = os.path.dirname(script)
    sys.path.insert(0, repository)
    try:
        outcome = run_flow(runpy.run_path(script)["flow"])
    except Exception:
        outcome = {"error": traceback.format_exc()}
    sys.path.remove(repository)
    # The next script's imports shall find that it runs in another working directory.
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(repository + os.sep):
            del sys.modules[name]
    with open("outcome.json", "w", encoding="utf-8") as file:
        json.dump(outcome, file, indent=1)


def run_flow(flow: Any) -> Dict[str, Any]:
    """Run a flow.

    Args:
        flow: the flow.

    Returns:
        The flow's name and state, what became of each task, and every file below the results' folder.
    """
    state = flow.run()
    return {
        "flow": flow.name,
        "state": type(state).__name__,
        "tasks": task_rows(flow, state),
        "files": stored_files(os.environ.get("RESULTS_DIR", "results")),
    }


def task_rows(flow: Any, flow_state: Any) -> List[Dict[str, Any]]:
    """Describe the tasks of a flow that has run, in an order that doesn't depend on Prefect's.

    Args:
        flow: the flow.
        flow_state: the state that ``flow.run()`` returned.

    Returns:
        One row for each task, and one for each child of a mapped task.
    """
    depths: Dict[Any, int] = {}
    rows = []
    for task in flow.sorted_tasks():
        depths[task] = max((depths[above] + 1 for above in flow.upstream_tasks(task)), default=0)
        state = flow_state.result[task]
        children = list(getattr(state, "map_states", None) or [])
        for index, each in [(None, state), *enumerate(children)]:
            rows.append((depths[task], task_row(task.name, index, each)))
    rows.sort(key=lambda row: (row[0], row[1]["task"], row[1]["value"], row[1]["map_index"] or 0))
    return [row for _, row in rows]


def task_row(name: str, map_index: Optional[int], state: Any) -> Dict[str, Any]:
    """Describe one run of a task.

    Args:
        name: the task's name.
        map_index: the child's place in its mapped task; None for any other task.
        state: the final state.

    Returns:
        What the demo and the tests compare, ready for JSON.
    """
    result = state._result
    return {
        "task": name,
        "map_index": map_index,
        "state": type(state).__name__,
        "value": repr(state.result),
        "result": type(result).__name__,
        "stored": stored_object(result),
    }


def stored_object(result: Any) -> Optional[Dict[str, Any]]:
    """Describe a stored result: where it is, what is in it, and what Prefect reads from it.

    Args:
        result: the ``_result`` of a state.

    Returns:
        The location, the object's value and checksum, and the value as Prefect reads it back. None when nothing
        is stored.
    """
    if prefect_release() >= (0, 11):
        location = result.location
        if location is None:
            return None
        read_back = result.read(location).value
    else:
        safe_value = getattr(result, "safe_value", None)
        if type(safe_value).__name__ != "SafeResult":  # there is also NoResult
            return None
        location = safe_value.value
        read_back = safe_value.to_result().value
    # Before Prefect 0.12 the location of a LocalResult is relative to its folder.
    path = os.path.join(getattr(result, "dir", None) or "", str(location))
    if os.path.isfile(path):
        described = stored_file(path)
    else:
        described = {"location": "in the state", "value": location, "sha256": checksum(str(location).encode())}
    return dict(described, read=repr(read_back))


def prefect_release() -> Tuple[int, ...]:
    """Return the first two numbers of the installed Prefect's version."""
    return tuple(int(number) for number in importlib.import_module("prefect").__version__.split(".")[:2])


def stored_files(folder: str) -> List[Dict[str, Any]]:
    """Describe every file below a folder.

    Args:
        folder: the folder; it need not exist.

    Returns:
        The files, sorted by location and content.
    """
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    return sorted((stored_file(path) for path in paths), key=lambda row: (row["location"], row["value"]))


def stored_file(path: str) -> Dict[str, Any]:
    """Describe one file that holds a result.

    Args:
        path: the file. A pickle is told from text by being no UTF-8.

    Returns:
        The location with placeholders for what differs from run to run, the value, and the checksum of the bytes.
    """
    location = os.path.relpath(os.path.realpath(path))
    location = UUID.sub("<uuid>", GENERATED_NAME.sub("<generated>", location))
    with open(path, "rb") as file:
        data = file.read()
    try:
        value = data.decode()
    except UnicodeDecodeError:
        value = repr(cloudpickle.loads(data))
    return {"location": location, "value": value, "sha256": checksum(data)}


def checksum(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def main(argv: Optional[List[str]] = None) -> None:
    """Run the command line.

    Args:
        argv: the arguments, by default those of the process.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where the working directories are made")
    parser.add_argument("scripts", nargs="+", metavar="script", help="a Python file with a module-level `flow`")
    parser.add_argument("--shim", action="store_true", help="make result handlers work on this Prefect")
    parser.add_argument("--without", metavar="MODULE", help="make every import of this module fail")
    arguments = parser.parse_args(argv)
    for name, value in CHECKPOINTING.items():
        os.environ.setdefault(name, value)
    if arguments.without:
        sys.modules[arguments.without] = None  # type: ignore[assignment]
    if arguments.shim:
        importlib.import_module("rehandle.auto")
    folder = os.path.abspath(arguments.folder)
    for script in [os.path.realpath(script) for script in arguments.scripts]:
        observe(script, os.path.join(folder, os.path.basename(script)))


if __name__ == "__main__":
    main()
