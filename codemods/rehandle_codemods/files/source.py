"""A source file: decoded exactly, addressed by position, encoded again."""

from __future__ import annotations

import bisect
import codecs
import contextlib
import io
import os
import re
import tokenize
from difflib import SequenceMatcher
from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from rehandle_codemods.files.lines import Span

# What Python makes of code needs some 200 times its size in memory.
LARGEST = 5_000_000
_LINE_END = re.compile(rb"\r\n|\n|\r")


_WORDS = re.compile(r"\w+|\s|.")


class TextEdit(NamedTuple):
    """What takes the place of `data[start:end]`; what is put in where start equals end."""

    start: int
    end: int
    text: str


def with_edits(data: bytes, edits: Iterable[TextEdit]) -> bytes:
    """Make edits, of which no two are about the same bytes; what is put in at one offset keeps its order."""
    pieces: list[bytes] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done:
            raise ValueError(f"changes overlap at byte {edit.start}")
        pieces += (data[done : edit.start], edit.text.encode("utf-8"))
        done = edit.end
    return b"".join([*pieces, data[done:]])


def differences(before: str, after: str, start: int) -> Iterator[TextEdit]:
    """What makes one text of another, which begins at an offset: line by line, and in a line word by word."""
    data = before.encode("utf-8")
    for old, new, place in _compared(before.splitlines(keepends=True), after.splitlines(keepends=True), start):
        pairs = zip(old, new) if len(old) == len(new) else [("".join(old), "".join(new))]
        for old_line, new_line in pairs:
            for words, others, where in _compared(_WORDS.findall(old_line), _WORDS.findall(new_line), place):
                gone, text = "".join(words), "".join(others)
                if not words and text.endswith("\n") and data[: where - start].endswith(b"\n"):
                    # Further lines come after the one before them, with what a prompt or notebook has there.
                    newline = "\r\n" if data[: where - start].endswith(b"\r\n") else "\n"
                    where, text = where - len(newline), newline + text.removesuffix("\n").removesuffix("\r")
                yield TextEdit(where, where + len(gone.encode("utf-8")), text)
            place += len(old_line.encode("utf-8"))


def _compared(before: list[str], after: list[str], start: int) -> Iterator[tuple[list[str], list[str], int]]:
    """Where lists of texts differ, and the offset there in bytes."""
    done = 0
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        start += len("".join(before[done:first]).encode("utf-8"))
        done = first
        if kind != "equal":
            yield before[first:last], after[begin:end], start


def changed_parts(text: Text, edits: Iterable[TextEdit]) -> Iterator[tuple[Span, Span]]:
    """The lines that edits are in, and those that take their place, from 0: they are together where a line is."""
    shift = 0
    part: tuple[Span, Span] | None = None
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        first, (last, column) = text.position(edit.start)[0] - 1, text.position(edit.end)
        whole = column == 1 and (edit.end > edit.start or edit.text.endswith(("\n", "\r")))
        end = last - 1 if whole else last
        added = len(_LINE_END.findall(edit.text.encode("utf-8")))
        added -= len(_LINE_END.findall(text.data[edit.start : edit.end]))
        if part is not None and first < part[0][1]:
            first = part[0][0]
            part = (first, max(end, part[0][1])), (part[1][0], max(end, part[0][1]) + shift + added)
        else:
            if part is not None:
                yield part
            part = (first, end), (first + shift, end + shift + added)
        shift += added
    if part is not None:
        yield part


class SourceError(Exception):
    """A file that can't be read, decoded or written; the message says why and what to do.

    Attributes:
        location: the row and column of what is wrong; (1, 1) where it is the file as a whole.
        cell: the number of the notebook's cell that the location is in; 0 where it is in the file.
    """

    def __init__(self, message: str, location: tuple[int, int] = (1, 1), cell: int = 0) -> None:
        super().__init__(message)
        self.location = location
        self.cell = cell

    @classmethod
    def crash(cls, error: BaseException) -> SourceError:
        """What a file gets that something unforeseen happened with, by a mistake of ours."""
        what = f"{type(error).__name__}: {error}".rstrip(": ")
        return cls(f"can't be analysed, it is left as it is ({what}). Please report this as a bug")


class FileError(Exception):
    """Something unforeseen happened with files, by a mistake of ours: it costs these alone.

    Attributes:
        errors: what is said of each, by its path.
    """

    def __init__(self, errors: Mapping[str, SourceError]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@contextlib.contextmanager
def working_on(path: str) -> Iterator[None]:
    """Name a file by the error, where something unforeseen happens while it is worked on.

    Args:
        path: the file.

    Raises:
        FileError: it did.
    """
    try:
        yield
    except FileError:
        raise
    except Exception as error:
        raise FileError({path: SourceError.crash(error)}) from error


class Text:
    """Python code, held as UTF-8 and addressed by position.

    Attributes:
        text: the code.
        data: it as UTF-8; what offsets refer to.
        newline: the newline that most lines end with.
        examples: the parts of docstrings that are code, too: where each begins and ends.
    """

    def __init__(self, text: str) -> None:
        """Take the code.

        Args:
            text: the code.
        """
        self.text = text
        self.examples: list[tuple[int, int]] = []
        self.data = text.encode("utf-8")
        ends = list(_LINE_END.finditer(self.data))
        self._starts = [0] + [match.end() for match in ends]
        kinds = [match.group() for match in ends]
        self.newline = max(set(kinds), key=kinds.count).decode() if kinds else "\n"

    def offset(self, row: int, column: int) -> int:
        """The offset in `data` of a position as `ast` gives it (row from 1, column in UTF-8 bytes)."""
        return self._starts[row - 1] + column

    def rows(self, first: int, end: int) -> tuple[int, int]:
        """The offsets in `data` of some lines, from the first one up to but not including another."""
        starts = [*self._starts, len(self.data)]
        return starts[min(first, len(starts)) - 1], starts[min(end, len(starts)) - 1]

    def position(self, offset: int) -> tuple[int, int]:
        """The row and column, in characters from 1, of an offset in `data`."""
        row = bisect.bisect_right(self._starts, offset)
        start = self._starts[row - 1]
        return row, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def line_span(self, offset: int) -> tuple[int, int]:
        """Where the line that holds an offset begins and ends, its newline not included."""
        row = bisect.bisect_right(self._starts, offset)
        start = self._starts[row - 1]
        end = self._starts[row] if row < len(self._starts) else len(self.data)
        return start, start + len(self.data[start:end].rstrip(b"\r\n"))

    def file_lines(self, cell: int, first: int, last: int) -> tuple[int, int]:
        """The lines of the file that rows are in, of which git knows: what ends with a line feed.

        Args:
            cell: the number of the notebook's cell that the rows are of; 0 where they are those of the file.
            first: the first row, from 1.
            last: the last one.

        Returns:
            The first and the last line, from 1.
        """
        start, end = self._rows_in_file(cell, first, last)
        data = self.file.data
        return data.count(b"\n", 0, start) + 1, data.count(b"\n", 0, end) + 1

    # What differs where the code is only a part of a file

    def _rows_in_file(self, cell: int, first: int, last: int) -> tuple[int, int]:
        """Where rows begin in the file's data, and where they end, the last one's newline not included."""
        return self.rows(first, first)[0], self.line_span(self.rows(last, last)[0])[1]

    def cell(self, offset: int) -> int:
        """The number of the notebook's cell that an offset is in; 0 where the file isn't a notebook."""
        return 0

    def block(self, offset: int) -> int:
        """The offset where the code begins that runs or is shown in one piece with that at an offset."""
        return 0

    @property
    def first_rows(self) -> frozenset[int]:
        """The rows in which code begins that runs or is shown in one piece, where it is only a part of the text."""
        return frozenset()

    def embeds(self, offset: int) -> bool:
        """Whether an offset is in a notebook or an example."""
        return False

    def unit(self, offset: int) -> int:
        """The offset where the code begins that has names of its own, and holds an offset."""
        return 0

    def foreign(self, offset: int) -> str:
        """What the file has at an offset that isn't Python, for a message; empty where it is Python."""
        return ""

    def listing(self, cell: int) -> str:
        """The text that positions count in: that of the file, or of a cell."""
        return self.text

    @property
    def file(self) -> Source:
        """The file that the code is in."""
        raise NotImplementedError  # a file is its own, and a part of one says which

    def in_file(self, edits: Sequence[TextEdit]) -> list[TextEdit]:
        """Turn edits of `data` into edits of the file's data."""
        return list(edits)


class Source(Text):
    """A file, decoded, with what is needed to write it back byte for byte.

    Attributes:
        path: where the file is.
        raw: the bytes as they were read.
        encoding: the encoding that the file declares, or UTF-8.
        python: whether it may declare one as Python files do.
    """

    def __init__(self, path: str, raw: bytes, *, python: bool = True) -> None:
        """Decode a file's bytes.

        Args:
            path: where the bytes came from.
            raw: the file's content.
            python: whether it may declare an encoding as Python files do; else it is UTF-8.

        Raises:
            SourceError: the declared encoding is unknown or doesn't fit the bytes.
        """
        self.path = path
        self.raw = raw
        self.python = python
        self._bom = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
        body = raw[len(self._bom) :]
        try:
            declared = _declared(self._bom + body) if python else "utf-8"
            self.encoding = "utf-8" if self._bom else declared
            text = body.decode(self.encoding)
            exact = text.encode(self.encoding) == body
        except (SyntaxError, UnicodeError, LookupError) as error:
            advice = "Declare its encoding or convert it to UTF-8" if python else "Convert it to UTF-8"
            raise SourceError(f"can't be decoded: {error}. {advice}") from None
        if not exact:
            raise SourceError(f"can't be written back unchanged as {self.encoding}. Convert it to UTF-8")
        super().__init__(text)

    @classmethod
    def read(cls, path: str, *, python: bool = True) -> Source:
        """Read a file.

        Args:
            path: the file.
            python: whether it may declare an encoding as Python files do; else it is UTF-8.

        Returns:
            The decoded file.

        Raises:
            SourceError: it can't be read or decoded.
        """
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if python and size > LARGEST:
                    limit = f"more than {LARGEST // 1_000_000} MB of Python isn't analysed"
                    raise SourceError(f"has {size // 1_000_000} MB, and {limit}. Split it, or leave it out")
                return cls(path, file.read(), python=python)
        except OSError as error:
            raise SourceError(f"can't be read: {error.strerror or error}") from None

    @property
    def file(self) -> Source:
        """The file itself."""
        return self

    def encode(self, data: bytes) -> bytes:
        """Turn changed `data` back into the file's own encoding and byte order mark."""
        return self._bom + data.decode("utf-8").encode(self.encoding)


def _declared(raw: bytes) -> str:
    # Python accepts a lone \r as a newline, detect_encoding doesn't.
    head = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return tokenize.detect_encoding(io.BytesIO(head).readline)[0]
