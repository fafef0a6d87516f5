"""Each rule's documentation, and what `explain` prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods import rules
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import REWRITTEN, RUNTIME

PAGES = Path(__file__).parents[2] / "docs" / "rules"
BLOCK = re.compile(r"^## (\w+)\n\n```python\n(.*?)^```$", re.M | re.S)


def test_codes_are_names_of_modules_and_pages():
    assert [path.stem for path in sorted(PAGES.glob("RH*.md"))] == list(rules.load())
    assert all(re.fullmatch(r"RH[1239]\d\d", code) for code in rules.load())


@pytest.mark.parametrize("code", rules.load())
def test_page_says_what_the_rule_says(code, capsys):
    rule = rules.load()[code]
    text = (PAGES / f"{code}.md").read_text("utf-8")
    assert text.startswith(f"# {code}: {rule.summary}\n")
    body = rule.documentation.strip().partition("\n")[2].strip()
    assert body
    assert body in text
    assert main(["explain", code.lower()]) == 0
    assert rule.summary in capsys.readouterr().out


# RH207 is about Prefect's own files, RH901 about files that can't be read: neither has code to show.
@pytest.mark.parametrize("code", [code for code in rules.load() if code not in ("RH207", "RH901")])
def test_example_of_the_page(code, repository):
    text = (PAGES / f"{code}.md").read_text("utf-8")
    examples = dict(BLOCK.findall(text))
    write_files(repository, {"example.py": examples["Before"]})
    found = run(["."])
    assert code in {finding.code for finding in found.findings}
    main(["migrate"])
    after = (repository / "example.py").read_text("utf-8")
    assert after == examples.get("After", examples["Before"])
    changes = any(finding.status in (REWRITTEN, RUNTIME) for finding in found.findings)
    assert changes == ("The file stays as it is." not in text)


BY_HAND = re.compile(r"^## By hand\n.*?^```python\n(.*?)^```$", re.M | re.S)


def by_hand(code):
    return BY_HAND.search((PAGES / f"{code}.md").read_text("utf-8"))


@pytest.mark.parametrize("code", [code for code in rules.load() if by_hand(code)])
def test_what_the_page_says_to_write_by_hand(code, repository):
    """Nothing is left to do in it."""
    write_files(repository, {"example.py": by_hand(code).group(1)})
    assert run(["."]).findings == []


def test_pages_of_what_is_left_say_what_to_do():
    left = [code for code in rules.load() if code[:3] in ("RH2", "RH9") and code != "RH207"]
    assert [code for code in left if "\n## By hand\n" not in (PAGES / f"{code}.md").read_text("utf-8")] == []
