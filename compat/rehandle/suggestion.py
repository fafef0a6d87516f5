"""What to write instead of a word that isn't known."""

from typing import Sequence

_NEAR = 0.6


def suggestion(word: str, known: Sequence[str], otherwise: str = "") -> str:
    """Name the nearest of the words that would do.

    Args:
        word: what was written.
        known: the words, in their order: of two that are as near, it is the first.
        otherwise: what to say where none is near, instead of all that would do.

    Returns:
        A sentence.
    """
    from difflib import SequenceMatcher

    def nearness(other: str) -> float:
        return SequenceMatcher(None, other, word).ratio()

    nearest = max(known, key=nearness, default="")
    if nearness(nearest) >= _NEAR:
        return f"Did you mean {nearest}?"
    return otherwise or f"Known: {', '.join(known)}"
