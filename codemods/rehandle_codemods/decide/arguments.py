"""Whether the arguments of a built-in handler can be passed to its Result."""

from __future__ import annotations

import ast

from rehandle import mapping
from rehandle.mapping import HANDLERS
from rehandle_codemods.findings import Reason
from rehandle_codemods.index.binding_arguments import Bound, bind
from rehandle_codemods.index.syntax import is_absolute, is_none, is_true
from rehandle_codemods.options import PREFECT_1, SHIM

_SHIM_KEEPS_IT = "--target shim keeps it"


def argument_problem(call: ast.Call, handler: str, target: str = PREFECT_1) -> Reason | None:
    """Why the arguments of a built-in handler can't be passed to its Result.

    Args:
        call: the call that has them.
        handler: the handler's class.
        target: what the rewritten code is for.

    Returns:
        The reason; None where they can.
    """
    return _shape_problem(call, handler) or (None if target == SHIM else loss(call, handler))


def loss(call: ast.Call, handler: str) -> Reason | None:
    """What Prefect's Result has no place for; None where nothing is lost."""
    given = {name: _meant(handler, name, value) for name, value in _bound(call, handler).arguments.items()}
    row = HANDLERS[handler]
    if row.trap:
        return Reason(f"{row.result} refuses to write", advice=_SHIM_KEEPS_IT)
    lost = mapping.lost_parameters(row, given)
    return Reason(f"{row.result} has no {lost[0].name}", advice=_SHIM_KEEPS_IT) if lost else None


def _bound(call: ast.Call, handler: str) -> Bound:
    return bind(call, [parameter.name for parameter in HANDLERS[handler].parameters])


def _meant(handler: str, name: str, value: ast.expr) -> ast.expr | None:
    """An argument as far as it counts: none where it is None, or may be and another one depends on it."""
    guards = {parameter.unused_with for parameter in HANDLERS[handler].parameters if parameter.unused_with}
    sure = isinstance(value, (ast.JoinedStr, ast.Subscript)) or (
        isinstance(value, ast.Constant) and value.value is not None
    )
    return None if is_none(value) or (name in guards and not sure) else value


def _shape_problem(call: ast.Call, handler: str) -> Reason | None:
    """Why it isn't known which arguments are given, or what they do."""
    row, bound = HANDLERS[handler], _bound(call, handler)
    if bound.starred:
        return Reason(f"{handler} gets a starred list of arguments, whose length isn't known")
    if bound.extra:
        return Reason(f"{handler} gets more arguments than it takes")
    for keyword in bound.others:
        if keyword.arg is None:
            return Reason(f"{handler} gets its arguments by **, whose keys aren't known")
        return Reason(f"{handler} has no parameter {keyword.arg}")
    given = bound.arguments
    relative = []
    if "validate" in given and not is_true(given["validate"]):
        for parameter in row.parameters:
            path = given.get(parameter.name)
            if parameter.relative_trap and path is not None and not is_none(path) and not is_absolute(path):
                relative.append(parameter)
    if not relative:
        return None
    what = f"{relative[0].name} of {handler} may be a relative path, where {row.result} doesn't find what it wrote"
    return Reason(what, advice="Pass an absolute one")
