"""Edits that add an argument to a call, or a parameter to a function, at the end."""

from __future__ import annotations

import ast

from rehandle_codemods.index.module import Module
from rehandle_codemods.rewrite.edits import Edit, closing_bracket, last_significant


def last_parameter(module: Module, method: ast.FunctionDef, text: str) -> list[Edit]:
    """Add a parameter at the end, laid out as the last one is."""
    data = module.source.data
    row = module.source.offset(method.lineno, method.col_offset)
    opening = data.index(b"(", data.index(method.name.encode(), row + len("def")))
    closing = closing_bracket(data, opening)
    end = last_significant(data, opening + 1, closing)
    comma = data[end - 1 : end] == b","
    after = module.source.line(end)[1]
    commented = data[end:after].lstrip(b" \t").startswith(b"#")
    arguments = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
    last = max(module.source.offset(argument.lineno, argument.col_offset) for argument in arguments)
    line_start, _ = module.source.line(last)
    indent = data[line_start:last]
    alone = not indent.strip() and line_start > opening
    own_line = f"{module.source.newline}{indent.decode()}{text}"
    if alone and commented:
        return [Edit(after, after, own_line + ",")] if comma else [Edit(end, end, ","), Edit(after, after, own_line)]
    if comma:
        end = last_significant(data, opening + 1, end - 1)
    return [Edit(end, end, "," + own_line if alone else ", " + text)]


def last_argument(module: Module, call: ast.Call, text: str) -> list[Edit]:
    """Add an argument at the end of a call."""
    data = module.source.data
    opening = data.index(b"(", module.span(call.func)[1])
    closing = module.span(call)[1] - 1
    end = last_significant(data, opening + 1, closing)
    if not call.args and not call.keywords:
        return [Edit(closing, closing, text)]
    if data[end - 1 : end] == b",":
        return [Edit(end, end, f" {text}")]
    return [Edit(end, end, f", {text}")]
