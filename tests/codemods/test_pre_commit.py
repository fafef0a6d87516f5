"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit when a real repository is committed to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import write_files

ROOT = Path(__file__).parents[2]
PACKAGE = ("compat", "codemods", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")
LEFT = "def f(x):\n    x.result_handler = 1\n"

pytest.importorskip("pre_commit", reason="needs pre-commit")
pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(os.name == "nt" or shutil.which("git") is None, reason="needs git, and POSIX paths"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Environment variables that keep pre-commit and git from what this machine has for them."""
    folder = tmp_path_factory.mktemp("home")
    (folder / ".gitconfig").write_text("[user]\n\tname = a\n\temail = a@example.org\n[init]\n\tdefaultBranch = main\n")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_", "PRE_COMMIT"))}
    return {**ours, "HOME": str(folder), "PRE_COMMIT_HOME": str(folder / "cache")}


@pytest.fixture(scope="module")
def hooks(tmp_path_factory, environment):
    """A repository with rehandle as a tagged commit has it."""
    folder = tmp_path_factory.mktemp("rehandle")
    for name in PACKAGE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", "v1"]):
        subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture
def commit(repository, hooks, environment):
    """A function that commits files, with the hooks installed, and returns git's exit code and what was said."""

    def run(*command):
        done = subprocess.run(
            [str(part) for part in command],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def commit(files, config):
        config = config.replace("https://github.com/rehandle/rehandle", hooks.as_uri()).replace("v0.1.0", "v1")
        write_files(repository, {".pre-commit-config.yaml": config, **files})
        run("git", "init", "-q")
        code, said = run(sys.executable, "-m", "pre_commit", "install")
        assert code == 0, said
        run("git", "add", ".")
        return run("git", "commit", "-qm", "all")

    return commit


def shown(hook):
    """The configuration that the docs show for a hook."""
    text = (ROOT / "docs" / "continuous-integration.md").read_text("utf-8")
    (config,) = (
        block for block in re.findall(r"```yaml\n(repos:\n.*?)```", text, re.DOTALL) if f"id: {hook}\n" in block
    )
    return config


def test_check(commit, repository):
    code, said = commit({"a.py": OLD, "notes.txt": "result_handler"}, shown("rehandle-check"))
    assert code == 1
    assert "a.py:3:18: RH103" in said
    assert (repository / "a.py").read_text() == OLD
    code, said = commit({"a.py": NEW, "b.pyi": "x: int\n"}, shown("rehandle-check"))
    assert code == 0, said


def test_only_what_the_commit_changes(commit, repository):
    code, said = commit({"a.py": OLD, "b.py": OLD}, shown("rehandle-check") + "        args: [--exit-zero]\n")
    assert code == 0, said
    since = shown("rehandle-check") + "        args: [--since, HEAD]\n"
    code, said = commit({"a.py": f"{OLD}x = 1\n"}, since)
    assert code == 0, said
    code, said = commit({"a.py": f"{OLD}x = 1\n{OLD}"}, since)
    assert code == 1
    assert "a.py:7:18: RH103" in said
    assert "a.py:3:18" not in said


def test_migrate(commit, repository):
    """A commit stops when its files are rewritten; the next one has them."""
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
    use = "from prefect import Flow\n\nfrom common import H\n\nflow = Flow('f', result_handler=H)\n"
    many = {f"flows/f{number}.py": OLD for number in range(30)}
    files = {"common.py": handlers, "flow.py": use, "a name.py": OLD, **many}
    code, said = commit(files, shown("rehandle-migrate"))
    assert code == 1
    assert "files were modified by this hook" in said
    assert "H = LocalResult()" in (repository / "common.py").read_text()
    assert "result=H" in (repository / "flow.py").read_text()
    assert (repository / "a name.py").read_text() == NEW
    assert {(repository / name).read_text() for name in many} == {NEW}
    code, said = commit({}, shown("rehandle-migrate"))
    assert code == 0, said


def test_what_is_left_stops_the_commit(commit, repository):
    code, said = commit({"a.py": NEW + LEFT}, shown("rehandle-migrate"))
    assert code == 1
    assert "RH202" in said
    code, said = commit({"a.py": "x = (\n", "b.py": "import prefect\nresult_handler = (\n"}, shown("rehandle-check"))
    assert code == 1
    assert "RH901 doesn't parse" in said


def test_settings_leave_files_out(commit, repository):
    settings = '[tool.rehandle]\nextend-exclude = ["legacy/"]\n'
    code, said = commit({"legacy/a.py": OLD, "pyproject.toml": settings}, shown("rehandle-check"))
    assert code == 0, said
