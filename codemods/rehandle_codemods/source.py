"""A source file: decoded exactly, addressed by position, encoded again."""

from __future__ import annotations

import bisect
import codecs
import io
import re
import tokenize

_LINE_END = re.compile(rb"\r\n|\n|\r")


class SourceError(Exception):
    """A file that can't be read, decoded or written; the message says why and what to do."""


class Source:
    """The text of one file, held as UTF-8, with what is needed to write it back byte for byte.

    Attributes:
        path: where the file is.
        raw: the bytes as they were read.
        data: the text as UTF-8 without a byte order mark; what positions and edits refer to.
        encoding: the encoding that the file declares, or UTF-8.
        newline: the newline that most lines end with.
    """

    def __init__(self, path: str, raw: bytes) -> None:
        """Decode a file's bytes.

        Args:
            path: where the bytes came from.
            raw: the file's content.

        Raises:
            SourceError: the declared encoding is unknown or doesn't fit the bytes.
        """
        self.path = path
        self.raw = raw
        self._bom = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
        body = raw[len(self._bom) :]
        try:
            # Python accepts a lone \r as a newline, detect_encoding doesn't.
            head = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            declared = tokenize.detect_encoding(io.BytesIO(self._bom + head).readline)[0]
            self.encoding = "utf-8" if self._bom else declared
            text = body.decode(self.encoding)
            exact = text.encode(self.encoding) == body
        except (SyntaxError, UnicodeError, LookupError) as error:
            raise SourceError(f"can't be decoded: {error}. Declare its encoding or convert it to UTF-8") from None
        if not exact:
            raise SourceError(f"can't be written back unchanged as {self.encoding}. Convert it to UTF-8")
        self.text = text
        self.data = text.encode("utf-8")
        ends = list(_LINE_END.finditer(self.data))
        self._starts = [0] + [match.end() for match in ends]
        kinds = [match.group() for match in ends]
        self.newline = max(set(kinds), key=kinds.count).decode() if kinds else "\n"

    @classmethod
    def read(cls, path: str) -> Source:
        """Read a file.

        Args:
            path: the file.

        Returns:
            The decoded file.

        Raises:
            SourceError: it can't be read or decoded.
        """
        try:
            with open(path, "rb") as file:
                return cls(path, file.read())
        except OSError as error:
            raise SourceError(f"can't be read: {error.strerror or error}") from None

    def offset(self, row: int, column: int) -> int:
        """The offset in `data` of a position as `ast` gives it (row from 1, column in UTF-8 bytes)."""
        return self._starts[row - 1] + column

    def position(self, offset: int) -> tuple[int, int]:
        """The row and column, in characters from 1, of an offset in `data`."""
        row = bisect.bisect_right(self._starts, offset)
        start = self._starts[row - 1]
        return row, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def cell(self, offset: int) -> int:
        """The number of the notebook's cell that an offset in `data` is in; 0 where the file isn't a notebook."""
        return 0

    def line(self, offset: int) -> tuple[int, int]:
        """Where the line that holds an offset begins and ends, its newline not included."""
        row = bisect.bisect_right(self._starts, offset)
        start = self._starts[row - 1]
        end = self._starts[row] if row < len(self._starts) else len(self.data)
        return start, start + len(self.data[start:end].rstrip(b"\r\n"))

    def encode(self, data: bytes) -> bytes:
        """Turn edited `data` back into the file's own encoding and byte order mark."""
        return self._bom + data.decode("utf-8").encode(self.encoding)
