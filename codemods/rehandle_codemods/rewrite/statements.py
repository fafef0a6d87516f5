"""Text and rewrites in, text out: only top-level statements that change are parsed, and what is between them kept."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import Collection, Iterable, NamedTuple, Sequence, Tuple

import libcst as cst

from rehandle_codemods.index.tree import children
from rehandle_codemods.rewrite.code import RefusedError
from rehandle_codemods.rewrite.imports import with_imports, with_imports_before
from rehandle_codemods.rewrite.rewriter import LocatedRewrite, Transform, moved, rewrite

DEEPEST = 500
"""How many levels a statement may have: for thousands, libcst needs minutes."""

NodeChange = Tuple[ast.AST, Transform]
"""A node of a text's tree, and the change of libcst's node of the same place."""

_NEWLINE = re.compile("\r\n|\n|\r")
_SPACE = re.compile("[ \t\f]*")
_IMPORTS = (ast.Import, ast.ImportFrom)
_COMPOUND = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With),
    *(ast.AsyncWith, ast.Try, ast.Match, *([ast.TryStar] if hasattr(ast, "TryStar") else [])),
)
_WITH_A_HEADER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.With, ast.AsyncWith)
_KINDS: tuple[tuple[tuple[type[ast.AST], ...], type[cst.CSTNode], bool], ...] = (
    ((ast.keyword,), cst.Arg, True),
    ((ast.alias,), cst.ImportAlias, True),
    # `ast` has the name and its annotation there, libcst a default too, or stars.
    ((ast.arg,), cst.Name, False),
    (_COMPOUND, cst.BaseCompoundStatement, False),
    ((ast.stmt,), cst.BaseSmallStatement, True),
    ((ast.expr,), cst.BaseExpression, True),
)
"""What libcst has for nodes of `ast`, and whether it ends at the same place."""


class WholeLine(partial):  # type: ignore[type-arg]  # its result is any change's
    """A change of the line of a simple statement that is alone in it: a `SimpleStatementLine`."""


class Around(partial):  # type: ignore[type-arg]  # as above
    """A change of a node that comes after all others of it, such as a call that the node becomes an argument of."""


class Refusal(NamedTuple):
    """A top-level statement that can't be changed.

    Attributes:
        statement: the statement.
        why: the reason, as a part of a sentence.
    """

    statement: ast.stmt
    why: str


class RefusalsError(Exception):
    """libcst can't change some statements of a text; others aren't changed then either.

    Attributes:
        refusals: which, and why.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(f"{refusals[0].why} (line {refusals[0].statement.lineno})")
        self.refusals = tuple(refusals)


class Run(NamedTuple):
    """Whole lines of a text, and the statements that they hold: `text[start:end]`."""

    start: int
    end: int
    statements: tuple[ast.stmt, ...]


class ChangedLines(NamedTuple):
    """What takes the place of whole lines: of `text[start:end]`."""

    start: int
    end: int
    text: str


def changed_lines(
    text: str,
    tree: ast.Module,
    rewrites: Iterable[NodeChange],
    newline: str = "\n",
    first_rows: Collection[int] = (),
    own: Collection[str] = (),
) -> list[ChangedLines]:
    """Change some nodes of a text.

    Args:
        text: Python code.
        tree: it, parsed.
        rewrites: nodes of the tree, and what becomes of them.
        newline: what ends new lines where the lines beside them have no newline themselves.
        first_rows: where code begins that is apart from what is before it, such as another cell of a notebook.
        own: the top-level names of the project's own modules, for the order of imports.

    Returns:
        The lines of the statements that have such nodes, as they become, in the order of the text.

    Raises:
        RefusalsError: some statements can't be changed by libcst.
    """
    lines = _Lines(text)
    rewrites = list(rewrites)
    located = sorted(lines.located(rewrites), key=lambda found: found.start)
    parts = []
    refusals = []
    number = 0
    of_imports = [node for node, change in rewrites if isinstance(node, (*_IMPORTS, ast.alias)) or _adds(change)]
    imports = {node.lineno for node in of_imports}  # type: ignore[attr-defined]  # only nodes with a place are changed
    for run in lines.runs(tree.body, imports, first_rows):
        first = number
        while number < len(located) and located[number].start < run.end:
            number += 1
        if first == number:
            continue
        inside = located[first:number]
        suite, indent = lines.suite(run, inside)
        end = suite or run.end
        filler = f"{indent}pass" if suite else ""
        inside = [moved(found, run.start) for found in inside]
        try:
            changed = _rewritten(text[run.start : end] + filler, run, inside, newline, own)
            parts.append(ChangedLines(run.start, end, changed[: len(changed) - len(filler)]))
        except RefusedError as error:
            refusals += [Refusal(statement, str(error)) for statement in run.statements]
    if refusals:
        raise RefusalsError(refusals)
    return parts


def _adds(change: Transform) -> bool:
    """Whether a change puts imports beside a statement."""
    return isinstance(change, partial) and change.func in (with_imports, with_imports_before)


def locate(text: str, rewrites: Iterable[NodeChange]) -> list[LocatedRewrite]:
    """The places that rewrites have in a text."""
    return _Lines(text).located(rewrites)


def _rewritten(text: str, run: Run, rewrites: Sequence[LocatedRewrite], newline: str, own: Collection[str]) -> str:
    # Each level takes a character, but for the last few.
    if len(text) > DEEPEST - 10 and any(_is_deep(statement) for statement in run.statements):
        raise RefusedError(f"it is nested deeper than {DEEPEST} levels")
    try:
        return rewrite(text, rewrites, newline, own)
    except RecursionError:
        raise RefusedError("it is nested too deeply") from None


def _is_deep(statement: ast.stmt) -> bool:
    """Whether a statement has more levels than libcst can be given; `elif` is no level below `if`."""
    levels: list[tuple[ast.AST, int]] = [(statement, 1)]
    while levels:
        node, depth = levels.pop()
        if depth > DEEPEST:
            return True
        elif_ = node.orelse[0] if isinstance(node, ast.If) and len(node.orelse) == 1 else None
        chained = elif_ if isinstance(elif_, ast.If) else None
        levels += [(child, depth + (child is not chained)) for child in children(node)]
    return False


class _Lines:
    """A text by its lines, as `ast` counts them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def offset(self, row: int, column: int) -> int:
        """The offset in characters of a position as `ast` gives it: its columns count bytes of UTF-8."""
        start = self.starts[row - 1]
        plain = self.text[start : start + column]
        return start + (column if plain.isascii() else len(plain.encode("utf-8")[:column].decode("utf-8")))

    def row_start(self, row: int) -> int:
        """The offset where a line begins; the end of the text for what would be after the last."""
        return self.starts[row - 1] if row <= len(self.starts) else len(self.text)

    def located(self, rewrites: Iterable[NodeChange]) -> list[LocatedRewrite]:
        """The places that rewrites have, in the order in which those of one node are made."""
        found = []
        for node, change in sorted(rewrites, key=lambda rewrite: isinstance(rewrite[1], Around)):
            start = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # only nodes with a place are changed
            if isinstance(change, WholeLine):
                found.append(LocatedRewrite(start, None, cst.SimpleStatementLine, change))
                continue
            kind, ends = next((kind, ends) for types, kind, ends in _KINDS if isinstance(node, types))
            end = self.offset(node.end_lineno, node.end_col_offset) if ends else None  # type: ignore[attr-defined]  # as above
            found.append(LocatedRewrite(start, end, kind, change))
        return found

    def suite(self, run: Run, inside: Sequence[LocatedRewrite]) -> tuple[int, str]:
        """Where the suite of the last statement begins, if nothing changes in it, and its indent; 0 where it is needed.

        Most of a function or class is its suite, and needn't be parsed to change a decorator or an argument.
        """
        node = run.statements[-1]
        if not isinstance(node, _WITH_A_HEADER):
            return 0, ""
        first = node.body[0]
        row = min([first.lineno, *(item.lineno for item in getattr(first, "decorator_list", ()))])
        start = self.row_start(row)
        indent = self.text[start : self.offset(first.lineno, first.col_offset) - self.row_start(first.lineno) + start]
        alone = not indent.strip(" \t") and indent and not self.text.endswith(("\\\n", "\\\r\n", "\\\r"), 0, start)
        if not alone or any(found.start >= start or found.kind is cst.BaseCompoundStatement for found in inside):
            return 0, ""
        return start, indent

    def runs(
        self, body: Sequence[ast.stmt], imports: Collection[int] = (), first_rows: Collection[int] = ()
    ) -> Iterable[Run]:
        """The statements by the lines that they stand in, where several may be.

        Args:
            body: the statements.
            imports: rows in which imports change: they are one run with those before them, those that follow, and the
                statements on both sides, because imports are put in order.
            first_rows: where code begins that is apart from what is before it.
        """
        rows = _rows(body)
        number = 0
        for chunk in _chunks(rows, first_rows):
            joined = _imports_of(rows, chunk, imports)
            while number < chunk.stop:
                count = len(joined) if number == joined.start else 1
                together = rows[number : number + count]
                # A form feed may be there, which libcst loses.
                place = self.row_start(together[0].first)
                if count > 1 and number == chunk.start:
                    place = self.row_start(max((row for row in first_rows if row <= together[0].first), default=1))
                start = _SPACE.match(self.text, place).end()  # type: ignore[union-attr]  # it matches nothing, too
                number += count
                limit = rows[number].first if number < len(rows) else len(self.starts) + 1
                end = self._end(together[-1].last + 1, limit)
                yield Run(start, end, tuple(node for row in together for node in row.statements))

    def _end(self, row: int, limit: int) -> int:
        while row < limit and self.text.endswith(("\\\n", "\\\r\n", "\\\r"), 0, self.row_start(row)):
            row += 1  # joined with the line before
        return self.row_start(row)


class Rows(NamedTuple):
    """Lines, from the first to the last, and the statements that they hold."""

    first: int
    last: int
    statements: tuple[ast.stmt, ...]


def _rows(body: Sequence[ast.stmt]) -> list[Rows]:
    rows: list[Rows] = []
    for node in body:
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or first
        if rows and first <= rows[-1].last:
            rows[-1] = Rows(rows[-1].first, max(last, rows[-1].last), (*rows[-1].statements, node))
        else:
            rows.append(Rows(first, last, (node,)))
    return rows


def _chunks(rows: Sequence[Rows], first_rows: Collection[int]) -> Iterable[range]:
    """The rows of each piece of code that is apart from others, by their numbers."""
    start = 0
    for number in range(1, len(rows) + 1):
        apart = number < len(rows) and any(rows[number - 1].last < row <= rows[number].first for row in first_rows)
        if apart or number == len(rows):
            yield range(start, number)
            start = number


def _imports_of(rows: Sequence[Rows], chunk: range, imports: Collection[int]) -> range:
    """The rows of a piece of code that are one run because of imports."""
    changed = [number for number in chunk if any(rows[number].first <= row <= rows[number].last for row in imports)]
    if not changed:
        return range(-1, -1)
    importing = [number for number in chunk if any(isinstance(node, _IMPORTS) for node in rows[number].statements)]
    first, last = min([*changed, *importing]), changed[-1]
    while last + 1 in importing:
        last += 1
    before = [number for number in chunk if number == first - 1 and not _deep_in(rows[number])]
    after = [number for number in chunk if number == last + 1 and not _deep_in(rows[number])]
    return range(min([*before, first]), max([*after, last]) + 1)


def _deep_in(rows: Rows) -> bool:
    return any(_is_deep(statement) for statement in rows.statements)
