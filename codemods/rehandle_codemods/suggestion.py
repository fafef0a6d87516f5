"""What to write instead of a word that isn't known."""

from __future__ import annotations

from typing import Sequence


def suggestion(word: str, known: Sequence[str]) -> str:
    """A sentence that names the nearest of the words that would do, or all of them."""
    import difflib

    nearest = difflib.get_close_matches(word, known, 1)
    return f"Did you mean {nearest[0]}?" if nearest else f"Known: {', '.join(known)}"
