"""What libcst can't parse, can't keep, or would take minutes for is left, and said so; nothing crashes."""

from __future__ import annotations

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT

pytestmark = pytest.mark.prefect(None)

HEAD = "from prefect import Flow, Task\nfrom prefect.engine.result_handlers import LocalResultHandler\n\n"
KEPT = "libcst can't keep it byte for byte"
REFUSED = {
    "a form feed before a statement": ("if True:\n    x = 1\n\f    Task(result_handler=None)\n", KEPT),
    "a joined line before a statement": ("if True:\n    x = 1\n\\\n    Task(result_handler=None)\n", KEPT),
    "a joined line before a suite": (
        "if True:\n\\\n    Task(result_handler=None)\n",
        "libcst can't parse 'Task(result_handler=None)'",
    ),
    "a sum of 700 terms": (
        "x = " + "1 + " * 700 + "Task(result_handler=None).x\n",
        "it is nested deeper than 500 levels",
    ),
    "600 calls": ("Task(result_handler=None)" + "()" * 600 + "\n", "it is nested deeper than 500 levels"),
}


@pytest.mark.parametrize(("code", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_left(code, why, repository, capsys):
    other = "flow = Flow('f', result_handler=None)\n"
    write_files(repository, {"a.py": HEAD + other + code, "b.py": HEAD + other})
    found = run(["."]).findings
    assert ERROR not in {finding.status for finding in found}
    (left,) = [finding for finding in found if finding.status == LEFT]
    assert left.code == "RH103"
    assert left.message == f"{why}, so result_handler stays. Pass result= instead of result_handler="
    assert main(["migrate"]) == 1
    after = {name: (repository / name).read_bytes().decode() for name in ("a.py", "b.py")}
    new = after["b.py"]
    assert "Flow('f', result=None)" in new
    assert after["a.py"] == new + code
    assert not run(["."]).changes


def test_what_belongs_to_it_stays_too(repository):
    code = "if True:\n    x\n\f    handler = LocalResultHandler('/data')\n\n\nFlow('f', result_handler=handler)\n"
    files = {"a.py": HEAD + code, "b.py": HEAD + "from a import handler\nTask(result_handler=handler)\n"}
    write_files(repository, files)
    assert main(["migrate", "--no-runtime"]) == 1
    after = {name: (repository / name).read_bytes().decode() for name in files}
    assert after["a.py"] == files["a.py"]
    assert "result_handler=handler" in after["b.py"]


def test_the_same_in_a_notebook(repository):
    from cells import notebook, written

    cells = [HEAD, "Task(result_handler=None)", "if True:\n    x = 1\n\f    Task(result_handler=None)"]
    write_files(repository, {"a.ipynb": written(notebook(*cells))})
    assert [finding.code for finding in run(["."]).findings if finding.status == LEFT] == ["RH103"]
    assert main(["migrate"]) == 1
    after = (repository / "a.ipynb").read_text("utf-8")
    assert after.count("result=None") == after.count("result_handler=None") == 1
