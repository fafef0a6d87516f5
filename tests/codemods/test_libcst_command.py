"""The rewrite by libcst's own runner: the same files as by `rehandle migrate`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import libcst
import pytest
from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand
from libcst.tool import main as libcst_tool
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.codemod.migrate_command import MigrateCommand, MigrateError

ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]
NAME = "rehandle_codemods.codemod.migrate_command.MigrateCommand"
OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)\n'
NEW = OLD.replace("result_handler", "result")
LEFT = "def f(x):\n    x.result_handler = 1\n"


def run_libcst(*arguments, cwd, roots=ROOTS, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
    command = [sys.executable, "-W", "ignore", "-m", "libcst.tool", "codemod", "--hide-progress", "--no-format"]
    return subprocess.run(
        [*command, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, **options
    )


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.once
@pytest.mark.parametrize("path", sorted(CASES.glob("*/*.case")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_case_by_one_process_and_by_two(path, tmp_path, monkeypatch, capfd):
    case = read_case(path)
    python = sorted(name for name in case.before if name.endswith((".py", ".pyi")))
    if not python:
        pytest.skip("libcst's runner takes Python files alone")
    for folder in ("ours", "1", "2"):
        write_files(tmp_path / folder, case.before)
    monkeypatch.chdir(tmp_path / "ours")
    main(["migrate", *python])
    ours = contents(tmp_path / "ours")
    for jobs in ("1", "2"):
        monkeypatch.chdir(tmp_path / jobs)
        libcst_tool("libcst.tool", ["codemod", "--no-format", "--hide-progress", "-x", NAME, "-j", jobs, *python])
        assert contents(tmp_path / jobs) == ours, capfd.readouterr().err


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
    assert "left.py:5:7: RH202 [by hand]" in done.stdout + done.stderr
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


BOTH = """
import libcst
from libcst.codemod import CodemodCommand, VisitorBasedCodemodCommand

from rehandle_codemods.codemod.migrate_command import MigrateCommand, MigrationProvider


class Doubled(VisitorBasedCodemodCommand):
    def leave_Integer(self, original_node, updated_node):
        return updated_node.with_changes(value=str(2 * updated_node.evaluated_value))


class Both(CodemodCommand):
    METADATA_DEPENDENCIES = (MigrationProvider,)

    def transform_module_impl(self, tree):
        for command in (MigrateCommand, Doubled):
            tree = command(self.context).transform_module(tree)
        return tree
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_with_another_codemod_in_one_run(jobs, repository):
    """Each file is migrated as in the whole run: what one file imports from another became a Result there."""
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\nN = 4\n"
    use = "from prefect import Flow\n\nfrom common import H\n\nflow = Flow('f', result_handler=H)\nN = 21\n"
    write_files(repository, {"both.py": BOTH, "src/common.py": handlers, "src/flow.py": use})
    done = run_libcst("-x", "both.Both", "--jobs", jobs, "src", cwd=repository, roots=[*ROOTS, str(repository)])
    assert done.returncode == 0, done.stderr
    assert (repository / "src/flow.py").read_text() == use.replace("result_handler", "result").replace("21", "42")
    assert "H = LocalResult()\nN = 8\n" in (repository / "src/common.py").read_text()


def test_another_codemod_that_was_there_first(repository):
    class Renamed(VisitorBasedCodemodCommand):
        def leave_Integer(self, original_node, updated_node):
            return updated_node.with_changes(value="7")

    write_files(repository, {"a.py": OLD + "x = 1\n"})
    context = CodemodContext(filename=str(repository / "a.py"))
    tree = Renamed(context).transform_module(libcst.parse_module(OLD + "x = 1\n"))
    with pytest.raises(MigrateError, match="let MigrateCommand be the first"):
        MigrateCommand(context).transform_module(tree)
