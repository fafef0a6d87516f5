"""A change as a patch."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Iterator

from rehandle_codemods.files.paths import git_root

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change


def patch(change: Change) -> Iterator[str]:
    """A change as the lines of a unified diff that `git apply` takes.

    What isn't UTF-8 in the file is a lone surrogate here.
    """
    import difflib

    name = _from_top(change.filename)
    old, new = _quoted(f"a/{name}"), _quoted(f"b/{name}")
    # Without the tab, `patch` takes a name to end at its first space.
    end = "\t" if " " in name else ""
    # A patch is about bytes: the file's own encoding and byte order mark have to be in it.
    before, after = (_git_lines(data.decode("utf-8", "surrogateescape")) for data in (change.raw, change.content))
    yield f"diff --git {old} {new}\n"
    for text in difflib.unified_diff(before, after, old + end, new + end):
        if text.endswith("\n"):
            yield text
        else:
            yield text + "\n"
            yield "\\ No newline at end of file\n"


def _from_top(filename: str) -> str:
    """A file's path from the top of the work tree that the working directory is in.

    In a folder below it, `git apply` passes over paths from anywhere else, and says nothing.
    """
    top = git_root(".") or os.path.realpath(".")
    path = os.path.abspath(filename)
    below = path.startswith(os.path.join(top, ""))
    return (os.path.relpath(path, top) if below else path).replace(os.sep, "/").lstrip("/")


def _quoted(name: str) -> str:
    """A name as git writes it: between quotes, with escapes, where it has to be."""
    if not re.search(r'[\x00-\x1f\x7f"\\]', name):
        return name
    return '"' + re.sub(r'[\x00-\x1f\x7f"\\]', lambda match: f"\\{ord(match[0]):03o}", name) + '"'


def _git_lines(text: str) -> list[str]:
    """Split as git does: a carriage return alone ends no line."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
