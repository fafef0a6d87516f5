"""Statements that stay as they are: a rule is ignored there, somebody declined the change, or it can't be made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Iterable, Iterator, NamedTuple

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

RENAMING = "RH110"
"""The one rule without which all others can go on: a class that becomes a Result may keep its name."""


class Protected(NamedTuple):
    """A span that isn't to change.

    Attributes:
        path: the file.
        span: its offsets.
        why: the reason, as part of a sentence.
        code: the rule that is ignored there; RENAMING stops nothing but the renaming of a class.
    """

    path: str
    span: tuple[int, int]
    why: str
    code: str = ""


def around(module: Module, span: tuple[int, int], why: str, code: str = "") -> Iterator[Protected]:
    """Protect the statements that a span is in; the whole file where it is in none."""
    for part in module.statements.around(*span) or [module.statements.whole]:
        yield Protected(module.path, part, why, code)


class Protection:
    """Answers what may change in a project."""

    def __init__(self, protected: Iterable[Protected] = ()) -> None:
        """Keep what isn't to change.

        Args:
            protected: the spans.
        """
        self._of: dict[str, list[Protected]] = {}
        for part in protected:
            self._of.setdefault(part.path, []).append(part)

    @property
    def reaches_any(self) -> bool:
        """Whether anything isn't to change."""
        return bool(self._of)

    def reaches(self, module: Module) -> bool:
        """Whether anything in a file isn't to change."""
        return module.path in self._of

    def reason(self, module: Module, span: tuple[int, int], code: str = "") -> str:
        """Why a span isn't to change; empty where it may.

        Args:
            module: where it is.
            span: its offsets.
            code: the rule that would change it.

        Returns:
            The reason.
        """
        start, end = span
        for part in self._of.get(module.path, ()):
            touches = part.span[0] < max(end, start + 1) and start < part.span[1]
            if touches and (part.code != RENAMING or code == RENAMING):
                return part.why
        return ""

    def may_change(self, module: Module, node: ast.AST, code: str = "") -> bool:
        """Whether a node may change: its file may, and it is in no statement that stays as it is.

        Args:
            module: where it is.
            node: the node.
            code: the rule that would change it.

        Returns:
            Whether it may.
        """
        if not module.editable or module.path not in self._of:
            return module.editable
        whole = isinstance(node, ast.Module)
        return not self.reason(module, module.statements.whole if whole else module.span(node), code)
