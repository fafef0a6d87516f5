"""Where the Python examples are in documentation: Markdown, reStructuredText and docstrings."""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Sequence, Tuple

MARKDOWN = "Markdown"
RESTRUCTURED = "reStructuredText"
DOCSTRING = "docstring"

LANGUAGES = frozenset(["python", "python3", "py", "py3", "pycon", "ipython", "ipython3", "doctest"])
_DIRECTIVES = frozenset(["code-block", "code", "sourcecode", "code-cell"])
_TESTS = frozenset(["doctest", "testcode", "testsetup", "testcleanup"])

_FENCE = re.compile(
    rb"(?P<lead>[ \t]*(?:>[ \t]?)*(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*)"
    rb"(?P<fence>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*)"
)
_QUOTE = re.compile(rb"(?:[ \t]{0,3}>[ \t]?)+")
_DIRECTIVE = re.compile(rb"(?P<indent>[ \t]*)\.\.[ \t]+(?P<name>[\w:-]+)::[ \t]*(?P<argument>\S*)")
_OPTION = re.compile(rb"[ \t]*:[\w-]+:")
_PROMPT = re.compile(rb"[ \t]*(?P<prompt>>>>|\.\.\.)(?:[ \t]|$)")


class Line(NamedTuple):
    """A line of a file: where it begins, where it ends without its newline, and where the next one begins."""

    start: int
    end: int
    next: int


class Example(NamedTuple):
    """Lines that are code.

    Attributes:
        first: the number of the first one.
        code: the length of what is before the code, of each of them.
        prefix: what a further line has before its code, and before its prompt.
        prompts: whether the lines have Python's prompts.
        certain: whether they are said to be Python.
    """

    first: int
    code: list[int]
    prefix: bytes
    prompts: bool
    certain: bool


def find(data: bytes, lines: Sequence[Line], markup: str) -> Iterator[Example]:
    """Find the examples in a text.

    Args:
        data: the file.
        lines: the lines of the text.
        markup: one of MARKDOWN, RESTRUCTURED and DOCSTRING.

    Yields:
        The examples, in the order of the text. What isn't said to be Python may be something else.
    """
    text = [data[line.start : line.end] for line in lines]
    language = "python"
    number = 0
    while number < len(text):
        end = number + 1
        fence = _FENCE.fullmatch(text[number]) if markup != RESTRUCTURED else None
        directive = _DIRECTIVE.match(text[number]) if markup != MARKDOWN else None
        if fence is not None:
            body, end = _fenced(text, number, fence)
            said = _language(fence["info"].decode("utf-8", "replace"))
            if not said or said in LANGUAGES:
                yield from _code(text, body, certain=True, prompts_only=not said)
        elif directive is not None:
            name, argument = directive["name"].decode(), directive["argument"].decode("utf-8", "replace").lower()
            if name == "highlight":
                language = argument
            elif name in _DIRECTIVES or name in _TESTS:
                body, end = _indented(text, number)
                said = "python" if name in _TESTS else argument or language
                if said in LANGUAGES:
                    yield from _code(text, body, certain=True)
        elif _PROMPT.match(text[number]) and (markup != MARKDOWN or _width(text[number]) >= 4):
            while end < len(text) and _PROMPT.match(text[end]):
                end += 1
            yield from _prompted(text, [(line, 0) for line in range(number, end)])
        elif markup != MARKDOWN and text[number].rstrip().endswith(b"::"):
            body, end = _indented(text, number)
            yield from _code(text, body, certain=False, prompts_only=language not in LANGUAGES)
        number = end


_Body = List[Tuple[int, int]]
"""Numbers of lines that follow one another, each with the length of what is before its code."""


def _code(text: Sequence[bytes], body: _Body, certain: bool, *, prompts_only: bool = False) -> Iterator[Example]:
    """The examples in the lines of a block."""
    filled = [(number, skip) for number, skip in body if text[number][skip:].strip()]
    if not filled:
        return
    first, skip = filled[0]
    if _PROMPT.match(text[first], skip):
        yield from _prompted(text, body)
    elif not prompts_only:
        indents = [_indent(text[number], skip) for number, skip in filled]
        indent = min(indents, key=len)
        while not all(other.startswith(indent) for other in indents):
            indent = indent[:-1]
        code = [min(skip + len(indent), len(text[number])) for number, skip in body]
        yield Example(body[0][0], code, text[first][:skip] + indent, prompts=False, certain=certain)


def _prompted(text: Sequence[bytes], body: _Body) -> Iterator[Example]:
    """The examples with prompts: lines one below the other with the same before their prompts."""
    group: Example | None = None
    for number, skip in body:
        prompt = _PROMPT.match(text[number], skip)
        prefix = text[number][: prompt.start("prompt")] if prompt is not None else b""
        if group is not None and (prompt is None or prefix != group.prefix):
            yield group
            group = None
        if prompt is not None and group is None and prompt["prompt"] == b">>>":
            group = Example(number, [], prefix, prompts=True, certain=True)
        if prompt is not None and group is not None:
            group.code.append(prompt.end())
    if group is not None:
        yield group


def _language(info: str) -> str:
    """The language that the info string of a fence names, in lower case; empty where it names none."""
    directive = re.match(r"\{([\w:-]+)[^}]*\}\s*(\S*)", info)
    if directive is not None:
        name, argument = directive[1].lower(), directive[2].lower()
        if name in _TESTS or name == "code-cell":
            return argument if argument and name == "code-cell" else "python"
        return argument if name in _DIRECTIVES else name
    word = re.match(r"\{?\s*\.?([\w+-]*)", info)
    return word[1].lower() if word is not None else ""


def _fenced(text: Sequence[bytes], opening: int, fence: re.Match[bytes]) -> tuple[_Body, int]:
    """The lines inside a fence, and the number of the line after it."""
    # The marker of a list stands before the fence alone.
    prefix = re.sub(rb"[^>\s]", b" ", fence["lead"])
    closing = re.compile(rb"[ \t]{0,3}" + re.escape(fence["fence"]) + re.escape(fence["fence"][:1]) + rb"*[ \t]*")
    body: _Body = []
    end = opening + 1
    for end in range(opening + 1, len(text) + 1):
        line = text[end] if end < len(text) else b""
        quote = _QUOTE.match(line)
        if end == len(text) or (b">" in prefix and quote is None):
            break
        if line.startswith(prefix):
            skip = len(prefix)
        else:
            skip = quote.end() if b">" in prefix and quote is not None else min(len(prefix), len(_indent(line)))
        if closing.fullmatch(line, skip):
            end += 1
            break
        body.append((end, skip))
    if fence["info"].startswith(b"{"):
        # MyST's directives may begin with options.
        while body and _OPTION.match(text[body[0][0]], body[0][1]):
            body.pop(0)
    return body, end


def _indented(text: Sequence[bytes], head: int) -> tuple[_Body, int]:
    """The lines below another one that are indented further, and the number of the line after them."""
    width = _width(text[head])
    end = head + 1
    while end < len(text) and (not text[end].strip() or _width(text[end]) > width):
        end += 1
    start = head + 1
    while start < end and _OPTION.match(text[start]):
        start += 1
    if start == end or text[start].strip():
        return [], head + 1  # docutils has an empty line before the code
    while not text[end - 1].strip() and end > start:
        end -= 1
    return [(number, 0) for number in range(start, end)], max(end, head + 1)


def _width(line: bytes) -> int:
    """How many columns a line is indented by."""
    return len(_indent(line).expandtabs(8))


def _indent(line: bytes, start: int = 0) -> bytes:
    return line[start : len(line) - len(line[start:].lstrip(b" \t"))]
