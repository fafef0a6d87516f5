"""How findings in notebooks are shown, and what is said of notebooks that can't be read."""

from __future__ import annotations

import json
import sys

import pytest
from cells import IMPORT, IMPORTED, USE, USED, notebook, written
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR

pytestmark = pytest.mark.prefect(None)


def test_findings(repository, capsys):
    write_files(repository, {"a.ipynb": written(notebook(("markdown", "x"), IMPORT, f"x = 1\n{USE}"))})
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "a.ipynb:cell 3:2:18: RH103 [rewritten]" in out
    assert f"  2 | {USE}\n" in out
    main(["check", "--format", "json"])
    (finding,) = [one for one in json.loads(capsys.readouterr().out) if one["code"] == "RH103"]
    assert (finding["cell"], finding["location"]) == (3, {"row": 2, "column": 18})
    assert finding["filename"] == "a.ipynb"


def test_messages_name_the_cell(repository):
    cells = [IMPORT, "def f(x):\n    return x", "f(LocalResultHandler)"]
    write_files(repository, {"a.ipynb": written(notebook(*cells))})
    messages = [finding.message for finding in run(["."]).findings]
    assert any("a.ipynb:cell 3:1 " in message for message in messages), messages


def test_a_patch(repository, capsys):
    write_files(repository, {"a.ipynb": written(notebook(IMPORT, USE))})
    main(["migrate", "--diff"])
    lines = capsys.readouterr().out.splitlines()
    assert '+    "from prefect.engine.results import LocalResult"' in lines


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("result_handler", (0, 1, 1), "isn't valid JSON"),
        ('{"cells": [\n "result_handler"', (0, 2, 18), "isn't valid JSON"),
        ('["result_handler"]', (0, 1, 1), "isn't a notebook"),
        ('{"a": "result_handler"}', (0, 1, 1), "isn't a notebook"),
        ('{"cells": {"a": "result_handler"}}', (0, 1, 1), "isn't a notebook"),
        ('{"cells": ["result_handler"]}', (1, 1, 1), "it isn't an object"),
        ('{"cells": [{"cell_type": "code", "source": [1, "result_handler"]}]}', (1, 1, 1), "isn't text"),
        ('{"cells": [{"cell_type": "code", "source": {"result_handler": 1}}]}', (1, 1, 1), "isn't text"),
        (written(notebook("x = 1", "y = 2\nresult_handler = (")), (2, 2, 0), "doesn't parse"),
        (written(notebook("print 'result_handler'")), (1, 1, 0), "doesn't parse"),
        (written(notebook("result_handler = '\ud800'"), ensure_ascii=True), (1, 1, 1), "can't be read"),
        (written(notebook("result_handler = '\0'"), ensure_ascii=True), (1, 0, 0), ""),
        ('{"cells": ' * 900 + "result_handler", (0, 1, 0), "isn't valid JSON"),
        ("[" * 200_000 + "result_handler", (0, 1, 0), ""),
        ('{"a": ' + "9" * 5000 + ', "b": "result_handler"}', (0, 1, 1), ""),
    ],
)
def test_broken_notebooks(text, place, message, repository, capsys):
    write_files(repository, {"bad.ipynb": text, "good.py": f"{IMPORT}\n{USE}\n"})
    assert main(["migrate"]) == 2
    assert (repository / "good.py").read_text() == f"{IMPORTED}\n{USED}\n"
    assert (repository / "bad.ipynb").read_text() == text
    (error,) = [finding for finding in run(["."]).findings if finding.status == ERROR]
    assert error.code == "RH901"
    assert message in error.message
    told = (error.cell, *error.location)
    assert all(expected in (0, number) for expected, number in zip(place, told)), told


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python has it")
def test_python_that_a_cell_needs(repository):
    write_files(repository, {"a.ipynb": written(notebook(f"type X = int\n{IMPORT}"))})
    (error,) = [finding for finding in run(["."]).findings if finding.status == ERROR]
    assert error.message.endswith("type statements came with Python 3.12. Run rehandle with Python 3.12 or later")
    assert (error.cell, error.location) == (1, (1, 6))


def test_undecodable(repository):
    (repository / "bad.ipynb").write_bytes(b'{"cells": ["import prefect; result_handler \xff"]}')
    (error,) = run(["."]).findings
    assert "can't be decoded" in error.message
    assert "Convert it to UTF-8" in error.message
