"""Which files there are, and which of them matter."""

from __future__ import annotations

import os
import re
from typing import Iterable, NamedTuple, Sequence

from rehandle_codemods import git
from rehandle_codemods.options import DEFAULTS, Options
from rehandle_codemods.patterns import matches

NOTEBOOKS = (".ipynb",)
SUFFIXES = (".py", ".pyi", ".pyw", *NOTEBOOKS)
REPOSITORIES = frozenset([".git", ".hg", ".svn"])
PRUNED = REPOSITORIES.union(
    [
        ".tox",
        ".nox",
        ".venv",
        "venv",
        ".env",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        "build",
        "dist",
        "site-packages",
        ".eggs",
    ]
)


class Selection(NamedTuple):
    """The files of a run.

    Attributes:
        chosen: the files that may change, in order.
        around: the other files of the same repositories: read for their names, never changed.
        refused: paths that give no file, each with the reason and what to do.
    """

    chosen: list[str]
    around: list[str]
    refused: list[tuple[str, str]]


def select(paths: Sequence[str], options: Options = DEFAULTS) -> Selection:
    """Find the Python files under some paths, and those of the repositories round them.

    Args:
        paths: files and folders. A file that is named is taken whatever it is called.
        options: the choices of the run: what is left out.

    Returns:
        The files; a path that doesn't exist, and a folder without Python files, are in `refused`.
    """
    chosen: dict[str, None] = {}
    unnamed: set[str] = set()
    around: dict[str, None] = {}
    refused = []
    for path in paths:
        if os.path.isdir(path):
            below = files_below(path, options)
            if not below:
                refused.append((path, "has no Python files. Give a folder or a file with Python code"))
                continue
            chosen.update(dict.fromkeys(below))
            unnamed.update(below)
            root = git_root(path)
        elif os.path.exists(path):
            chosen[os.path.abspath(path)] = None
            folder = os.path.dirname(os.path.abspath(path))
            root = git_root(folder)
            if not root:
                around.update(dict.fromkeys(_neighbours(folder)))
        else:
            refused.append((path, "doesn't exist. Check the spelling and the working directory"))
            continue
        if root and root != os.path.realpath(path):
            around.update(dict.fromkeys(files_below(root, options)))
    patterns = (*(options.exclude or ()), *options.extend_exclude)
    for path in list(chosen) if patterns else ():
        if (options.force_exclude or path in unnamed) and matches(patterns, path):
            # What it does with names of the files that change still counts.
            around[path] = chosen.pop(path)
    seen = {os.path.realpath(path) for path in chosen}
    return Selection(list(chosen), [path for path in around if os.path.realpath(path) not in seen], refused)


def git_root(folder: str) -> str:
    """The top of the git work tree that holds a folder, or an empty string."""
    folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def files_below(folder: str, options: Options = DEFAULTS) -> list[str]:
    """The Python files below a folder: those git knows or would add where it can tell, else all but pruned ones."""
    folder = os.path.abspath(folder)
    if options.respect_gitignore and git_root(folder):
        listed = _git_files(folder)
        if listed is not None:
            return listed
    return sorted(_walk(folder, PRUNED if options.exclude is None else REPOSITORIES))


def _git_files(folder: str) -> list[str] | None:
    listed = git.output(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    if listed is None:
        return None
    names = {os.fsdecode(name) for name in listed.split(b"\0") if name}
    paths = (os.path.join(folder, name) for name in sorted(names) if name.endswith(SUFFIXES))
    return [path for path in paths if os.path.isfile(path)]


def _walk(folder: str, pruned: frozenset[str] = PRUNED) -> Iterable[str]:
    stack = [folder]
    while stack:
        current = stack.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in pruned and not entry.name.endswith(".egg-info"):
                            stack.append(entry.path)
                    elif entry.name.endswith(SUFFIXES) and entry.is_file():
                        yield entry.path
        except OSError:
            continue


def _neighbours(folder: str) -> list[str]:
    top = folder
    while os.path.exists(os.path.join(top, "__init__.py")):
        top = os.path.dirname(top)
    if top != folder:
        inside = folder
        while os.path.dirname(inside) != top:
            inside = os.path.dirname(inside)
        return sorted(_walk(inside))
    with os.scandir(folder) as entries:
        return sorted(entry.path for entry in entries if entry.name.endswith(SUFFIXES) and entry.is_file())


def is_python(path: str) -> bool:
    """Whether a file can be imported, or is taken for Python because it has no suffix that says otherwise."""
    return not path.endswith(NOTEBOOKS)


def read_bytes(path: str) -> bytes:
    """The bytes of a file, by the shortest way there is."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        with open(handle, "rb", buffering=0, closefd=False) as file:
            return file.readall()
    finally:
        os.close(handle)


def word_files(paths: Iterable[str], groups: Sequence[Sequence[bytes]], unreadable: set[str]) -> dict[str, bytes]:
    """The files that hold all the words of at least one group.

    Args:
        paths: the files to look at.
        groups: the groups of words.
        unreadable: filled with the files that can't be read.

    Returns:
        The bytes of the files that match, by path.
    """
    found = {}
    for path in paths:
        try:
            data = read_bytes(path)
        except OSError:
            unreadable.add(path)
            continue
        if any(all(word in data for word in group) for group in groups):
            found[path] = data
    return found


# In JSON, a word may follow a newline that is written as a letter.
_ESCAPED = re.compile(rb"\\[nrt]")
_NO_IDENTIFIER = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(0x100)
)


def identifier_files(paths: Iterable[str], groups: Sequence[Sequence[bytes]]) -> list[str]:
    """The files that hold all the identifiers of at least one group; what can't be read is left out.

    The time that a file takes doesn't depend on the number of groups.

    Args:
        paths: the files to look at.
        groups: the groups of identifiers, none of them empty.

    Returns:
        The files that match.
    """
    by_last: dict[bytes, list[Sequence[bytes]]] = {}
    for group in groups:
        by_last.setdefault(group[-1], []).append(group)
    wanted = {word for group in groups for word in group}
    found = []
    for path in paths:
        try:
            data = read_bytes(path)
        except OSError:
            continue
        if path.endswith(NOTEBOOKS):
            data = _ESCAPED.sub(b" ", data)
        words = wanted.intersection(data.translate(_NO_IDENTIFIER).split())
        if any(words.issuperset(group) for word in words for group in by_last.get(word, ())):
            found.append(path)
    return found
