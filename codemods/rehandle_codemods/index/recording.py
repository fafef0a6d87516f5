"""What rehandle saw while the code ran (REHANDLE_RECORD): for what the code doesn't show."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Collection, NamedTuple

from rehandle_codemods.index import prefect_names

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

_MADE = f"({prefect_names.KEYWORD}=...)"
_SET = f".{prefect_names.KEYWORD}"


class RecordError(Exception):
    """A record that can't be used; the message says why and what to do."""


class Call(NamedTuple):
    """One line of a record.

    Attributes:
        row: the line that handed a handler over.
        column: the column, from 1; None where the Python that ran it didn't know it.
        use: how, such as `Task(result_handler=...)` or `Flow.result_handler`.
    """

    row: int
    column: int | None
    use: str


class Recorded:
    """The calls of a record, by file."""

    def __init__(self, path: str = "") -> None:
        """Read a record.

        Args:
            path: the file; an empty string for no record.

        Raises:
            RecordError: the file can't be read, or isn't a record.
        """
        self.path = path
        self._calls: dict[str, list[Call]] = {}
        self._as_said: dict[str, str] = {}
        try:
            with open(path or os.devnull, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    self._add(number, line)
        except OSError as error:
            raise RecordError(f"can't be read: {error.strerror or error}") from None
        except UnicodeError as error:
            raise RecordError(f"isn't a record of rehandle's: {error}. Make it with REHANDLE_RECORD") from None

    def _add(self, number: int, line: str) -> None:
        import json

        try:
            found = json.loads(line)
            call = Call(int(found["row"]), found["column"], str(found["use"]))
            path = os.path.realpath(found["filename"])
        except (ValueError, KeyError, TypeError):
            raise RecordError(f"line {number} isn't a record of rehandle's. Make it with REHANDLE_RECORD") from None
        self._calls.setdefault(path, []).append(call)
        self._as_said[path] = found["filename"]

    def files(self) -> list[str]:
        """The files that handed a handler over."""
        return list(self._calls)

    def elsewhere(self, paths: Collection[str]) -> str:
        """Why what was recorded of a file can't be used: it isn't here, and one of its name is.

        Args:
            paths: the project's files, without symbolic links.

        Returns:
            The reason; empty where every file is the project's, or is certainly another project's.
        """
        names = {_file_name(path) for path in paths}
        for path in self._calls:
            if path not in paths and _file_name(path) in names and not os.path.exists(path):
                said = f"says what ran in {self._as_said[path]}, which isn't here, so it can't be used"
                return f"{said}. Run the code in this folder and use the new record"
        return ""

    def problem(self, module: Module) -> str:
        """Why what was recorded of a file can't be used: the file has changed since."""
        for call in self._calls.get(os.path.realpath(module.path), ()):
            if not any(_spans(module, node, call) for node in module.analysis.nodes if isinstance(node, _KINDS)):
                said = f"{self.path} says that line {call.row} has {call.use}, which it hasn't"
                return f"{said}: the file has changed since. Run the code again and use the new record"
        return ""

    def forget(self, module: Module) -> None:
        """Don't use what was recorded of a file."""
        self._calls.pop(os.path.realpath(module.path), None)

    def makes(self, module: Module, call: ast.Call) -> bool:
        """Whether a call, every time it was recorded, gave `result_handler=` to a Task or Flow."""
        return bool(self._calls) and self._agree(module, call, ast.Call, _MADE)

    def owns(self, module: Module, call: ast.Call) -> bool:
        """Whether a call, every time it was recorded, made a task or flow itself."""
        return bool(self._calls) and any(self._agree(module, call, ast.Call, kind + _MADE) for kind in ("Flow", "Task"))

    def sets(self, module: Module, node: ast.AST) -> bool:
        """Whether an attribute that is set, every time it was recorded, was that of a task or flow."""
        return bool(self._calls) and self._agree(module, node, ast.Attribute, _SET)

    def _agree(self, module: Module, node: ast.AST, kind: type[ast.AST], use: str) -> bool:
        found = [call for call in self._calls.get(os.path.realpath(module.path), ()) if _spans(module, node, call)]
        if not found or not all(call.use.endswith(use) for call in found):
            return False
        others = [other for other in module.analysis.nodes if isinstance(other, kind) and _hands_over(other)]
        return all(_only(module, node, call, others) for call in found)


def _file_name(path: str) -> str:
    """The last part of a path, which may be one of Windows."""
    return path.replace("\\", "/").rpartition("/")[2]


_KINDS = (ast.Call, ast.Attribute)
_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _hands_over(node: ast.AST) -> bool:
    """Whether a call has the keyword, or an attribute that is set the name, `result_handler`."""
    if isinstance(node, ast.Call):
        return any(keyword.arg == prefect_names.KEYWORD for keyword in node.keywords)
    return isinstance(node, ast.Attribute) and node.attr == prefect_names.KEYWORD and isinstance(node.ctx, ast.Store)


def _only(module: Module, node: ast.AST, call: Call, others: list[ast.AST]) -> bool:
    """Whether a recorded call can be at one node alone."""
    if call.column is not None:
        start = module.source.position(module.span(node)[0])
        return start == (call.row, call.column)
    return [other for other in others if _spans(module, other, call)] == [node]


def _spans(module: Module, node: ast.AST, call: Call) -> bool:
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    owner = module.analysis.parents.get(node)
    # Before 3.11, which has no columns, Python applies all decorators at the line of the last one, or of `def`.
    if call.column is None and isinstance(owner, _DECORATED) and node in owner.decorator_list:
        first, last = owner.decorator_list[0].lineno, owner.lineno
    return bool(first <= call.row <= last)
