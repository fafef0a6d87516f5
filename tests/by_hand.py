"""The advice of findings that are left, followed to the letter, as somebody who knows nothing else would.

Each form of advice is one row: a pattern, and what it makes of the code. What takes more than that is in the case,
below `>>> by hand`: lines that begin with `-` are taken out, and those that begin with `+` come in their place.
"""

from __future__ import annotations

import ast
import re
from typing import Callable, NamedTuple

from rehandle.mapping import HANDLERS


class Edit(NamedTuple):
    """Characters of a file, and what takes their place."""

    start: int
    end: int
    text: str


class Place(NamedTuple):
    """The place of a finding.

    Attributes:
        text: the file.
        start: where it begins, in characters.
        end: where it ends.
    """

    text: str
    start: int
    end: int

    @property
    def code(self) -> str:
        return self.text[self.start : self.end]

    def span(self, node: ast.AST) -> tuple[int, int]:
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))

        def offset(row: int, column: int) -> int:
            line = self.text[starts[row - 1] : starts[row]]
            return starts[row - 1] + len(line.encode()[:column].decode())

        assert hasattr(node, "lineno")
        return offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def around(self, *kinds: type[ast.AST]) -> ast.AST:
        """The smallest node of some kinds that has the place in it."""
        found = [node for node in ast.walk(ast.parse(self.text)) if isinstance(node, kinds)]
        spans = [(self.span(node), node) for node in found]
        inside = [(end - start, node) for (start, end), node in spans if start <= self.start and self.end <= end]
        return min(inside, key=lambda pair: pair[0])[1]


def as_result(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Write result in the place of result_handler."""
    return [Edit(place.start, place.end, place.code.replace("result_handler", "result"))]


def as_keyword(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Do so, and convert a value of which a name is known alone."""
    edits = as_result(place, advice)
    value = re.compile(r"=(?!None\b)([A-Za-z_]\w*)(?=[,)])").match(place.text, place.end)
    if value:
        edits.append(Edit(value.start(1), value.end(), f"to_result({value[1]})"))
        edits.append(importing(place, "rehandle", "to_result"))
    return edits


def as_attribute(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Write .result, with what its methods return."""
    edits = as_result(place, advice)
    called = re.match(r"\.(read|write)\(", place.text[place.end :])
    if called:
        call = place.around(ast.Call)
        end = place.span(call)[1]
        edits.append(Edit(end, end, {"read": ".value", "write": ".location"}[called[1]]))
    return edits


def made(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Make a Result in the place of its handler."""
    handler = next(row for row in HANDLERS.values() if row.result == advice[1])
    name = place.code.rpartition(".")[2]
    assert name == handler.handler, place.code
    return [Edit(place.start, place.end, advice[1]), importing(place, handler.result_module, advice[1])]


def importing(place: Place, module: str, name: str) -> Edit:
    tree = ast.parse(place.text)
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    first = future[-1] if future else None
    start = place.span(first)[1] + 1 if first else 0
    if not first and tree.body and ast.get_docstring(tree):
        start = place.span(tree.body[0])[1] + 1
    return Edit(start, start, f"from {module} import {name}\n")


def deleted(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Take an argument out."""
    start, end = place.span(place.around(ast.keyword))
    after = re.match(r"\s*,\s*", place.text[end:])
    before = re.search(r",\s*$", place.text[:start])
    if after:
        return [Edit(start, end + after.end(), "")]
    return [Edit(before.start() if before else start, end, "")]


def named(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Give an argument by name."""
    return [Edit(place.start, place.start, "result=")]


def location(place: Place, advice: re.Match[str]) -> list[Edit]:
    """Ask for the location."""
    end = place.end + len(".value") if place.text.startswith(".value", place.end) else place.end
    return [Edit(place.start, end, "location")]


def nothing(place: Place, advice: re.Match[str]) -> list[Edit]:
    return []


FORMS: dict[str, Callable[[Place, re.Match[str]], list[Edit]]] = {
    r"Where it is Prefect's, write result= and give it a Result$": as_keyword,
    r"Where it is Prefect's, write result$": as_result,
    r"Where it is Prefect's, write \.result, with": as_attribute,
    r"Make (\w+) here once its uses take a Result": made,
    r"Name (\w+) here once all that is made of it may be a Result": made,
    r"Change that place by hand, then run again$": nothing,
    r"write result as the key and give it a Result$": as_result,
    r"Delete it$": deleted,
    r"Delete one of them$": deleted,
    r"Give it by name, as result=$": named,
    r"Write \.location, the stored string, instead of \.safe_value\.value$": location,
}


def followed(text: str, findings) -> tuple[str, list[str]]:
    """A file with the advice of its findings followed; and the messages whose advice is none of FORMS.

    Args:
        text: the file.
        findings: what is left in it.
    """
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    edits: set[Edit] = set()
    unknown = []
    for finding in findings:
        start, end = (starts[row - 1] + column - 1 for row, column in (finding.location, finding.end_location))
        for pattern, follow in FORMS.items():
            advice = re.search(pattern, finding.message)
            if advice:
                edits |= set(follow(Place(text, start, end), advice))
                break
        else:
            unknown.append(f"{finding.location[0]}: {finding.message}")
    gone = [edit for edit in edits if not edit.text]
    inside = {edit for edit in edits for out in gone if out.start < edit.start < out.end}
    for edit in sorted(edits - inside, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, unknown


def patched(files: dict[str, str], patch: str) -> dict[str, str]:
    """Files with a patch as `>>> by hand` has it.

    Args:
        files: the files.
        patch: a file's name, then lines that go and those that come: each in the place of one that goes where there are
            as many, else all in the place of the first one. Empty lines divide what doesn't belong together.

    Returns:
        The files afterwards.
    """
    found = {name: text.splitlines() for name, text in files.items()}
    name, position = "", 0
    for hunk in re.findall(r"(?:^[^-+\n].*\n)?(?:^-.*\n)*(?:^\+.*\n)*", patch, re.MULTILINE):
        lines = hunk.splitlines()
        if lines and lines[0][:1] not in ("-", "+"):
            name, position = lines.pop(0), 0
        old = [line[1:] for line in lines if line.startswith("-")]
        new = [line[1:] for line in lines if line.startswith("+")]
        added = [[line] for line in new] if len(old) == len(new) else [new, *([] for _ in old[1:])]
        for line, instead in zip(old, added):
            assert line in found[name][position:], f"{name} has no line {line!r}"
            position = found[name].index(line, position)
            found[name][position : position + 1] = instead
            position += len(instead)
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in found.items()}
