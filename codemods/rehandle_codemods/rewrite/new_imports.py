"""Where imports go that a module hasn't had."""

from __future__ import annotations

import ast
import re
from typing import Iterable, Sequence

from rehandle_codemods.files import embedded
from rehandle_codemods.index.module import Module
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.imports import joiner


def insertions(module: Module, statements: Sequence[str], others: Sequence[Edit]) -> list[Edit]:
    """Add imports at the top of a module, after its docstring and the imports that it begins with.

    In a notebook or page, that is the top of the first piece of code that changes. An example in a docstring that is
    alone in needing them gets its own.

    Args:
        module: the module.
        statements: the imports.
        others: the module's other edits, which may delete the lines there.

    Returns:
        The insertions, one for each place where there has to be one.
    """
    units: dict[int, list[Edit]] = {}
    for edit in sorted(others):
        units.setdefault(module.source.unit(edit.start), []).append(edit)
    found = []
    everywhere: list[str] = []
    for unit, edits in sorted(units.items()):
        wanted = [text for text in statements if text not in everywhere and (len(units) == 1 or _needs(edits, text))]
        if not unit:
            everywhere = wanted
        if wanted:
            found.append(_insertion(module, wanted, edits))
    return found


def _needs(edits: Iterable[Edit], statement: str) -> bool:
    """Whether edits write a name that an import binds."""
    (node,) = ast.parse(statement).body
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    words = "|".join(re.escape(alias.asname or alias.name.split(".")[0]) for alias in node.names)
    return any(re.search(rf"\b(?:{words})\b", edit.text) for edit in edits)


def _insertion(module: Module, statements: Sequence[str], others: Sequence[Edit]) -> Edit:
    source = module.source
    block = source.block(min(edit.start for edit in others))
    body = [part for part in embedded.statements(module.tree) if source.block(module.span(part)[0]) == block]
    body = [part for part in body if not source.foreign(module.span(part)[0])] or body
    after: ast.stmt | None = None
    for number, part in enumerate(body):
        value = part.value if isinstance(part, ast.Expr) else None
        docstring = number == 0 and isinstance(value, ast.Constant) and isinstance(value.value, str)
        if not docstring and not isinstance(part, (ast.Import, ast.ImportFrom)):
            break
        after = part
    row = min([body[0].lineno, *(item.lineno for item in getattr(body[0], "decorator_list", ()))])
    start, end = source.line(source.offset(row, 0))
    indent = source.data[start : end - len(source.data[start:end].lstrip())].decode("utf-8")
    lines = [indent + statement + source.newline for statement in statements]
    if after is None:
        return Edit(start, start, "".join(lines))
    end = module.span(after)[1]
    separator = joiner(module, after)
    place = end if separator == "; " else source.line(end)[1]
    for other in others:
        if other.start < place < other.end:  # the last import goes, with its newline
            return Edit(other.end, other.end, "".join(lines))
    return Edit(place, place, "".join(separator + statement for statement in statements))
