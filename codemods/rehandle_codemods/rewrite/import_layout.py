"""How an import is laid out: in one line while that has room, else as the imports beside it are."""

from __future__ import annotations

from typing import Sequence

import libcst as cst

from rehandle_codemods.rewrite.code import comments
from rehandle_codemods.rewrite.import_keys import Statement

_BLACK = 88
_ISORT = 79
_EMPTY = cst.Module([])


class Layout:
    """The layout of the imports that stand together, which changed ones get where a line has no room for them.

    Attributes:
        limit: how many characters a line may have.
        grid: whether names are aligned with the first one, as isort does by default; else each has its line. Then a
            name that is alone comes after a backslash.
        where_needed: whether names have a line each only where one line has no room for them: then those that have
            room now come into one line, as isort would have it. Others may be kept apart by the comma after the last.
    """

    def __init__(self, beside: Sequence[Statement]) -> None:
        """Look at some imports.

        Args:
            beside: the imports as they were.
        """
        brackets = [node.lpar for node in beside if isinstance(node, cst.ImportFrom) and node.lpar is not None]
        aligned = all(isinstance(one.whitespace_after, cst.SimpleWhitespace) for one in brackets)
        joints = [node.whitespace_after_import for node in beside if isinstance(node, cst.ImportFrom)]
        self._joint = next((space for space in joints if "\\" in space.value), None)
        self.grid = aligned and (bool(brackets) or self._joint is not None)
        longest = max((len(line) for node in beside for line in _code(node).splitlines()), default=0)
        self.limit = max(longest, _ISORT if self.grid else _BLACK)
        apart = [node for node in beside if isinstance(node, cst.ImportFrom) and node.lpar and not comments(node)]
        self.where_needed = bool(apart) and all(len(_code(_plain(node))) > self.limit for node in apart)

    def fitted(self, line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
        """An import that has its lines, laid out anew where it is too long, or was aligned."""
        node = line.body[0]
        if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar) or comments(node):
            return line
        aligned = node.lpar is not None and isinstance(node.lpar.whitespace_after, cst.SimpleWhitespace)
        lines = _code(node).splitlines()
        joined = "\\" in node.whitespace_after_import.value
        anew = (aligned or joined) if self.grid else (self.where_needed and node.lpar is not None)
        if not anew and (len(lines) > 1 or len(lines[0]) <= self.limit):
            return line
        plain = _plain(node)
        if len(_code(plain)) > self.limit:
            plain = self._aligned(plain) if self.grid else _hanging(plain)
        return line.with_changes(body=[plain])

    def _aligned(self, node: cst.ImportFrom) -> cst.ImportFrom:
        """Names in brackets, as many in a line as it has room for, aligned with the first one."""
        if len(node.names) == 1:  # type: ignore[arg-type]  # not `*`
            return node if self._joint is None else node.with_changes(whitespace_after_import=self._joint)
        column = len(_code(node).partition(" import ")[0]) + len(" import (")
        place = column
        names: list[cst.ImportAlias] = []
        for number, alias in enumerate(_names(node)):
            length = len(_code(alias))
            # isort counts the bracket at the end, too.
            if number and place + 2 + length + 1 > self.limit:
                space: cst.BaseParenthesizableWhitespace = cst.ParenthesizedWhitespace(
                    indent=True, last_line=cst.SimpleWhitespace(" " * column)
                )
                place = column + length
            else:
                space = cst.SimpleWhitespace(" ")
                place += (2 if number else 0) + length
            if names:
                names[-1] = names[-1].with_changes(comma=cst.Comma(whitespace_after=space))
            names.append(alias)
        return node.with_changes(names=names, lpar=cst.LeftParen(), rpar=cst.RightParen())


def opened(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    """An import that has several lines now, with the comment that was in its one line in the first."""
    node, ending = line.body[0], line.trailing_whitespace
    if not isinstance(node, cst.ImportFrom) or node.lpar is None or ending.comment is None:
        return line
    space = node.lpar.whitespace_after
    if not isinstance(space, cst.ParenthesizedWhitespace) or space.first_line.comment is not None:
        return line
    lpar = node.lpar.with_changes(whitespace_after=space.with_changes(first_line=ending))
    plain = cst.TrailingWhitespace(newline=ending.newline)
    return line.with_changes(body=[node.with_changes(lpar=lpar)], trailing_whitespace=plain)


def _code(node: cst.CSTNode) -> str:
    return _EMPTY.code_for_node(node)


def _names(node: cst.ImportFrom) -> list[cst.ImportAlias]:
    return [name.with_changes(comma=cst.MaybeSentinel.DEFAULT) for name in node.names]  # type: ignore[union-attr]  # not `*`


def _plain(node: cst.ImportFrom) -> cst.ImportFrom:
    """A statement in one line."""
    space = cst.SimpleWhitespace(" ")
    return node.with_changes(
        names=_names(node),
        lpar=None,
        rpar=None,
        whitespace_after_from=space,
        whitespace_before_import=space,
        whitespace_after_import=space,
    )


def _hanging(node: cst.ImportFrom) -> cst.ImportFrom:
    """Names in brackets, each in a line, with a comma after the last."""
    inner = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    names = [name.with_changes(comma=cst.Comma(whitespace_after=inner)) for name in _names(node)]
    names[-1] = names[-1].with_changes(comma=cst.Comma(whitespace_after=cst.ParenthesizedWhitespace(indent=True)))
    return node.with_changes(names=names, lpar=cst.LeftParen(inner), rpar=cst.RightParen())
