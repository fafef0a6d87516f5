"""Which statements a place is in."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.index.tree import walk

if TYPE_CHECKING:
    from rehandle_codemods.files.source import Text


class Statements:
    """The statements of a file, each without those inside it."""

    def __init__(self, tree: ast.Module, source: Text) -> None:
        """Know the file.

        Args:
            tree: its syntax tree.
            source: its text.
        """
        self._source = source
        self._spans = sorted(self._span(node) for node in walk(tree) if isinstance(node, ast.stmt))

    @property
    def whole(self) -> tuple[int, int]:
        """The span of the file."""
        return 0, len(self._source.data) + 1

    def around(self, start: int, end: int) -> list[tuple[int, int]]:
        """The statements that a span is in or goes over."""
        return [span for span in self._spans if span[0] < max(end, start + 1) and start < span[1]]

    def of_comment(self, start: int, *, alone: bool) -> list[tuple[int, int]]:
        """What a comment is about: its line and the statements there; where it stands alone, the next statement."""
        line, end = self._source.line_span(start)
        inside = not alone and self.around(line, start)
        return [(line, end), *(inside or [span for span in self._spans if span[0] > start][:1])]

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        """The span of a statement; a compound one ends where its first inner one begins."""
        source = self._source
        first = min([node, *getattr(node, "decorator_list", ())], key=lambda part: part.lineno)
        start = source.offset(first.lineno, first.col_offset)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            return start, self._span(body[0])[0]
        cases = getattr(node, "cases", None)
        if cases is not None:
            return start, source.offset(cases[0].pattern.lineno, cases[0].pattern.col_offset)
        return start, source.offset(node.end_lineno or 1, node.end_col_offset or 0)
