"""Where a node is, and how a message names it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.findings import IT, Reason, Region

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module


def line_of(module: Module, node: ast.AST) -> str:
    """Where a node is in its file, for a message."""
    start = module.source.offset(getattr(node, "lineno", 1), 0)
    cell = module.source.cell(start)
    line = module.source.position(start)[0]
    return f"cell {cell}, line {line}" if cell else f"line {line}"


def region(module: Module, span: tuple[int, int]) -> Region:
    """Where a span of offsets is, as it is reported."""
    source = module.source
    return Region(module.shown, source.cell(span[0]), source.position(span[0]), source.position(span[1]))


def where(module: Module, node: ast.AST) -> Region:
    """Where a node is, as it is reported."""
    return region(module, module.span(node) if hasattr(node, "lineno") else (0, 0))


def reason_at(module: Module, node: ast.AST, text: str, rest: str = "", *, subject: str = IT) -> Reason:
    """A reason that is in one line of the code, which it names between its two parts."""
    at = where(module, node)
    return Reason(f"{text} in {at.line}{rest}", at, subject=subject)


def short(module: Module, node: ast.AST) -> str:
    """The source of a node in one line, cut where it is long."""
    return _cut(module.text(node))


def text_of(module: Module, span: tuple[int, int]) -> str:
    """The source of a span of offsets in one line, cut where it is long."""
    return _cut(module.source.data[slice(*span)].decode("utf-8"))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "..."
