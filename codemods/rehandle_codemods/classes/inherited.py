"""What a handler class takes over from one of Prefect's own, and whether the Result of that does the same."""

from __future__ import annotations

import ast
from typing import Mapping, Sequence

from rehandle.mapping import HANDLERS
from rehandle_codemods.classes.bases import IrregularError
from rehandle_codemods.classes.methods import OwnCall, assigned, is_self, last_name, parameters, returns
from rehandle_codemods.index.tree import walk

_RESULT_ONLY = {"gcs_bucket", "_gcs_bucket", "client", "_client", "service", "_service", "upload_options"}
"""Attributes of Prefect's Results alone, which a class that builds on one can't have for itself."""


def check(
    handler: str,
    methods: Mapping[str, ast.FunctionDef],
    node: ast.ClassDef,
    calls: Sequence[OwnCall],
    read: ast.FunctionDef | None,
    write: ast.FunctionDef | None,
) -> None:
    """Check that a class can build on the Result of the handler that it builds on.

    Args:
        handler: Prefect's handler class.
        methods: the methods of the class and of the project's classes above it.
        node: the class.
        calls: its calls of `read` and `write`.
        read: its own `read`.
        write: its own `write`.

    Raises:
        IrregularError: it can't.
    """
    row = HANDLERS[handler]
    if row.trap:
        raise IrregularError(f"derives from {handler}, and {row.result} refuses to write")
    if handler == "ResultHandler":
        return
    _check_attributes(handler, methods, node)
    reads_above = "read" not in methods or any(call.above and call.method == "read" for call in calls)
    writes_above = "write" not in methods or any(call.above and call.method == "write" for call in calls)
    if row.in_cloud and read is not None:
        direct = {statement.value for statement in returns(read)}
        if any(call.above and call.method == "read" and call.node not in direct for call in calls):
            raise IrregularError(
                f"builds on the read of {handler}, which gives None after an error, where {row.result} raises it"
            )
        if not reads_above and writes_above:
            raise IrregularError(f"reads by itself what {handler} wrote, and {row.result} writes other bytes")
    if handler == "LocalResultHandler" and reads_above:
        for call in calls:
            if call.above and call.method == "read" and not _is_same_path(call.node.args[-1], read):
                path = ast.unparse(call.node.args[-1])
                raise IrregularError(f"gives {path} to the read of {handler}, a path that may be relative")
        if write is not None:
            writers = {call.node for call in calls if call.above and call.method == "write"}
            for statement in returns(write):
                if not _is_written_above(statement.value, write, writers):
                    raise IrregularError(
                        f"has a write whose path may be relative, which {row.result} looks for elsewhere"
                    )


def _check_attributes(handler: str, methods: Mapping[str, ast.FunctionDef], node: ast.ClassDef) -> None:
    stored = {
        part.attr
        for method in methods.values()
        for part in walk(method)
        if isinstance(part, ast.Attribute) and is_self(part.value) and isinstance(part.ctx, ast.Store)
    }
    row = HANDLERS[handler]
    known = {"read", "write", *row.shared_attributes, *row.clients, *methods}
    plain = {part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    for part in walk(node):
        if not isinstance(part, ast.Attribute) or not is_self(part.value):
            continue
        if part.attr not in known | stored | plain:
            raise IrregularError(f"uses self.{part.attr} of {handler}, which {row.result} may not have")
        if part.attr in stored and part.attr in _RESULT_ONLY:
            raise IrregularError(f"sets self.{part.attr}, which {row.result} has itself")


def _is_same_path(node: ast.expr, read: ast.FunctionDef | None) -> bool:
    """Whether a path is the location that `read` got, or an absolute one."""
    if isinstance(node, ast.Name) and read is not None:
        stored = any(
            isinstance(part, ast.Name) and part.id == node.id and isinstance(part.ctx, ast.Store) for part in walk(read)
        )
        return node.id == parameters(read)[1].arg and not stored
    return _is_absolute(node)


def _is_absolute(node: ast.expr | None) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if last_name(node.func) == "join" and node.args:
        first = node.args[0]
        return isinstance(first, ast.Attribute) and is_self(first.value) and first.attr == "dir"
    return last_name(node.func) in ("abspath", "realpath")


def _is_written_above(node: ast.expr | None, write: ast.FunctionDef, writers: set[ast.Call]) -> bool:
    if isinstance(node, ast.Name):
        values = assigned(write, node.id)
        return bool(values) and all(value in writers or _is_absolute(value) for value in values or ())
    return node in writers or _is_absolute(node)
