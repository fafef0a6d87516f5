"""The rewrite by libcst's own runner: the same files as by `rehandle migrate`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import libcst
import pytest
from libcst.codemod import CodemodContext
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.codemod.migrate_command import MigrateCommand, MigrateError

ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]
NAME = "rehandle_codemods.codemod.migrate_command.MigrateCommand"
OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)\n'
NEW = OLD.replace("result_handler", "result")
LEFT = "def f(x):\n    x.result_handler = 1\n"
SOME = [min(CASES.glob(f"{rule}/*.case")) for rule in ("RH101", "RH102", "RH105", "RH110", "RH124", "RH201")]


def run_libcst(*arguments, cwd, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    command = [sys.executable, "-W", "ignore", "-m", "libcst.tool", "codemod", "--hide-progress", "--no-format"]
    return subprocess.run(
        [*command, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, **options
    )


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.once
@pytest.mark.parametrize("path", SOME, ids=lambda path: path.parent.name)
def test_cases(path, tmp_path, monkeypatch):
    case = read_case(path)
    for folder in ("ours", "theirs"):
        write_files(tmp_path / folder, case.before)
    monkeypatch.chdir(tmp_path / "ours")
    main(["migrate"])
    done = run_libcst("-x", NAME, ".", cwd=tmp_path / "theirs")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "theirs") == contents(tmp_path / "ours")


@pytest.mark.once
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_many_files_at_once(jobs, repository):
    """Each file's new text depends on others, which other processes write at the same time."""
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
    use = "from prefect import Flow\n\nfrom common import H\n\nflow = Flow('f', result_handler=H)\n"
    write_files(repository, {"common.py": handlers, **{f"f{number}.py": use for number in range(20)}})
    done = run_libcst("-x", NAME, "--jobs", jobs, ".", cwd=repository)
    assert "Transformed 21 files successfully" in done.stderr
    assert "H = LocalResult()" in (repository / "common.py").read_text()
    after = use.replace("result_handler", "result")
    assert {(repository / f"f{number}.py").read_text() for number in range(20)} == {after}


def test_by_the_configured_modules(repository):
    write_files(repository, {"a.py": OLD, ".libcst.codemod.yaml": "modules: [rehandle_codemods]\nformatter: ['cat']\n"})
    done = run_libcst("codemod.migrate_command.MigrateCommand", "a.py", cwd=repository)
    assert done.returncode == 0, done.stderr
    assert (repository / "a.py").read_text("utf-8") == NEW


def test_what_is_left_and_what_fails(repository):
    write_files(repository, {"a.py": OLD, "left.py": OLD + LEFT, "broken.py": "result_handler = (\n"})
    done = run_libcst("-x", NAME, ".", cwd=repository)
    assert done.returncode == 1
    assert "left.py:5:7: RH202 [left]" in done.stdout + done.stderr
    assert "Transformed 2 files successfully" in done.stderr
    assert "Failed to codemod 1 files" in done.stderr
    assert (repository / "left.py").read_text("utf-8") == NEW + LEFT


def test_settings_and_help(repository):
    settings = '[tool.rehandle]\nextend-exclude = ["b.py"]\n'
    write_files(repository, {"a.py": OLD, "b.py": OLD, "pyproject.toml": settings})
    assert "Rewrite Prefect result handlers" in run_libcst("-x", NAME, "--help", cwd=repository).stdout
    assert run_libcst("-x", NAME, ".", cwd=repository).returncode == 0
    assert ((repository / "a.py").read_text("utf-8"), (repository / "b.py").read_text("utf-8")) == (NEW, OLD)


def test_patch_and_standard_input(repository):
    write_files(repository, {"a.py": OLD})
    assert "+flow = " in run_libcst("-x", NAME, "-u", "1", "a.py", cwd=repository).stdout
    assert (repository / "a.py").read_text("utf-8") == OLD
    assert run_libcst("-x", NAME, "-", cwd=repository, input=OLD).stdout.rstrip("\n") == NEW.rstrip("\n")


def test_as_a_library(repository):
    write_files(repository, {"a.py": OLD})
    path = str(repository / "a.py")
    command = MigrateCommand(CodemodContext(filename=path))
    assert command.transform_module(libcst.parse_module(OLD)).code == NEW
    with pytest.raises(MigrateError, match="has changed since it was read"):
        command.transform_module(libcst.parse_module(OLD + "x = 1\n"))
    assert MigrateCommand(CodemodContext()).transform_module(libcst.parse_module(OLD)).code == NEW


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("head", [b"", b"\xef\xbb\xbf", b"# coding: latin-1\n"])
def test_bytes(newline, head, repository):
    encoding = "latin-1" if b"latin" in head else "utf-8"
    (repository / "a.py").write_bytes(head + OLD.replace("\n", newline).encode(encoding))
    assert run_libcst("-x", NAME, "a.py", cwd=repository).returncode == 0
    assert (repository / "a.py").read_bytes() == head + NEW.replace("\n", newline).encode(encoding)


def test_what_libcst_would_not_keep(repository):
    before = OLD.replace("\n", "\r").encode()
    (repository / "a.py").write_bytes(before)
    done = run_libcst("-x", NAME, "a.py", cwd=repository)
    assert done.returncode == 1
    assert "Use `rehandle migrate`" in done.stderr
    assert (repository / "a.py").read_bytes() == before
