"""Statements that stay as they are: a rule is ignored there, or somebody declined the change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rehandle_codemods.files.source import Text

RENAMING = "RH110"
"""The one rule without which all others can go on: a class that becomes a Result may keep its name."""


class Frozen(NamedTuple):
    """A span that isn't to be edited.

    Attributes:
        start: where it begins.
        end: where it ends.
        why: the reason, as part of a sentence.
        code: the rule that is ignored there; RENAMING stops nothing but the renaming of a class.
    """

    start: int
    end: int
    why: str
    code: str


class Statements:
    """The statements of a file, each without those inside it, and which of them are frozen."""

    def __init__(self, tree: ast.Module, source: Text) -> None:
        """Know the file.

        Args:
            tree: its syntax tree.
            source: its text.
        """
        self._tree = tree
        self._source = source
        self._spans: list[tuple[int, int]] | None = None
        self.frozen: list[Frozen] = []

    def freeze(self, start: int, end: int, why: str, code: str) -> None:
        """Freeze the statements that a span is in; the whole file where it is in none."""
        for first, last in self.around(start, end) or [self.whole]:
            self.frozen.append(Frozen(first, last, why, code))

    @property
    def whole(self) -> tuple[int, int]:
        """The span of the file."""
        return 0, len(self._source.data) + 1

    def reason(self, start: int, end: int, code: str = "") -> str:
        """Why a span isn't to be edited; empty where it may.

        Args:
            start: where it begins.
            end: where it ends.
            code: the rule that would edit it.

        Returns:
            The reason.
        """
        for part in self.frozen:
            if part.start < max(end, start + 1) and start < part.end and (part.code != RENAMING or code == RENAMING):
                return part.why
        return ""

    def around(self, start: int, end: int) -> list[tuple[int, int]]:
        """The statements that a span is in or goes over."""
        return [span for span in self._all() if span[0] < max(end, start + 1) and start < span[1]]

    def of_comment(self, start: int, *, alone: bool) -> list[tuple[int, int]]:
        """The statements in the line of a comment; where it stands alone, the next one."""
        line, _ = self._source.line(start)
        return (not alone and self.around(line, start)) or [span for span in self._all() if span[0] > start][:1]

    def _all(self) -> list[tuple[int, int]]:
        """The spans of all statements, in order; a compound one ends where its first inner one begins."""
        if self._spans is None:
            found = []
            for node in ast.walk(self._tree):
                if isinstance(node, ast.stmt):
                    found.append(self._span(node))
            self._spans = sorted(found)
        return self._spans

    def _span(self, node: ast.stmt) -> tuple[int, int]:
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
