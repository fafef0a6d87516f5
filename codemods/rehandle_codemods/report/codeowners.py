"""Who owns a file, by the rules of a CODEOWNERS file as GitHub reads it."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Iterator, NamedTuple

from rehandle_codemods.files.paths import git_root

# In the order in which GitHub looks.
_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
# What .gitignore knows and CODEOWNERS doesn't: GitHub skips such lines.
_UNKNOWN = re.compile(r"!|\\#|.*(?<!\\)[\[\]]")


class _Line(NamedTuple):
    pattern: re.Pattern[str]
    owners: tuple[str, ...]


class CodeOwners:
    """The owners of a repository's files."""

    def __init__(self, folder: str) -> None:
        """Read the CODEOWNERS file of the git work tree that holds a folder; of the folder itself without one.

        Args:
            folder: the folder.
        """
        self._root = git_root(folder) or os.path.realpath(folder)
        self._lines = list(_lines(_text(self._root)))

    def __bool__(self) -> bool:
        """Whether there is anything about owners."""
        return bool(self._lines)

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file.

        Args:
            path: the file.

        Returns:
            The owners of the last line that fits it; none if that names none, or if no line fits.
        """
        folder, name = os.path.split(os.path.abspath(path))
        relative = os.path.relpath(os.path.join(os.path.realpath(folder), name), self._root).replace(os.sep, "/")
        for line in reversed(self._lines):
            if line.pattern.fullmatch(relative):
                return line.owners
        return ()


def _text(root: str) -> str:
    for place in _PLACES:
        try:
            with open(os.path.join(root, place), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            continue
    return ""


def _lines(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        words = []
        for word in _WORD.findall(line):
            if word.startswith("#"):
                break
            words.append(word)
        if words and not _UNKNOWN.match(words[0]) and all("@" in owner for owner in words[1:]):
            yield _Line(re.compile(_expression(words[0]), re.DOTALL), tuple(words[1:]))


@lru_cache(maxsize=None)
def _expression(pattern: str) -> str:
    """The regular expression of a pattern, for paths relative to the root."""
    parts = pattern.strip("/").split("/")
    expression = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    for part in parts[:-1]:
        expression += "(?:.*/)?" if part == "**" else _part(part) + "/"
    last = parts[-1]
    if last == "**":
        return expression + ".+"
    expression += _part(last)
    if pattern.endswith("/"):
        return expression + "/.+"
    # Other than in .gitignore, `docs/*` means the files in docs, and not those in its folders.
    return expression if last == "*" and len(parts) > 1 else expression + "(?:/.+)?"


def _part(part: str) -> str:
    translated = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\\.|\*+|.", part, re.DOTALL)
    return "".join(translated.get(piece[0], re.escape(piece[-1])) for piece in pieces)
