"""`--recorded`: what the shim saw decides what the code doesn't show, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.options import Options

FLOW = """import prefect
from prefect.engine.result_handlers import LocalResultHandler

kinds = {"flow": prefect.Flow, "task": prefect.Task}
handler = LocalResultHandler("out")
flow = kinds["flow"]("f", result_handler=handler)


def adopt(anything):
    anything.result_handler = handler
    anything.add_task(kinds["task"](
        name="t",
        result_handler=LocalResultHandler("task"),
    ))


adopt(flow)
"""
AFTER = (
    FLOW.replace("prefect.engine.result_handlers", "prefect.engine.results")
    .replace("LocalResultHandler", "LocalResult")
    .replace("result_handler", "result")
)
CALLS = [(6, 8, "Flow(result_handler=...)"), (10, 5, "Flow.result_handler"), (11, 23, "Task(result_handler=...)")]


def record(repository, calls, name="flow.py"):
    lines = [
        {
            "filename": os.path.abspath(name),
            "row": row,
            "column": column,
            "use": use,
            "handler": "rehandle.handlers.LocalResultHandler",
            "arguments": ["dir"],
            "result": "prefect.engine.results.local_result.LocalResult",
        }
        for row, column, use in calls
    ]
    (repository / "calls.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_without_a_record_it_is_left(repository):
    write_files(repository, {"flow.py": FLOW})
    assert main(["migrate"]) == 1
    assert 'kinds["flow"]("f", result_handler=handler)' in (repository / "flow.py").read_text()


@pytest.mark.parametrize("columns", [True, False])
def test_every_place_was_recorded(columns, repository, capsys):
    write_files(repository, {"flow.py": FLOW})
    record(repository, [(row, column if columns else None, use) for row, column, use in CALLS])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert (repository / "flow.py").read_text() == AFTER
    assert capsys.readouterr().out.count("(as recorded)") == 3


@pytest.mark.parametrize(
    "calls",
    [
        CALLS[1:],
        [*CALLS, (6, 8, "Storage.result_handler")],
        [(6, 30, "Flow(result_handler=...)"), *CALLS[1:]],
    ],
    ids=["not recorded", "recorded as two things", "another column"],
)
def test_calls_that_do_not_agree(calls, repository):
    write_files(repository, {"flow.py": FLOW})
    record(repository, calls)
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 1
    assert 'kinds["flow"]("f", result_handler=handler)' in (repository / "flow.py").read_text()


def test_two_calls_on_one_line_need_columns(repository):
    text = "import prefect\n\nkinds = [prefect.Flow, dict]\nx = kinds[0]('f', result_handler=None), "
    text += "kinds[1](result_handler=None)\n"
    write_files(repository, {"flow.py": text})
    record(repository, [(4, None, "Flow(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 1
    assert (repository / "flow.py").read_text() == text
    record(repository, [(4, 5, "Flow(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 1
    assert (repository / "flow.py").read_text() == text.replace("result_handler", "result", 1)


def test_never_where_the_code_says_otherwise(repository):
    text = "import prefect\n\n\ndef own(result_handler=None):\n    return 1\n\n\nown(result_handler=None)\n"
    write_files(repository, {"flow.py": text})
    record(repository, [(8, 1, "Flow(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert (repository / "flow.py").read_text() == text


def test_stale(repository, capsys):
    write_files(repository, {"flow.py": FLOW, "other.py": FLOW})
    record(repository, [*CALLS, (7, 1, "Flow(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 2
    out = capsys.readouterr().out
    assert "flow.py:1:1: RH901 calls.jsonl says that line 7 has Flow(result_handler=...), which it hasn't" in out
    assert 'kinds["flow"]("f", result_handler=handler)' in (repository / "flow.py").read_text()


DECORATED = """import prefect
from tools import plain

kinds = {"task": prefect.task}
task = kinds["task"]


@task(
    result_handler=None,
)
@plain
def add(x):
    return x
"""


@pytest.mark.parametrize(
    ("row", "column"), [(11, None), (12, None), (8, 2)], ids=["3.7", "3.8 to 3.10", "from 3.11 on"]
)
def test_a_decorator_is_where_each_python_says(row, column, repository):
    write_files(repository, {"flow.py": DECORATED})
    record(repository, [(row, column, "@task(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert (repository / "flow.py").read_text() == DECORATED.replace("result_handler", "result")


def test_a_flow_that_was_recorded_is_one_wherever_it_is_used(repository):
    text = FLOW.partition("\n\ndef")[0] + "\nprint(flow.result_handler.dir)\n"
    use = "from flow import flow\n\nprint(flow.result_handler is None)\n"
    write_files(repository, {"flow.py": text, "use.py": use})
    record(repository, CALLS[:1])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert "flow.result.dir" in (repository / "flow.py").read_text()
    assert (repository / "use.py").read_text() == use.replace("result_handler", "result")


def test_two_decorators_of_one_function_need_columns(repository):
    text = DECORATED.replace("@plain", "@task(result_handler=None)")
    write_files(repository, {"flow.py": text})
    record(repository, [(12, None, "@task(result_handler=...)")])
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 1
    assert (repository / "flow.py").read_text() == text


@pytest.mark.parametrize("content", [None, b"{}\n", b"[1]\n", b"text\n", b'{"row": "x"}\n', b"\xff\n"])
def test_bad_record(content, repository, capsys):
    write_files(repository, {"flow.py": FLOW})
    if content is not None:
        (repository / "calls.jsonl").write_bytes(content)
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 2
    assert "calls.jsonl:1:1: RH901" in capsys.readouterr().out
    assert (repository / "flow.py").read_text() == FLOW


def test_other_projects_in_a_record(repository):
    write_files(repository, {"flow.py": FLOW})
    record(repository, [(3, 1, "Flow(result_handler=...)")], "elsewhere.py")
    findings = run(["."], options=Options(recorded="calls.jsonl")).findings
    assert findings == run(["."]).findings


@pytest.mark.parametrize("folder", ["/srv/ci/project/", "C:\\\\ci\\\\project\\\\"])
def test_a_record_of_another_folder_is_refused(folder, repository, capsys):
    write_files(repository, {"flow.py": FLOW})
    record(repository, CALLS)
    text = (repository / "calls.jsonl").read_text().replace(json.dumps(os.path.abspath(""))[1:-1] + os.sep, folder)
    (repository / "calls.jsonl").write_text(text)
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 2
    assert "calls.jsonl:1:1: RH901 says what ran in " in capsys.readouterr().out
    assert (repository / "flow.py").read_text() == FLOW


def test_the_uses_of_what_a_recorded_call_makes_change_with_it(repository):
    used = FLOW + "print(flow.result_handler.dir, flow.result_handler is None)\n"
    write_files(repository, {"flow.py": used, "other.py": "import flow\n\nplace = flow.flow.result_handler.dir\n"})
    record(repository, CALLS)
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert (repository / "flow.py").read_text() == AFTER + "print(flow.result.dir, flow.result is None)\n"
    assert (repository / "other.py").read_text() == "import flow\n\nplace = flow.flow.result.dir\n"


@pytest.mark.prefect("0.11", "2")
def test_a_real_record(repository):
    decorated = "decorate = [prefect.task]\n\n\n@decorate[0](result_handler=handler)\ndef add(x):\n    return x\n"
    write_files(repository, {"flow.py": FLOW + decorated})
    roots = os.pathsep.join(str(Path(__file__).parents[2] / name) for name in ("compat", "codemods"))
    environment = {**os.environ, "PYTHONPATH": roots, "REHANDLE_RECORD": "calls.jsonl"}
    code = "import rehandle.auto, flow"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert main(["migrate", "--recorded", "calls.jsonl"]) == 0
    assert (repository / "flow.py").read_text() == AFTER + decorated.replace("result_handler", "result")
