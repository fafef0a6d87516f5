"""A change as a patch."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Iterator, Sequence

from rehandle_codemods.files.lines import LineMatcher
from rehandle_codemods.files.paths import git_root

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change


def patch(change: Change) -> Iterator[str]:
    """A change as the lines of a unified diff that `git apply` takes.

    What isn't UTF-8 in the file is a lone surrogate here.
    """
    name = _from_top(change.filename)
    old, new = _quoted(f"a/{name}"), _quoted(f"b/{name}")
    # Without the tab, `patch` takes a name to end at its first space.
    end = "\t" if " " in name else ""
    # A patch is about bytes: the file's own encoding and byte order mark have to be in it.
    before, after = (_git_lines(data.decode("utf-8", "surrogateescape")) for data in (change.raw, change.content))
    yield f"diff --git {old} {new}\n"
    yield f"--- {old}{end}\n"
    yield f"+++ {new}{end}\n"
    for text in _hunks(before, after):
        if text.endswith("\n"):
            yield text
        else:
            yield text + "\n"
            yield "\\ No newline at end of file\n"


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for group in LineMatcher(before, after).get_grouped_opcodes():
        yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@\n"
        for tag, start, end, first, last in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[start:end])
            else:
                yield from (f"-{line}" for line in before[start:end])
                yield from (f"+{line}" for line in after[first:last])


def _range(start: int, end: int) -> str:
    """Lines as a hunk's head has them: of none, the number of the line before."""
    return f"{start + 1}" if end - start == 1 else f"{start + (end > start)},{end - start}"


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
