"""Where the names of the old API are in files, found by `tokenize` alone: nothing of the analysis is used."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import Callable, Iterator, Mapping, NamedTuple

from rehandle import mapping
from rehandle_codemods.engine.run import run

_MODULES = (mapping.HANDLERS_MODULE, *mapping.MODULE_ALIASES)
NAMES = frozenset(
    {
        *mapping.HANDLERS,
        *mapping.HANDLER_ALIASES,
        *(row.submodule for row in mapping.HANDLERS.values()),
        *(module.rpartition(".")[2] for module in _MODULES),
        "SafeResult",
        "ResultHandlerResult",
        "safe_value",
        "store_safe_value",
    }
)
_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(NAMES))})(?!\w)")


class Token(NamedTuple):
    """One of the names in a file.

    Attributes:
        row: its line, from 1.
        column: its column in characters, from 1.
        name: the name.
        kind: "name", "string" or "comment".
        line: the whole line.
        rows: the lines of the string or comment that it is in, or its own.
    """

    row: int
    column: int
    name: str
    kind: str
    line: str
    rows: range


_KINDS = {tokenize.NAME: "name", tokenize.STRING: "string", tokenize.COMMENT: "comment"}
if hasattr(tokenize, "FSTRING_MIDDLE"):
    _KINDS[tokenize.FSTRING_MIDDLE] = "string"


def tokens(text: str) -> Iterator[Token]:
    """The names of the old API in a file."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _KINDS.get(token.type)
        if kind is None:
            continue
        for match in _WORD.finditer(token.string) if kind != "name" else [_WORD.fullmatch(token.string)]:
            if match is None:
                continue
            before = token.string[: match.start()]
            row = token.start[0] + before.count("\n")
            start = 0 if "\n" in before else token.start[1]
            column = start + len(before.rpartition("\n")[2]) + 1
            yield Token(row, column, match.group(), kind, lines[row - 1], range(token.start[0], token.end[0] + 1))


def inside(token: Token, findings) -> bool:
    """Whether a finding is about a token: it has it, or a part of the dotted name that the token is in."""
    return any(
        finding.location <= (token.row, token.column) < finding.end_location
        or finding.location < (token.row, token.column + len(token.name)) <= finding.end_location
        for finding in findings
    )


def places(text: str, findings) -> Callable[[Token], bool]:
    """Tell of tokens whether they are accounted for: in a finding, in what one is about, or a name of the file's own.

    Args:
        text: the file.
        findings: what is said of it.

    Returns:
        The function.
    """
    tree = ast.parse(text)
    lines = text.splitlines()

    def span(node):
        starts, ends = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        return tuple((row, len(lines[row - 1].encode()[:column].decode()) + 1) for row, column in (starts, ends))

    def has_finding(node):
        first, last = span(node)
        return any(first <= finding.location < last for finding in findings)

    def covered(node) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Attribute)) and has_finding(node):
            yield span(node)  # a name of a statement, or a part of a dotted name
        elif isinstance(node, ast.ClassDef):
            name = (node.lineno, node.col_offset + len("class "))
            if any(finding.location >= name and finding.location[0] == node.lineno for finding in findings):
                yield from map(span, node.bases)
                yield from (span(call.func) for call in ast.walk(node) if _initialises(call))
        elif isinstance(node, ast.Call) and any(f.location == span(node)[0] and f.code == "RH112" for f in findings):
            yield from map(span, node.keywords)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            yield span(node.value)
        elif isinstance(node, ast.Name) and node.id == "result_handler":
            yield span(node)  # a variable of the file's own
        elif isinstance(node, ast.arg) and node.arg == "result_handler":
            yield span(node)[0], (node.lineno, span(node)[0][1] + len(node.arg))

    noted = {finding.location[0] for finding in findings if finding.code == "RH301"}
    spans = sorted(part for node in ast.walk(tree) for part in covered(node))

    def accounted(token: Token) -> bool:
        where = (token.row, token.column)
        prose = token.kind != "name" and not noted.isdisjoint(token.rows)  # one note says what is in a docstring
        return prose or inside(token, findings) or any(first <= where < last for first, last in spans)

    return accounted


def _initialises(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"


def unaccounted(files: Mapping[str, str]) -> Iterator[tuple[str, Token]]:
    """Tell what of the files in the working directory no finding accounts for.

    Args:
        files: their contents by their paths.

    Yields:
        The file, and the token.
    """
    found = run(["."]).findings
    for name, text in files.items():
        accounted = places(text, [finding for finding in found if finding.filename == name])
        for token in tokens(text):
            if not accounted(token):
                yield name, token
