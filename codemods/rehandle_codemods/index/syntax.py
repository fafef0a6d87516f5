"""Small questions about syntax trees that several modules ask."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Iterator, Union

from rehandle_codemods.files.paths import shown
from rehandle_codemods.findings import IT, Location, Reason, origin
from rehandle_codemods.index import prefect_names

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

FunctionDef = Union[ast.FunctionDef, ast.AsyncFunctionDef]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def line_of(module: Module, node: ast.AST) -> str:
    """Where a node is in its file, for a message."""
    start = module.source.offset(getattr(node, "lineno", 1), 0)
    cell = module.source.cell(start)
    line = module.source.position(start)[0]
    return f"cell {cell}, line {line}" if cell else f"line {line}"


def where(module: Module, node: ast.AST) -> Location:
    """The file and line of a node, for a message."""
    start = module.source.offset(getattr(node, "lineno", 1), 0)
    return Location(origin(shown(module.path), module.source.cell(start)), module.source.position(start)[0])


def reason_at(module: Module, node: ast.AST, text: str, rest: str = "", *, subject: str = IT) -> Reason:
    """A reason that is in one line of the code, which it names between its two parts."""
    at = where(module, node)
    return Reason(f"{text} in {at}{rest}", at, subject=subject)


def short(module: Module, node: ast.AST) -> str:
    """The source of a node in one line, cut where it is long."""
    text = " ".join(module.text(node).split())
    return text if len(text) <= 40 else text[:37] + "..."


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


def calls_in(node: FunctionDef) -> Iterator[ast.Call]:
    """The calls in a function."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield part


def spreads(call: ast.Call, name: str) -> bool:
    """Whether a call takes a variable as `**`."""
    return any(
        keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == name
        for keyword in call.keywords
    )


def looks_into(function: FunctionDef, keywords: str) -> bool:
    """Whether a function does more with its `**keywords` than pass them on and look at other arguments in them."""
    passed: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            passed.update(keyword.value for keyword in node.keywords if keyword.arg is None)
            asks = isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop", "setdefault")
            if asks and node.args and _is_other_key(node.args[0]):
                passed.add(node.func.value)  # type: ignore[attr-defined]  # `asks` says that it has one
        elif isinstance(node, ast.Subscript) and _is_other_key(node.slice):
            passed.add(node.value)
        elif isinstance(node, ast.Compare) and _is_other_key(node.left):
            passed.update(node.comparators)
    return any(isinstance(node, ast.Name) and node.id == keywords and node not in passed for node in ast.walk(function))


def _is_other_key(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value not in (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD)


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


def task_arguments_call(module: Module, node: ast.AST) -> ast.Call | None:
    """The call that a dict, written as `{...}` or `dict(...)`, is the `task_args=` of."""
    keyword = module.analysis.parents.get(node)
    if isinstance(keyword, ast.keyword) and keyword.arg == "task_args":
        call = module.analysis.parents.get(keyword)
        return call if isinstance(call, ast.Call) else None
    return None


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


def described_use(module: Module, value: ast.expr, parent: ast.AST | None) -> str:
    """What is done with a value, where that isn't understood."""
    if isinstance(parent, ast.Call) and value in parent.args:
        return f"is passed to {short(module, parent.func)} by position"
    if isinstance(parent, ast.Attribute):
        return f"is asked for its {parent.attr}"
    if isinstance(parent, ast.arguments):
        return "is the default value of a parameter"
    if isinstance(parent, ast.Return):
        return "is returned"
    if isinstance(parent, ast.NamedExpr):
        return f"is assigned by :=, to {parent.target.id},"
    return "is used in a way that isn't understood"
