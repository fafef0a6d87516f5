"""The `exists` of a migrated handler class: generated where its `read` shows where a value is."""

from __future__ import annotations

import ast
from typing import List, Tuple, Union

from rehandle_codemods.custom import Shape
from rehandle_codemods.edits import Edit
from rehandle_codemods.method_bodies import PATH_CALLS, assigned, last_name, parameters
from rehandle_codemods.nodes import inside_fstring
from rehandle_codemods.plan import Plan

_Opened = Union[None, Tuple[ast.expr, List[ast.Name]]]


def _opened_path(method: ast.FunctionDef) -> _Opened:
    """The one local path that a `read` opens, made of its argument alone.

    Args:
        method: the `read`.

    Returns:
        The path's expression and the places in it that are the argument; None where the body doesn't show it.
    """
    parameter = parameters(method)[1].arg
    calls = [
        node
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open" and node.args
    ]
    rebound = any(
        isinstance(node, ast.Name) and node.id == parameter and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(method)
    )
    if len(calls) != 1 or rebound:
        return None
    path = calls[0].args[0]
    if isinstance(path, ast.Name) and path.id != parameter:
        values = assigned(method, path.id)
        if values is None or len(values) != 1:
            return None
        path = values[0]
    bound = {node.id for node in ast.walk(method) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    used = [node for node in ast.walk(path) if isinstance(node, ast.Name)]
    places = [node for node in used if node.id == parameter]
    simple = all(
        isinstance(node, (ast.Name, ast.Attribute, ast.Constant, ast.expr_context, ast.BinOp, ast.Add))
        or (isinstance(node, ast.Call) and last_name(node.func) in PATH_CALLS | {"str"})
        for node in ast.walk(path)
    )
    if not simple or not places or any(node.id in bound for node in used):
        return None
    return path, places


def exists(shape: Shape, plan: Plan) -> list[Edit]:
    """A method `exists` after `read`, where that shows the one local path that it opens."""
    read, module = shape.read, shape.module
    found = _opened_path(read) if read is not None else None
    if read is None or found is None or any(inside_fstring(module, node) for node in found[1]):
        return []
    system = plan.standard_module("os")
    path, places = found
    start, end = module.span(path)
    text = module.source.data[start:end]
    for node in sorted(places, key=lambda node: module.span(node), reverse=True):
        first, last = module.span(node)
        text = text[: first - start] + b"location.format(**kwargs)" + text[last - start :]
    if b"\n" in text or b"\r" in text or b"#" in text:
        return []
    line_start, _ = module.source.line(module.source.offset(read.lineno, 0))
    column = module.source.offset(read.lineno, read.col_offset)
    indent = module.source.data[line_start:column].decode("utf-8")
    if indent.strip():
        return []
    body = read.body[0]
    body_start = module.span(body)[0]
    body_indent = module.source.data[module.source.line(body_start)[0] : body_start].decode("utf-8")
    if body_indent.strip():
        body_indent = indent * 2
    newline = module.source.newline
    _, end_of_read = module.source.line(module.span(read)[1])
    method = (
        f"{newline}{newline}{indent}def exists(self, location, **kwargs):"
        f"{newline}{body_indent}return {system}.path.exists({text.decode('utf-8')})"
    )
    return [Edit(end_of_read, end_of_read, method)]
