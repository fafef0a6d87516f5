"""Where parts of statements are in the source, which `ast` doesn't tell, or not on every Python."""

from __future__ import annotations

import ast
import re

from rehandle_codemods.index.module import Module

_GAP = rb"(?:[ \t\f]|\\(?:\r\n?|\n))*"


def alias_span(module: Module, statement: ast.AST, alias: ast.AST) -> tuple[int, int]:
    """The offsets of one name of an import statement, on Python 3.9 as well, where `ast` doesn't give them."""
    if hasattr(alias, "lineno"):
        return module.span(alias)
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    assert isinstance(alias, ast.alias)
    start, end = module.span(statement)
    data = module.source.data
    place = start
    if isinstance(statement, ast.ImportFrom):
        place = start + re.search(rb"\bimport\b", data[start:end]).end()  # type: ignore[union-attr]  # an import has it
    for item in statement.names:
        words = [item.name] if item.asname is None else [item.name, item.asname]
        first = -1
        for word in words:
            pattern = re.compile(rb"(?<![\w.])" + dotted_name(word) + rb"(?![\w.])" if word != "*" else rb"\*")
            comment = re.compile(rb"#[^\r\n]*")
            while True:
                match = pattern.search(data, place, end)
                if match is None:
                    return start, end
                skipped = comment.search(data, place, match.start())
                if skipped is None or skipped.end() <= place:
                    break
                place = skipped.end()
            first = match.start() if first < 0 else first
            place = match.end()
        if item is alias:
            return first, place
    return start, end


def dotted_name(name: str) -> bytes:
    """The pattern of a dotted name in source, which may have spaces and line continuations round its dots."""
    return (_GAP + rb"\." + _GAP).join(re.escape(part.encode()) for part in name.split("."))
