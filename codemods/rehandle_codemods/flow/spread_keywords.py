"""What a function does with its `**keywords`: which calls take them on, and whether it looks into them."""

from __future__ import annotations

import ast
from typing import Iterator

from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import FunctionDef


def calls_in(node: FunctionDef) -> Iterator[ast.Call]:
    """The calls in a function."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield part


def spreads(call: ast.Call, name: str) -> bool:
    """Whether a call takes a variable as `**`."""
    return any(
        keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == name
        for keyword in call.keywords
    )


def looks_into(function: FunctionDef, keywords: str) -> bool:
    """Whether a function does more with its `**keywords` than pass them on and look at other arguments in them."""
    passed: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            passed.update(keyword.value for keyword in node.keywords if keyword.arg is None)
            asks = isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop", "setdefault")
            if asks and node.args and _is_other_key(node.args[0]):
                passed.add(node.func.value)  # type: ignore[attr-defined]  # `asks` says that it has one
        elif isinstance(node, ast.Subscript) and _is_other_key(node.slice):
            passed.add(node.value)
        elif isinstance(node, ast.Compare) and _is_other_key(node.left):
            passed.update(node.comparators)
    return any(isinstance(node, ast.Name) and node.id == keywords and node not in passed for node in ast.walk(function))


def _is_other_key(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value not in (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD)
