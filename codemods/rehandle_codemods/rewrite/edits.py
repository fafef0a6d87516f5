"""Small replacements of spans of bytes, and the one function that applies them."""

from __future__ import annotations

from typing import Iterable, NamedTuple, Sequence


class Edit(NamedTuple):
    """Replace `data[start:end]` by `text`; an insertion where start equals end."""

    start: int
    end: int
    text: str


class OverlapError(ValueError):
    """Two edits want the same bytes."""


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits that don't overlap; insertions at one offset keep their order.

    Args:
        data: the old bytes.
        edits: in any order.

    Returns:
        The new bytes.

    Raises:
        OverlapError: two edits overlap.
    """
    parts: list[bytes] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < done:
            raise OverlapError(f"edits overlap at byte {edit.start}")
        parts += (data[done : edit.start], edit.text.encode("utf-8"))
        done = edit.end
    parts.append(data[done:])
    return b"".join(parts)


def closing_bracket(data: bytes, opening: int) -> int:
    """Find the bracket that closes another one, past strings and comments.

    Args:
        data: Python source.
        opening: the offset of the opening bracket.

    Returns:
        The offset of the closing bracket.

    Raises:
        ValueError: there is none.
    """
    depth = 0
    place = opening
    while place < len(data):
        char = data[place : place + 1]
        if char in b"\"'":
            place = _string_end(data, place)
            continue
        if char == b"#":
            place = _line_end(data, place)
            continue
        depth += (char in b"([{") - (char in b")]}")
        if depth == 0:
            return place
        place += 1
    raise ValueError("unterminated bracket")


def last_significant(data: bytes, start: int, end: int) -> int:
    """The offset after the last byte of `data[start:end]` that is neither space, comment nor backslash."""
    result = start
    place = start
    while place < end:
        char = data[place : place + 1]
        if char == b"#":
            place = _line_end(data, place)
            continue
        if char in b"\"'":
            place = result = min(_string_end(data, place), end)
            continue
        place += 1
        if char not in b" \t\f\r\n\\":
            result = place
    return result


def removal(data: bytes, opening: int, closing: int, arguments: Sequence[tuple[int, int]], number: int) -> list[Edit]:
    """Remove one argument of a call with a comma beside it, and the parentheses round it, but no comment.

    Args:
        data: Python source.
        opening: the offset of the call's bracket.
        closing: the offset of the bracket that closes it.
        arguments: the offsets of the arguments, in their order, without parentheses.
        number: the one to remove.

    Returns:
        The edits.
    """
    ends = [*(start for start, _ in arguments[1:]), closing]
    commas = [_comma(data, end, limit) for (_, end), limit in zip(arguments, ends)]
    before = commas[number - 1] if number else opening
    start = _significant(data, before + 1)
    end = last_significant(data, arguments[number][1], closing if commas[number] < 0 else commas[number])
    if number:
        whole = Edit(before, end, "")
        comma = commas[number] if commas[number] >= 0 else before
        parts = [Edit(comma, comma + 1, ""), Edit(start, end, "")]
    elif commas[0] >= 0:
        whole = Edit(start, _significant(data, commas[0] + 1), "")
        parts = [Edit(start, end, ""), Edit(commas[0], commas[0] + 1, "")]
    else:
        return [Edit(start, end, "")]
    # Strings in an argument may hold the sign too; then a line may stay empty, and nothing is lost.
    return parts if b"#" in data[whole.start : whole.end] else [whole]


def _string_end(data: bytes, place: int) -> int:
    """Where a string ends whose quotes begin at a place; the end of `data` if it doesn't."""
    quote = data[place : place + 3] if data[place : place + 3] in (b'"""', b"'''") else data[place : place + 1]
    place += len(quote)
    while place < len(data) and data[place : place + len(quote)] != quote:
        place += 2 if data[place : place + 1] == b"\\" else 1
    return min(place + len(quote), len(data))


def _comma(data: bytes, start: int, end: int) -> int:
    """The first comma outside comments, or -1."""
    place = start
    while place < end:
        char = data[place : place + 1]
        if char == b",":
            return place
        place = _line_end(data, place) if char == b"#" else place + 1
    return -1


def _significant(data: bytes, place: int) -> int:
    """The first offset from a place on that holds neither space, comment nor backslash."""
    while place < len(data) and data[place : place + 1] in b" \t\f\r\n\\#":
        place = _line_end(data, place) if data[place : place + 1] == b"#" else place + 1
    return place


def _line_end(data: bytes, place: int) -> int:
    while place < len(data) and data[place : place + 1] not in b"\r\n":
        place += 1
    return place
