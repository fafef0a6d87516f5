"""Python code inside files of other kinds: put together as one text, whose edits become edits of the file."""

from __future__ import annotations

import ast
import bisect
import itertools
import re
from typing import Callable, Iterator, NamedTuple, Sequence

from rehandle_codemods.files.source import Source, Text, TextEdit, with_edits

FUNCTION = "__examples_"
"""The beginning of the names of functions that stand for what has names of its own."""

INDENT = "    "
"""What the lines of those functions have before their code."""

NEWLINE = re.compile("\r\n|\n|\r")
_BLANK = re.compile(rb"(?m)^[ \t]+(?=\r|$)")

Writer = Callable[[str, Sequence[bool]], str]
"""Writes code as the file has it there, told for each newline whether a statement begins after it."""


class Segment(NamedTuple):
    """What `data[start:end]` is in the file; it is written in another way there where the lengths differ."""

    start: int
    end: int
    file_start: int
    file_end: int


class Block(NamedTuple):
    """Code that runs, or is shown, in one piece.

    Attributes:
        start: where it begins in the assembled text.
        end: where it ends there.
        write: writes further code of it.
        cell: the number of the notebook's cell; 0 where the file isn't a notebook.
        shift: how many columns further right its lines are in the cell.
        listing: the cell's text.
    """

    start: int
    end: int
    write: Writer
    cell: int = 0
    shift: int = 0
    listing: str = ""


class Assembly:
    """A text that is put together from parts of a file, in the file's order.

    Attributes:
        data: the text, as UTF-8.
        segments: what the parts of it are in the file, without gaps.
        starts: where each of them begins.
        blocks: the code in it.
        own: how much of the text is the file itself, as it is.
        units: where code begins that has names of its own.
        foreign: what stands for something that isn't Python: where it begins and ends, and what it is for a message.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.segments: list[Segment] = []
        self.starts: list[int] = []
        self.blocks: list[Block] = []
        self.own = 0
        self.units: list[int] = []
        self.foreign: list[tuple[int, int, str]] = []

    def put(self, text: bytes, start: int, end: int) -> None:
        """Add text.

        Args:
            text: the text.
            start: where it begins in the file.
            end: where it ends; the same for text that the file hasn't.
        """
        if text:
            place = len(self.data)
            self.segments.append(Segment(place, place + len(text), start, end))
            self.starts.append(place)
            self.data += text

    def take(self, other: Assembly, start: int, end: int) -> None:
        """Add a part of another assembly of the same file."""
        number = max(bisect.bisect_right(other.starts, start) - 1, 0)
        for segment in itertools.islice(other.segments, number, bisect.bisect_left(other.starts, end)):
            first, last = max(segment.start, start), min(segment.end, end)
            whole = (first, last) == (segment.start, segment.end)
            place = segment.file_start + first - segment.start
            self.put(bytes(other.data[first:last]), place, segment.file_end if whole else place + last - first)

    def comment(self, what: str, other: Assembly, start: int, end: int, place: int) -> None:
        """Add a part of another assembly as a comment.

        Args:
            what: what it is, for a message.
            other: the other assembly.
            start: where the part begins there: with its line.
            end: where it ends there: with its line.
            place: where it begins in the file.
        """
        begin = len(self.data)
        self.put(b"#", place, place)
        self.take(other, start, end)
        self.foreign.append((begin, len(self.data), what))

    def mask(self, start: int, text: bytes, what: str) -> None:
        """Put other text in the place of as much that was added.

        Args:
            start: where.
            text: the other text.
            what: what is there, for a message.
        """
        self.data[start : start + len(text)] = text
        self.foreign.append((start, start + len(text), what))


class Embedded(Text):
    """The Python code of a file that isn't Python, or that has examples in its docstrings."""

    def __init__(self, file: Source, assembly: Assembly, read: Callable[[Source], Text]) -> None:
        """Take what was put together.

        Args:
            file: the file.
            assembly: the code.
            read: reads the code of such a file.
        """
        super().__init__(assembly.data.decode("utf-8"))
        self._file = file
        self._segments = assembly.segments
        self._blocks = assembly.blocks
        self._foreign = sorted(assembly.foreign)
        self._own = assembly.own
        self._units = assembly.units
        self._read = read
        self._segment_starts = assembly.starts
        self._listings = {block.cell: block.listing for block in self._blocks if block.cell}
        self._block_starts = [block.start for block in self._blocks]
        self._foreign_starts = [start for start, _, _ in self._foreign]
        for block in self._blocks[1:] if self._own else ():
            self.examples.append((self._segment(block.start).file_start, self._segment(block.end - 1).file_end))

    @property
    def file(self) -> Source:
        """The file that the code is in."""
        return self._file

    def _block(self, offset: int) -> Block | None:
        number = bisect.bisect_right(self._block_starts, offset) - 1
        block = self._blocks[number] if number >= 0 else None
        return block if block is not None and offset <= block.end else None

    def _segment(self, offset: int) -> Segment:
        return self._segments[max(bisect.bisect_right(self._segment_starts, offset) - 1, 0)]

    def _file_offset(self, offset: int) -> int:
        """The offset in the file of an offset in `data`."""
        segment = self._segment(offset)
        inside = offset - segment.start
        same = segment.end - segment.start == segment.file_end - segment.file_start
        if offset >= segment.end:
            return segment.file_end
        return segment.file_start + (inside if same else 0)

    def cell(self, offset: int) -> int:
        """The number of the cell that an offset is in; 0 where the file isn't a notebook."""
        block = self._block(offset)
        return block.cell if block is not None else 0

    def position(self, offset: int) -> tuple[int, int]:
        """The row and column, in characters from 1, of an offset: in its cell, or in the file."""
        block = self._block(offset)
        if block is None or not block.cell:
            return self._file.position(self._file_offset(offset))
        row, column = super().position(offset)
        return row - super().position(block.start)[0] + 1, column + block.shift

    def _rows_in_file(self, cell: int, first: int, last: int) -> tuple[int, int]:
        block = next((block for block in self._blocks if cell and block.cell == cell), None)
        if block is None:
            return self._file._rows_in_file(cell, first, last)
        above = super().position(block.start)[0] - 1
        start, end = super()._rows_in_file(0, above + first, above + last)
        return self._file_offset(start), self._file_offset(end)

    def block(self, offset: int) -> int:
        """The offset where the code begins that runs or is shown in one piece with that at an offset."""
        block = self._block(offset)
        return block.start if block is not None else 0

    @property
    def first_rows(self) -> frozenset[int]:
        """The rows in which code begins that runs or is shown in one piece."""
        return frozenset(Text.position(self, start)[0] for start in self._block_starts)

    def embeds(self, offset: int) -> bool:
        """Whether an offset is in a notebook or an example."""
        return offset >= self._own

    def unit(self, offset: int) -> int:
        """The offset where the code begins that has names of its own, and holds an offset."""
        number = bisect.bisect_right(self._units, offset)
        return self._units[number - 1] if number else 0

    def foreign(self, offset: int) -> str:
        """What the file has at an offset that isn't Python, for a message; empty where it is Python."""
        number = bisect.bisect_right(self._foreign_starts, offset) - 1
        if number < 0:
            return ""
        _, end, what = self._foreign[number]
        return what if offset < end else ""

    def listing(self, cell: int) -> str:
        """The text that positions count in: that of the file, or of a cell."""
        return self._listings.get(cell, self._file.text)

    # Edits

    def in_file(self, edits: Sequence[TextEdit]) -> list[TextEdit]:
        """Turn edits of `data` into edits of the file's data.

        Args:
            edits: those of `data`.

        Returns:
            Those of the file. Its code, read again, is what the edits make of `data`.

        Raises:
            ValueError: there are no such edits.
        """
        inside = [self._inside_block(edit) for edit in self._joined(edits)]
        after = with_edits(self.data, inside)
        text = Text(after.decode("utf-8"))
        begins = _statement_rows(text.text)
        moved = 0
        of_file = []
        for edit in inside:
            row = Text.position(text, edit.start + moved)[0]
            block = self._block(edit.start)
            rows = range(row + 1, row + 1 + len(NEWLINE.findall(edit.text)))
            code = edit.text
            if 0 < self._own <= edit.start and self._newline(edit.start):
                code = code[len(INDENT) * code.startswith(INDENT) :]
            written = block.write(code, [number in begins for number in rows]) if block and code else ""
            of_file.append(TextEdit(self._file_offset(edit.start), self._file_offset(edit.end), written))
            moved += len(edit.text.encode("utf-8")) - (edit.end - edit.start)
        raw = self._file.encode(with_edits(self._file.data, of_file))
        again = self._read(Source(self._file.path, raw, python=self._file.python))
        moved = sum(len(e.text.encode("utf-8")) - (e.end - e.start) for e in inside if e.start < self._own)
        own = again._own if isinstance(again, Embedded) else 0
        if _without_blanks(again.data[own:]) != _without_blanks(after[self._own + moved :]):
            raise ValueError("the file's code wouldn't be what it should")
        return of_file

    def _joined(self, edits: Sequence[TextEdit]) -> list[TextEdit]:
        """The edits in their order: adjacent deletions are one, and so are one and what is inserted after it."""
        joined: list[TextEdit] = []
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            last = joined[-1] if joined else None
            follows = last is not None and not last.text and last.start < last.end == edit.start
            same = last is not None and self.block(last.start) == self.block(edit.start)
            if last is not None and follows and (edit.start == edit.end or (same and not edit.text)):
                joined[-1] = TextEdit(last.start, edit.end, edit.text)
            else:
                joined.append(edit)
        return joined

    def _inside_block(self, edit: TextEdit) -> TextEdit:
        """The same edit, where it replaces the last lines of a piece of code, without the newline at its end."""
        block = self._block(edit.start)
        if block is None and edit.start == edit.end and edit.text[:1] in ("\r", "\n"):
            # Further lines come after the one before them, which isn't code here: they are the first lines.
            newline = "\r\n" if edit.text.startswith("\r\n") else edit.text[0]
            start = edit.start + len(newline)
            return self._inside_block(TextEdit(start, start, edit.text[len(newline) :] + newline))
        if block is None or edit.end > block.end:
            raise ValueError("a change isn't inside one piece of code")
        before, last = self._newline(edit.start), self._newline(edit.end)
        # The newline that ends a cell may be ours alone, so that the next one begins in a line of its own.
        ends = edit.end == block.end or (edit.end + 1 == block.end and not self._is_there(edit.end))
        if edit.start == edit.end or not ends or not last:
            return edit
        if edit.text:
            ending = next((end for end in ("\r\n", "\n", "\r") if edit.text.endswith(end)), "")
            return TextEdit(edit.start, edit.end - last, edit.text[: -len(ending)]) if ending else edit
        if block.start == edit.start and self._own:
            return TextEdit(edit.start + len(INDENT), edit.end - last, "pass")
        if not before or not self._is_there(edit.start - 1):
            return edit._replace(end=edit.end - last)
        start = edit.start - before
        while block.cell and block.start < start and self._newline(start) and self._is_there(start - 1):
            start -= self._newline(start)  # an empty line would be the last one of a list, without a newline
        return TextEdit(start, edit.end - last, "")

    def _is_there(self, offset: int) -> bool:
        """Whether what is at an offset is in the file, too."""
        segment = self._segment(offset)
        return segment.file_start < segment.file_end

    def _newline(self, offset: int) -> int:
        """The length of the newline that ends at an offset."""
        before = self.data[max(offset - 2, 0) : offset]
        return 2 if before == b"\r\n" else int(before[-1:] in (b"\n", b"\r"))


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of a module that aren't inside others, with those of functions that stand for examples."""
    for node in tree.body:
        yield from node.body if isinstance(node, ast.FunctionDef) and node.name.startswith(FUNCTION) else [node]


def _without_blanks(text: bytes) -> bytes:
    """A text without what is in lines of spaces alone: an example in a docstring has its indentation there, or not."""
    return _BLANK.sub(b"", text)


def _statement_rows(text: str) -> set[int]:
    """The rows in which statements begin that aren't inside others."""
    rows = set()
    for node in statements(ast.parse(text)):
        rows.add(min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]))
    return rows
