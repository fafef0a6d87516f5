"""The page as it is written: it needs nothing else, and nothing of the code can get out of its place."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods import report
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.changes import Change
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import LEFT, Finding
from rehandle_codemods.report.comparison import Comparison

OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)\n'
HOSTILE = (
    'from prefect import Flow\n\nFlow("</script><script>boom()</script><!--", result_handler=None)  # &amp;\u2028\n'
)


class Page(HTMLParser):
    """What a page is made of.

    Attributes:
        elements: every element's name and attributes.
        texts: what is in style and script elements.
    """

    VOID = ("meta", "input", "link", "br", "img")

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.texts = {}
        self.unclosed = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.unclosed.append(tag)

    def handle_endtag(self, tag):
        assert self.unclosed.pop() == tag

    def handle_data(self, data):
        if self.unclosed and self.unclosed[-1] in ("script", "style"):
            self.texts.setdefault(self.unclosed[-1], []).append(data)

    @property
    def data(self):
        return json.loads(self.texts["script"][0])


def page(repository, files, *options):
    write_files(repository, files)
    main(["check", "--format", "html", "-o", "report.html", *options])
    return Page((repository / "report.html").read_bytes().decode("utf-8"))


def test_it_needs_nothing_else(repository):
    found = page(repository, {"a.py": OLD})
    assert not found.unclosed
    assert not [tag for tag, _ in found.elements if tag in ("link", "img", "iframe", "object", "base", "embed")]
    for tag, attributes in found.elements:
        assert not {"src", "srcset", "style", "action"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
        if "href" in attributes:
            assert attributes["href"].startswith("#")
    for style in found.texts["style"]:
        assert "url(" not in style
        assert "@import" not in style
    policies = [a["content"] for _, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policies[0]


def test_code_stays_where_it_is(repository):
    found = page(repository, {"a.py": HOSTILE, "b <img src=x onerror=boom()>.py": OLD, "CODEOWNERS": "* @<b>x</b>\n"})
    assert len(found.texts["script"]) == 2
    shown = {line[1] for line in found.data["files"]["a.py"]["lines"]}
    assert HOSTILE.splitlines()[2] in shown or HOSTILE.split("\n")[2] in shown
    assert "<" not in found.texts["script"][0]
    assert not [tag for tag, _ in found.elements if tag in ("img", "i")]


def test_nothing_found(repository):
    found = page(repository, {"a.py": "x = 1\n"})
    assert found.data["findings"] == []


@pytest.mark.parametrize("option", ["--quiet", "--verbose"])
def test_progress_is_of_the_whole(option, repository):
    assert len(page(repository, {"a.py": OLD}, option).data["findings"]) == 1


def test_after_the_rewrite_what_was_rewritten_is_migrated(repository):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "--format", "html", "-o", "report.html"]) == 0
    text = (repository / "report.html").read_text("utf-8")
    assert re.search(r'class="percent"><b>100<', text)
    assert Page(text).data["files"]["a.py"]["lines"][-1][1:] == [
        'flow = Flow("é", result_handler=None)',
        3,
        'flow = Flow("é", result=None)',
    ]


def test_notebooks(repository):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": OLD}
    text = {"cells": [{**cell, "source": ""}, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    found = page(repository, {"n.ipynb": json.dumps(text)})
    assert found.data["findings"][0]["file"] == "n.ipynb:cell 2"
    assert found.data["files"]["n.ipynb:cell 2"]["path"] == "n.ipynb"
    assert [line[3] for line in found.data["files"]["n.ipynb:cell 2"]["lines"] if len(line) == 4] == [
        'flow = Flow("é", result=None)'
    ]


def test_what_is_ignored_is_told_and_not_counted(repository):
    page(repository, {"a.py": OLD + 'Flow("f", result_handler=None)  # rehandle: ignore\n'})
    text = (repository / "report.html").read_text("utf-8")
    assert "<b>1</b> rewritten" in text
    assert "<b>1</b> ignored, not counted" in text


def test_files_that_do_not_parse_are_named(repository):
    page(repository, {"a<b>.py": "import prefect\nresult = (\n"})
    text = (repository / "report.html").read_text("utf-8")
    assert "of which nothing is known (1): <code>a&lt;b&gt;.py</code>" in text


def test_links_to_findings_stay_when_lines_move(repository):
    before = page(repository, {"a.py": OLD}).data["findings"]
    after = page(repository, {"a.py": "# one more\n" + OLD}).data["findings"]
    assert [item["id"] for item in before] == [item["id"] for item in after]
    assert before[0]["at"] != after[0]["at"]


# Before and after

TEXTS = ["", "a\n", "a", "a\nb\nc\n", "b\nc\n", "a\nx\ny\nc", "x\r\ny\r\n", "a\n\n\n\nb\n", "import x\na\nb\nc\n"]


def sides(rows):
    before = [(row[0], row[1]) for row in rows if row[1] is not None]
    after = [(row[2], row[1] if len(row) == 3 else row[3]) for row in rows if len(row) == 3 or row[3] is not None]
    return before, after


@pytest.mark.parametrize("before", TEXTS)
@pytest.mark.parametrize("after", TEXTS)
def test_each_side_has_its_lines_and_numbers(before, after):
    comparison = Comparison(before, after)
    for number in range(1, len(before.splitlines()) + 1):
        comparison.keep(Finding("a.py", 0, (number, 1), (number, 2), "RH103", LEFT, ""))
    old, new = sides(comparison.rows())
    assert old == list(enumerate(before.splitlines(), 1))
    assert new == list(enumerate(after.splitlines(), 1)) or not before


def test_only_what_is_near_is_kept():
    before = "".join(f"{number}\n" for number in range(1, 101))
    comparison = Comparison(before, before.replace("\n50\n", "\nfifty\n"))
    found = Finding("a.py", 0, (90, 1), (90, 2), "RH202", LEFT, "")
    comparison.keep(found)
    rows = comparison.rows()
    assert [row[0] for row in rows] == [48, 49, 50, 51, 52, 88, 89, 90, 91, 92]
    first, last = comparison.place(found)
    assert [row[0] for row in rows[first:last]] == [88, 89, 90, 91, 92]


def test_place_that_is_not_in_the_text():
    comparison = Comparison("", "")
    found = Finding("a.py", 0, (3, 1), (3, 2), "RH901", "error", "")
    comparison.keep(found)
    assert (comparison.rows(), comparison.place(found)) == ([], (0, 0))


NOTEBOOKS = {
    "now": {"cells": [{"source": "x"}, {"source": ["a\n", "new\n"]}]},
    "format 3": {"worksheets": [{"cells": [{"input": "x"}]}, {"cells": [{"input": "a\nnew\n"}]}]},
}


@pytest.mark.parametrize("notebook", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_cell_of_a_notebook(notebook):
    change = Change("n.ipynb", "{}", json.dumps(notebook), b"", b"", write=lambda: None)
    comparison = Comparison.of("a\nold\n", change, cell=2)
    assert sides(comparison.rows()) == ([(1, "a"), (2, "old")], [(1, "a"), (2, "new")])


@pytest.mark.once
def test_every_case(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in sorted(CASES.rglob("*.case")):
        write_files(tmp_path / path.relative_to(CASES).with_suffix(""), read_case(path).before)
    outcome = run(["."])
    found = Page(report.render("html", report.Report(outcome, done=False)))
    after = {change.filename: change.after for change in outcome.changes}
    for origin, file in found.data["files"].items():
        old, new = sides(file["lines"])
        lines = outcome.sources[origin].split("\n")
        assert all(lines[number - 1] == text for number, text in old)
        lines = after.get(origin, outcome.sources[origin]).split("\n")
        assert all(lines[number - 1] == text for number, text in new)
    for finding, item in zip(outcome.findings, found.data["findings"]):
        shown = found.data["files"][item["file"]]["lines"][slice(*item["lines"])]
        assert finding.location[0] in [line[0] for line in shown]
