"""Jupyter notebooks: the Python code of their cells, in the order of the file, as one module."""

from __future__ import annotations

import ast
import itertools
import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out
from typing import Any, Iterator, Sequence

from rehandle_codemods.files import magics, newer_syntax
from rehandle_codemods.files.embedded import NEWLINE, Assembly, Block, Embedded, Writer
from rehandle_codemods.files.source import Source, SourceError

_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]', re.DOTALL)
_ESCAPED = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^\\]+", re.DOTALL)
_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_PYTHON = ("python", "ipython")
_ADVICE = "Open it in Jupyter and save it again, or leave it out"


class _Values:
    """Where the values of a valid JSON text are. Each byte of the text is one character, so places are offsets."""

    def __init__(self, text: str) -> None:
        self.text = text

    def start(self, place: int = 0) -> int:
        """Where the value begins that comes next."""
        return _SPACE.match(self.text, place).end()  # type: ignore[union-attr]  # it matches anything

    def end(self, start: int) -> int:
        """Where a value ends."""
        if self.text[start] == '"':
            return int(scanstring(self.text, start + 1)[1])
        if self.text[start] not in "{[":
            return _SCALAR.match(self.text, start).end()  # type: ignore[union-attr]  # the text is valid
        depth = 0
        for match in _BRACKET.finditer(self.text, start):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(match[0], 0)
            if not depth:
                return match.end()
        raise AssertionError("the text is valid")

    def members(self, start: int) -> dict[str, int]:
        """Where the values of an object begin."""
        found = {}
        place = self.start(start + 1)
        while self.text[place] != "}":
            name, place = scanstring(self.text, place + 1)
            place = self.start(self.start(place) + 1)
            found[name] = place
            place = self._next(place)
        return found

    def elements(self, start: int) -> Iterator[int]:
        """Where the elements of an array begin."""
        place = self.start(start + 1)
        while self.text[place] != "]":
            yield place
            place = self._next(place)

    def _next(self, value: int) -> int:
        place = self.start(self.end(value))
        return self.start(place + 1) if self.text[place] == "," else place


def read(file: Source) -> Embedded:
    """Read a notebook.

    Args:
        file: the notebook's file, of nbformat 2 or later.

    Returns:
        The code of its cells; none if its kernel isn't Python. Cells that aren't Python are comments.

    Raises:
        SourceError: it isn't a notebook, or a cell doesn't parse.
    """
    text = file.data.decode("latin-1")
    notebook = _parsed(file, text)
    assembly = Assembly()
    if _has_python_kernel(notebook):
        values = _Values(text)
        ascii_only = file.data.isascii()
        for number, (cell, place) in enumerate(_cells(values, notebook), 1):
            try:
                _add(assembly, file, number, cell, values, place, ascii_only=ascii_only)
            except (ValueError, LookupError) as error:
                raise SourceError(f"a cell can't be read: {error}. {_ADVICE}", (1, 1), number) from None
    return Embedded(file, assembly, read)


def cell_text(notebook: str, number: int) -> str:
    """The text of a cell.

    Args:
        notebook: the notebook's file.
        number: the cell's number, from 1 and with cells of any kind.

    Returns:
        Its lines.
    """
    content = json.loads(notebook)
    # Notebooks of format 3 and before have their cells in worksheets.
    sheets = [content] if "cells" in content else content["worksheets"]
    cell = [cell for sheet in sheets for cell in sheet["cells"]][number - 1]
    source = cell.get("source", cell.get("input", ""))
    return source if isinstance(source, str) else "".join(source)


def _parsed(file: Source, text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"isn't valid JSON: {error.msg}. {_ADVICE}", file.position(error.pos)) from None
    except ValueError as error:
        raise SourceError(f"isn't valid JSON: {error}. {_ADVICE}") from None
    except RecursionError:
        raise SourceError(f"is nested too deeply. {_ADVICE}") from None
    cells = notebook.get("cells", notebook.get("worksheets")) if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise SourceError(f"isn't a notebook: it has no list of cells. {_ADVICE}")
    return dict(notebook)


def _has_python_kernel(notebook: dict[str, Any]) -> bool:
    """Whether a notebook's kernel runs Python; so it does where nothing is said of it."""
    metadata = _mapping(notebook, "metadata")
    info = _mapping(metadata, "language_info")
    for language in (info.get("name"), _mapping(metadata, "kernelspec").get("language")):
        if isinstance(language, str) and language:
            # PySpark's has a name of its own.
            return language.lower() in _PYTHON or info.get("file_extension") == ".py"
    return True


def _mapping(container: dict[str, Any], name: str) -> dict[str, Any]:
    found = container.get(name)
    return found if isinstance(found, dict) else {}


def _cells(values: _Values, notebook: dict[str, Any]) -> Iterator[tuple[Any, int]]:
    """The cells, and where each begins."""
    top = values.members(values.start())
    if "cells" in notebook:
        yield from zip(notebook["cells"], values.elements(top["cells"]))
        return
    for sheet, place in zip(notebook["worksheets"], values.elements(top["worksheets"])):
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
            yield from zip(sheet["cells"], values.elements(values.members(place)["cells"]))


def _add(
    assembly: Assembly, file: Source, number: int, cell: Any, values: _Values, place: int, *, ascii_only: bool
) -> None:
    if not isinstance(cell, dict):
        raise ValueError("it isn't an object")
    key = "source" if "source" in cell or "input" not in cell else "input"
    source = cell.get(key, "")
    parts = source if isinstance(source, list) else [source]
    if not all(isinstance(part, str) for part in parts):
        raise ValueError(f"its {key} isn't text")
    if key not in cell:
        return
    members = values.members(place)
    start = members[key]
    own = Assembly()
    for string in values.elements(start) if isinstance(source, list) else [start]:
        _decode(own, file.data, string + 1, values.end(string) - 1)
    code = bytes(own.data)
    end = own.segments[-1].file_end if own.segments else start
    begin = len(assembly.data)
    python = _is_python(cell) and magics.is_python(code)
    indent = b""
    if python:
        indent = _take_python(assembly, own)
        _check(number, bytes(assembly.data[begin:]).decode("utf-8"), len(indent))
    else:
        for match in _LINES.finditer(code):
            assembly.comment(_described(cell), own, match.start(), match.end(), end)
    assembly.put(b"\n", end, end)
    separator = _separator(values, members, start) if isinstance(source, list) else ""
    write = _writer(separator, indent, ascii_only=ascii_only)
    shift = len(indent) if python else -1
    assembly.blocks.append(Block(begin, len(assembly.data), write, number, shift, code.decode("utf-8")))


def _decode(assembly: Assembly, data: bytes, start: int, end: int) -> None:
    """Add what a JSON string says."""
    for match in _ESCAPED.finditer(data, start, end):
        said = match[0]
        if said.startswith(b"\\"):
            said = json.loads(b'"' + said + b'"').encode("utf-8")
        assembly.put(said, match.start(), match.end())


def _is_python(cell: dict[str, Any]) -> bool:
    """Whether a cell is code in the language of the notebook."""
    if cell.get("cell_type") != "code":
        return False
    own = _mapping(_mapping(cell, "metadata"), "vscode").get("languageId", cell.get("language"))
    return not isinstance(own, str) or own.lower() in _PYTHON


def _described(cell: dict[str, Any]) -> str:
    return "a cell that isn't Python" if cell.get("cell_type") == "code" else "a cell that isn't code"


def _take_python(assembly: Assembly, own: Assembly) -> bytes:
    """Add the code of a cell without the indent of its first line, which IPython takes away too, and return that."""
    code = bytes(own.data)
    begin = len(assembly.data)
    first = code.lstrip(b"\r\n")
    indent = first[: len(first) - len(first.lstrip(b" \t"))] if first.strip() else b""
    if not indent:
        assembly.take(own, 0, len(code))
    for match in _LINES.finditer(code) if indent else ():
        assembly.take(own, match.start() + len(indent) * match[0].startswith(indent), match.end())
    for mask in list(magics.masks(bytes(assembly.data[begin:]))):
        assembly.mask(begin + mask.start, mask.text, "a line of IPython's")
    return indent


def _check(number: int, code: str, indent: int) -> None:
    """Parse a cell by itself: a mistake in it must not seem to be in another one."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        place = (max(error.lineno or 1, 1), max(error.offset or 1, 1) + indent)
        raise SourceError(newer_syntax.problem(error), place, number) from None


def _separator(values: _Values, members: dict[str, int], start: int) -> str:
    """What is between two lines of a cell in a list: as between the first ones, or as the file has commas and lists."""
    places = list(itertools.islice(values.elements(start), 2))
    if len(places) == 2:
        return values.text[values.end(places[0]) : places[1]]
    comma = _COMMA.match(values.text, values.end(min(members.values())))
    before = values.text[start + 1 : places[0]] if places else ""
    return (comma[0] if comma is not None else ",") + (before if before.strip(" \t") else "")


def _writer(separator: str, indent: bytes, *, ascii_only: bool) -> Writer:
    """What writes code into a cell's JSON strings."""
    before = json.dumps(indent.decode("utf-8"))[1:-1]

    def write(code: str, begins: Sequence[bool]) -> str:
        written = []
        for line in re.findall(f"[^\r\n]*(?:{NEWLINE.pattern})|[^\r\n]+", code):
            text = json.dumps(line, ensure_ascii=ascii_only)[1:-1]
            ends = line[-1] in "\r\n"
            written.append(text + (f'"{separator}"' if separator and ends else "") + (before if ends else ""))
        return "".join(written)

    return write
