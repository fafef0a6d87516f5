"""Run the flows of some scripts and write down what came of each, as JSON.

``python -m rehandle.comparing.flow_outcome FOLDER SCRIPT...`` works on every Prefect from 0.6 to 1.4, so that the
outcomes of two releases, or of a flow before and after its migration, can be compared. Each script runs in the working
directory ``FOLDER/<its name>`` and leaves ``outcome.json`` there. What differs from run to run is left out: names of
files that Prefect or the user makes up, and addresses.
"""

import argparse
import ast
import contextlib
import importlib
import json
import os
import re
import runpy
import sys
import traceback
import warnings
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

from rehandle.comparing.stored_objects import stored_files, stored_object

# Prefect reads these when it is imported. The second one is what Prefect 0.8 asks for beside the first.
CHECKPOINTING = {"PREFECT__FLOWS__CHECKPOINTING": "true", "PREFECT__TASKS__DEFAULTS__CHECKPOINT": "true"}
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
HIDDEN = "<a secret>"
OUTCOME = "outcome.json"
HOME = ".prefect"
# Prefect makes these tasks itself, and not the same ones in each release.
AUXILIARY = ("prefect.tasks.core.collections", "prefect.tasks.core.constants")


class Job(NamedTuple):
    """One flow to run.

    Attributes:
        script: a file with a flow at its top level, which runs nothing unless it is the main program.
        repository: the folder that the script's imports are found in, beside the script's own.
        flow: the flow's variable or name; not needed where there is only one.
        parameters: the flow's parameters, by name.
        varying: regular expressions of what else differs from run to run.
    """

    script: str
    repository: str
    flow: Optional[str] = None
    parameters: Optional[Dict[str, Any]] = None
    varying: Sequence[str] = ()


def observe(job: Job, folder: str) -> None:
    """Run a flow in a working directory of its own and write down the outcome.

    Args:
        job: what to run.
        folder: the new working directory; ``outcome.json`` in it has the outcome, or ``{"error": <traceback>}``.
    """
    os.makedirs(folder)
    os.chdir(folder)
    path = [os.path.dirname(job.script), job.repository, os.path.join(job.repository, "src")]
    sys.path[:0] = path
    try:
        importlib.import_module("prefect").config.home_dir = os.path.abspath(HOME)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            flow = find_flow(run_script(job), job)
            outcome = run_flow(flow, job.parameters or {})
            outcome["warnings"] = own_warnings(caught, job.repository)
        refuse_other_copies(path, job.repository)
    except Exception:
        outcome = {"error": traceback.format_exc()}
    del sys.path[: len(path)]
    # The next script's imports shall find that it runs in another working directory.
    for name, module in list(sys.modules.items()):
        if is_below(getattr(module, "__file__", None), job.repository):
            del sys.modules[name]
    with open(OUTCOME, "w", encoding="utf-8") as file:
        json.dump(without_varying(outcome, job), file, indent=1)


def run_script(job: Job) -> Dict[str, Any]:
    """Run a script as one that is imported runs, by its path; with relative imports as a module of its package.

    Args:
        job: the script, and the repository that its package is in, or in ``src``.

    Returns:
        What it defines at its top level.

    Raises:
        ImportError: it has relative imports, and isn't in a package that is in the repository.
    """
    with open(job.script, "rb") as file:
        tree = ast.parse(file.read(), job.script)
    if not any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
        return runpy.run_path(job.script)
    source = os.path.join(job.repository, "src")
    root = source if is_below(job.script, source) else job.repository
    module = os.path.splitext(os.path.relpath(job.script, root))[0].replace(os.sep, ".")
    if "." not in module:
        raise ImportError(f"{job.script} has relative imports: give repository=, the folder that its package is in")
    return runpy.run_module(module, run_name="<run_path>")


def find_flow(names: Dict[str, Any], job: Job) -> Any:
    """Find the flow that a script defines.

    Args:
        names: what the script defines at its top level.
        job: which one is asked for.

    Raises:
        LookupError: there is no such flow, or there are several and none is asked for.
    """
    cls = importlib.import_module("prefect").Flow
    flows = {name: value for name, value in names.items() if isinstance(value, cls)}
    wanted = [flow for name, flow in flows.items() if job.flow in (None, name, flow.name)]
    distinct = [flow for number, flow in enumerate(wanted) if not any(flow is other for other in wanted[:number])]
    if len(distinct) != 1:
        asked = "a flow" if job.flow is None else f"a flow {job.flow!r}"
        found = ", ".join(flows) or "none"
        raise LookupError(f"{job.script} has to have {asked} at its top level, and flow= to say which. Found: {found}")
    return distinct[0]


def refuse_other_copies(path: Sequence[str], repository: str) -> None:
    """Make sure that the script used the modules that are beside it, and not others that are installed.

    Raises:
        ImportError: a module of the repository was imported from elsewhere.
    """
    for name, module in list(sys.modules.items()):
        found = getattr(module, "__file__", None)
        beside = [each for folder in path for each in (os.path.join(folder, f"{name}.py"), os.path.join(folder, name))]
        own = [each for each in beside if os.path.isfile(each) or os.path.isfile(os.path.join(each, "__init__.py"))]
        if found and own and "." not in name and not is_below(found, repository):
            raise ImportError(f"{name} was imported from {found}, not from {own[0]}: uninstall that other copy")


def is_below(path: Optional[str], folder: str) -> bool:
    """Tell whether a file is somewhere below a folder. No path is below none."""
    return bool(path) and os.path.realpath(str(path)).startswith(os.path.join(os.path.realpath(folder), ""))


def own_warnings(caught: Sequence[warnings.WarningMessage], repository: str) -> List[Dict[str, str]]:
    """Describe the warnings about a repository's own lines, each once; others' differ from machine to machine."""
    found = {(each.category.__name__, str(each.message)) for each in caught if is_below(each.filename, repository)}
    return [{"category": category, "message": message} for category, message in sorted(found)]


def without_varying(value: Any, job: Job) -> Any:
    """Replace what differs from run to run in all texts of an outcome.

    Args:
        value: the outcome, or a part of it.
        job: what was run.
    """
    if isinstance(value, dict):
        return {key: without_varying(each, job) for key, each in value.items()}
    if isinstance(value, list):
        return [without_varying(each, job) for each in value]
    if not isinstance(value, str):
        return value
    value = value.replace(os.getcwd(), "<here>").replace(job.repository, "<repository>")
    value = ADDRESS.sub("<address>", value)
    for pattern in job.varying:
        value = re.sub(pattern, "<varying>", value)
    return value


@contextlib.contextmanager
def whole_values() -> Iterator[None]:
    """Let reprs of large tables and arrays be complete, as two that differ in the middle would look the same."""
    with contextlib.ExitStack() as stack:
        numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
        if numpy is not None:
            stack.enter_context(numpy.printoptions(threshold=sys.maxsize))
        if pandas is not None:
            limits = ("display.max_rows", "display.max_columns", "display.max_colwidth", "display.width")
            stack.enter_context(pandas.option_context(*[part for limit in limits for part in (limit, None)]))
        yield


def run_flow(flow: Any, parameters: Dict[str, Any]) -> Dict[str, Any]:
    """Run a flow at once: its schedule is taken off.

    Args:
        flow: the flow.
        parameters: its parameters, by name.

    Returns:
        The flow's name and state, what became of each task, and every file below the working directory.
    """
    # Whoever compares flows doesn't wait until one is due. Until Prefect 0.10 run_on_schedule=False retries no task.
    flow.schedule = None
    state = flow.run(**parameters)
    with whole_values():
        return {
            "flow": flow.name,
            "state": type(state).__name__,
            "tasks": task_rows(flow, state),
            "files": stored_files(".", OUTCOME),
        }


def task_rows(flow: Any, flow_state: Any) -> List[Dict[str, Any]]:
    """Describe the tasks of a flow that has run, in an order that doesn't depend on Prefect's.

    Args:
        flow: the flow.
        flow_state: the state that ``flow.run()`` returned.

    Returns:
        One row for each task, and one for each child of a mapped task. Tasks that Prefect made for lists and constants
        have none.
    """
    depths: Dict[Any, int] = {}
    rows = []
    for task in flow.sorted_tasks():
        depths[task] = max((depths[above] + 1 for above in flow.upstream_tasks(task)), default=0)
        if type(task).__module__ in AUXILIARY:
            continue
        state = flow_state.result[task]
        children = list(getattr(state, "map_states", None) or [])
        for index, each in [(None, state), *enumerate(children)]:
            row = task_row(task.name, index, each)
            rows.append((depths[task], without_secret(row) if holds_secret(task, each) else row))
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


def holds_secret(task: Any, state: Any) -> bool:
    """Tell whether a task's value is a secret, which an outcome must not hold: it is kept in a file, and shown.

    Args:
        task: the task.
        state: its final state.
    """
    handler = getattr(getattr(state._result, "safe_value", None), "result_handler", None)
    return any(cls.__module__.startswith("prefect.tasks.secrets") for cls in type(task).__mro__) or (
        type(state._result).__name__ == "SecretResult" or type(handler).__name__ == "SecretResultHandler"
    )


def without_secret(row: Dict[str, Any]) -> Dict[str, Any]:
    """Take the values out of a task's row.

    Args:
        row: the row.
    """
    stored = row["stored"]
    hidden = stored and {**stored, "value": HIDDEN, "read": HIDDEN, "sha256": ""}
    return {**row, "value": HIDDEN, "stored": hidden}


def block(module: str) -> None:
    """Make every import of a module fail, and of what is in it."""
    for name in [*sys.modules, module]:
        if f"{name}.".startswith(f"{module}."):
            sys.modules[name] = None  # type: ignore[assignment]


def main(argv: Optional[List[str]] = None) -> None:
    """Run the command line.

    Args:
        argv: the arguments, by default those of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m rehandle.comparing.flow_outcome", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", help="where the working directories are made")
    parser.add_argument("scripts", nargs="+", metavar="script", help="a Python file with a flow at its top level")
    parser.add_argument("--shim", action="store_true", help="make result handlers and Results work on this Prefect")
    parser.add_argument("--without", metavar="MODULE", help="make every import of this module fail")
    parser.add_argument("--repository", help="where the scripts' imports are; by default the folder of each")
    parser.add_argument("--flow", help="the flow's variable or name, where a script has several")
    parser.add_argument("--parameters", type=json.loads, metavar="JSON", help="the flow's parameters, as an object")
    parser.add_argument("--varying", action="append", default=[], metavar="REGEX", help="what differs from run to run")
    arguments = parser.parse_args(argv)
    for name, value in CHECKPOINTING.items():
        os.environ.setdefault(name, value)
    if arguments.without:
        block(arguments.without)
    if arguments.shim:
        importlib.import_module("rehandle.auto")
    folder = os.path.realpath(arguments.folder)
    for script in [os.path.realpath(script) for script in arguments.scripts]:
        repository = os.path.realpath(arguments.repository or os.path.dirname(script))
        job = Job(script, repository, arguments.flow, arguments.parameters, arguments.varying)
        observe(job, os.path.join(folder, os.path.basename(script)))


if __name__ == "__main__":
    main()
