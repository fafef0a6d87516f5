"""What the bodies of a handler's methods show: how they end, what they return, and whether that is a location."""

from __future__ import annotations

import ast
import functools
from typing import Container, Iterator, NamedTuple, Sequence

from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import FunctionDef, node_name

PATH_CALLS = {"join", "format", "abspath", "realpath", "expanduser", "normpath", "fspath", "strftime", "as_posix"}
TEXT_CALLS = {"str", "mktemp", "hexdigest", "isoformat"}
_ENCODERS = {"dumps", "to_json", "encode", "b64encode"}
_KEY_ARGUMENTS = {"Key", "key", "blob", "blob_name"}
_KEYED_CALLS = {"blob", "set", "setex", "put"}
_PASSING_MANAGERS = {
    "open",
    "fdopen",
    "closing",
    "TemporaryFile",
    "NamedTemporaryFile",
    "TemporaryDirectory",
    "ZipFile",
    "BytesIO",
    "StringIO",
    "Lock",
    "RLock",
    "lock",
    "_lock",
}
"""The last names of context managers that don't swallow exceptions."""


def parameters(method: FunctionDef) -> list[ast.arg]:
    """The positional parameters, `self` included."""
    return [*method.args.posonlyargs, *method.args.args]


def last_name(node: ast.AST) -> str:
    """The last part of a dotted name, or an empty string."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_self(node: ast.AST) -> bool:
    """Whether a node is the name `self`."""
    return isinstance(node, ast.Name) and node.id == "self"


def own_nodes(function: FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions, lambdas and classes inside."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def returns(function: FunctionDef) -> list[ast.Return]:
    """The return statements of a function itself."""
    return [node for node in own_nodes(function) if isinstance(node, ast.Return)]


def is_abstract(function: FunctionDef) -> bool:
    """Whether a method does nothing but raise, or nothing at all: it is there for subclasses to write."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if function.decorator_list:
        return all(isinstance(part, (ast.Pass, ast.Raise)) or _is_ellipsis(part) for part in body)
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def _is_ellipsis(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...


def terminates(body: Sequence[ast.stmt], *, certainly: bool = False) -> bool:
    """Whether the end of a suite can't be reached.

    Args:
        body: the suite.
        certainly: whether a context manager that isn't known may swallow exceptions, so that the code after it runs.

    Returns:
        Whether it can't.
    """
    ends = functools.partial(terminates, certainly=certainly)
    for statement in body:
        if isinstance(statement, (ast.Return, ast.Raise)):
            return True
        if isinstance(statement, ast.If) and statement.orelse:
            if ends(statement.body) and ends(statement.orelse):
                return True
        elif isinstance(statement, ast.Try):
            if ends(statement.finalbody):
                return True
            main = ends(statement.body) or (bool(statement.orelse) and ends(statement.orelse))
            if main and all(ends(handler.body) for handler in statement.handlers):
                return True
        elif isinstance(statement, ast.With) and ends(statement.body):
            managers = {last_name(getattr(item.context_expr, "func", item.context_expr)) for item in statement.items}
            if not (managers - _PASSING_MANAGERS if certainly else managers & {"suppress"}):
                return True
        elif isinstance(statement, ast.While):
            endless = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
            if endless and not any(isinstance(node, ast.Break) for node in ast.walk(statement)):
                return True
    return False


def assigned(method: FunctionDef, name: str) -> list[ast.expr] | None:
    """The values that plain assignments of a method give a name; None where something else binds it too."""
    values: list[ast.expr] = []
    stores = 0
    for node in ast.walk(method):
        if node_name(node) == name and not isinstance(node, ast.arg):
            stores += not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                values.append(node.value)
    if any(parameter.arg == name for parameter in parameters(method)) or stores != len(values):
        return None
    return values


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
        if node is None or depth > 4 or (isinstance(node, ast.Constant) and not isinstance(node.value, str)):
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
        used: set[str] = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        called = {last_name(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
        return self.parameter in used or bool(called & _ENCODERS)

    def _own_method(self, call: ast.Call) -> ast.FunctionDef | None:
        function = call.func
        if isinstance(function, ast.Attribute) and is_self(function.value):
            return self.methods.get(function.attr)
        return None

    def _is_key(self, name: str) -> bool:
        """Whether the value is stored by a name: as a file that is opened, a key of a dict or of a storage."""
        for node in ast.walk(self.write):
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
                if any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(place)):
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


class ParameterUses(NamedTuple):
    """Where a method uses a parameter.

    Attributes:
        names: the names outside f-strings.
        strings: the f-strings that it is in, where Python before 3.12 doesn't say its position.
    """

    names: tuple[ast.Name, ...]
    strings: tuple[ast.JoinedStr, ...]


def parameter_uses(module: Module, method: ast.FunctionDef, name: str) -> ParameterUses | None:
    """Where a method uses a parameter; None where that has to keep its name as a variable."""
    scopes = module.analysis.scope_of
    own = scopes[method.body[0]]
    found: list[ast.Name] = []
    strings: dict[ast.JoinedStr, None] = {}
    for node in ast.walk(method):
        if isinstance(node, ast.Name) and node.id == name and scopes[node].lookup(name) is own:
            around = [above for above in module.analysis.ancestors(node) if isinstance(above, ast.JoinedStr)]
            strings.update(dict.fromkeys(around[-1:]))
            found += [] if around else [node]
    # Only what assigns a name has it as a node: `import`, `def`, `except` and `case` don't.
    hidden = any(not isinstance(binding.node, (ast.arg, ast.Name)) for binding in own.bindings[name])
    if hidden or any(_shows(module, string, name, own) for string in strings):
        return None
    return ParameterUses(tuple(found), tuple(strings))


def _shows(module: Module, string: ast.JoinedStr, name: str, scope: Scope) -> bool:
    """Whether an f-string would say another name, as `{name=}` does, or has the name for something else too."""
    for part in ast.walk(string):
        if isinstance(part, ast.arg) and part.arg == name:
            return True
        if isinstance(part, ast.Name) and part.id == name and module.analysis.scope_of[part].lookup(name) is not scope:
            return True
        for before, value in zip(part.values, part.values[1:]) if isinstance(part, ast.JoinedStr) else ():
            # `{name=}` is text that ends in "name=", and a part that is converted or formatted.
            said = isinstance(before, ast.Constant) and str(before.value).rstrip().endswith("=")
            shown = isinstance(value, ast.FormattedValue) and (value.conversion != -1 or value.format_spec)
            if said and shown and name in names_in(value):
                return True
    return False


def names_in(node: ast.AST) -> set[str]:
    """The names in some code that aren't those of attributes and keywords."""
    return {node_name(part) for part in ast.walk(node)}


def fresh(name: str, taken: Container[str]) -> str:
    """A name that isn't taken."""
    while name in taken:
        name += "_"
    return name
