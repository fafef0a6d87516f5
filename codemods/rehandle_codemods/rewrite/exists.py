"""The `exists` of a migrated handler class: it looks where `read` reads."""

from __future__ import annotations

import textwrap

import libcst as cst

from rehandle_codemods.classes.lookup import Lookup
from rehandle_codemods.rewrite.code import Variables

_LOCATION = "location.format(**kwargs)"
"""What the argument of `read` is in `exists`: a location may be a template there."""

# What needs no parentheses as a part of another expression.
_ATOMS = (cst.Name, cst.Call, cst.Attribute, cst.Subscript, cst.BaseString, cst.BaseNumber, cst.Dict)


def exists(lookup: Lookup, indent: str | None) -> cst.FunctionDef:
    """The method that looks for a value.

    Args:
        lookup: where it is.
        indent: the indentation of one level; None is that of the module.

    Returns:
        The method, after an empty line.
    """
    parts = {slot: _part(lookup, text, owner=f"{{{slot}}}." in lookup.body) for slot, text in lookup.parts}
    body = textwrap.indent(lookup.body, "    ").format_map(parts)
    method = cst.parse_statement(f"def exists(self, location, **kwargs):\n{body}")
    if indent is not None:
        method = cst.ensure_type(method.visit(_Indented(indent)), cst.FunctionDef)
    return cst.ensure_type(method, cst.FunctionDef).with_changes(leading_lines=[cst.EmptyLine(indent=False)])


def _part(lookup: Lookup, text: str, *, owner: bool) -> str:
    """An expression of `read` as it is in `exists`; `owner` says whether an attribute of it is taken there."""
    node = cst.parse_expression(text)
    new = _Values(lookup).visited(node)
    return cst.Module([]).code_for_node(_operand(new) if owner else _whole(node, new))


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression that may be a part of another one: in parentheses, if it needs them."""
    if isinstance(node, _ATOMS) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _whole(old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """What stands alone where a name was, such as an argument: it needs no parentheses."""
    return new.with_changes(lpar=[], rpar=[]) if isinstance(old, cst.Name) and not old.lpar else new


class _Values(Variables):
    """Puts the location where the parameter of `read` is, and their values where its variables are."""

    def __init__(self, lookup: Lookup, quote: str = "") -> None:
        """Begin; `quote` is that of the f-string that the visited value is put into, `around` that of one inside it."""
        super().__init__()
        self.lookup = lookup
        self.values = dict(lookup.values)
        self.quote = quote
        self.around = quote

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        self.around = node.quote

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.FormattedString:
        self.around = self.quote
        return updated_node

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        name = updated_node.value
        if name == self.lookup.parameter:
            return cst.parse_expression(_LOCATION)
        if name not in self.values:
            return updated_node
        return _operand(_Values(self.lookup, self.around).visited(cst.parse_expression(self.values[name])))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        updated_node = super().leave_Arg(original_node, updated_node)
        return updated_node.with_changes(value=_whole(original_node.value, updated_node.value))

    def leave_Index(self, original_node: cst.Index, updated_node: cst.Index) -> cst.Index:
        return updated_node.with_changes(value=_whole(original_node.value, updated_node.value))

    def leave_FormattedStringExpression(
        self, original_node: cst.FormattedStringExpression, updated_node: cst.FormattedStringExpression
    ) -> cst.FormattedStringExpression:
        expression = _whole(original_node.expression, updated_node.expression)
        # Two braces would be one brace of the text.
        braces = cst.Module([]).code_for_node(expression).startswith("{")
        space = cst.SimpleWhitespace(" ") if braces else updated_node.whitespace_before_expression
        return updated_node.with_changes(expression=expression, whitespace_before_expression=space)

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        if not self.quote:
            return updated_node
        # Python before 3.12 takes no quotes inside an f-string that are those around it.
        quote = "'" if '"' in self.quote else '"'
        return updated_node.with_changes(value=f"{updated_node.prefix}{quote}{updated_node.raw_value}{quote}")


class _Indented(cst.CSTTransformer):
    """Gives every block one indentation."""

    def __init__(self, indent: str | None) -> None:
        super().__init__()
        self.indent = indent

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(indent=self.indent)
