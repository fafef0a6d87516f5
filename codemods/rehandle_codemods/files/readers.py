"""Which files have their Python code inside something else, and what reads it."""

from __future__ import annotations

from rehandle_codemods.files.discovery import NOTEBOOKS, PAGES, is_python
from rehandle_codemods.files.source import Source, Text


def read(path: str, raw: bytes | None = None, *, docs: bool = False) -> Text:
    """Read the Python code of a file.

    Args:
        path: the file. Its suffix says what it is; a file with an unknown one is taken for Python.
        raw: what it holds; None for what is on disk.
        docs: whether the examples in docstrings belong to the code.

    Returns:
        The code.

    Raises:
        SourceError: it can't be read or decoded, or isn't what its suffix says.
        SyntaxError: its docstrings are asked for, and it doesn't parse.
    """
    if path.endswith(NOTEBOOKS):
        from rehandle_codemods.files import notebooks

        return notebooks.read(file(path, raw))
    if path.endswith(PAGES):
        from rehandle_codemods.files import examples, pages

        return pages.read(file(path, raw), examples.RESTRUCTURED if path.endswith(".rst") else examples.MARKDOWN)
    if docs:
        from rehandle_codemods.files import pages

        return pages.docstrings(file(path, raw))
    return file(path, raw)


def file(path: str, raw: bytes | None = None) -> Source:
    """Read a file as it is.

    Args:
        path: the file.
        raw: what it holds; None for what is on disk.

    Returns:
        All of its text.

    Raises:
        SourceError: it can't be read or decoded.
    """
    python = is_python(path)
    return Source.read(path, python=python) if raw is None else Source(path, raw, python=python)
