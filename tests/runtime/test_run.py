"""The command: ``rehandle run``, and what every command says about bad input."""

import subprocess
import sys

import pytest

import rehandle
from rehandle.__main__ import CODEMOD_PACKAGES, main

FLOW = """\
import sys
from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler

@task(result_handler=JSONResultHandler())
def one():
    return 1

with Flow("f") as flow:
    one()

if __name__ == "__main__":
    print(sys.argv[1:], flow.run().is_successful())
"""


def command(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rehandle", *arguments],
        capture_output=True,
        text=True,
        cwd=str(cwd) if cwd else None,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "helper.py").write_text("NAME = 'helper'\n")
    (tmp_path / "flow.py").write_text(FLOW)
    (tmp_path / "siblings.py").write_text("import helper, sys\nprint(helper.NAME, sys.argv[0], __name__)\n")
    (tmp_path / "fails.py").write_text("raise SystemExit(7)\n")
    (tmp_path / "raises.py").write_text("1 / 0\n")
    return tmp_path


@pytest.mark.prefect("0.8", "2")
class TestRun:
    @pytest.mark.parametrize("target", [["flow.py"], ["-m", "flow"]])
    def test_a_legacy_flow(self, folder, target):
        run = command("run", *target, "a", "--b", "-m", cwd=folder)
        assert (run.returncode, run.stdout) == (0, "['a', '--b', '-m'] True\n"), run.stderr

    def test_from_another_folder(self, folder, tmp_path_factory):
        run = command("run", str(folder / "siblings.py"), cwd=tmp_path_factory.mktemp("elsewhere"))
        assert (run.returncode, run.stdout) == (0, f"helper {folder / 'siblings.py'} __main__\n"), run.stderr

    def test_a_module_of_the_working_directory(self, folder):
        run = command("run", "-m", "siblings", cwd=folder)
        assert (run.returncode, run.stdout) == (0, f"helper {folder / 'siblings.py'} __main__\n"), run.stderr

    def test_the_exit_code_is_the_scripts(self, folder):
        assert command("run", "fails.py", cwd=folder).returncode == 7

    def test_an_error_in_the_script_is_its_own(self, folder):
        run = command("run", "raises.py", cwd=folder)
        assert run.returncode == 1
        assert run.stderr.endswith("ZeroDivisionError: division by zero\n")


MAIN = """\
import atexit, inspect, os, pickle, sys, threading
from importlib.util import find_spec

class Kept:
    pass

def kept(when):
    print(when, type(pickle.loads(pickle.dumps(Kept()))) is Kept)

def later():
    threading.main_thread().join()
    kept("in a thread")

print(__file__, __name__, __package__, __spec__ and __spec__.name, __cached__, type(__loader__).__name__, sys.argv)
print(sys.modules["__main__"].__dict__ is globals(), find_spec("helper") is not None)
os.chdir("/")
print(os.path.exists(__file__), inspect.getsource(kept).count("print"))
atexit.register(kept, "at exit")
threading.Thread(target=later).start()
"""


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize("target", [["main.py"], ["link/main.py"], ["-m", "package.main"], ["-m", "package"]])
def test_all_is_as_with_python(target, folder):
    package = folder / "package"
    for path in (package, folder / "link"):
        path.mkdir()
    for path in (folder / "main.py", package / "main.py", package / "__main__.py"):
        path.write_text(MAIN)
    package.joinpath("__init__.py").write_text("import sys; print(sys.argv)\n")
    folder.joinpath("link", "main.py").symlink_to(folder / "main.py")
    plain = subprocess.run(
        [sys.executable, *target, "-m", "x"], capture_output=True, text=True, check=True, cwd=str(folder)
    )
    run = command("run", *target, "-m", "x", cwd=folder)
    assert (run.returncode, run.stdout) == (0, plain.stdout), run.stderr
    assert "in a thread True\n" in run.stdout
    assert "at exit True\n" in run.stdout


@pytest.mark.prefect("0.14", "2")
def test_a_package_that_uses_handlers_itself(folder):
    (folder / "package").mkdir()
    (folder / "package" / "__init__.py").write_text("from prefect.engine.result_handlers import JSONResultHandler\n")
    (folder / "package" / "flow.py").write_text(FLOW)
    run = command("run", "-m", "package.flow", cwd=folder)
    assert (run.returncode, run.stdout) == (0, "[] True\n"), run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "missing.py"], "run: missing.py doesn't exist: give the path of a Python file"),
        (["run", "."], "run: . is a folder without __main__.py"),
        (["run", "-m", "missing.module"], "run: there is no module missing.module"),
        (["run", "-m", "missing."], "run: there is no module missing."),
        (["run", "-m", "helper.deeper"], "run: there is no module helper.deeper"),
        (["run"], "the following arguments are required: FILE\n"),
        (["run", "--wrong", "flow.py"], "rehandle run: error"),
        (["migrat"], "there is no command 'migrat'. Did you mean migrate?"),
        (["--wrong"], "there is no option --wrong"),
        ([], "usage: rehandle"),
    ],
)
def test_bad_arguments(arguments, words, folder):
    run = command(*arguments, cwd=folder)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


@pytest.mark.prefect(None)
def test_no_prefect(folder):
    run = command("run", "flow.py", cwd=folder)
    assert run.returncode == 2
    assert run.stderr == (
        "rehandle: error: rehandle found no Prefect in this Python: install the release that your flows should "
        "run on, for example: pip install 'prefect==1.4.1' 'marshmallow<4'.\n"
    )


@pytest.mark.prefect("2", "4")
def test_a_later_prefect(folder):
    run = command("run", "flow.py", cwd=folder)
    assert run.returncode == 2
    assert "rehandle: error: rehandle's shim is for Prefect 0.4.1 to 1.4, and the installed one is" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("files", [[], ["engine/results/__init__.py"]], ids=["unknown", "like 1.4"])
def test_a_prefect_that_cannot_be_imported(files, folder):
    for name in ["__init__.py", *files]:
        path = folder / "prefect" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import missing_dependency\n")
    (folder / "imports.py").write_text("import helper, prefect\n")
    for target in ("imports", "prefect.deeper"):
        run = command("run", "-m", target, cwd=folder)
        assert run.returncode == 2
        assert "Prefect is installed, but can't be imported: No module named 'missing_dependency'" in run.stderr
        assert "Traceback" not in run.stderr


def test_what_never_imports_prefect_runs(folder):
    for name in ("__init__.py", "engine/results/__init__.py"):
        path = folder / "prefect" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import missing_dependency\n")
    run = command("run", "-m", "siblings", cwd=folder)
    assert (run.returncode, run.stdout) == (0, f"helper {folder / 'siblings.py'} __main__\n"), run.stderr


def test_an_import_error_of_the_script_is_its_own(folder):
    (folder / "prefect" / "engine" / "results").mkdir(parents=True)
    for name in ("__init__.py", "engine/results/__init__.py"):
        (folder / "prefect" / name).write_text("")
    (folder / "wrong.py").write_text("import missing_dependency\n")
    run = command("run", "-m", "wrong", cwd=folder)
    assert run.returncode == 1
    assert run.stderr.endswith("ModuleNotFoundError: No module named 'missing_dependency'\n")


def test_version():
    run = command("--version")
    assert (run.returncode, run.stdout) == (0, f"rehandle {rehandle.__version__}\n")


def test_help():
    run = command("--help")
    assert run.returncode == 0
    for name in ("run", "show", "check", "migrate", "explain"):
        assert f"  {name} " in run.stdout
    assert command("run", "--help").returncode == 0


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the codemods don't run on this Python")
@pytest.mark.parametrize("name", ["check", "migrate", "explain"])
@pytest.mark.parametrize("package", CODEMOD_PACKAGES)
def test_commands_of_the_extra_say_what_they_need(name, package, monkeypatch, capsys):
    # Prefect brings click without the others, and libcst is imported late.
    monkeypatch.setitem(sys.modules, package, None)
    assert main([name]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"rehandle: error: `{name}` needs ")
    assert package in error
    assert "pip install 'rehandle[codemods]'" in error


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the codemods don't run on this Python")
def test_completion_without_the_extra_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setenv("_REHANDLE_COMPLETE", "bash_source")
    monkeypatch.setitem(sys.modules, "libcst", None)
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("rehandle: error: completion needs libcst")


@pytest.mark.skipif(sys.version_info >= (3, 10), reason="the codemods run on this Python")
def test_the_extra_needs_a_later_python():
    run = command("check")
    assert run.returncode == 2
    assert "`check` needs Python 3.10 or later" in run.stderr
