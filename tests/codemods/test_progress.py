"""How much uses Results already, and what a report of progress makes of it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, Finding
from rehandle_codemods.options import DEFAULTS
from rehandle_codemods.report import migrated
from rehandle_codemods.report.codeowners import CodeOwners
from rehandle_codemods.report.progress import NOBODY, Progress, Tally

LEGACY_FLOWS = Path(__file__).parents[2] / "examples" / "legacy_flows"

USES = {
    "nothing": ("x = 1\n", {}),
    "an import": ("from prefect.engine.results import LocalResult, S3Result as S3\n", {"RH101": 2}),
    "the base": ("from prefect.engine.result import Result\n", {"RH101": 1}),
    "the package": ("from prefect.engine import results\n", {"RH101": 1}),
    "the package by its full name": ("import prefect.engine.results\n", {"RH101": 1}),
    "rehandle's": ("from rehandle.results import GCSResult\n\nGCSResult('b')\n", {"RH101": 1, "RH102": 1}),
    "other names": ("from prefect.engine.results import NoSuch\nfrom prefect.engine import state\nresult = 1\n", {}),
    "a call": ("import prefect\n\nR = prefect.engine.results.LocalResult()\n", {"RH102": 1}),
    "a keyword": ("from prefect import Flow, task\n\nFlow('f', result=None)\ntask(result=None)\n", {"RH103": 2}),
    "a keyword of something else": ("import prefect\n\nprint(result=1)\ndict(result=1)\nf(result=1)\n", {}),
    "an input of a task": (
        "from prefect import task\n\n\n@task\ndef f(result):\n    return result\n\n\nf(result=1)\n",
        {},
    ),
    "a class": (
        "from prefect.engine.result import Result\n\n\nclass R(Result):\n    x = 1\n\n\n"
        "class S(R):\n    x = 2\n\n\nS()\n",
        {"RH101": 1, "RH102": 1, "RH105": 2},
    ),
}


def counted(findings=()):
    return migrated.count(["."], DEFAULTS, findings).places


@pytest.mark.parametrize(("text", "expected"), USES.values(), ids=USES)
def test_uses_of_results(text, expected, repository):
    write_files(repository, {"a.py": text})
    assert counted(run(["."]).findings) == {("a.py", code): number for code, number in expected.items()}


def test_a_handler_that_is_left_at_the_new_place_is_not_migrated(repository):
    text = (
        "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler\n\n"
        "Flow('f', result=LocalResultHandler(*given()))\nFlow('g', result=None)\n"
    )
    write_files(repository, {"a.py": text})
    findings = run(["."], options=DEFAULTS._replace(runtime=False)).findings
    assert [finding.location for finding in findings if finding.code == "RH108"] == [(4, 11)]
    assert counted(findings) == {("a.py", "RH103"): 1}


def test_uses_of_the_projects_own_results(repository):
    own = "from prefect.engine.result import Result\n\n\nclass Stored(Result):\n    pass\n"
    write_files(repository, {"stores.py": own, "flow.py": "from stores import Stored\n\nkept = Stored()\n"})
    assert counted()["flow.py", "RH102"] == 1


def test_files_that_are_not_asked_for_do_not_count(repository):
    write_files(repository, {"a/a.py": USES["an import"][0], "b/b.py": USES["an import"][0]})
    assert set(migrated.count(["a"], DEFAULTS, ()).places) == {("a/a.py", "RH101")}


def test_files_that_cannot_be_told_about(repository, monkeypatch):
    write_files(repository, {"a.py": "import prefect\nresult = (\n", "b.py": USES["a call"][0]})
    found = migrated.count(["."], DEFAULTS, ())
    assert found == (Counter({("b.py", "RH102"): 1}), ["a.py"])

    def fail(project, sinks, module):
        raise ZeroDivisionError

    monkeypatch.setattr(migrated, "_places", fail)
    assert migrated.count(["."], DEFAULTS, ()) == (Counter(), ["a.py", "b.py"])


def test_code_from_standard_input(repository):
    write_files(repository, {"a.py": USES["a call"][0]})
    path = str((repository / "a.py").resolve())
    assert migrated.count([path], DEFAULTS, (), {path: b"from prefect.engine.results import LocalResult\n"}) == (
        Counter({("a.py", "RH101"): 1}),
        [],
    )


def test_examples_in_pages_count_where_they_are_asked_for(repository):
    write_files(repository, {"a.md": f"```python\n{USES['a call'][0]}```\n"})
    assert migrated.count(["."], DEFAULTS._replace(docs=True), ()).places == {("a.md", "RH102"): 1}


def test_what_is_rewritten_is_counted_as_migrated_then(repository):
    shutil.copytree(LEGACY_FLOWS, repository, dirs_exist_ok=True)
    before = Counter(finding.code for finding in run(["."]).findings)
    assert not counted()
    assert main(["migrate", "--quiet"]) == 0
    after = Counter()
    for (_, code), number in counted().items():
        after[code] += number
    for code in (migrated.IMPORT, migrated.KEYWORD, migrated.CLASS):
        assert after[code] == before[code] > 0
    assert after[migrated.CONSTRUCTOR] >= before[migrated.CONSTRUCTOR] > 0


# Tables


def finding(filename, code="RH103", status=REWRITTEN, remark=False):
    return Finding(filename, 0, (1, 1), (1, 2), code, status, "", remark)


def made(findings, done=(), codeowners="", gone=()):
    Path("CODEOWNERS").write_text(codeowners)
    return Progress(findings, dict(done), CodeOwners("."), gone)


def test_numbers(repository):
    findings = [
        finding("a/b/c.py"),
        finding("a/b/d.py", status=RUNTIME),
        finding("a/e.py", "RH202", LEFT),
        finding("f.py", "RH301", NOTE),
        finding("a/e.py", "RH301", NOTE, remark=True),
        finding("f.py", "RH901", ERROR),
    ]
    progress = made(findings, {("a/b/c.py", "RH103"): 5}, "* @all\na/b/ @b @all\na/e.py\n")
    assert progress.rules() == {
        "RH103": Tally(5, 1, 1, 0),
        "RH202": Tally(0, 0, 0, 1),
        "RH301": Tally(note=2),
        "RH901": Tally(error=1),
    }
    assert progress.folders() == {
        "": Tally(5, 1, 1, 1, 2, 1),
        "a": Tally(5, 1, 1, 1, 1),
        "a/b": Tally(5, 1, 1, 0),
    }
    assert progress.owners() == {
        "@all": Tally(5, 1, 1, 0, 1, 1),
        "@b": Tally(5, 1, 1, 0),
        NOBODY: Tally(0, 0, 0, 1, 1),
    }


def test_folders_with_one_folder_alone_are_left_out(repository):
    progress = made([finding("src/python/team/flows/a.py"), finding("src/python/team/tasks/b.py")])
    assert list(progress.folders()) == ["src/python/team", "src/python/team/flows", "src/python/team/tasks"]
    assert list(made([finding("a.py"), finding("x/y/b.py")]).folders()) == ["", "x/y"]


@pytest.mark.parametrize(
    ("tally", "percent"),
    [(Tally(), 100), (Tally(0, 1), 0), (Tally(999, 1), 99), (Tally(1), 100), (Tally(1, 1), 50), (Tally(0, 0, 0, 9), 0)],
)
def test_nothing_but_all_is_a_hundred_percent(tally, percent):
    assert tally.percent == percent


def test_what_was_rewritten_is_not_counted_twice(repository):
    progress = made([finding("a.py")], {("a.py", "RH103"): 1}, gone=(REWRITTEN, RUNTIME))
    assert progress.rules() == {"RH103": Tally(1, 1)}
    assert progress.rules()["RH103"].measured((REWRITTEN, RUNTIME)) == Tally(1)


def test_markup_is_escaped_and_the_parts_of_a_bar_add_up(repository):
    progress = made([finding('<b>&"/a.py'), finding("c/b.py", status=LEFT)], {("c/b.py", "RH103"): 2}, "* @<i>\n")
    top = ElementTree.fromstring("<div>" + progress.summary() + progress.tables().replace(" open>", ">") + "</div>")
    assert not top.findall(".//i")
    heads = ["".join(element.itertext()) for element in top.findall(".//tbody//th")]
    assert '<b>&"/' in heads
    assert "@<i>" in heads
    bars = top.findall(".//svg")
    assert len(bars) > 4
    for bar in bars:
        parts = [(float(part.get("x")[:-1]), float(part.get("width")[:-1])) for part in bar]
        assert sum(width for _, width in parts) == pytest.approx(100, abs=0.01)
        assert [start for start, _ in parts] == sorted(start for start, _ in parts)
