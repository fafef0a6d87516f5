"""The comments of a file."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from typing import TYPE_CHECKING, Iterator, NamedTuple

if TYPE_CHECKING:
    from rehandle_codemods.files.source import Text


class Comment(NamedTuple):
    """A comment: its offset, its text, and whether no statement has begun before it and goes on."""

    start: int
    text: str
    alone: bool


_BETWEEN = (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE)


def comments(source: Text) -> Iterator[Comment]:
    """The comments of a file."""
    if b"#" not in source.data:
        return
    # tokenize ends a line at \n alone.
    text = re.sub(r"\r(?!\n)", "\n", source.text)
    alone = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                before = token.line[: token.start[1]]
                yield Comment(source.offset(token.start[0], len(before.encode("utf-8"))), token.string, alone)
            elif token.type not in _BETWEEN:
                alone = False
            elif token.type == tokenize.NEWLINE:
                alone = True
    except (tokenize.TokenError, SyntaxError):
        return


_STRING_BEGINS = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")}
_STRING_ENDS = {getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")}


def ends_for_comments(source: Text) -> dict[int, bool]:
    """The rows at whose end a comment can stand, and whether it is alone there: in no string, after no backslash."""
    rows: dict[int, bool] = {}
    text = re.sub(r"\r(?!\n)", "\n", source.text)
    alone, strings = True, 0
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            row = token.start[0]
            strings += (token.type in _STRING_BEGINS) - (token.type in _STRING_ENDS)
            if token.type in (tokenize.NEWLINE, tokenize.NL) and not strings:
                if not (row == 1 and source.text.startswith("#!")):
                    rows[row] = alone
                alone = alone or token.type == tokenize.NEWLINE
            elif token.type not in (*_BETWEEN, tokenize.COMMENT):
                alone = False
    return rows


def has_comment(source: Text, start: int, end: int) -> bool:
    """Whether a comment begins between two offsets of a file."""
    return any(start <= comment.start < end for comment in comments(source))
