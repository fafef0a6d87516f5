"""Patterns for files, with the meaning that they have in `.gitignore`."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Sequence

from rehandle_codemods.options import Pattern

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def matches(patterns: Sequence[Pattern], path: str) -> bool:
    """Whether a file is one of those that some patterns mean.

    Args:
        patterns: later ones win where they are from the same folder, as in one `.gitignore`.
        path: the file's path, absolute and without symbolic links.

    Returns:
        Whether it is. A file outside a pattern's folder never is.
    """
    return any(_matches_below(base, globs, path) for base, globs in _by_base(tuple(patterns)))


@lru_cache(maxsize=None)
def _by_base(patterns: tuple[Pattern, ...]) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for base, glob in patterns:
        found.setdefault(os.path.realpath(base), []).append(glob)
    return [(base, tuple(globs)) for base, globs in found.items()]


def _matches_below(base: str, globs: tuple[str, ...], path: str) -> bool:
    below = base.rstrip(os.sep) + os.sep
    return path.startswith(below) and _spec(globs).match_file(path[len(below) :])


@lru_cache(maxsize=None)
def _spec(globs: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)


def checked_pattern(base: str, glob: str) -> Pattern:
    """Make a pattern.

    Args:
        base: the folder that it is relative to.
        glob: the pattern.

    Returns:
        The pattern.

    Raises:
        ValueError: it isn't one that `.gitignore` may have.
    """
    try:
        _spec((glob,))
    except ValueError:
        raise ValueError(f"{glob!r} isn't a pattern as in .gitignore") from None
    return Pattern(base, glob)
