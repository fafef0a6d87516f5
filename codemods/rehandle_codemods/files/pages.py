"""Documentation: the Python examples of a page, or of a file's docstrings, in their order as one module."""

from __future__ import annotations

import ast
import bisect
import functools
import re
from typing import Iterator, Sequence

from rehandle_codemods.files.embedded import FUNCTION, INDENT, Assembly, Block, Embedded, Writer
from rehandle_codemods.files.examples import DOCSTRING, Example, Line, find
from rehandle_codemods.files.source import Source

_TEXT = "the text"
_BROKEN = "an example that doesn't parse"
# A line, and what ends it.
_LINE = re.compile(rb"[^\r\n]*(\r\n|\n|\r|\Z)")
# No docstring without one of these has an example.
_MARK = re.compile(rb">>>|::|```|~~~")
# How a docstring begins; its first line may be joined with the next one.
_LITERAL = re.compile(rb"[rR]?(\"\"\"|'''|\"|')(?:\\(?:\r\n|\n|\r))?")
# Between lines; what splits by it keeps the newlines.
_PARTS = re.compile("(\r\n|\n|\r)")
# What an example does that is more than a word which happens to parse.
_CODE = (ast.Import, ast.ImportFrom, ast.Call, ast.Assign, ast.FunctionDef, ast.ClassDef)


def read(file: Source, markup: str) -> Embedded:
    """Read a page.

    Args:
        file: the page.
        markup: examples.MARKDOWN or examples.RESTRUCTURED.

    Returns:
        The code of its examples, row by row as in the page. All else is comments.
    """
    assembly, whole = Assembly(), Assembly()  # the code, and the file as it is, which code is taken from
    whole.put(file.data, 0, len(file.data))
    lines = _lines(file.data)
    found = {example.first: example for example in find(file.data, lines, markup)}
    row = 0
    while row < len(lines):
        example = found.get(row)
        length = len(example.code) if example is not None else 1
        if example is not None and _is_code(whole, lines, example):
            _add(assembly, whole, lines, example)
        else:
            what = _BROKEN if example is not None and example.certain else _TEXT
            for line in lines[row : row + length]:
                assembly.comment(what, whole, line.start, line.next, line.start)
        row += length
    return Embedded(file, assembly, functools.partial(read, markup=markup))


def docstrings(file: Source) -> Source | Embedded:
    """Read the examples in the docstrings of a Python file.

    Args:
        file: the file, which parses.

    Returns:
        The file's code, and after it a function for each docstring: its examples have names of their own, and those of
        the module. Docstrings with escapes are left out. The file itself, where it has no examples.
    """
    if _MARK.search(file.data) is None:  # parsing takes long
        return file
    lines = _lines(file.data)
    starts = [line.start for line in lines]
    assembly, whole = Assembly(), Assembly()
    for part in (assembly, whole):
        part.put(file.data, 0, len(file.data))
    assembly.put(b"\n", len(file.data), len(file.data))
    assembly.own = len(assembly.data)
    assembly.blocks.append(Block(0, assembly.own, lambda code, begins: code))
    for start, end in _docstrings(file):
        first, last = bisect.bisect_right(starts, start) - 1, bisect.bisect_left(starts, end)
        own = [Line(max(line.start, start), min(line.end, end), min(line.next, end)) for line in lines[first:last]]
        found = [example for example in find(file.data, own, DOCSTRING) if _is_code(whole, own, example)]
        if found:
            assembly.units.append(len(assembly.data))
            head = f"def {FUNCTION}{len(assembly.units)}__():\n{INDENT}pass\n"
            assembly.put(head.encode(), start, start)
        for example in found:
            _add(assembly, whole, own, example, INDENT)
    return Embedded(file, assembly, docstrings) if assembly.units else file


def _lines(data: bytes) -> list[Line]:
    matches = _LINE.finditer(data)
    return [Line(match.start(), match.start(1), match.end()) for match in matches if match.start() < match.end()]


def _docstrings(file: Source) -> Iterator[tuple[int, int]]:
    """Where the text of each docstring begins and ends whose source says it as it is."""
    for node in ast.walk(ast.parse(file.text)):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or not node.body:
            continue
        part = node.body[0]
        value = part.value if isinstance(part, ast.Expr) else None
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            continue
        start = file.offset(value.lineno, value.col_offset)
        end = file.offset(value.end_lineno or value.lineno, value.end_col_offset or 0)
        opening = _LITERAL.match(file.data, start)
        if opening is None:
            continue
        start, end = opening.end(), end - len(opening[1])
        if _PARTS.sub("\n", file.data[start:end].decode("utf-8")) == value.value:
            yield start, end


def _is_code(whole: Assembly, lines: Sequence[Line], example: Example) -> bool:
    """Whether an example parses, and is more than a word if nothing says that it is Python."""
    own = zip(lines[example.first :], example.code)
    code = b"\n".join(bytes(whole.data[line.start + skip : line.end]) for line, skip in own)
    try:
        tree = ast.parse(code.decode("utf-8") + "\n")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return example.certain or any(isinstance(node, _CODE) for node in ast.walk(tree))


def _add(assembly: Assembly, whole: Assembly, lines: Sequence[Line], example: Example, indent: str = "") -> None:
    """Add an example's code, without what stands before it in the page, as a block that can be written back."""
    begin = len(assembly.data)
    for line, skip in zip(lines[example.first :], example.code):
        assembly.put(indent.encode(), line.start + skip, line.start + skip)
        assembly.take(whole, line.start + skip, line.next)
        if line.end == line.next:
            assembly.put(b"\n", line.end, line.end)
    assembly.blocks.append(Block(begin, len(assembly.data), _writer(example, indent)))


def _writer(example: Example, indent: str) -> Writer:
    """What writes an example's new code as the page has it: with its prompts, or what else begins its lines."""
    prefix = example.prefix.decode("utf-8")

    def write(code: str, begins: Sequence[bool]) -> str:
        parts = _PARTS.split(code)
        written = parts[:1]
        for newline, line, begin in zip(parts[1::2], parts[2::2], begins):
            before = prefix + ((">>> " if begin else "... ") if example.prompts else "")
            line = line[len(indent) :] if line.startswith(indent) else line
            # Code that stands there already may follow the last one.
            empty = not line and len(written) < len(parts) - 2
            written += (newline, (before.rstrip() if empty else before) + line)
        return "".join(written)

    return write
