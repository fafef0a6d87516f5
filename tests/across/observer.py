"""Import all modules of small repositories, run all flows in them and write down what came of each, as JSON.

``python observer.py JOBS`` works on every Prefect from 0.10 to 1.4. JOBS is a JSON file with an array of objects: the
repository's ``folder``, the file for its ``outcome``, whether ``rehandle`` is "blocked", "importable" or "installed",
and the ``paths`` on sys.path and ``modules`` to import where these aren't the usual ones and all. Each repository is
imported in a process of its own, forked from the one that imported Prefect, with its
folder as the working directory. rehandle and `tests/flows` have to be on PYTHONPATH.
"""

import contextlib
import functools
import importlib
import io
import json
import os
import random
import re
import sys
import traceback
from pathlib import Path

import prefect
from prefect import Flow, Task, task
from shown_warnings import warned

from rehandle import prefect_release
from rehandle.comparing import flow_outcome, stored_objects

PROBE = {"probe": [1, "é", None]}
# What has a client or doesn't store anything isn't written to: its attributes are compared.
UNWRITTEN = re.compile("(GCS|S3|Azure|Secret)Result")
ATTRIBUTES = ("bucket", "container", "boto3_kwargs", "connection_string", "value")
AUXILIARY = ("prefect.tasks.core.collections", "prefect.tasks.core.constants")
GENERATED = re.compile(stored_objects.GENERATED_NAME.pattern.rstrip("$"))
# Names that handlers make up with id() or the process's number, and the addresses in reprs.
NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)|\b0x[0-9a-f]+\b")


def observe(job):
    """Do one job, in a process that then ends."""
    os.chdir(job["folder"])
    prefect.config.home_dir = os.path.abspath("home")
    random.seed(0)
    if job["rehandle"] == "blocked":
        flow_outcome.block("rehandle")
    elif job["rehandle"] == "installed":
        importlib.import_module("rehandle").install()
    printed = io.StringIO()
    with warned() as warnings:
        try:
            with contextlib.redirect_stdout(printed):
                outcome = observe_repository(job["paths"], job["modules"])
        except BaseException:
            outcome = {"error": traceback.format_exc()}
    outcome["warnings"] = [{"category": category, "message": message} for category, message in warnings]
    outcome["printed"] = printed.getvalue()
    Path(job["outcome"]).write_text(json.dumps(plain(outcome), indent=1), "utf-8")


def plain(value):
    """The same without what differs from run to run."""
    if isinstance(value, dict):
        same = {key: each if key == "sha256" else plain(each) for key, each in value.items()}
        if "sha256" in value and same["value"] != value["value"]:
            del same["sha256"]
        return same
    if isinstance(value, list):
        return [plain(each) for each in value]
    text = value if isinstance(value, str) else repr(value)
    text = GENERATED.sub("<generated>", text.replace(os.getcwd(), "<here>"))
    return NUMBER.sub("<number>", text)


def observe_repository(paths, names):
    made = []
    remember(Task, made)
    remember(Flow, made)
    sys.path[:0] = map(os.path.abspath, paths or [".", "src"])
    if not paths:  # where a script finds those beside it
        sys.path += sorted({str(path.parent.absolute()) for path in Path(".").rglob("*.py")})
    for name in names or sorted(modules()):
        importlib.import_module(name)
    flows = [each for each in made if isinstance(each, Flow)]
    tasks = [each for each in made if isinstance(each, Task) and not type(each).__module__.startswith("prefect.")]
    tasks += [each for each in made if type(each) is Task or type(each).__name__ == "FunctionTask"]
    return {
        "configured": [configured(each) for each in [*flows, *tasks]],
        "runs": [run(flow) for flow in flows],
        "files": files(),
    }


def remember(kind, made):
    """Keep all instances of a class, also those that no variable holds."""
    original = kind.__init__

    @functools.wraps(original)
    def remembering(self, *args, **kwargs):
        original(self, *args, **kwargs)
        made.append(self)

    kind.__init__ = remembering


def modules():
    for path in Path(".").rglob("*.py"):
        parts = list(path.with_suffix("").parts)
        if parts[0] == "src":
            parts = parts[1:]
        if parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts)


def store_of(each):
    return getattr(each, "result" if prefect_release.has_results() else "result_handler")


def is_writable(store):
    if store is None:
        return True
    # Subclasses too, unless they write in a way of their own.
    writes = next(cls for cls in type(store).__mro__ if "write" in vars(cls))
    return not any(UNWRITTEN.match(cls.__name__) for cls in (type(store), writes))


def configured(each):
    """What a flow or a task itself is configured to store with, and what that does with a value."""
    row = {"kind": "flow" if isinstance(each, Flow) else "task", "name": each.name}
    store = store_of(each)
    if store is None:
        return dict(row, store=None)
    if is_writable(store):
        return dict(row, store=written(store))
    return dict(row, store={name: getattr(store, name) for name in ATTRIBUTES if getattr(store, name, None)})


def written(store):
    try:
        if prefect_release.has_results():
            result = store.write(PROBE)
            location, back = result.location, store.read(result.location).value
        else:
            location = store.write(PROBE)
            back = store.read(location)
    except Exception as error:
        return type(error).__name__
    # A handler's location is relative to the working directory, that of a LocalResult before 0.12 to its folder.
    paths = (str(location), os.path.join(getattr(store, "dir", None) or "", str(location)))
    where = next((stored_objects.stored_file(path) for path in paths if os.path.isfile(path)), location)
    return {"where": where, "back": repr(back)}


@task
def probe():
    return PROBE


def run(flow):
    if not flow.tasks:
        with flow:
            probe()
    if not all(is_writable(store_of(each)) for each in [flow, *flow.tasks]):
        return {"flow": flow.name, "state": "needs a server"}
    state = flow.run()
    try:
        # Releases make different tasks of their own for lists and constants.
        made = {each.name for each in flow.tasks if type(each).__module__ in AUXILIARY}
        rows = [row for row in flow_outcome.task_rows(flow, state) if row["task"] not in made]
        for row in rows:
            del row["result"]
        rows.sort(key=str)
    except Exception as error:  # what was stored can't be read
        rows = [{"error": type(error).__name__, "values": sorted(repr(each.result) for each in state.result.values())}]
    return {"flow": flow.name, "state": type(state).__name__, "tasks": rows}


def files():
    paths = [path for path in Path(".").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    rows = [stored_objects.stored_file(str(path)) for path in paths]
    return sorted(rows, key=lambda row: (plain(row["location"]), plain(row["value"])))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    for job in jobs:
        child = os.fork()
        if not child:
            observe(job)
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
