"""The lines of two texts, and where they differ."""

from __future__ import annotations

import re
from typing import Sequence

_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$")

Span = tuple[int, int]
"""The numbers of a first line and of the one after the last, from 0."""


def split(text: str) -> list[str]:
    """The lines of a source file, as Python counts them, without their ends."""
    return [line.rstrip("\r\n") for line in with_ends(text)]


def with_ends(text: str) -> list[str]:
    """The lines of a source file, as Python counts them, each with its end."""
    return _LINE.findall(text)


def blocks(before: Sequence[str], after: Sequence[str]) -> list[tuple[Span, Span]]:
    """Where two texts differ.

    Args:
        before: the lines of the one.
        after: the lines of the other.

    Returns:
        The lines that differ, in the one and in the other, in their order.
    """
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [((a, b), (c, d)) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
