"""Names, calls and strings that are made or replaced; parentheses round them, and what is in those, stay."""

from __future__ import annotations

import re
from typing import TypeVar

import libcst as cst


class RefusedError(Exception):
    """libcst can't make this change; the message says why, as a part of a sentence."""


Parenthesized = TypeVar("Parenthesized", bound=cst.BaseExpression)


def dotted(name: str) -> cst.Name | cst.Attribute:
    """The expression that a dotted name is."""
    first, *rest = name.split(".")
    expression: cst.Name | cst.Attribute = cst.Name(first)
    for part in rest:
        expression = cst.Attribute(expression, cst.Name(part))
    return expression


def dotted_name(node: cst.BaseExpression | None) -> str:
    """The dotted name that an expression is; empty where it is none."""
    if isinstance(node, cst.Attribute):
        return f"{dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def named(node: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """A dotted name in the place of another expression."""
    return dotted(name).with_changes(lpar=node.lpar, rpar=node.rpar)


def name_changed(node: cst.Name, name: str) -> cst.Name:
    """Another name, as of a parameter."""
    return node.with_changes(value=name)


def keyword_named(node: cst.Arg, name: str) -> cst.Arg:
    """An argument that is given by another name."""
    return node.with_changes(keyword=cst.Name(name))


def alias_named(node: cst.ImportAlias, name: str) -> cst.ImportAlias:
    """Another thing that an import takes from the same module."""
    return node.with_changes(name=cst.Name(name))


def alias_renamed(node: cst.ImportAlias, name: str) -> cst.ImportAlias:
    """An import that binds what it takes to another name."""
    assert node.asname is not None
    return node.with_changes(asname=node.asname.with_changes(name=cst.Name(name)))


def attribute_named(node: cst.Attribute, name: str) -> cst.Attribute:
    """Another attribute of the same object."""
    return node.with_changes(attr=node.attr.with_changes(value=name))


def attribute_of(node: cst.BaseExpression, name: str) -> cst.Attribute:
    """An attribute of what an expression gives."""
    inner, lpar, rpar = _parentheses(node)
    return cst.Attribute(inner, cst.Name(name), lpar=lpar, rpar=rpar)


def owner_of(node: cst.Attribute) -> cst.BaseExpression:
    """What an attribute is asked of, in its place."""
    owner = node.value
    return owner.with_changes(lpar=[*node.lpar, *owner.lpar], rpar=[*owner.rpar, *node.rpar])


def written(node: cst.BaseExpression, text: str) -> cst.BaseExpression:
    """Write an expression in the place of one."""
    return cst.parse_expression(text)


def called_with(node: cst.BaseExpression, function: str) -> cst.Call:
    """The call of a function, by its dotted name, with an expression as its one argument."""
    inner, lpar, rpar = _parentheses(node)
    if isinstance(inner, cst.Yield) and not inner.lpar:
        inner = inner.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Call(dotted(function), [cst.Arg(inner)], lpar=lpar, rpar=rpar)


def _parentheses(
    node: Parenthesized,
) -> tuple[Parenthesized, list[cst.LeftParen], list[cst.RightParen]]:
    """An expression, and the parentheses that only stand round it."""
    own = int(isinstance(node, (cst.Tuple, cst.GeneratorExp)) and bool(node.lpar))
    lpar, rpar = list(node.lpar), list(node.rpar)
    split = len(lpar) - own
    return node.with_changes(lpar=lpar[split:], rpar=rpar[:own]), lpar[:split], rpar[own:]


def saying(node: cst.BaseExpression, text: str) -> cst.BaseExpression:
    """A string that says something else, which has nothing in it that has to be escaped."""
    if isinstance(node, cst.SimpleString) and node.raw_value == node.evaluated_value:
        written = node.value[: len(node.prefix)]
        return node.with_changes(value=f"{written}{node.quote}{text}{node.quote}")
    if comments(node):
        raise RefusedError("a comment is between the parts of a string")
    first = node
    while isinstance(first, cst.ConcatenatedString):
        first = first.left
    quote = first.quote if isinstance(first, cst.SimpleString) else '"'
    return cst.SimpleString(f"{quote}{text}{quote}", lpar=node.lpar, rpar=node.rpar)


def word_changed(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """A string with another name wherever it has one as a word that no dot is before."""
    if isinstance(node, cst.ConcatenatedString):
        left, right = word_changed(node.left, old, new), word_changed(node.right, old, new)
        return node.with_changes(left=left, right=right)
    if not isinstance(node, cst.SimpleString):
        return node
    return node.with_changes(value=re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, node.value))


def comments(node: cst.CSTNode) -> list[cst.Comment]:
    """The comments in a node, in their order."""
    found: list[cst.Comment] = []
    # libcst copies a node to tell its parts in their order.
    left = [node] if _has_comment(node) else []
    while left:
        part = left.pop()
        if isinstance(part, cst.Comment):
            found.append(part)
        left.extend(reversed(part.children))
    return found


def _has_comment(node: cst.CSTNode) -> bool:
    left: list[object] = [node]
    while left:
        part = left.pop()
        if isinstance(part, cst.Comment):
            return True
        if isinstance(part, cst.CSTNode):
            left += [getattr(part, name) for name in part.__dataclass_fields__]
        elif isinstance(part, (list, tuple)):
            left += part
    return False


class Variables(cst.CSTTransformer):
    """Visits the names in an expression that may be variables: not those of attributes and keywords."""

    def visited(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """What an expression becomes."""
        changed = node.visit(self)
        assert isinstance(changed, cst.BaseExpression)
        return changed

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        """Visit nothing in it by itself."""
        return False

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        """Visit what it is an attribute of."""
        return updated_node.with_changes(value=self.visited(original_node.value))

    def visit_Arg(self, node: cst.Arg) -> bool:
        """Visit nothing in it by itself."""
        return False

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Visit its value."""
        return updated_node.with_changes(value=self.visited(original_node.value))


class _Renamed(Variables):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old = old
        self.new = new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self.new) if updated_node.value == self.old else updated_node


def renamed_inside(node: cst.BaseExpression, old: str, new: str) -> cst.BaseExpression:
    """An expression in which a variable, the only one of its name, has another name: an f-string."""
    return _Renamed(old, new).visited(node)
