"""The demo, on copies of the examples with one or two flows each: what makes it pass, and what makes it fail."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rehandle.comparing.comparison import compare, table

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

on_prefect_with_codemods = [
    pytest.mark.prefect("1.0", "2"),
    pytest.mark.skipif(
        importlib.util.find_spec("libcst") is None or importlib.util.find_spec("rehandle_codemods") is None,
        reason="rehandle is installed without the extra `codemods`",
    ),
]

ANOTHER_VALUE = ("return x + y", "import sys\n    return x + y + (sys.modules.get('rehandle') is None)")
ANOTHER_FILE = (
    "return x + y",
    "import sys\n    if not sys.modules.get('rehandle'):\n"
    "        open(RESULTS_DIR + '/another.txt', 'w').close()\n    return x + y",
)
A_FAILURE = ("return x + y", "return x / 0")
NO_HANDLER = (
    "from prefect.engine.result_handlers import LocalResultHandler\n\nfrom handlers import RESULTS_DIR\n",
    "LocalResultHandler = RESULTS_DIR = dict\n",
)


@pytest.fixture
def run_demo(tmp_path):
    """Run the demo on a copy of the examples that has only some scripts, one of them perhaps changed."""

    def run(*scripts, change=("", ""), options=()):
        copy = Path(shutil.copytree(str(EXAMPLES), str(Path(tempfile.mkdtemp(dir=str(tmp_path))) / "examples")))
        for path in (copy / "legacy_flows").glob("*.py"):
            if path.name not in (*scripts, "handlers.py", "csv_handler.py", "tasks.py"):
                path.unlink()
        changed = copy / "legacy_flows" / scripts[0]
        text = changed.read_text()
        assert change[0] in text
        changed.write_text(text.replace(*change))
        return subprocess.run(
            [sys.executable, str(copy / "demo.py"), *options],
            cwd=str(tmp_path),
            env=dict(os.environ, PYTHONIOENCODING="utf-8"),
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )

    return run


class TestDemo:
    pytestmark = on_prefect_with_codemods

    def test_equal(self, run_demo):
        run = run_demo("orders.py", "task_classes.py")
        assert run.returncode == 0, run.stdout + run.stderr
        assert "ModuleNotFoundError: No module named 'prefect.engine.result_handlers'" in run.stdout
        assert "2 of 2 migrated flows run where every import of rehandle fails." in run.stdout
        assert "All 11 outcomes are equal" in run.stdout
        assert "DIFFERENT" not in run.stdout
        assert "\033" not in run.stdout

    def test_one_screen_and_everything(self, run_demo):
        scripts = ["flow_level.py", "inline_json.py"]
        short = run_demo(*scripts).stdout
        # Seven further flows, one line each, go on the screen too.
        assert len(short.splitlines()) + 7 <= 60, short
        assert "2 of 2 flows succeed, and store 2 files." in short
        assert "+    result=LocalResult(dir=RESULTS_DIR),  # one folder for all tasks" in short
        assert "inline_json.py    5 outcomes  equal" in short
        everything = run_demo(*scripts, options=["-v"]).stdout
        assert "$ python -c 'import inline_json'" in everything
        assert "inline_json.py  summarise" in everything

    @pytest.mark.parametrize(
        ("change", "shown"),
        [
            pytest.param(ANOTHER_VALUE, "2 of 3 outcomes are DIFFERENT", id="value"),
            pytest.param(ANOTHER_FILE, "2 of 4 outcomes are DIFFERENT", id="stored file"),
            pytest.param(A_FAILURE, "rehandle run flow_level.py failed", id="failed flow"),
            pytest.param(NO_HANDLER, "some of these can be imported without rehandle", id="no handler"),
        ],
    )
    def test_problems(self, run_demo, change, shown):
        run = run_demo("flow_level.py", change=change)
        assert run.returncode == 1, run.stdout + run.stderr
        assert shown in run.stdout


@pytest.mark.prefect(None)
def test_demo_without_prefect(run_demo):
    run = run_demo("flow_level.py")
    assert run.returncode == 2
    assert "pip install 'prefect==1.4.1'" in run.stderr


def outcome(**changes):
    """An outcome of a flow of one task, as rehandle.comparing.flow_outcome writes it."""
    file = {"location": "results/<generated>", "value": "3", "sha256": "ab" * 32}
    task = {"task": "add", "map_index": None, "state": "Success", "value": "3", "result": "LocalResult"}
    task["stored"] = dict(file, read="3")
    task.update(changes.pop("task", {}))
    return dict({"flow": "f", "state": "Success", "tasks": [task], "files": [file]}, **changes)


@pytest.mark.parametrize(
    ("migrated", "verdicts"),
    [
        pytest.param(outcome(), ["equal", "equal"], id="same"),
        pytest.param(outcome(task={"result": "PrefectResult"}), ["equal", "equal"], id="class of the result"),
        pytest.param(outcome(state="Failed"), ["DIFFERENT", "equal"], id="state of the flow"),
        pytest.param(outcome(flow="g"), ["DIFFERENT", "equal"], id="name of the flow"),
        pytest.param(outcome(task={"state": "Cached"}), ["equal", "DIFFERENT"], id="state"),
        pytest.param(outcome(task={"value": "4"}), ["equal", "DIFFERENT"], id="value"),
        pytest.param(outcome(tasks=[]), ["equal", "DIFFERENT", "DIFFERENT"], id="a task less"),
        pytest.param(outcome(tasks=outcome()["tasks"] * 2), ["equal", "equal", "DIFFERENT"], id="a task more"),
        pytest.param(outcome(task={"stored": None}), ["equal", "DIFFERENT", "DIFFERENT"], id="nothing stored"),
        pytest.param(outcome(files=[]), ["DIFFERENT", "equal"], id="a file less"),
        *(
            pytest.param(
                outcome(task={"stored": dict(outcome()["tasks"][0]["stored"], **{key: "x"})}),
                ["equal", "DIFFERENT", "DIFFERENT"][: 2 if key == "read" else 3],
                id=f"stored {key}",
            )
            for key in ("location", "value", "sha256", "read")
        ),
    ],
)
def test_comparison(migrated, verdicts):
    compared = compare("f.py", outcome(), migrated)
    assert [row.verdict for row in compared] == verdicts
    shown = "\n".join(table(compared))
    assert shown.count("DIFFERENT: migrated") == verdicts.count("DIFFERENT")


def test_table():
    lines = table(compare("f.py", outcome(), outcome(task={"value": "4"})))
    assert lines == [
        "script  task      state    value    stored               sha256    legacy and migrated",
        "f.py    flow 'f'  Success  1 files  -                              equal",
        "f.py    add       Success  3        results/<generated>  abababab  DIFFERENT: legacy",
        "                  Success  4        results/<generated>  abababab  DIFFERENT: migrated",
    ]
