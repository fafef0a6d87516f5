"""What follows from one cause points to it, and the sums add up: in every case, and in each way to show them."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, RUNTIME
from rehandle_codemods.options import DEFAULTS
from rehandle_codemods.report import Report, render

HEAD = """from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler

"""
UNRESOLVED = (
    HEAD
    + """h = LocalResultHandler("x")


def build(make):
    make(
        result_handler=h,
    )
    Flow("f", result_handler=h)
"""
)
IRREGULAR = """

class Odd(ResultHandler):
    def read(self):
        return 1

    def write(self, value):
        return "x"


class Odder(Odd):
    pass


Flow("a", result_handler=Odd())
Flow("b", result_handler=Odder())
"""
OWN = """from prefect import Task


class Own(Task):
    def __init__(self, result_handler=None):
        self.own = result_handler


Own(result_handler=None)
Own(result_handler=None)
"""
GIVEN_AT_ONCE = HEAD + "def build(make):\n    make(result_handler=LocalResultHandler())\n"
PRINTED = HEAD + "h = LocalResultHandler()\nprint(h)\nFlow('f', result_handler=h)\n"
GONE = "from prefect.engine.result import SafeResult\n\nprint(SafeResult)\nprint(SafeResult)\n"
BROKEN = {
    "flow.py": HEAD + "H = LocalResultHandler()\nFlow('f', result_handler=H)\n",
    "broken.py": "from flow import H\n(\n",
}
# Files, a cause, and what of flow.py points to it.
POINTING = {
    "a call that isn't resolved": ({"flow.py": UNRESOLVED}, "flow.py:9 RH202", "2 RH101", "4 RH201", "11 RH108"),
    "and makes the handler": ({"flow.py": GIVEN_AT_ONCE}, "flow.py:5 RH202", "2 RH101", "5 RH201"),
    "a class that isn't regular": (
        {"flow.py": HEAD + IRREGULAR},
        "flow.py:6 RH204",
        *("2 RH101", "14 RH204", "18 RH108", "19 RH108"),
    ),
    "a file that doesn't parse": (BROKEN, "broken.py:2 RH901", "2 RH101", "4 RH201", "5 RH108"),
    "a use that is no place itself": ({"flow.py": PRINTED}, "flow.py:4 RH201", "2 RH101", "6 RH108"),
    "a class with a parameter of its own": ({"flow.py": OWN}, "flow.py:9 RH202", "10 RH202"),
    "an import of what is gone": ({"flow.py": GONE}, "flow.py:3 RH206", "1 RH206"),
}


def named(finding):
    return f"{finding.origin}:{finding.location[0]} {finding.code}"


@pytest.mark.parametrize("name", POINTING)
def test_what_follows_points_to_its_cause(name, repository):
    files, head, *followers = POINTING[name]
    write_files(repository, files)
    found = run(["."]).findings
    heads = {finding.cause: named(finding) for finding in found if finding.because is None}
    pointing = {named(finding): heads[finding.because] for finding in found if finding.because is not None}
    assert pointing == {f"flow.py:{follower}": head for follower in followers}
    for finding in found:
        if finding.because is not None:
            assert finding.message.startswith(f"because of {finding.because}, ")
            assert ", so " not in finding.message, "its cause says that"


@pytest.mark.parametrize("options", [DEFAULTS, DEFAULTS._replace(runtime=False)], ids=["run time", "no run time"])
def test_the_sums_add_up(options, tmp_path, monkeypatch):
    with_causes = 0
    for number, path in enumerate(sorted(CASES.rglob("*.case"))):
        folder = tmp_path / str(number)
        write_files(folder, read_case(path).before)
        monkeypatch.chdir(folder)
        outcome = run(["."], options=options)
        found = outcome.findings
        heads = Counter(finding.cause for finding in found if finding.because is None)
        followers = Counter(finding.because for finding in found if finding.because is not None)
        assert all(heads[cause] == 1 for cause in followers), path
        assert all(finding.status in (LEFT, RUNTIME) for finding in found if finding.because is not None), path
        assert not [finding for finding in found if finding.because is not None and finding.cause == finding.because]
        told = Report(outcome, done=False)
        check_the_text(render("text", told).splitlines(), found)
        check_json(json.loads(render("json", told)), found)
        check_the_page(render("html", told), followers)
        with_causes += bool(followers)
    assert with_causes > 50


def check_the_text(lines, found):
    left = [finding for finding in found if finding.status == LEFT]
    following = [finding for finding in left if finding.because is not None]
    told = re.search(r", (\d+) by hand,", lines[-1]) if lines else None
    assert len(left) == (int(told[1]) if told else 0)
    first = next((number for number, line in enumerate(lines) if line.startswith("Decide ")), None)
    assert (first is None) == (not following)
    if first is None:
        return
    causes, more, _, alone = re.fullmatch(
        r"Decide this(?: (\d+))?, and (\d+) more follows?\.( (\d+) others? stands? alone\.)?",
        lines[first].replace("these", "this"),
    ).groups()
    listed = [re.fullmatch(r" +(\d+) more: (\S+): (RH\d+)(.*)", line).groups() for line in lines[first + 1 : -2]]
    assert len(listed) == int(causes or 1)
    assert sum(int(number) for number, *_ in listed) == int(more) == len(following)
    own = sum(" [by hand]" in rest for *_, rest in listed)
    assert own + int(more) + int(alone or 0) == len(left)
    assert [int(number) for number, *_ in listed] == sorted((int(number) for number, *_ in listed), reverse=True)


def check_json(told, found):
    heads = {
        (one["filename"], one["cell"], one["location"]["row"], one["location"]["column"], one["code"])
        for one in told
        if one["because"] is None
    }
    pointing = [one["because"] for one in told if one["because"] is not None]
    assert all(tuple(because.values()) in heads for because in pointing)
    assert len(pointing) == sum(finding.because is not None for finding in found)


def check_the_page(page, followers):
    data = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])
    by_head = Counter(one["because"] for one in data["findings"] if one["because"])
    assert sorted(by_head.values()) == sorted(followers.values())
    rows = re.findall(r'<a href="#cause=(\w+)">.*?</tr>', page)
    assert set(rows) == set(by_head)


def test_what_is_an_error_is_to_be_decided_too(repository, capsys):
    write_files(repository, BROKEN)
    main(["check", "--no-runtime"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-5] == "Decide this, and 3 more follow."
    assert lines[-4].startswith("  3 more: broken.py:2:1: RH901 ")
    assert [finding.code for finding in run(["."]).findings if finding.status == ERROR] == ["RH901"]
