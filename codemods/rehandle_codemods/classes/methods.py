"""What the methods of a handler show: how they end, what they return, and where they use what they take."""

from __future__ import annotations

import ast
import functools
from typing import Container, Iterator, NamedTuple, Sequence

from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import FunctionDef, node_name
from rehandle_codemods.index.tree import children, walk

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


LONGEST_CHAIN = 4
"""How many steps are followed from a variable to what it is assigned: more are no plain method, and may be a circle."""


class OwnCall(NamedTuple):
    """A call, in a handler class, of the class's own or inherited `read` or `write`.

    Attributes:
        node: the call.
        method: `read` or `write`.
        above: whether it is the one of a class above.
    """

    node: ast.Call
    method: str
    above: bool


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
            stack.extend(reversed(children(node)))


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
            if endless and not any(isinstance(node, ast.Break) for node in walk(statement)):
                return True
    return False


def assigned(method: FunctionDef, name: str) -> list[ast.expr] | None:
    """The values that plain assignments of a method give a name; None where something else binds it too."""
    values: list[ast.expr] = []
    stores = 0
    for node in walk(method):
        if node_name(node) == name and not isinstance(node, ast.arg):
            stores += not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                values.append(node.value)
    if any(parameter.arg == name for parameter in parameters(method)) or stores != len(values):
        return None
    return values


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
    for node in walk(method):
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
    for part in walk(string):
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
    return {node_name(part) for part in walk(node)}


def fresh(name: str, taken: Container[str]) -> str:
    """A name that isn't taken."""
    while name in taken:
        name += "_"
    return name
