"""The comments of a file, what they ask of rehandle (`# rehandle: ignore[RH103]`), and the statements meant."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple

from rehandle_codemods.options import ALL, Codes

if TYPE_CHECKING:
    from rehandle_codemods.files.source import Text

_REQUEST = re.compile(r"#\s*rehandle:\s*ignore(?P<file>-file)?\b(?P<rest>[^#]*)", re.I)
_CODES = re.compile(r"\s*\[([^\]]*)\]")
_BARE_CODE = re.compile(r"\s*[:=]?\s*RH\d", re.I)


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


def has_comment(source: Text, start: int, end: int) -> bool:
    """Whether a comment begins between two offsets of a file."""
    return any(start <= comment.start < end for comment in comments(source))


class Request(NamedTuple):
    """A comment that asks for rules to be ignored.

    Attributes:
        start: the offset of the comment.
        alone: whether no statement has begun before it and goes on.
        codes: the rules.
        whole_file: whether it is about the file, not about one statement.
        problem: what is wrong with it; then all rules are meant, so that nothing is changed that wasn't to be.
    """

    start: int
    alone: bool
    codes: Codes
    whole_file: bool
    problem: str = ""


def requests(source: Text, checked_code: Callable[[str], str]) -> Iterator[Request]:
    """The comments of a file that ask for rules to be ignored.

    Args:
        source: the file.
        checked_code: takes what a comment says for the code of a rule; raises ValueError where there is none.
    """
    if b"rehandle:" not in source.data:
        return
    for start, text, alone in comments(source):
        if source.foreign(start):
            continue
        for match in _REQUEST.finditer(text):
            place = start + len(text[: match.start()].encode("utf-8"))
            yield _request(place, alone, match["rest"], bool(match["file"]), checked_code)


def _request(start: int, alone: bool, rest: str, whole_file: bool, checked_code: Callable[[str], str]) -> Request:
    codes = _CODES.match(rest)
    if codes is None:
        bare = _BARE_CODE.match(rest) or rest.lstrip().startswith("[")
        problem = "write the codes in brackets, as in ignore[RH103]" if bare else ""
        return Request(start, alone, (ALL,), whole_file, problem)
    try:
        return Request(start, alone, tuple(map(checked_code, codes[1].split(","))), whole_file)
    except ValueError as error:
        return Request(start, alone, (ALL,), whole_file, str(error))


class Statements:
    """The statements of a file, each without those inside it."""

    def __init__(self, tree: ast.Module, source: Text) -> None:
        """Know the file.

        Args:
            tree: its syntax tree.
            source: its text.
        """
        self._source = source
        self._spans = sorted(self._span(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))

    @property
    def whole(self) -> tuple[int, int]:
        """The span of the file."""
        return 0, len(self._source.data) + 1

    def around(self, start: int, end: int) -> list[tuple[int, int]]:
        """The statements that a span is in or goes over."""
        return [span for span in self._spans if span[0] < max(end, start + 1) and start < span[1]]

    def of_comment(self, start: int, *, alone: bool) -> list[tuple[int, int]]:
        """The statements in the line of a comment; where it stands alone, the next one."""
        line, _ = self._source.line_span(start)
        return (not alone and self.around(line, start)) or [span for span in self._spans if span[0] > start][:1]

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        """The span of a statement; a compound one ends where its first inner one begins."""
        source = self._source
        first = min([node, *getattr(node, "decorator_list", ())], key=lambda part: part.lineno)
        start = source.offset(first.lineno, first.col_offset)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            return start, self._span(body[0])[0]
        cases = getattr(node, "cases", None)
        if cases is not None:
            return start, source.offset(cases[0].pattern.lineno, cases[0].pattern.col_offset)
        return start, source.offset(node.end_lineno or 1, node.end_col_offset or 0)
