"""Small questions about syntax trees that several modules ask."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Iterator, Union

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

FunctionDef = Union[ast.FunctionDef, ast.AsyncFunctionDef]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_none(node: ast.AST | None) -> bool:
    """Whether a node is the constant None."""
    return isinstance(node, ast.Constant) and node.value is None


def is_true(node: ast.AST | None) -> bool:
    """Whether a node is the constant True."""
    return isinstance(node, ast.Constant) and node.value is True


def is_absolute(node: ast.AST) -> bool:
    """Whether a node is the path of a file or folder that doesn't depend on the working directory."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and os.path.isabs(node.value)


def node_name(node: ast.AST) -> str:
    """The name that a node reads or binds by itself; empty where it has none, as an attribute or a keyword."""
    if isinstance(node, ast.alias):
        return node.asname or node.name.partition(".")[0]
    for field in ("id", "arg", "name", "rest"):
        name = getattr(node, field, None)
        if isinstance(name, str) and not isinstance(node, ast.keyword):
            return name
    return ""


def alternatives(node: ast.AST) -> list[ast.expr]:
    """The expressions of which another one has the value of one; none where it isn't a choice.

    Choices are conditional expressions, `or`, and a dict, list or tuple that is written where it is subscripted.
    """
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values if isinstance(node.op, ast.Or) else []
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return elements(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return [*elements(node.func.value), *node.args[1:2]] if elements(node.func.value) else []
    return []


def leaves(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that a value may come from: both branches of a conditional expression, all sides of `or`."""
    branches = alternatives(node)
    if not branches:
        yield node
    for branch in branches:
        yield from leaves(branch)


def elements(node: ast.AST) -> list[ast.expr]:
    """The values of a dict, list or tuple that is written out in full; none for anything else."""
    if isinstance(node, ast.Dict):
        return [] if None in node.keys else node.values
    if isinstance(node, (ast.List, ast.Tuple)):
        return [] if any(isinstance(part, ast.Starred) for part in node.elts) else node.elts
    return []


def chooser(parents: dict[ast.AST, ast.AST], node: ast.AST) -> ast.expr | None:
    """The choice that an expression is an alternative of, if it is one."""
    parent = parents.get(node)
    if isinstance(parent, (ast.Dict, ast.List, ast.Tuple)):
        parent = parents.get(parent)
        parent = parents.get(parent) if isinstance(parent, ast.Attribute) else parent
    if isinstance(parent, (ast.IfExp, ast.BoolOp, ast.Subscript, ast.Call)) and node in alternatives(parent):
        return parent
    return None


def suite_of(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """The statements beside a statement, itself included."""
    parent = module.analysis.parents.get(statement, module.tree)
    for field in ("body", "orelse", "finalbody"):
        suite = getattr(parent, field, None)
        if isinstance(suite, list) and statement in suite:
            return suite
    return [statement]


def has_its_lines(module: Module, statement: ast.stmt) -> bool:
    """Whether no other statement is in the lines of a statement."""
    start = module.span(statement)[0]
    beside = [other for other in suite_of(module, statement) if other.lineno == statement.end_lineno]
    before = module.source.data[module.source.line_span(start)[0] : start]
    return not before.strip() and all(other is statement for other in beside)


def constant_text(node: ast.AST | None) -> str | None:
    """The string that a constant is, if it is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def dict_items(node: ast.Dict) -> Iterator[tuple[str, ast.Constant, ast.expr]]:
    """The items of a dict whose keys are plain strings: the string, its node and the value."""
    for key, value in zip(node.keys, node.values):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, key, value


def inside_fstring(module: Module, node: ast.AST) -> bool:
    """Whether a node is inside an f-string, where Python before 3.12 doesn't say its position."""
    return any(isinstance(above, ast.JoinedStr) for above in module.analysis.ancestors(node))


def is_annotation(module: Module, node: ast.AST) -> bool:
    """Whether a node is an annotation or a part of one."""
    below = node
    for above in module.analysis.ancestors(node):
        if isinstance(above, ast.arg):
            return True
        if isinstance(above, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return above.returns is below
        if isinstance(above, ast.AnnAssign):
            return above.annotation is below
        if isinstance(above, (ast.stmt, ast.Call, ast.Lambda)):
            return False
        below = above
    return False


def keyword_of(call: ast.Call, name: str) -> ast.keyword | None:
    """A call's keyword argument, by name."""
    return next((keyword for keyword in call.keywords if keyword.arg == name), None)


def is_tested(module: Module, node: ast.expr) -> bool:
    """Whether an expression is only compared with None, or asked whether it is true."""
    parent = module.analysis.parents.get(node)
    if isinstance(parent, ast.Compare):
        return all(is_none(side) for side in (parent.left, *parent.comparators) if side is not node)
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)):
        return parent.test is node
    return isinstance(parent, ast.BoolOp) and is_tested(module, parent)


def plain_call(module: Module, node: ast.Attribute) -> ast.Call | None:
    """The call of `x.read` or `x.write` where it has nothing but the one argument of the method."""
    call = module.analysis.parents.get(node)
    if not isinstance(call, ast.Call) or call.func is not node or len(call.args) + len(call.keywords) != 1:
        return None
    if call.keywords or isinstance(call.args[0], ast.Starred):
        return None
    return call


def assigned_value(module: Module, node: ast.Attribute) -> ast.expr | None:
    """What a plain assignment sets an attribute to."""
    statement = module.analysis.parents.get(node)
    if isinstance(statement, ast.Assign) and statement.targets == [node]:
        return statement.value
    if isinstance(statement, ast.AnnAssign) and statement.target is node:
        return statement.value
    return None


def is_spread(module: Module, call: ast.Call, node: ast.expr) -> bool:
    """Whether a call takes a dict, or what it goes into, as `**`."""
    parent = module.analysis.parents.get(node)
    while parent is not None and not (isinstance(parent, ast.keyword) and module.analysis.parents.get(parent) is call):
        parent = module.analysis.parents.get(parent)
    return isinstance(parent, ast.keyword) and parent.arg is None
