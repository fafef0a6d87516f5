"""What rows about Prefect's engine share: how an outcome is told so that two runs of one release tell the same."""

import functools
import os
import re

# Ids, times, addresses, and how long something took.
MADE_UP = re.compile(
    r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)?|\d{4}-\d\d-\d\d-?t[\d-]+|"
    r"\b0x[0-9a-f]+\b|\d{4}/\d{1,2}/\d{1,2}/|DateTime\([^)]*\)|datetime\.datetime\([^)]*\)|<Thread[^>]*>"
)


def rows(table):
    """Features of a table of functions: each tells what its function returns, or the error that it ends with."""
    return {title: functools.partial(tell, function) for title, function in table.items()}


def tell(function):
    try:
        return text(function())
    except BaseException as error:  # signals are no Exceptions in later releases
        return text(f"raises {type(error).__name__}: {error}")


def text(value):
    if isinstance(value, dict):
        shown = sorted(f"{text(key)}: {text(each)}" for key, each in value.items())
    elif isinstance(value, (list, tuple)):
        shown = [text(each) for each in value]
    elif isinstance(value, (set, frozenset)):
        shown = sorted(text(each) for each in value)
    else:
        shown = value if isinstance(value, str) else repr(value)
        return MADE_UP.sub("<made up>", shown.replace(os.getcwd(), "<here>"))
    return shown


def told(state, flow=None):
    """A state and, of a flow's, those of its tasks."""
    if isinstance(state.result, dict) and state.result and flow is not None:
        tasks = sorted(((task.name, text(told(each))) for task, each in state.result.items()), key=repr)
        return [type(state).__name__, state.message, tasks]
    children = [told(each) for each in getattr(state, "map_states", None) or []]
    value = error_of(state.result) if isinstance(state.result, Exception) else state.result
    return [type(state).__name__, state.message, children or value, getattr(state._result, "location", None)]


def error_of(error):
    return f"{type(error).__name__}: {error}"


def ran(flow, **keywords):
    """What comes of a flow, by the name of each task."""
    return told(flow.run(**keywords), flow)
