"""The recipes of docs/continuous-integration.md that aren't pre-commit's: their commands are run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import write_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "continuous-integration.md").read_text("utf-8")
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")
LEFT = (
    "from prefect.engine.result_handlers import JSONResultHandler\n"
    "def f(x):\n    x.result_handler = JSONResultHandler()\n"
)
CONSOLE = re.findall(r"^\$ python (.*)$", PAGE, re.MULTILINE)
STEPS = re.findall(r"- run: rehandle (.*)$", PAGE, re.MULTILINE)
# The files with which a command passes, and those with which it doesn't.
PASSES = {
    "rehandle check": (NEW, OLD),
    "rehandle check flows/migrated": (NEW, OLD),
    "rehandle check --since origin/main": (NEW, OLD),
    "rehandle check --select RH1 --ignore RH101": (NEW + LEFT, OLD),
    "rehandle check --exit-zero": (OLD + LEFT, "import prefect\nresult_handler = (\n"),
}


def run(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "compat"), str(ROOT / "codemods")])}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_every_command_is_here():
    assert re.findall(r"^\| `(rehandle .*?)` \|", PAGE, re.MULTILINE) == list(PASSES)
    assert len(CONSOLE) == 1
    assert len(STEPS) == 2


def test_from_the_first_day(repository):
    """With the comments the page's check passes, until there is new code."""
    write_files(repository, {"a.py": OLD, "b.py": LEFT})
    assert re.findall(r"^\$ rehandle (.*)$", PAGE, re.MULTILINE) == ["check --add-ignore"]
    assert run("-m", "rehandle", "check", "--add-ignore", cwd=repository).returncode == 0
    passed = run("-m", "rehandle", "check", cwd=repository)
    assert passed.returncode == 0
    assert "ignored." in passed.stdout
    write_files(repository, {"c.py": OLD})
    assert run("-m", "rehandle", "check", cwd=repository).returncode == 1


def test_libcst(repository):
    write_files(repository, {"flows/a.py": OLD})
    assert run(*CONSOLE[0].split(), cwd=repository).returncode == 0
    assert (repository / "flows/a.py").read_text() == NEW


def test_workflow(repository):
    write_files(repository, {"a.py": OLD})
    assert run("-m", "rehandle", *STEPS[0].split(), cwd=repository).returncode == 1
    assert '"RH103"' in (repository / "rehandle.sarif").read_text()


def with_old_code(folder):
    """Make a clone of a repository that has something to migrate."""
    write_files(folder, {"old.py": OLD})
    for arguments in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "old"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_workflow_of_new_code(repository):
    with_old_code(repository)
    arguments = shlex.split(STEPS[1].replace("${{ github.base_ref }}", "main"))
    assert run("-m", "rehandle", *arguments, cwd=repository).returncode == 0
    write_files(repository, {"old.py": OLD + OLD.splitlines()[-1] + "\n"})
    done = run("-m", "rehandle", *arguments, cwd=repository)
    assert done.returncode == 1
    assert "file=old.py,line=4," in done.stdout
    assert "line=3," not in done.stdout


@pytest.mark.parametrize("command", PASSES)
def test_what_passes(command, repository):
    if "--since" in command:
        with_old_code(repository)
    folder = "flows/migrated/" if "flows" in command else ""
    for text, passes in zip(PASSES[command], (True, False)):
        write_files(repository, {f"{folder}a.py": text})
        assert (run("-m", *command.split(), cwd=repository).returncode == 0) == passes
