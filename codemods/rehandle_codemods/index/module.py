"""A file of the project, parsed: its code, its tree and its scopes."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass
from functools import cached_property, partial

from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.source import Text
from rehandle_codemods.index.analysis import Analysis
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.statements import Statements


@dataclass(frozen=True, eq=False)
class Module:
    """One parsed file; nothing about it changes.

    Attributes:
        path: its absolute path.
        source: its code.
        tree: its syntax tree.
        analysis: its scopes.
        reported: whether its findings are reported.
        prefect_package: the dotted name of the folder, inside Prefect's own source alone.
    """

    path: str
    source: Text
    tree: ast.Module
    analysis: Analysis
    reported: bool
    prefect_package: str

    @property
    def editable(self) -> bool:
        """Whether it may change: it was named, and isn't a part of Prefect itself."""
        return self.reported and not self.prefect_package

    @cached_property
    def shown(self) -> str:
        """Its path as it is shown."""
        return shown(self.path)

    @cached_property
    def statements(self) -> Statements:
        """Its statements, each without those inside it."""
        return Statements(self.tree, self.source)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The byte offsets of a node."""
        return _span(self.source, node)

    def embeds(self, node: ast.AST) -> bool:
        """Whether a node is in a notebook or an example: names may be bound unseen there, and values are shown."""
        return self.source.embeds(self.span(node)[0])

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        return _text(self.source, node)

    def may_export(self, name: str) -> bool:
        """Whether a star import may take a name that the module has: one in `__all__`, or without an underscore."""
        exported = self._exported
        return not name.startswith("_") if exported is None else not exported or name in exported

    @cached_property
    def _exported(self) -> set[str] | None:
        """What is in `__all__`: None where there is none, nothing where that isn't known."""
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


def parse(path: str, source: Text, *, reported: bool) -> Module:
    """Parse a file.

    Args:
        path: its absolute path.
        source: its code.
        reported: whether its findings are reported.

    Returns:
        The module.

    Raises:
        SyntaxError: it doesn't parse.
    """
    tree = ast.parse(source.text)
    return Module(path, source, tree, Analysis(tree, partial(_text, source)), reported, prefect_package(path))


def _span(source: Text, node: ast.AST) -> tuple[int, int]:
    start = source.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # only nodes with a place come
    end = source.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # as above
    return start, end


def _text(source: Text, node: ast.AST) -> str:
    start, end = _span(source, node)
    return source.data[start:end].decode("utf-8")


def prefect_package(path: str) -> str:
    """The package of a file inside Prefect's own source: one that defines the API, not a user of it."""
    parts = os.path.dirname(path).split(os.sep)
    for number in range(len(parts) - 1, 0, -1):
        if parts[number] != "prefect":
            continue
        folder = os.sep.join(parts[: number + 1])
        if os.path.exists(os.path.join(folder, "core", "task.py")) and os.path.isdir(os.path.join(folder, "engine")):
            return ".".join(parts[number:])
    return ""
