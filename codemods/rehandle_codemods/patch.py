"""A change as a patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

if TYPE_CHECKING:
    from rehandle_codemods.rewriting import Change


def patch(change: Change) -> Iterator[str]:
    """A change as the lines of a unified diff that `git apply` takes."""
    import difflib

    name = change.filename.replace("\\", "/").lstrip("/")
    before, after = _git_lines(change.before), _git_lines(change.after)
    yield f"diff --git a/{name} b/{name}\n"
    for text in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        if text.endswith("\n"):
            yield text
        else:
            yield text + "\n"
            yield "\\ No newline at end of file\n"


def _git_lines(text: str) -> list[str]:
    """Split as git does: a carriage return alone ends no line."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
