"""``REHANDLE=1``, ``REHANDLE_WARNINGS`` and ``REHANDLE_RECORD``."""

import importlib
import json
import os
import subprocess
import sys
import sysconfig
import textwrap

import pytest

import rehandle
from rehandle import handlers

WITH_HANDLERS_OF_REHANDLE = pytest.mark.prefect("0.14", "2")

PTH = os.path.join(os.path.dirname(__file__), "..", "..", "compat", "rehandle.pth")
FLOW = """
import sys
from prefect import Flow, task
from prefect.engine.result_handlers import AzureResultHandler, LocalResultHandler

@task(result_handler=AzureResultHandler("c", connection_string="hidden"))
def one():
    return 1

for _ in range(2):
    flow = Flow("f", result_handler=LocalResultHandler(dir="out"))
"""


@pytest.fixture
def python(tmp_path):
    """Run code in a folder of its own, with the interpreter start-up file that an installed rehandle has."""
    (tmp_path / "flow.py").write_text(FLOW)
    with open(PTH) as file:
        start_up = file.read()

    def run(code, *command, **environment):
        program = command or ("-c", start_up + "\n" + textwrap.dedent(code))
        return subprocess.run(
            [sys.executable, *program],
            cwd=str(tmp_path),
            env={**os.environ, "PYTHONWARNINGS": "default::FutureWarning", **environment},
            capture_output=True,
            text=True,
        )

    return run


@WITH_HANDLERS_OF_REHANDLE
class TestActivation:
    def test_an_untouched_flow_runs(self, python):
        run = python("import flow; print(flow.one.result.container)", REHANDLE="1")
        assert (run.returncode, run.stdout) == (0, "c\n"), run.stderr

    @pytest.mark.parametrize("value", ["", "0", "false", "no", "off", "False", " OFF "])
    def test_it_is_off_by_default(self, python, value):
        run = python("import sys, prefect; print('rehandle' in sys.modules)", REHANDLE=value)
        assert (run.stdout, run.stderr) == ("False\n", "")

    @pytest.mark.parametrize("value", ["1", "true", "yes", "on", "True", " ON "])
    def test_it_is_on(self, python, value):
        run = python("import prefect, rehandle; print(rehandle.is_installed())", REHANDLE=value)
        assert (run.stdout, "is neither" in run.stderr) == ("True\n", False), run.stderr

    @pytest.mark.parametrize("value", ["2", "enabled", "nope", "-"])
    def test_what_is_neither_is_off_and_said(self, python, value):
        run = python("import prefect, rehandle; print(rehandle.is_installed())", REHANDLE=value, PYTHONWARNINGS="")
        assert run.stdout == "False\n"
        assert f"REHANDLE={value} is neither on (1, true, yes, on) nor off (0, false, no, off)" in run.stderr

    def test_the_start_up_file_knows_what_is_off(self):
        from rehandle.shim import installation

        with open(PTH) as file:
            assert str(("", *installation._OFF)).replace("'", '"') in file.read()

    def test_prefect_is_not_imported_early_and_keeps_its_loader(self, python):
        run = python(
            """
            import sys
            print("prefect" in sys.modules)
            import prefect, rehandle
            print(rehandle.is_installed(), type(prefect.__loader__).__name__, type(prefect.__spec__.loader).__name__)
            # The one that waited for Prefect is gone.
            print([finder for finder in sys.meta_path if type(finder).__module__ == "rehandle.shim.import_hook"])
            """,
            REHANDLE="1",
        )
        assert run.stdout == "False\nTrue SourceFileLoader SourceFileLoader\n[]\n", run.stderr

    @pytest.mark.parametrize(
        "first",
        [
            "import importlib.util; assert importlib.util.find_spec('prefect')",
            "from rehandle import to_result",
            "from rehandle.results import LocalResult",
        ],
    )
    def test_who_looks_prefect_up_first(self, python, first):
        run = python(f"{first}\nimport prefect, rehandle; print(rehandle.is_installed())", REHANDLE="1")
        assert run.stdout == "True\n", run.stderr

    def test_prefect_found_at_the_second_attempt(self, python):
        run = python(
            """
            import sys
            path, sys.path = sys.path, []
            try:
                import prefect
            except ImportError:
                sys.path = path
            import prefect, rehandle
            print(rehandle.is_installed())
            """,
            REHANDLE="1",
        )
        assert run.stdout == "True\n", run.stderr

    def test_the_loader_has_what_others_ask_for(self, python):
        run = python(
            """
            import importlib.util
            loader = importlib.util.find_spec("prefect").loader
            print(loader.is_package("prefect"), loader.get_filename("prefect") == loader.path)
            """,
            REHANDLE="1",
        )
        assert run.stdout == "True True\n", run.stderr

    def test_uninstalling_before_prefect_comes(self, python):
        run = python(
            "import rehandle; rehandle.uninstall(); import prefect; print(rehandle.is_installed())", REHANDLE="1"
        )
        assert run.stdout == "False\n", run.stderr

    @pytest.mark.parametrize(
        ("strict", "code", "words"),
        [
            ("0", 0, "rehandle is off in this process"),
            ("1", 1, ""),
            ("true", 1, ""),
            ("maybe", 0, "REHANDLE_STRICT=maybe is"),
        ],
    )
    def test_a_failing_hook_never_breaks_prefect_unless_it_should(self, python, strict, code, words):
        run = python("import prefect; print('imported')", REHANDLE="1", REHANDLE_STRICT=strict, REHANDLE_WARNINGS="no")
        assert run.returncode == code, run.stderr
        assert words in run.stderr
        assert "REHANDLE_WARNINGS=no is none of once, always, error, off" in run.stderr

    @pytest.mark.skipif(
        not os.path.exists(os.path.join(sysconfig.get_path("purelib"), "rehandle.pth")),
        reason="rehandle isn't installed in this Python, only on its path",
    )
    def test_processes_that_a_flow_starts(self, python, tmp_path):
        child = "import prefect, rehandle; print(rehandle.is_installed())"
        (tmp_path / "parent.py").write_text(
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
        )
        run = python("", "-m", "rehandle", "run", "parent.py")
        assert (run.returncode, run.stdout) == (0, "True\n"), run.stderr


# Each way to switch the shim on: what comes before a script, and how the script is run.
WAYS = {
    "rehandle run": ("", ["-m", "rehandle", "run", "script.py"], {}),
    "rehandle run -m": ("", ["-m", "rehandle", "run", "-m", "script"], {}),
    "import rehandle.auto": ("import rehandle.auto", ["script.py"], {}),
    "install()": ("import rehandle; rehandle.install()", ["script.py"], {}),
    "with installed()": ("import rehandle; block = rehandle.installed(); block.__enter__()", ["script.py"], {}),
    "REHANDLE=1": ("", ["-c", "exec(open('start_up').read()); import script"], {"REHANDLE": "1"}),
    "pytest -p rehandle.auto": ("", ["-m", "pytest", "-qs", "-p", "rehandle.auto", "script.py"], {}),
}
CONFIGURED_BY_THE_SCRIPT = """
import os, sys
print("imported:", "prefect" in sys.modules)
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
import prefect, rehandle
print("checkpointing:", prefect.config.flows.checkpointing, rehandle.is_installed())

def test_nothing():
    pass
"""


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize("way", WAYS)
def test_prefect_is_imported_when_the_script_does_it(way, python, tmp_path):
    first, command, environment = WAYS[way]
    (tmp_path / "script.py").write_text(first + CONFIGURED_BY_THE_SCRIPT)
    with open(PTH) as file:
        (tmp_path / "start_up").write_text(file.read())
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT__")}
    run = subprocess.run(
        [sys.executable, *command], cwd=str(tmp_path), env={**kept, **environment}, capture_output=True, text=True
    )
    assert "imported: False" in run.stdout, run.stderr
    assert "checkpointing: True True" in run.stdout, run.stderr


@WITH_HANDLERS_OF_REHANDLE
class TestWarnings:
    def count(self, python, mode):
        run = python("import rehandle.auto, flow", REHANDLE_WARNINGS=mode)
        assert run.returncode == 0, run.stderr
        return run.stderr.count("ResultHandlerDeprecationWarning")

    @pytest.mark.parametrize(("mode", "count"), [("", 2), ("once", 2), ("always", 3), ("off", 0)])
    def test_how_often(self, python, mode, count):
        assert self.count(python, mode) == count

    def test_error(self, python):
        run = python("import rehandle.auto, flow", REHANDLE_WARNINGS="error")
        assert run.returncode == 1
        assert "rehandle.errors.ResultHandlerDeprecationWarning: @task(result_handler=...)" in run.stderr

    def test_a_wrong_value(self, python):
        run = python("", "-m", "rehandle", "run", "flow.py", REHANDLE_WARNINGS="never")
        assert (run.returncode, run.stderr) == (
            2,
            "rehandle: error: REHANDLE_WARNINGS=never is none of once, always, error, off: "
            "set it to one of them, or unset it.\n",
        )


@WITH_HANDLERS_OF_REHANDLE
class TestRecording:
    def lines(self, tmp_path):
        return [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]

    def test_a_line_for_each_place(self, python, tmp_path):
        run = python("", "-m", "rehandle", "run", "--record", "calls.jsonl", "flow.py")
        assert run.returncode == 0, run.stderr
        rows = FLOW.splitlines()
        decorator = rows.index(next(row for row in rows if row.startswith("@task"))) + 1
        flow = rows.index(next(row for row in rows if "Flow(" in row)) + 1
        task, at_flow = self.lines(tmp_path)
        # Before Python 3.8 a decorator's line was the function's.
        assert task.pop("row") in (decorator, decorator + 1)
        assert task.pop("column") in ((2, None) if sys.version_info >= (3, 11) else (None,))
        assert task == {
            "filename": str(tmp_path / "flow.py"),
            "use": "@task(result_handler=...)",
            "handler": "rehandle.handlers.cloud.AzureResultHandler",
            "arguments": ["container", "connection_string"],
            "result": "prefect.engine.results.azure_result.AzureResult",
        }
        assert (at_flow["row"], at_flow["column"]) == (flow, 12 if sys.version_info >= (3, 11) else None)
        assert "hidden" not in (tmp_path / "calls.jsonl").read_text()

    def test_several_processes_append(self, python, tmp_path):
        for _ in range(2):
            python("import rehandle.auto, flow", REHANDLE_RECORD=str(tmp_path / "calls.jsonl"))
        assert len(self.lines(tmp_path)) == 4

    def test_a_file_that_cannot_be_written_is_named(self, shim, tmp_path, monkeypatch):
        monkeypatch.setenv("REHANDLE_RECORD", str(tmp_path / "missing" / "calls.jsonl"))
        with pytest.raises(rehandle.RehandleError, match=r"calls\.jsonl, which REHANDLE_RECORD .* name another file"):
            importlib.import_module("prefect").Task(result_handler=handlers.JSONResultHandler())

    def test_it_is_off_by_default(self, python, tmp_path):
        python("import rehandle.auto, flow")
        assert not (tmp_path / "calls.jsonl").exists()
