"""The commands: exit codes, output, bad input, and nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods import engine, references
from rehandle_codemods.cli import main

OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)  # é\n'
NEW = OLD.replace("result_handler", "result")
ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]


def run_command(*arguments, cwd, code=""):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    code = code or "import sys; from rehandle_codemods.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, check=False
    )


# Nothing to do


def test_folder_without_python_files(repository, capsys):
    write_files(repository, {"empty/notes.txt": "result_handler", "flow.py": "x = 1\n"})
    assert main(["check", "empty"]) == 2
    assert capsys.readouterr().out == (
        "empty:1:1: RH901 has no Python files. Give a folder or a file with Python code\n"
        "\n"
        "No Python files found. 1 error.\n"
    )
    assert main(["check", "empty", "flow.py"]) == 2
    assert capsys.readouterr().out.endswith("Nothing to migrate in 1 file. 1 error.\n")


def test_nothing_found(repository, capsys):
    write_files(repository, {"a.py": "x = 1\n", "b.txt": "result_handler"})
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "Nothing to migrate in 1 file.\n"


def test_only_notes(repository, capsys):
    write_files(repository, {"a.py": "import prefect\n\n# once this had a result_handler\n"})
    assert main(["check"]) == 0
    assert capsys.readouterr().out.endswith(
        "1 place in 1 file: 0 would be rewritten, 0 would be converted at run time, 0 left, 1 note.\n"
    )
    assert main(["migrate"]) == 0


def test_json_of_nothing(repository, capsys):
    write_files(repository, {"a.py": "x = 1\n"})
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


# Output


def test_json(repository, capsys):
    write_files(repository, {"flows/a.py": OLD})
    assert main(["check", "--format", "json", "flows"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "code": "RH103",
            "status": "rewritten",
            "message": "pass result= instead of result_handler=",
            "filename": os.path.join("flows", "a.py"),
            "cell": None,
            "location": {"row": 3, "column": 18},
            "end_location": {"row": 3, "column": 32},
            "url": "https://github.com/rehandle/rehandle/blob/main/docs/rules/RH103.md",
        }
    ]


def test_text(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["check", "a.py"]) == 1
    assert capsys.readouterr().out == (
        "a.py:3:18: RH103 [rewritten] pass result= instead of result_handler=\n"
        '  3 | flow = Flow("é", result_handler=None)  # é\n'
        "    |                  ^^^^^^^^^^^^^^\n"
        "\n"
        "1 place in 1 file: 1 would be rewritten, 0 would be converted at run time, 0 left, 0 notes.\n"
    )
    assert main(["migrate", "a.py"]) == 0
    assert capsys.readouterr().out.endswith(
        "1 place in 1 file: 1 rewritten, 0 converted at run time, 0 left, 0 notes.\n"
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "text", [OLD, OLD.rstrip("\n"), OLD.replace("\n", "\r\n"), "\f" + OLD, OLD.replace("\n", "\r\n", 1)]
)
def test_diff_is_a_patch(repository, text):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {"deep/a.py": text, "deep/b.py": text})
    done = run_command("migrate", "--diff", cwd=repository)
    assert done.returncode == 1
    assert (repository / "deep/a.py").read_bytes() == text.encode()
    assert b"1 would be rewritten" not in done.stdout
    assert b"2 would be rewritten" in done.stderr
    subprocess.run(["git", "apply", "-"], input=done.stdout, check=True)
    for name in ("a.py", "b.py"):
        assert (repository / "deep" / name).read_bytes() == text.replace("result_handler", "result").encode()


def test_help_and_unknown_options(repository, capsys):
    assert main(["--help"]) == 0
    assert main(["check", "--nonsense"]) == 2
    assert main(["nonsense"]) == 2
    assert main(["explain", "RH103"]) == 0
    assert "RH103" in capsys.readouterr().out
    assert main(["explain", "RH000"]) == 2
    assert "RH103" in capsys.readouterr().err


# Bad input


def test_missing_path(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "nowhere.py", "a.py"]) == 2
    assert "nowhere.py:1:1: RH901 doesn't exist" in capsys.readouterr().out
    assert (repository / "a.py").read_text("utf-8") == NEW


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


def test_an_error_in_one_file_is_reported_and_the_others_are_done(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    collect = references.collect

    def fail(decisions, module):
        if module.path.endswith("a.py"):
            raise ZeroDivisionError("odd")
        return collect(decisions, module)

    monkeypatch.setattr(references, "collect", fail)
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
    assert "a.py:3:18: RH103 [left]" in out
    assert "2 places in 2 files: 1 rewritten, 0 converted at run time, 1 left, 0 notes. 1 error." in out
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


def test_interrupted(repository, monkeypatch, capsys):
    write_files(repository, {"a.py": OLD, "b.py": OLD})

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    assert main(["migrate"]) == 130
    assert sorted(path.name for path in repository.iterdir()) == ["a.py", "b.py"]
    assert (repository / "a.py").read_text("utf-8") == OLD


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("step", ["Reading", "Parsing", "Rewriting", "Writing"])
def test_ctrl_c(step, repository):
    names = [f"f{number}.py" for number in range(60)]
    write_files(repository, dict.fromkeys(names, OLD))
    # A real signal, sent by another process in the middle of a step.
    code = f"""
import signal, subprocess, sys, time
from rehandle_codemods import cli, progress

# A shell starts background jobs with the signal ignored, and the tests may be part of one.
signal.signal(signal.SIGINT, signal.default_int_handler)

def called(self, step, done, total):
    if step == {step!r} and done == total // 2:
        subprocess.run(["kill", "-INT", str(__import__("os").getpid())], check=True)
        time.sleep(0.5)

progress.ProgressLine.__call__ = called
sys.exit(cli.main(["migrate"]))
"""
    done = run_command(cwd=repository, code=code)
    assert done.returncode == 130, done.stderr.decode()
    assert done.stderr.strip().startswith(b"Interrupted: ")
    assert b"Traceback" not in done.stderr
    assert sorted(path.name for path in repository.iterdir()) == sorted(names)
    texts = [(repository / name).read_text("utf-8") for name in names]
    assert set(texts) <= {OLD, NEW}
    assert texts.count(NEW) == (31 if step == "Writing" else 0)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
@pytest.mark.parametrize("slow", [True, False])
def test_progress_on_a_terminal(slow, repository):
    import pty

    write_files(repository, {f"f{number}.py": OLD for number in range(20)})
    code = f"""
import sys
from rehandle_codemods import cli, progress

progress._DELAY = {0.0 if slow else 1000.0}
code = cli.main(["check"])
assert ("rich" in sys.modules) == {slow}
sys.exit(code)
"""
    controller, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), "TERM": "xterm"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=repository, env=environment, stdout=subprocess.PIPE, stderr=terminal, timeout=60, check=False
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(controller)
    assert done.returncode == 1, shown.decode()
    assert done.stdout.count(b"RH103") == 20
    assert (b"/20" in shown) == slow
    if slow:
        assert shown.endswith(b"\x1b[2K")  # the line is erased
    else:
        assert shown == b""


def test_no_progress_in_a_pipe(repository):
    write_files(repository, {"a.py": OLD})
    code = """
import sys
from rehandle_codemods import cli, progress

progress._DELAY = 0.0
cli.main(["check"])
assert "rich" not in sys.modules
"""
    done = run_command(cwd=repository, code=code)
    assert (done.returncode, done.stderr) == (0, b"")


# Files are written exactly

ENCODED = [
    ("utf-8", b"", "\n"),
    ("utf-8", b"\xef\xbb\xbf", "\n"),
    ("utf-8", b"", "\r\n"),
    ("utf-8", b"", "\r"),
    ("latin-1", b"# -*- coding: latin-1 -*-\n", "\n"),
    ("cp1252", b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n", "\r\n"),
    ("utf-8", b"# coding: utf-8\r", "\r"),
]


@pytest.mark.parametrize(("encoding", "head", "newline"), ENCODED)
@pytest.mark.parametrize("end", ["", "\n", "\n\n\x0c\n", "\nif flow:\n\tpass # \u00e9\u2028"[:-1]])
def test_bytes_outside_the_edits(encoding, head, newline, end, repository):
    def encoded(text):
        return head + (text.rstrip("\n") + end).replace("\n", newline).encode(encoding)

    path = repository / "a.py"
    path.write_bytes(encoded(OLD))
    path.chmod(0o750)
    assert main(["migrate"]) == 0
    assert path.read_bytes() == encoded(NEW)
    assert path.stat().st_mode & 0o777 == 0o750


def test_mixed_newlines_and_inserted_lines(repository):
    text = "from prefect import Task\r\n\x0c\rdef f(h):\r\n    Task(result_handler=h)\n"
    (repository / "a.py").write_bytes(text.encode())
    assert main(["migrate"]) == 0
    assert (repository / "a.py").read_bytes() == (
        text.replace("Task\r\n", "Task\r\nfrom rehandle import to_result\r\n", 1)
        .replace("result_handler=h", "result=to_result(h)")
        .encode()
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_symbolic_link_stays_one(repository):
    write_files(repository, {"real/a.py": OLD})
    (repository / "link.py").symlink_to(repository / "real" / "a.py")
    assert main(["migrate", "link.py"]) == 0
    assert (repository / "link.py").is_symlink()
    assert (repository / "real" / "a.py").read_text("utf-8") == NEW


# Which files


def test_only_named_files_change_and_others_are_respected(repository):
    files = {
        "common.py": "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n",
        "flow.py": "from common import H\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=H)\n",
    }
    write_files(repository, files)
    assert main(["migrate", "common.py"]) == 1  # flow.py would still say result_handler=
    assert (repository / "common.py").read_text() == files["common.py"]
    assert main(["migrate", "flow.py"]) == 0
    assert "result=to_result(H)" in (repository / "flow.py").read_text()
    assert (repository / "common.py").read_text() == files["common.py"]


@pytest.mark.parametrize("folder", [".venv", "build", "node_modules", "x.egg-info", "site-packages"])
def test_pruned_folders_and_explicit_files(folder, repository):
    write_files(repository, {f"{folder}/a.py": OLD})
    assert engine.run(["."]).files == 0
    assert engine.run([f"{folder}/a.py"]).files == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_files_that_git_ignores(repository):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {".gitignore": "generated.py\n", "generated.py": OLD, "a.py": OLD})
    assert [finding.filename for finding in engine.run(["."]).findings] == ["a.py"]


def test_script_without_a_suffix(repository):
    write_files(repository, {"flow": OLD})
    assert main(["migrate", "flow"]) == 0
    assert (repository / "flow").read_text("utf-8") == NEW


# Cost follows matches


def test_nothing_heavy_is_imported_without_a_match(repository):
    write_files(repository, {"a.py": "x = 1\n"})
    code = (
        "import sys; from rehandle_codemods.cli import main; main(['check']);"
        "print(sorted({'libcst', 'rich', 'difflib', 'tokenize', 'rehandle_codemods.project'} & set(sys.modules)))"
    )
    done = run_command(cwd=repository, code=code)
    assert done.stdout.split(b"\n")[1].strip() in (b"[]", b"['tokenize']")  # click may import tokenize


def test_libcst_is_not_imported_where_no_import_changes(repository):
    write_files(repository, {"a.py": OLD})
    code = "import sys; from rehandle_codemods.cli import main; main(['migrate']); print('libcst' in sys.modules)"
    assert run_command(cwd=repository, code=code).stdout.split()[-1] == b"False"
