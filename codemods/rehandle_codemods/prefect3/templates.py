"""Templates for the names of stored results: what Prefect 1.x fills in, as Prefect 3 says it."""

from __future__ import annotations

import ast
import string
from typing import Collection

from rehandle_codemods.prefect3.stopped import StoppedError

_START = "flow_run.scheduled_start_time"
_NAMES = {
    "date": _START,
    "flow_name": "flow_run.flow_name",
    "flow_run_id": "flow_run.id",
    "flow_run_name": "flow_run.name",
    "task_name": "task_run.task_name",
    "task_run_id": "task_run.id",
    "parameters": "flow_run.parameters",
}
# A date of 1.x's is text in one of two forms.
_FORMATTED = {"today": f"{{{_START}:%Y-%m-%d}}", "today_nodash": f"{{{_START}:%Y%m%d}}"}
_GONE = "map_index, task_slug, task_loop_count, filename, tomorrow, tomorrow_nodash, yesterday, yesterday_nodash"


def translated(node: ast.expr, inputs: Collection[str]) -> str:
    """The template of Prefect 3 that gives the names that one of 1.x gives.

    Args:
        node: where it is written.
        inputs: the parameters of the task, which 1.x fills in by their names.

    Raises:
        StoppedError: it isn't a plain string, or nothing in Prefect 3 gives what it names.
    """
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise StoppedError(node, "the name of a stored result is made when the code runs", "Write it as a string")
    parts = []
    try:
        parsed = list(string.Formatter().parse(node.value))
    except ValueError as error:
        raise StoppedError(node, f"the template is malformed: {error}", "Correct it") from None
    for text, field, form, conversion in parsed:
        parts.append(text.replace("{", "{{").replace("}", "}}"))
        if field is not None:
            parts.append(_field(node, field, form or "", conversion, inputs))
    return "".join(parts)


def _field(node: ast.expr, field: str, form: str, conversion: str | None, inputs: Collection[str]) -> str:
    name = field.partition(".")[0].partition("[")[0]
    end = (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
    if name in inputs:
        return f"{{parameters[{name}]{field[len(name) :]}{end}}}"
    if field in _FORMATTED and not end:
        return _FORMATTED[field]
    if name in _NAMES and (name != "date" or form):
        return f"{{{_NAMES[name]}{field[len(name) :]}{end}}}"
    advice = f"Prefect 3 has nothing for {_GONE}" if name in _GONE.split(", ") else "Name an input of the task"
    raise StoppedError(node, "a template names what Prefect 3 doesn't fill in", f"{{{field}}} is it. {advice}")
