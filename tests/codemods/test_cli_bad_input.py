"""Bad input: it is reported, the other files are done, and nothing is half-written."""

from __future__ import annotations

import pytest
from commands import NEW, OLD
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.decide import collect, decisions

COMMON = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"


def test_missing_path(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "nowhere.py", "a.py"]) == 2
    assert "nowhere.py:1:1: RH901 doesn't exist" in capsys.readouterr().out
    assert (repository / "a.py").read_text("utf-8") == NEW


@pytest.mark.parametrize("paths", [[""], ["", "a.py"]])
def test_empty_path(paths, repository, capsys):
    """As of a variable of the shell that isn't set: it doesn't mean the working directory."""
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", *paths]) == 2
    assert "a path is empty: name a file or a folder" in capsys.readouterr().err
    assert (repository / "a.py").read_text() == OLD


@pytest.mark.parametrize(
    "broken",
    [
        b"def (:\n  result_handler\n",
        b"result_handler = 'a\x00b'\n",
        b"# result_handler \xff\n",
        b"print 'result_handler'\n",
    ],
    ids=["syntax", "nul", "not utf-8", "python 2"],
)
def test_broken_file_is_reported_and_the_others_are_done(broken, repository, capsys):
    write_files(repository, {"a.py": OLD})
    (repository / "b.py").write_bytes(broken)
    assert main(["migrate"]) == 2
    out = capsys.readouterr().out
    assert "b.py:" in out
    assert "RH901" in out
    assert "1 error." in out
    assert (repository / "a.py").read_text("utf-8") == NEW
    assert (repository / "b.py").read_bytes() == broken


def test_names_used_in_a_broken_file_are_not_converted(repository):
    files = {
        "common.py": "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n",
        "broken.py": "from common import H\nresult_handler = (\n",
    }
    write_files(repository, files)
    assert main(["migrate"]) == 2
    assert (repository / "common.py").read_text("utf-8") == files["common.py"]


@pytest.mark.parametrize(
    "broken",
    [
        "from common import (H)\nresult_handler = (\n",
        "from common import *\nresult_handler = H(\n",
        "import common\nresult_handler = common.H(\n",
        "from again import H\nresult_handler = (\n",
    ],
)
def test_what_imports_a_name_in_a_file_that_does_not_parse_may_use_it(broken, repository):
    write_files(repository, {"common.py": COMMON, "again.py": "from common import H\n", "broken.py": broken})
    assert main(["migrate"]) == 2
    assert (repository / "common.py").read_text("utf-8") == COMMON
    write_files(repository, {"pyproject.toml": '[tool.rehandle]\nextend-exclude = ["broken.py"]\n'})
    assert main(["migrate"]) == 0
    assert "LocalResult()" in (repository / "common.py").read_text("utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        "print 'the result_handler of each H'\n",
        "from other.common import H\nresult_handler = (\n",
        "from common import *\nresult_handler = (\n",
        "import common\nresult_handler = (\n",
    ],
)
def test_a_word_in_a_file_that_does_not_parse_is_no_use(broken, repository):
    write_files(repository, {"common.py": COMMON, "broken.py": broken, "other/common.py": ""})
    assert main(["migrate"]) == 2
    assert "LocalResult()" in (repository / "common.py").read_text("utf-8")


def test_an_error_that_concerns_all_files_is_reported_for_each(repository, capsys, monkeypatch):
    def fail(*arguments):
        raise KeyError("no such thing")

    monkeypatch.setattr(decisions, "decided", fail)
    write_files(repository, {"a.py": OLD, "b.py": OLD, "c.py": "x = 1\n"})
    assert main(["migrate"]) == 2
    output = capsys.readouterr().out
    said = [line[:15] for line in output.splitlines() if "RH901" in line]
    assert said == ["a.py:1:1: RH901", "b.py:1:1: RH901"]
    assert "no such thing" in output
    assert (repository / "a.py").read_text("utf-8") == OLD


def test_an_error_in_one_file_is_reported_and_the_others_are_done(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    collected = collect.collect

    def fail(decisions, module):
        if module.path.endswith("a.py"):
            raise ZeroDivisionError("odd")
        return collected(decisions, module)

    monkeypatch.setattr(collect, "collect", fail)
    assert main(["migrate"]) == 2
    assert "a.py:1:1: RH901 can't be analysed, it is left as it is (ZeroDivisionError: odd)." in capsys.readouterr().out
    assert (repository / "a.py").read_text("utf-8") == OLD
    assert (repository / "b.py").read_text("utf-8") == NEW


def test_read_only_file(repository, capsys):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    (repository / "a.py").chmod(0o444)
    assert main(["check"]) == 1
    capsys.readouterr()
    assert main(["migrate"]) == 2
    out = capsys.readouterr().out
    assert "a.py:1:1: RH901 is read-only" in out
    assert "a.py:3:18: RH103 [by hand]" in out
    assert "2 places in 2 files: 1 rewritten, 0 run time, 1 by hand, 0 notes. 1 error." in out
    assert (repository / "a.py").read_text("utf-8") == OLD
    assert (repository / "b.py").read_text("utf-8") == NEW


def test_folder_named_like_a_file(repository):
    (repository / "x.py").mkdir()
    write_files(repository, {"x.py/a.py": OLD})
    assert main(["migrate"]) == 0
    assert (repository / "x.py/a.py").read_text("utf-8") == NEW


@pytest.mark.parametrize("depth", [300, 3000])
def test_deep_expression(depth, repository):
    text = OLD + "x = " + " + ".join(["1"] * depth) + "\n"
    write_files(repository, {"a.py": text, "b.py": OLD})
    code = main(["migrate"])
    assert (repository / "b.py").read_text("utf-8") == NEW
    changed = (repository / "a.py").read_text("utf-8")
    # What Python itself can't parse is an error; it is never lost.
    assert (code, changed) in [(0, text.replace("result_handler", "result")), (2, text)]
    assert depth > 300 or code == 0
