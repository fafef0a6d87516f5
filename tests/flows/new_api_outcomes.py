"""What came of a flow that is written for Results, told in the same way on every Prefect from 0.6 to 1.4.

Compared are: the types of states, values, locations, what is read back from a location, and the stored objects. Of an
object that is a pickle it is the value that counts, as cloudpickle's releases pickle differently; any other object's
bytes count as they are. Names that Prefect or rehandle makes up are left out.
"""

import json
import os
import re

import cloudpickle

# Until 0.8, 0.9 to 1.4, and rehandle's: the day and a UUID.
GENERATED = re.compile(
    r"(prefect-[a-z0-9_]{8}|prefect-result-[0-9a-ftz-]+|([0-9]{4}/[0-9]{1,2}/[0-9]{1,2}/)?[0-9a-f-]{36}\.prefect_result)$"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What rehandle keeps of a handler's location that is None or empty. (Not imported: most flows run without rehandle.)
EMPTY = "rehandle+json:"


def told(flow_state, **tasks):
    """One row for each task, by the name that the caller gives it, and the flow's state.

    The children of a mapped task are rows of its row.
    """
    return {"flow": type(flow_state).__name__, **{name: row(flow_state.result[task]) for name, task in tasks.items()}}


def row(state):
    if state.is_mapped():
        return {"state": type(state).__name__, "children": [row(child) for child in state.map_states]}
    result = state._result
    value = error_name(state.result) if state.is_failed() else repr(state.result)
    told = {"state": type(state).__name__, "value": value, "location": None}
    location = getattr(result, "location", None)
    if location is not None:
        empty = str(location).startswith(EMPTY)
        told["location"] = place(result, json.loads(location[len(EMPTY) :]) if empty else location)
        told["read back"] = repr(result.read(location).value)
    return told


def error_name(error):
    """The name of the error, or of Python's own class that it is an instance of. (Signals have changed theirs.)"""
    name = next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "builtins")
    return "Exception" if name == "BaseException" else name


def place(result, location):
    """A location without what differs from run to run: relative to the working directory if it is a path in it."""
    folder = getattr(result, "dir", None) or getattr(getattr(result, "result_handler", None), "dir", None)
    if folder is not None:
        # Before Prefect 0.12 the location of a LocalResult is relative to its folder.
        location = os.path.relpath(os.path.join(folder, location), os.path.realpath("."))
    return UUID.sub("<uuid>", GENERATED.sub("<generated>", str(location)))


def stored(folder="."):
    """Every object below a folder, by its place: the value of a pickle, else the bytes."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                data = file.read()
            where = UUID.sub("<uuid>", GENERATED.sub("<generated>", os.path.relpath(path, folder)))
            found.setdefault(where, []).append(content(data))
    return {where: sorted(contents) for where, contents in found.items()}


def content(data):
    if data.startswith(b"\x80"):
        return f"pickle of {cloudpickle.loads(data)!r}"
    return repr(data)
