"""Each rule's page: its module's docstring, in the documentation and by `explain`; and what its example shows."""

from __future__ import annotations

import re

import pytest
from pages import ROOT
from repositories import write_files
from rule_examples import CODES_WITHOUT, EXAMPLES, EXAMPLES_FOR_PREFECT_3

from rehandle_codemods import rules
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

PAGES = ROOT / "docs" / "rules"


def test_codes_are_names_of_modules_and_pages():
    assert [path.stem for path in sorted(PAGES.glob("RH*.md"))] == list(rules.load())
    assert all(re.fullmatch(r"RH[123459]\d\d", code) for code in rules.load())


@pytest.mark.parametrize("code", rules.load())
def test_page_is_what_the_rule_says(code, capsys):
    """`tox run -e docs` writes the pages."""
    rule = rules.load()[code]
    assert rule.documentation
    assert (PAGES / f"{code}.md").read_text("utf-8") == rule.page
    assert main(["explain", code.lower()]) == 0
    explained = capsys.readouterr().out
    assert explained.startswith(f"# {code}: {rule.summary}\n")
    for line in rule.page.splitlines():
        assert re.sub(r"\]\(\.\./", "](https://github.com/rehandle/rehandle/blob/main/docs/", line) in explained


def test_every_page_has_an_example():
    assert {*EXAMPLES, *EXAMPLES_FOR_PREFECT_3} == set(rules.load()) - set(CODES_WITHOUT)


BY_HAND = re.compile(r"^## By hand\n.*?^```python\n(.*?)^```$", re.M | re.S)


def by_hand(code):
    return BY_HAND.search(rules.load()[code].page)


@pytest.mark.parametrize("code", [code for code in rules.load() if by_hand(code)])
def test_what_the_page_says_to_write_by_hand(code, repository):
    """Nothing is left to do in it."""
    write_files(repository, {"example.py": by_hand(code).group(1)})
    assert run(["."]).findings == []


def test_pages_of_what_is_left_say_what_to_do():
    left = [code for code in rules.load() if code[:3] in ("RH2", "RH9") and code != "RH207"]
    assert [code for code in left if "\n## By hand\n" not in rules.load()[code].page] == []
