"""Help that fits the terminal: prose is filled, and a command is broken where a shell goes on reading."""

import itertools
import re
import shutil
import textwrap
from typing import Iterator

WIDEST = 120
_NARROWEST, _MARGIN = 50, 2
_ROW = re.compile(r" +\S+ {2,}(?=\S)")
_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|\S)+""")


def width() -> int:
    """How many columns help may have: those of the terminal or of COLUMNS, within limits."""
    return max(min(shutil.get_terminal_size().columns, WIDEST) - _MARGIN, _NARROWEST)


def filled(text: str, columns: int) -> str:
    """Fit a text to some columns.

    Args:
        text: paragraphs with empty lines between them. Lines that begin with a space are commands, or rows of a table:
            a word, two spaces or more, and what is said of it.
        columns: how many a line may have. What can't be broken has more.
    """
    return "\n\n".join("\n".join(_lines(paragraph, columns)) for paragraph in text.strip("\n").split("\n\n"))


def _lines(paragraph: str, columns: int) -> Iterator[str]:
    for is_indented, lines in itertools.groupby(paragraph.split("\n"), lambda line: line.startswith(" ")):
        if not is_indented:
            yield from _wrapped(" ".join(lines), columns)
            continue
        for line in lines:
            row = _ROW.match(line)
            if row:
                head = row.group()
                yield from _wrapped(line[len(head) :], columns, head, " " * len(head))
            else:
                yield from _command(line, columns)


def _wrapped(text: str, columns: int, first: str = "", later: str = "") -> Iterator[str]:
    """Break at spaces alone: names and paths stay whole."""
    yield from textwrap.wrap(
        text, columns, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def _command(line: str, columns: int) -> Iterator[str]:
    """Break between a shell's words: within quotes a backslash would be one of the command's own."""
    words = _WORD.findall(line)
    indent = line[: len(line) - len(line.lstrip())]
    done = indent + words[0]
    for left, word in zip(range(len(words) - 1, 0, -1), words[1:]):
        mark = " \\" if left > 1 else ""
        if len(f"{done} {word}{mark}") > columns:
            yield f"{done} \\"
            done = f"{indent}    {word}"
        else:
            done += f" {word}"
    yield done
