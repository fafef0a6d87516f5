"""Nodes of libcst at the places that `ast` gives, and the one transformer that changes them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import partial
from typing import Any, Callable, Collection, NamedTuple, Sequence, Union

import libcst as cst

from rehandle_codemods.rewrite.code import RefusedError, comments
from rehandle_codemods.rewrite.import_order import ChangedStatement, SuiteItem, arranged
from rehandle_codemods.rewrite.positions import walk

_FOR_LINTERS = re.compile(r"#\s*(noqa|type:\s*ignore|(flake8|mypy|pylint|pyright|ruff)\s*:)")

Updated = Union[cst.CSTNode, "cst.FlattenSentinel[Any]", cst.RemovalSentinel]
"""What takes the place of a node: it itself where nothing changed."""

Transform = Callable[[Any], Any]
"""Takes a node whose parts are changed already, and returns a node, a FlattenSentinel or a RemovalSentinel."""


class LocatedRewrite(NamedTuple):
    """A change of the node at one place of a text: plain data, which pickles if the change does.

    Attributes:
        start: the offset in characters where the node begins.
        end: where it ends; None for statements with a suite and for lines, of which there is one at an offset.
        kind: the class of the node, or one above it.
        change: what becomes of it.
    """

    start: int
    end: int | None
    kind: type[cst.CSTNode]
    change: Transform


def rewrite(text: str, rewrites: Sequence[LocatedRewrite], newline: str = "\n", own: Collection[str] = ()) -> str:
    """Change some nodes of a text, and not one byte besides.

    Args:
        text: whole lines of Python code.
        rewrites: inner nodes are changed before those round them; those of one node in their order.
        newline: what ends new lines of a text that has no newline itself.
        own: the top-level names of the project's own modules, for the order of imports.

    Returns:
        The new text.

    Raises:
        RefusedError: libcst doesn't parse the text, or can't keep it byte for byte, or has no such nodes.
    """
    # Of a last line that ends with \r alone, libcst loses that.
    ending = "\r" if text.endswith("\r") else ""
    text = text[: len(text) - len(ending)]
    tree = _parse(text)
    if not ("\n" in text or "\r" in text):
        tree = tree.with_changes(default_newline=newline)
    changed = _rewritten(tree, rewrites, text, own)
    # Of a module with nothing in it, libcst makes a line.
    return changed.code + ending if changed.header or changed.body or changed.footer else ""


def rewrite_module(tree: cst.Module, rewrites: Sequence[LocatedRewrite], own: Collection[str] = ()) -> cst.Module:
    """Change some nodes of a tree in which no node occurs twice, as in that of a `MetadataWrapper`.

    Args:
        tree: the tree.
        rewrites: as for `rewrite`, with the places that they have in the tree's code.
        own: as for `rewrite`.

    Returns:
        The new tree.

    Raises:
        RefusedError: the tree has no such nodes.
    """
    return _rewritten(tree, rewrites, None, own)


def _parse(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        line = text.splitlines()[error.raw_line - 1 :][:1]
        raise RefusedError(f"libcst can't parse {line[0].strip() if line else 'it'!r}") from error


def _rewritten(
    tree: cst.Module, rewrites: Sequence[LocatedRewrite], text: str | None, own: Collection[str]
) -> cst.Module:
    finder = _Finder(rewrites)
    code = walk(tree, finder.at, finder.visit)
    if text is not None and code != text:
        raise RefusedError("libcst can't keep it byte for byte")
    missing = [rewrites[number] for number in range(len(rewrites)) if number not in finder.seen]
    if missing:
        raise RefusedError(f"libcst has no {missing[0].kind.__name__} where Python has one")
    changed = tree.visit(_Rewriter(finder, own))
    assert isinstance(changed, cst.Module)
    return changed


class _Finder:
    """Finds the nodes to change: they, in `found`, with their changes, and the nodes round them."""

    def __init__(self, rewrites: Sequence[LocatedRewrite]) -> None:
        self.rewrites = rewrites
        self.at: dict[int, list[int]] = {}
        for number, wanted in enumerate(rewrites):
            self.at.setdefault(wanted.start, []).append(number)
        self.starts = sorted(self.at)
        self.seen: set[int] = set()
        self.found: dict[cst.CSTNode, list[Transform]] = {}
        self.around: set[cst.CSTNode] = set()

    def visit(self, node: cst.CSTNode, start: int, end: int, around: Sequence[cst.CSTNode]) -> None:
        changes = []
        for number in self.at.get(start, ()):
            wanted = self.rewrites[number]
            if isinstance(node, wanted.kind) and wanted.end in (None, end) and number not in self.seen:
                self.seen.add(number)
                changes.append(wanted.change)
        if isinstance(node, cst.SimpleString):
            inside = self.starts[bisect_right(self.starts, start) : bisect_left(self.starts, end)]
            numbers = [number for place in inside for number in self.at[place]]
            if numbers:
                self.seen.update(numbers)
                changes.append(partial(_inside, [moved(self.rewrites[number], start) for number in numbers]))
        if changes:
            self.found.setdefault(node, []).extend(changes)
            self.around.update(around)


def moved(wanted: LocatedRewrite, by: int) -> LocatedRewrite:
    """The rewrite of a text that begins later, by some characters."""
    return wanted._replace(start=wanted.start - by, end=None if wanted.end is None else wanted.end - by)


def _inside(rewrites: Sequence[LocatedRewrite], node: cst.SimpleString) -> cst.SimpleString:
    """Change what a string says, which is Python code, as in an annotation."""
    before = len(node.prefix) + len(node.quote)
    said = node.value[before : -len(node.quote)]
    code = said.lstrip()
    first = before + len(said) - len(code)
    new = rewrite(code, [moved(wanted, first) for wanted in rewrites])
    return node.with_changes(value=node.value[:first] + new + node.quote)


class _Rewriter(cst.CSTTransformer):
    """Changes what was found, inner nodes first; visits nothing but that and what is round it."""

    def __init__(self, finder: _Finder, own: Collection[str]) -> None:
        super().__init__()
        self.finder = finder
        self.own = own
        self.became: dict[cst.CSTNode, Updated] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self.finder.around

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Updated:  # type: ignore[override]  # any
        updated: Updated = updated_node
        changes = self.finder.found.get(original_node, ())
        if original_node in self.finder.around:
            updated = self._laid_out(original_node, updated_node)
        elif not changes:
            return updated
        for change in changes:
            updated = change(updated)
        if isinstance(original_node, cst.BaseSmallStatement) and updated is not updated_node:
            return _with_semicolon(updated, original_node)
        if isinstance(original_node, cst.BaseStatement):
            self.became[original_node] = updated
        return updated

    def _laid_out(self, original: cst.CSTNode, updated: cst.CSTNode) -> Updated:
        """A line or suite after the statements in it were changed, in the layout that it should have."""
        if isinstance(updated, (cst.Module, cst.IndentedBlock)):
            assert isinstance(original, (cst.Module, cst.IndentedBlock))
            suite = [ChangedStatement(statement, self._items(statement)) for statement in original.body]
            headed = isinstance(updated, cst.Module) and bool(updated.header) and updated.header[-1].comment is not None
            items = arranged(suite, self.own, headed=headed)
            return _gathered(updated.with_changes(body=items))
        return _line(original, updated)

    def _items(self, statement: cst.BaseStatement) -> tuple[SuiteItem, ...]:
        became = self.became.get(statement, statement)
        return tuple(became) if isinstance(became, cst.FlattenSentinel) else (became,)  # type: ignore[return-value]  # no line is removed without its comments


def _with_semicolon(updated: Updated, original: cst.BaseSmallStatement) -> Updated:
    """What took the place of a small statement, with the semicolon that it had after the last part alone."""
    if isinstance(updated, cst.BaseSmallStatement):
        return updated.with_changes(semicolon=original.semicolon)
    if not isinstance(updated, cst.FlattenSentinel):
        return updated
    parts = [part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) for part in updated]
    parts[-1:] = [part.with_changes(semicolon=original.semicolon) for part in parts[-1:]]
    return cst.FlattenSentinel(parts)


def _line(original: cst.CSTNode, updated: cst.CSTNode) -> Updated:
    """The statements of a line after some of them were changed; each in its own if there was one alone."""
    if isinstance(updated, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        assert isinstance(original, (cst.SimpleStatementLine, cst.SimpleStatementSuite))
        if updated.body and updated.body[-1].semicolon is not original.body[-1].semicolon:
            last = updated.body[-1].with_changes(semicolon=original.body[-1].semicolon)
            updated = updated.with_changes(body=[*updated.body[:-1], last])
        if isinstance(updated, cst.SimpleStatementLine):
            if not updated.body:
                inside = [comment for part in original.body for comment in comments(part)]
                return cst.FlattenSentinel(_comments(updated, inside))
            if len(original.body) == 1 < len(updated.body):
                return cst.FlattenSentinel(_lines(updated))
    return updated


def _comments(line: cst.SimpleStatementLine, inside: Sequence[cst.Comment]) -> list[cst.EmptyLine]:
    """What is left of a line without its statement: the lines before it, and its comments."""
    trailing = line.trailing_whitespace
    own = [cst.EmptyLine(comment=trailing.comment, newline=trailing.newline)] if trailing.comment else []
    return [*line.leading_lines, *(cst.EmptyLine(comment=comment) for comment in inside), *own]


def _lines(line: cst.SimpleStatementLine) -> list[cst.SimpleStatementLine]:
    """A line of its own for each statement; the comment of the line goes with the last.

    Of imports, the first is the one that was there. What linters are told about it holds for all of them.
    """
    plain = cst.TrailingWhitespace(newline=line.trailing_whitespace.newline)
    lines = [line.with_changes(body=[part], leading_lines=(), trailing_whitespace=plain) for part in line.body]
    lines[0] = lines[0].with_changes(leading_lines=line.leading_lines)
    comment = line.trailing_whitespace.comment
    imports = isinstance(line.body[0], (cst.Import, cst.ImportFrom))
    for place in range(len(lines)) if imports and comment and _FOR_LINTERS.match(comment.value) else [-(not imports)]:
        lines[place] = lines[place].with_changes(trailing_whitespace=line.trailing_whitespace)
    return lines


def _gathered(block: cst.Module | cst.IndentedBlock) -> cst.CSTNode:
    """A suite in which the comments of lines that went belong to the next statement, or to the end."""
    if not any(isinstance(part, cst.EmptyLine) for part in block.body):
        return block
    kept: list[cst.CSTNode] = []
    waiting: list[cst.EmptyLine] = []
    for part in block.body:
        if isinstance(part, cst.EmptyLine):
            waiting.append(part)
            continue
        if waiting:
            part = part.with_changes(leading_lines=[*waiting, *part.leading_lines])  # type: ignore[attr-defined]  # every statement has them
            waiting = []
        kept.append(part)
    return block.with_changes(body=kept, footer=[*waiting, *block.footer])
