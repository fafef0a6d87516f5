"""A file of the project, parsed: its code, its names and what in it may change."""

from __future__ import annotations

import ast
import os
from functools import cached_property

from rehandle_codemods.decide.frozen import RENAMING, Statements
from rehandle_codemods.files.source import Text
from rehandle_codemods.index.scopes import Analysis, Scope


class Module:
    """One parsed file.

    Attributes:
        path: its absolute path.
        source: its code.
        tree: its syntax tree.
        analysis: its scopes.
        editable: whether it may change: it was named, and isn't a part of Prefect itself.
        reported: whether its findings are reported.
        package: the dotted name of the folder that relative imports start from; only set inside Prefect.
        statements: its statements, and which of them aren't to change.
    """

    def __init__(self, path: str, source: Text, *, reported: bool) -> None:
        """Parse a file.

        Args:
            path: its absolute path.
            source: its code.
            reported: whether its findings are reported.

        Raises:
            SyntaxError: it doesn't parse.
        """
        self.path = path
        self.source = source
        self.tree = ast.parse(source.text)
        self.analysis = Analysis(self.tree, self.text)
        self.reported = reported
        self.package = _package_in_prefect(path)
        self.editable = reported and not self.package
        self.statements = Statements(self.tree, source)

    def may_change(self, node: ast.AST) -> bool:
        """Whether a node may be edited: its file may, and it is in no statement that stays as it is."""
        return self.editable and not (self.statements.frozen and self.statements.reason(*self._place(node)))

    def may_rename(self, node: ast.AST) -> bool:
        """Whether the name of a class of the project that a node has may become another one."""
        return self.editable and not (self.statements.frozen and self.statements.reason(*self._place(node), RENAMING))

    def _place(self, node: ast.AST) -> tuple[int, int]:
        if isinstance(node, ast.Module):
            return self.statements.whole
        # An alias has no place on Python 3.9.
        return self.span(node if hasattr(node, "lineno") else self.analysis.parents[node])

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The byte offsets of a node."""
        start = self.source.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # only nodes with a place come
        end = self.source.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # as above
        return start, end

    def embeds(self, node: ast.AST) -> bool:
        """Whether a node is in a notebook or an example: names may be bound unseen there, and values are shown."""
        return self.source.embeds(self.span(node)[0])

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        start, end = self.span(node)
        return self.source.data[start:end].decode("utf-8")

    def may_export(self, name: str) -> bool:
        """Whether a star import may take a name that the module has: one in `__all__`, or without an underscore."""
        exported = self._exported
        return not name.startswith("_") if exported is None else not exported or name in exported

    @cached_property
    def _exported(self) -> set[str] | None:
        """What is in `__all__`: None where there is none, nothing where that can't be told."""
        bindings = self.root.bindings.get("__all__")
        if bindings is None:
            return None
        value = bindings[0].value if len(bindings) == 1 else None
        elements = value.elts if isinstance(value, (ast.List, ast.Tuple)) else []
        texts = {element.value for element in elements if isinstance(element, ast.Constant)}
        return {text for text in texts if isinstance(text, str)} if len(texts) == len(elements) else set()

    @property
    def root(self) -> Scope:
        """The module's scope."""
        return self.analysis.root


def _package_in_prefect(path: str) -> str:
    """The package of a file inside Prefect's own source: one that defines the API, not a user of it."""
    parts = os.path.dirname(path).split(os.sep)
    for number in range(len(parts) - 1, 0, -1):
        if parts[number] != "prefect":
            continue
        folder = os.sep.join(parts[: number + 1])
        if os.path.exists(os.path.join(folder, "core", "task.py")) and os.path.isdir(os.path.join(folder, "engine")):
            return ".".join(parts[number:])
    return ""
