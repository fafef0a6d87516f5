"""What is reported of `check --since`: sums, causes and exit codes, in every format."""

from __future__ import annotations

import json
import re
import shutil
from xml.etree import ElementTree

import pytest
from work_trees import HEAD, NEW, OLD, commit, put

from rehandle_codemods import report
from rehandle_codemods.cli.commands import main

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


OWN = """from prefect import Task


class Own(Task):
    def __init__(self, result_handler=None):
        self.own = result_handler


"""
CALL = "Own(result_handler=None)\n"


@pytest.fixture
def followed(work_tree):
    """A work tree in which what changed follows from what didn't, beside what has nothing to do with it."""
    commit(work_tree, {"a.py": OWN + CALL, "note.py": "import prefect\n\n# It has a result_handler.\n"})
    put(work_tree, {"a.py": OWN + CALL + CALL, "b.py": HEAD + NEW})
    return work_tree


def test_errors_are_always_reported(work_tree, capsys):
    commit(work_tree, {"broken.py": "import prefect\nresult_handler = (\n"})
    assert main(["check", "--since", "HEAD"]) == 2
    assert "broken.py:2:18: RH901" in capsys.readouterr().out
    assert main(["check", "--since", "HEAD", "--exit-zero"]) == 2


def test_exit_codes(work_tree, capsys):
    assert main(["check"]) == 1
    assert main(["check", "--since", "HEAD"]) == 0
    put(work_tree, {"new.py": HEAD + NEW})
    assert main(["check", "--since", "HEAD"]) == 1
    assert main(["check", "--since", "HEAD", "--exit-zero"]) == 0


def test_sums_add_up(followed, capsys):
    main(["check", "--format", "concise"])
    assert "5 places in 4 files: 2 would be rewritten, 0 run time, 2 by hand, 1 note.\n" in capsys.readouterr().out
    main(["check", "--since", "HEAD", "--format", "concise"])
    lines = capsys.readouterr().out.splitlines()
    assert "5 places in 4 files: 1 would be rewritten, 0 run time, 1 by hand, 0 notes, 3 in older lines." in lines
    assert lines[-1] == "Next: rehandle migrate --diff b.py"


def test_nothing_in_changed_lines(work_tree, capsys):
    assert main(["check", "--since", "HEAD"]) == 0
    said = "1 place in 1 file: 0 would be rewritten, 0 run time, 0 by hand, 0 notes, 1 in older lines.\n"
    assert capsys.readouterr().out == said


def test_causes_in_older_lines(followed, capsys):
    main(["check", "--since", "HEAD"])
    out = capsys.readouterr().out
    assert "Decide this, and 1 more follows." in out
    assert re.search(r"1 more: a\.py:\d+:\d+: RH\d+ .* \(in an older line\)$", out, re.MULTILINE)
    main(["check", "--since", "HEAD", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert [each["because"] is not None for each in found] == [True, False]


def of_json(text):
    return [(each["filename"], each["location"]["row"], each["code"]) for each in json.loads(text)]


def of_sarif(text):
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        yield place["artifactLocation"]["uri"], place["region"]["startLine"], result["ruleId"]


def of_github(text):
    for file, line, code in re.findall(r"file=(.*?),line=(\d+),.*?::.*? (RH\d+)", text):
        yield file, int(line), code


def of_junit(text):
    for case in ElementTree.fromstring(text).iter("testcase"):
        code, _, row, *_ = case.get("name").split()
        yield case.get("classname"), int(row), code


def of_html(text):
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    for each in data["findings"]:
        yield each["file"], each["at"][0], each["code"]


def of_text(text):
    for file, row, code in re.findall(r"^(\S+?):(\d+):\d+: (RH\d+)", text, re.MULTILINE):
        yield file, int(row), code


READERS = {
    "json": of_json,
    "sarif": of_sarif,
    "github": of_github,
    "junit": of_junit,
    "html": of_html,
    "text": of_text,
    "concise": of_text,
}


@pytest.mark.parametrize("form", report.FORMATS)
def test_every_format_has_the_same(form, followed, capsys):
    main(["check", "--since", "HEAD", "--format", form])
    out = capsys.readouterr().out
    assert sorted((file, row) for file, row, _ in READERS[form](out)) == [("a.py", 10), ("b.py", 2)]
    assert ("in older lines" in out) == (form not in ("json", "sarif", "junit"))


def test_names_in_sarif_are_those_of_the_whole(work_tree, capsys):
    """A place in a new line isn't taken for one with the same code in an older line."""
    put(work_tree, {"flow.py": HEAD + OLD + OLD})
    names = []
    for arguments in ((), ("--since", "HEAD")):
        main(["check", "--format", "sarif", *arguments])
        results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        names.append([result["partialFingerprints"]["rehandlePlace/v1"] for result in results])
    assert names[1] == names[0][1:]
    assert len(set(names[0])) == 2


def test_page_measures_the_whole(followed, capsys):
    """What is in older lines is to be migrated all the same: here four places beside one that is done."""
    put(followed, {"done.py": HEAD + 'Flow("done", result=None)\n'})
    main(["check", "--since", "HEAD", "--format", "html"])
    out = capsys.readouterr().out
    assert "<b>20<small>" in out
    assert "2 findings in 2 files" in out
    legend = re.search(r'<ul class="legend">(.*?)</ul>', out)[1]
    said = {name: int(number) for number, name in re.findall(r"<b>(\d+)</b> ([a-z ]+)<", legend)}
    assert said == {
        "migrated": 1,
        "rewritten": 1,
        "run time": 0,
        "by hand": 1,
        "in older lines": 2,
        "note in older lines": 1,
    }
