"""Whether what a `write` returns is a location, and not the data that it stored."""

from __future__ import annotations

import ast

from rehandle_codemods.classes.methods import (
    LONGEST_CHAIN,
    assigned,
    is_self,
    last_name,
    parameters,
    returns,
    terminates,
)
from rehandle_codemods.index.tree import walk

PATH_CALLS = {"join", "format", "abspath", "realpath", "expanduser", "normpath", "fspath", "strftime", "as_posix"}
TEXT_CALLS = {"str", "mktemp", "hexdigest", "isoformat"}
_ENCODERS = {"dumps", "to_json", "encode", "b64encode"}
_KEY_ARGUMENTS = {"Key", "key", "blob", "blob_name"}
_KEYED_CALLS = {"blob", "set", "setex", "put"}


class Locations:
    """Tells whether what a `write` returns is a location."""

    def __init__(self, write: ast.FunctionDef, methods: dict[str, ast.FunctionDef], writers: set[ast.AST]) -> None:
        """Look at a `write`.

        Args:
            write: the method.
            methods: those of its class.
            writers: the calls in it that return a location: `super().write(...)` and its like.
        """
        self.write = write
        self.parameter = parameters(write)[1].arg
        self.annotated = isinstance(write.returns, ast.Name) and write.returns.id == "str"
        self.methods = methods
        self.writers = writers

    def certain(self, node: ast.expr | None, depth: int = 0) -> bool:
        """Whether an expression is certainly a location, and not the stored data."""
        if (
            node is None
            or depth > LONGEST_CHAIN
            or (isinstance(node, ast.Constant) and not isinstance(node.value, str))
        ):
            return False
        if node in self.writers:
            return True
        if isinstance(node, ast.Name):
            return self._variable(node, depth)
        if self._holds_data(node):
            return False
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            return True
        if isinstance(node, ast.Call):
            own = self._own_method(node)
            if own is not None and _returns_text(own):
                return True
            return last_name(node.func) in PATH_CALLS | TEXT_CALLS or self.annotated
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Add):
                return any(self.certain(side, depth + 1) for side in (node.left, node.right))
            return isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
        if isinstance(node, ast.IfExp):
            return all(self.certain(side, depth + 1) for side in (node.body, node.orelse))
        return is_text(node) or (self.annotated and isinstance(node, (ast.Attribute, ast.Subscript)))

    def _variable(self, node: ast.Name, depth: int) -> bool:
        values = assigned(self.write, node.id)
        if not values or node.id == self.parameter:
            return False
        if all(value in self.writers for value in values):
            return True
        if self._is_key(node.id) and all(is_text(value) for value in values):
            return True
        plain = len(values) == 1 and isinstance(values[0], (ast.Name, ast.Attribute, ast.Subscript, ast.Call))
        if plain and self.annotated:
            return not self._holds_data(values[0])
        return all(self.certain(value, depth + 1) for value in values)

    def _holds_data(self, node: ast.expr) -> bool:
        used: set[str] = {part.id for part in walk(node) if isinstance(part, ast.Name)}
        called = {last_name(part.func) for part in walk(node) if isinstance(part, ast.Call)}
        return self.parameter in used or bool(called & _ENCODERS)

    def _own_method(self, call: ast.Call) -> ast.FunctionDef | None:
        function = call.func
        if isinstance(function, ast.Attribute) and is_self(function.value):
            return self.methods.get(function.attr)
        return None

    def _is_key(self, name: str) -> bool:
        """Whether the value is stored by a name: as a file that is opened, a key of a dict or of a storage."""
        for node in walk(self.write):
            places: list[ast.expr] = []
            if isinstance(node, ast.Call) and node.args:
                opens = isinstance(node.func, ast.Name) and node.func.id == "open"
                names_blob = isinstance(node.func, ast.Attribute) and node.func.attr in _KEYED_CALLS
                places = node.args[:1] if opens or names_blob else []
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                places = [node.slice]
            if isinstance(node, ast.Call):
                places += [keyword.value for keyword in node.keywords if keyword.arg in _KEY_ARGUMENTS]
            for place in places:
                if any(isinstance(part, ast.Name) and part.id == name for part in walk(place)):
                    return True
        return False


def _returns_text(method: ast.FunctionDef) -> bool:
    values = [statement.value for statement in returns(method)]
    texts = [value is not None and is_text(value) for value in values]
    return bool(texts) and all(texts) and terminates(method.body) and not method.decorator_list


def is_text(node: ast.expr) -> bool:
    """Whether an expression is certainly a string."""
    if isinstance(node, ast.Call):
        return last_name(node.func) in PATH_CALLS | TEXT_CALLS
    if isinstance(node, ast.Attribute):
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return node.attr == "hex" and called is not None and last_name(called).startswith("uuid")
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return is_text(node.left) or (isinstance(node.op, ast.Add) and is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
