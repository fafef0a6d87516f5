"""A handler class as a Result: what its methods take and return, and its constructor.

Names and calls are changed at their places, by `own_call`, `passes_on` and `rewrite.code`, before the class is.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Sequence

import libcst as cst

from rehandle_codemods.classes.lookup import Lookup
from rehandle_codemods.rewrite import arguments
from rehandle_codemods.rewrite.code import attribute_of, dotted
from rehandle_codemods.rewrite.exists import exists

_GIVEN = {"read": "location", "write": "value"}
_RETURNED = {"read": "value", "write": "location"}
"""What of a Result a method is given, and what of it the method of a handler returned."""


@dataclass(frozen=True)
class NewMethod:
    """What `read` or `write` becomes.

    Attributes:
        parameter: the new name of what it takes.
        variable: its old name, where that is kept as a variable; else empty.
        copy: the variable that has the copy of the Result; empty for a method that is only there to be overridden.
        ends: whether the end of the body can be reached.
        keywords: the name of the `**` that is added; empty where none is.
    """

    parameter: str
    variable: str = ""
    copy: str = ""
    ends: bool = False
    keywords: str = ""


@dataclass(frozen=True)
class NewConstructor:
    """What a constructor becomes.

    Attributes:
        keywords: the name of the `**` that is added; empty where it has one.
        calls_base: whether it calls the constructor of its base.
    """

    keywords: str
    calls_base: bool


def becomes_result(
    node: cst.ClassDef,
    *,
    base: str,
    name: str = "",
    read: NewMethod | None = None,
    write: NewMethod | None = None,
    constructor: NewConstructor | None = None,
    lookup: Lookup | None = None,
) -> cst.ClassDef:
    """Make a handler class a Result.

    Args:
        node: the class, whose names and calls are changed already.
        base: what its methods are said to return, where they say that.
        name: its new name; empty where it keeps the old one.
        read: what its `read` becomes.
        write: what its `write` becomes.
        constructor: what its constructor becomes.
        lookup: where its `read` looks, if it gets an `exists`.

    Returns:
        The class.
    """
    methods = {"read": read, "write": write}
    body: list[cst.BaseStatement | cst.BaseSmallStatement] = []
    for part in node.body.body:
        called = part.name.value if isinstance(part, cst.FunctionDef) else ""
        method = methods.get(called)
        if isinstance(part, cst.FunctionDef) and method is not None:
            part = _method(part, method, base)
        elif isinstance(part, cst.FunctionDef) and called == "__init__" and constructor is not None:
            part = _constructor(part, constructor)
        body.append(part)
        if called == "read" and lookup is not None:
            body.append(exists(lookup, _indent(node, part)))
    if name:
        node = node.with_changes(name=cst.Name(name))
    return node.with_changes(body=node.body.with_changes(body=body))


def own_call(node: cst.Call, attribute: str, keywords: str = "") -> cst.BaseExpression:
    """A call of a handler's own `read` or `write`, which returns a copy of a Result now.

    Args:
        node: the call.
        attribute: what of the copy is taken; empty where nothing is.
        keywords: the name of the `**` that is passed on; empty where none is.

    Returns:
        What gives what the call gave before.
    """
    if keywords:
        node = passes_on(node, keywords)
    return attribute_of(node, attribute) if attribute else node


def passes_on(node: cst.Call, keywords: str) -> cst.Call:
    """A call that gets what a method takes by `**` besides."""
    return arguments.add(node, cst.Arg(cst.Name(keywords), star="**"))


def _indent(node: cst.ClassDef, read: cst.BaseStatement | cst.BaseSmallStatement) -> str | None:
    """How the body of a new method is indented: as that of `read`, or as the class's where it is on one line."""
    bodies = (read.body if isinstance(read, cst.FunctionDef) else None, node.body)
    return next((body.indent for body in bodies if isinstance(body, cst.IndentedBlock)), None)


def _method(node: cst.FunctionDef, new: NewMethod, base: str) -> cst.FunctionDef:
    name = node.name.value
    if new.keywords:
        node = _takes_keywords(node, new.keywords)
    if node.returns is not None:
        node = node.with_changes(returns=node.returns.with_changes(annotation=cst.SimpleString(f'"{base}"')))
    if not new.copy:
        return node
    taken = f"{new.copy}.{_RETURNED[name]}"
    start = [
        _assigned(new.copy, cst.Call(dotted("self.copy"))),
        _assigned(f"{new.copy}.{_GIVEN[name]}", cst.Name(new.parameter)),
    ]
    if new.ends and name == "read":
        start.append(_assigned(taken, cst.Name("None")))
    if new.variable:
        start.append(_assigned(new.variable, cst.Name(new.parameter)))
    body = node.body.visit(_Returns(taken, new.copy))
    assert isinstance(body, (cst.IndentedBlock, cst.SimpleStatementSuite))
    node = _begun(node.with_changes(body=body), start)
    return node.with_changes(body=_ended(node.body, cst.Return(cst.Name(new.copy)))) if new.ends else node


def _constructor(node: cst.FunctionDef, new: NewConstructor) -> cst.FunctionDef:
    if new.keywords:
        node = _takes_keywords(node, new.keywords)
    if new.calls_base:
        return node
    call = cst.Call(cst.Attribute(cst.Call(cst.Name("super")), cst.Name("__init__")))
    return _begun(node, [cst.Expr(passes_on(call, new.keywords) if new.keywords else call)])


def _takes_keywords(node: cst.FunctionDef, name: str) -> cst.FunctionDef:
    """A function that takes further keywords, laid out as its last parameter is."""
    old = node.params
    slash = [old.posonly_ind] if isinstance(old.posonly_ind, cst.ParamSlash) else []
    star = [old.star_arg] if isinstance(old.star_arg, (cst.Param, cst.ParamStar)) else []
    before = node.whitespace_before_params
    every: list[Any] = [*old.posonly_params, *slash, *old.params, *star, *old.kwonly_params]
    *others, last = every
    if others and isinstance(others[-1].comma, cst.Comma):
        before = others[-1].comma.whitespace_after
    field = "whitespace_after" if isinstance(last, cst.ParamSlash) else "whitespace_after_param"
    comma = last.comma if isinstance(last.comma, cst.Comma) else None
    after = comma.whitespace_after if comma is not None else getattr(last, field)
    space: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace(" ")
    if isinstance(before, cst.ParenthesizedWhitespace):  # it begins a line
        line = cst.TrailingWhitespace(newline=before.first_line.newline)
        if isinstance(after, cst.ParenthesizedWhitespace):
            line, after = after.first_line, after.with_changes(first_line=line)
        space = before.with_changes(first_line=line, empty_lines=[])
    between = (comma or cst.Comma()).with_changes(whitespace_after=space)
    keywords = cst.Param(cst.Name(name), star="**")
    if comma is not None:
        keywords = keywords.with_changes(comma=cst.Comma(whitespace_after=after))
    else:
        keywords = keywords.with_changes(whitespace_after_param=after)
    changed = last.with_changes(comma=between, **{field: cst.SimpleWhitespace("")})
    return node.with_changes(params=_replaced(old, last, changed).with_changes(star_kwarg=keywords))


def _replaced(parameters: cst.Parameters, old: cst.CSTNode, new: cst.CSTNode) -> cst.Parameters:
    """Parameters with another one in the place of the last but `**`."""
    for field in ("kwonly_params", "star_arg", "params", "posonly_ind", "posonly_params"):
        value = getattr(parameters, field)
        if value is old:
            return parameters.with_changes(**{field: new})
        if isinstance(value, Sequence) and value and value[-1] is old:
            return parameters.with_changes(**{field: [*value[:-1], new]})
    raise ValueError("not the last parameter")


def _begun(node: cst.FunctionDef, new: Sequence[cst.BaseSmallStatement]) -> cst.FunctionDef:
    """A function with statements before its own first one, its docstring apart."""
    body = node.body
    own = 0 if node.get_docstring(clean=False) is None else 1
    if isinstance(body, cst.SimpleStatementSuite):
        return node.with_changes(body=body.with_changes(body=[*body.body[:own], *new, *body.body[own:]]))
    first = body.body[0]
    if own and isinstance(first, cst.SimpleStatementLine) and len(first.body) > 1:
        first = first.with_changes(body=[*first.body[:own], *new, *first.body[own:]])
        return node.with_changes(body=body.with_changes(body=[first, *body.body[1:]]))
    lines = [cst.SimpleStatementLine([statement]) for statement in new]
    after = list(body.body[own:])
    if after:
        # Comments stay with the statement that they are above, empty lines before them don't.
        above = after[0].leading_lines  # type: ignore[attr-defined]  # every statement has them
        empty = list(takewhile(lambda line: line.comment is None, above))
        lines[0] = lines[0].with_changes(leading_lines=empty)
        after[0] = after[0].with_changes(leading_lines=above[len(empty) :])
    return node.with_changes(body=body.with_changes(body=[*body.body[:own], *lines, *after]))


def _ended(body: cst.BaseSuite, new: cst.BaseSmallStatement) -> cst.BaseSuite:
    """A suite with one more statement."""
    line = new if isinstance(body, cst.SimpleStatementSuite) else cst.SimpleStatementLine([new])
    return body.with_changes(body=[*body.body, line])


def _assigned(target: str, value: cst.BaseExpression, space: str = " ") -> cst.Assign:
    return cst.Assign([cst.AssignTarget(dotted(target), whitespace_after_equal=cst.SimpleWhitespace(space))], value)


class _Returns(cst.CSTTransformer):
    """The returns of one method, not of functions inside it: `return x` gives the copy its value, and returns that."""

    def __init__(self, target: str, copy: str) -> None:
        super().__init__()
        self.target = target
        self.copy = copy

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, (cst.BaseExpression, cst.BaseSmallStatement, cst.FunctionDef, cst.ClassDef))

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        if isinstance(updated_node, cst.Return):
            space = updated_node.whitespace_after_return.value or " "
            stored = _assigned(self.target, updated_node.value or cst.Name("None"), space)
            return cst.FlattenSentinel([stored, cst.Return(cst.Name(self.copy), semicolon=updated_node.semicolon)])
        alone = isinstance(original_node, cst.SimpleStatementLine) and len(original_node.body) == 1
        if alone and isinstance(updated_node, cst.SimpleStatementLine) and len(updated_node.body) == 2:
            first, returned = updated_node.body
            # What a comment says is about the value.
            newline = updated_node.trailing_whitespace.newline
            last = cst.SimpleStatementLine([returned], trailing_whitespace=cst.TrailingWhitespace(newline=newline))
            return cst.FlattenSentinel([updated_node.with_changes(body=[first]), last])
        return updated_node
