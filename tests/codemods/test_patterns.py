"""The table of patterns: every name in it has cases, and every case names patterns that are in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repositories import CASES, read_case

from rehandle_codemods import rules

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
ROWS = {
    name: columns
    for name, *columns in re.findall(
        r"^\| ([A-Z]\d*b?) \| (.+?) \| (.+?) \| (.*?) \| (.*?) \|$", PAGE.read_text("utf-8"), re.M
    )
}
# What isn't read, what can't be read, and what isn't a Python file: test_notebooks.py and test_documents.py have that.
WITHOUT_CASES = {"U23", "U24", "U31", "X1"}
ALL = {path: read_case(path).patterns for path in sorted(CASES.rglob("*.case"))}


def test_the_names_are_in_the_table():
    assert {name for patterns in ALL.values() for name in patterns} <= set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_pattern(name):
    _, _, codes, example = ROWS[name]
    assert set(re.findall(r"\[(RH\d+)\]\(rules/\1\.md\)", codes)) <= set(rules.load())
    shown = [path for path, patterns in ALL.items() if name in patterns]
    if name in WITHOUT_CASES:
        assert not shown
        assert not example
        return
    assert len(shown) >= 3
    link = re.search(r"\]\((.+)\)", example).group(1)
    assert (PAGE.parent / link).resolve() in shown


def test_no_name_is_missing():
    wanted = {*(f"I{n}" for n in range(1, 16)), *(f"U{n}" for n in range(1, 36)), "U4b", "X1", "N"}
    wanted |= {f"C{n}" for n in range(1, 16) if n != 13}
    assert set(ROWS) == wanted
