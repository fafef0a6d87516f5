"""Arguments of calls: given by name, called otherwise, left out or added. No comment is lost."""

from __future__ import annotations

from typing import Sequence

import libcst as cst

from rehandle_codemods.rewrite.code import comments

_NO_SPACE = cst.SimpleWhitespace("")
_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
_EQUAL = cst.AssignEqual(_NO_SPACE, _NO_SPACE)


def give(call: cst.Call, names: Sequence[str | None]) -> cst.Call:
    """Give a call's arguments by other names.

    Args:
        call: the call.
        names: for each argument, in the order of the source, its keyword; empty for one that is given as it is,
            None for one that is left out.

    Returns:
        The new call.
    """
    for number in reversed([number for number, name in enumerate(names) if name is None]):
        call = leave_out(call, number)
    kept = [name for name in names if name is not None]
    return call.with_changes(args=[_named(arg, name) if name else arg for arg, name in zip(call.args, kept)])


def _named(arg: cst.Arg, name: str) -> cst.Arg:
    if arg.keyword is not None:
        return arg.with_changes(keyword=cst.Name(name))
    return arg.with_changes(keyword=cst.Name(name), equal=_EQUAL)


def add(call: cst.Call, arg: cst.Arg) -> cst.Call:
    """Add an argument at the end of a call, in the line of the last one."""
    if arg.keyword is not None and not isinstance(arg.equal, cst.AssignEqual):
        arg = arg.with_changes(equal=_EQUAL)
    if not call.args:
        return call.with_changes(args=[arg])
    *others, last = call.args
    after = last.whitespace_after_arg
    before: cst.BaseParenthesizableWhitespace = _NO_SPACE
    if isinstance(last.comma, cst.Comma):
        before, after = last.comma.whitespace_before, _after(last.comma)
    last = last.with_changes(comma=_COMMA.with_changes(whitespace_before=before), whitespace_after_arg=_NO_SPACE)
    return call.with_changes(args=[*others, last, arg.with_changes(whitespace_after_arg=after)])


def add_item(node: cst.Dict, key: str, value: cst.BaseExpression) -> cst.Dict:
    """Add a key, as it is written, and its value at the end of a dict that is written out."""
    item = cst.DictElement(cst.SimpleString(key), value)
    if not node.elements:
        return node.with_changes(elements=[item])
    *others, last = node.elements
    if isinstance(last.comma, cst.Comma):
        node = node.with_changes(rbrace=node.rbrace.with_changes(whitespace_before=_after(last.comma)))
    return node.with_changes(elements=[*others, last.with_changes(comma=_COMMA), item])


def put_into_dict(call: cst.Call, name: str, into: str, key: str) -> cst.Call:
    """Give what a keyword has as an item of the dict that another keyword has, in the place of the first.

    Args:
        call: a call that has the keyword.
        name: the keyword.
        into: the other one: it has a dict that is written out, or a call of `dict`; else it is added.
        key: the key of the item.

    Returns:
        The new call.
    """
    places = {arg.keyword.value: number for number, arg in enumerate(call.args) if arg.keyword is not None}
    own, present = places[name], places.get(into)
    given = call.args[own]
    value = call.args[present].value if present is not None else cst.Call(cst.Name("dict"))
    if isinstance(value, cst.Dict):
        value = add_item(value, f'"{key}"', given.value)
    else:
        assert isinstance(value, cst.Call)
        item = given.with_changes(
            keyword=cst.Name(key), comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=_NO_SPACE
        )
        value = add(value, item)
    args = list(call.args)
    args[own] = given.with_changes(keyword=cst.Name(into), equal=_EQUAL, value=value)
    if present is None:
        return call.with_changes(args=args)
    args[present] = args[present].with_changes(value=cst.Name("None"))  # what it had, with its comments, is kept
    return leave_out(call.with_changes(args=args), present)


def _after(comma: cst.Comma) -> cst.BaseParenthesizableWhitespace:
    """What comes after a comma that was the last one."""
    return _NO_SPACE if isinstance(comma.whitespace_after, cst.SimpleWhitespace) else comma.whitespace_after


def leave_out(call: cst.Call, number: int) -> cst.Call:
    """Leave out one argument, and a comma beside it."""
    args = list(call.args)
    gone = args.pop(number)
    after = gone.comma.whitespace_after if isinstance(gone.comma, cst.Comma) else gone.whitespace_after_arg
    if number == 0:
        before = call.whitespace_before_args
        kept = before if args else _NO_SPACE
        space = _joined(before, comments(gone.value), after) if comments(gone.value) or comments(after) else kept
        return call.with_changes(args=args, whitespace_before_args=space)
    previous = args[number - 1]
    assert isinstance(previous.comma, cst.Comma)
    before = previous.comma.whitespace_after
    # A comment in the line of what goes isn't about what is in the line before.
    told = comments(before) or comments(gone.value) or (_is_line(before) and comments(after))
    space = _joined(before, comments(gone.value), after) if told else after
    if isinstance(gone.comma, cst.Comma):
        previous = previous.with_changes(comma=gone.comma.with_changes(whitespace_after=space))
    else:
        previous = previous.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=space)
    args[number - 1] = previous
    return call.with_changes(args=args)


def _is_line(space: cst.BaseParenthesizableWhitespace) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace)


def _joined(
    before: cst.BaseParenthesizableWhitespace, between: Sequence[cst.Comment], after: cst.BaseParenthesizableWhitespace
) -> cst.ParenthesizedWhitespace:
    """The space before and after something that goes, as one, with all comments: the first stays where it was."""
    spaces = [space for space in (before, after) if isinstance(space, cst.ParenthesizedWhitespace)]
    layout = spaces[-1] if spaces else cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    lines: list[cst.EmptyLine] = []
    for space in (before, *between, after):
        if isinstance(space, cst.ParenthesizedWhitespace):
            own = space.first_line
            lines += [cst.EmptyLine(False, own.whitespace, own.comment, own.newline), *space.empty_lines]
        elif isinstance(space, cst.Comment):
            lines.append(cst.EmptyLine(False, cst.SimpleWhitespace("  "), space))
    first, *rest = lines
    beside = spaces[0] if spaces else layout
    rest = [
        line.with_changes(indent=beside.indent, whitespace=beside.last_line)
        for line in rest
        if line.comment is not None
    ]
    return layout.with_changes(
        first_line=cst.TrailingWhitespace(first.whitespace, first.comment, first.newline), empty_lines=rest
    )
