"""Where imports go that a module hasn't had."""

from __future__ import annotations

import ast
import bisect
from typing import Callable, Iterable, Sequence

from rehandle_codemods.decide.verdicts import Rewrite
from rehandle_codemods.files import embedded
from rehandle_codemods.index.imported_names import ImportedName
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import has_its_lines
from rehandle_codemods.rewrite import imports
from rehandle_codemods.rewrite.statements import Around, WholeLine

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def additions(module: Module, needs: Iterable[tuple[int, Sequence[ImportedName]]]) -> list[Rewrite]:
    """Add imports at the top of a module, after its docstring and the imports that it begins with.

    In a notebook, that is the top of the first cell that changes. An example of a page that begins with imports stands
    for itself, with those after it that don't: it gets all that it needs. An example in a docstring that is alone in
    needing them gets its own.

    Args:
        module: the module.
        needs: the offset of each place that changes, and what has to be imported for it.

    Returns:
        What becomes of the statements that they are put beside, one for each place where there has to be one.
    """
    units: dict[int, list[tuple[int, Sequence[ImportedName]]]] = {}
    examples = _examples(module)
    for need in sorted(needs, key=lambda need: need[0]):
        number = bisect.bisect_right(examples, need[0])
        unit = module.source.unit(need[0])
        units.setdefault(examples[number - 1] if number and not unit else unit, []).append(need)
    found = []
    everywhere: dict[ImportedName, None] = {}
    for unit, places in sorted(units.items()):
        there = () if unit in examples else everywhere
        wanted = dict.fromkeys(name for _, names in places for name in names if name not in there)
        if not unit:
            everywhere = wanted
        if wanted:
            found.append(_addition(module, tuple(wanted), places[0][0]))
    return found


def _examples(module: Module) -> list[int]:
    """Where the examples of a page begin that have imports at their top."""
    source = module.source
    first: dict[int, ast.stmt] = {}
    for part in embedded.statements(module.tree) if source.file is not source else ():
        start = module.span(part)[0]
        if source.embeds(start) and not source.cell(start) and not source.unit(start):
            first.setdefault(source.block(start), part)
    return sorted(start for start, part in first.items() if isinstance(part, (ast.Import, ast.ImportFrom)))


def kept(module: Module, may_change: Callable[[ast.AST], bool]) -> list[Rewrite]:
    """Keep imports that aren't to change as they are, where they are."""
    found = [node for node in module.analysis.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    staying = [node for node in found if not may_change(node) and has_its_lines(module, node)]
    return [Rewrite(node, WholeLine(imports.keep)) for node in staying]


def _addition(module: Module, names: tuple[ImportedName, ...], place: int) -> Rewrite:
    source = module.source
    block = source.block(place)
    body = [part for part in embedded.statements(module.tree) if source.block(module.span(part)[0]) == block]
    body = [part for part in body if not source.foreign(module.span(part)[0])] or body
    after: ast.stmt | None = None
    for number, part in enumerate(body):
        value = part.value if isinstance(part, ast.Expr) else None
        docstring = number == 0 and isinstance(value, ast.Constant) and isinstance(value.value, str)
        if not docstring and not isinstance(part, (ast.Import, ast.ImportFrom)):
            break
        after = part
    if isinstance(after, ast.Expr) and after is not body[-1] and has_its_lines(module, after):
        return _before(module, body[body.index(after) + 1], names)
    if after is None:
        return _before(module, body[0], names)
    change = WholeLine if has_its_lines(module, after) else Around
    return Rewrite(after, change(imports.with_imports, names=names))


def _before(module: Module, statement: ast.stmt, names: tuple[ImportedName, ...]) -> Rewrite:
    """Import names in the lines before a statement, with the empty lines that a module has there."""
    gap = 2 if isinstance(statement, _DEFINITIONS) else 1
    gap = 0 if module.source.embeds(module.span(statement)[0]) else gap
    simple = not hasattr(statement, "body") and not isinstance(statement, ast.Match)
    change = WholeLine if simple else Around
    return Rewrite(statement, change(imports.with_imports_before, names=names, gap=gap))
