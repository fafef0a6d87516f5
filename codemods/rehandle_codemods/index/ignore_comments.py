"""What comments ask of rehandle: `# rehandle: ignore[RH103]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, NamedTuple

from rehandle_codemods.index.comments import comments
from rehandle_codemods.options import ALL, Codes

if TYPE_CHECKING:
    from rehandle_codemods.files.source import Text, TextEdit

_REQUEST = re.compile(r"#\s*rehandle:\s*ignore(?P<file>-file)?\b(?P<rest>[^#]*)", re.I)
_CODES = re.compile(r"\s*\[([^\]]*)\]")
_BARE_CODE = re.compile(r"\s*[:=]?\s*RH\d", re.I)


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


def written(codes: Iterable[str]) -> str:
    """The comment that asks for rules to be ignored."""
    return f"# rehandle: ignore[{', '.join(sorted(set(codes)))}]"


def merged(source: Text, request: Request, codes: Iterable[str]) -> TextEdit:
    """The edit that makes a comment ask for further rules; what it says besides stays."""
    from rehandle_codemods.files.source import TextEdit

    end = source.line_span(request.start)[1]
    text = source.data[request.start : end].decode("utf-8")
    before = text.index("[") + 1
    start = request.start + len(text[:before].encode("utf-8"))
    old = text[before : text.index("]")]
    return TextEdit(start, start + len(old.encode("utf-8")), ", ".join(sorted({*request.codes, *codes})))


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
