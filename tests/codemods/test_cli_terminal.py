"""Progress on a terminal, and Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from commands import NEW, OLD, ROOTS, run_command
from repositories import write_files

from rehandle_codemods.cli.commands import main


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
import signal, subprocess, sys
from rehandle_codemods import progress
from rehandle_codemods.cli import commands

# A shell starts background jobs with the signal ignored, and the tests may be part of one.
signal.signal(signal.SIGINT, signal.default_int_handler)

def called(self, step, done, total):
    if step == {step!r} and done == total // 2:
        subprocess.run(["kill", "-INT", str(__import__("os").getpid())], check=True)

progress.ProgressLine.__call__ = called
sys.exit(commands.main(["migrate"]))
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
from rehandle_codemods import progress
from rehandle_codemods.cli import commands

progress._DELAY = {0.0 if slow else 1000.0}
code = commands.main(["check"])
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
from rehandle_codemods import progress
from rehandle_codemods.cli import commands

progress._DELAY = 0.0
commands.main(["check"])
assert "rich" not in sys.modules
"""
    done = run_command(cwd=repository, code=code)
    assert (done.returncode, done.stderr) == (0, b"")
