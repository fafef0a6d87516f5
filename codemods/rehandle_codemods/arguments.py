"""Whether the arguments of a built-in handler can be passed to its Result."""

from __future__ import annotations

import ast

from rehandle.mapping import HANDLERS, lost_parameters
from rehandle_codemods.nodes import is_absolute, is_none, is_true


def argument_problem(call: ast.Call, handler: str) -> str:
    """Why the arguments of a built-in handler can't be passed to its Result."""
    row = HANDLERS[handler]
    if row.trap:
        return row.trap
    given: dict[str, ast.expr | None] = {}
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return f"the arguments of {handler} are a starred list, whose length can't be told"
    if len(call.args) > len(row.parameters):
        return f"{handler} takes fewer arguments than are given here"
    parameters = {parameter.name: parameter for parameter in row.parameters}
    pairs = list(zip(parameters, call.args))
    for keyword in call.keywords:
        if keyword.arg is None:
            return f"the arguments of {handler} are a dict (**), whose keys can't be told"
        if keyword.arg not in parameters:
            return f"{handler} has no parameter {keyword.arg}"
        pairs.append((keyword.arg, keyword.value))
    guards = {parameter.unused_with for parameter in row.parameters if parameter.unused_with}
    for name, value in pairs:
        sure = isinstance(value, (ast.JoinedStr, ast.Subscript)) or (
            isinstance(value, ast.Constant) and value.value is not None
        )
        given[name] = None if is_none(value) or (name in guards and not sure) else value
    lost = lost_parameters(row, given)
    if lost:
        return f"{lost[0].name} of {handler} would be lost: {lost[0].trap}"
    folder = given.get("dir")
    if "validate" in given and folder is not None and not (is_true(given["validate"]) or is_absolute(folder)):
        return (
            f"without validate {handler} keeps a relative folder as it is, where LocalResult from 0.12 on doesn't "
            "find what it wrote. Pass an absolute one"
        )
    return ""
