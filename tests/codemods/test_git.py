"""What git is asked, and that nothing of the repository runs by that."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.files import git

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell"),
]
NOBODY = 65534
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root")
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")


def run_git(*arguments, **options):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, **options)


@pytest.fixture
def work_tree(repository):
    """A repository with one commit, all of whose files are older than its index."""
    run_git("init", "-q")
    write_files(repository, {"a.py": OLD, "b.py": "x = 1\n", "deep/c.py": OLD})
    for path in repository.rglob("*.py"):
        os.utime(path, (1, 1))
    run_git("add", ".")
    run_git("commit", "-qm", "all")
    return repository


# Changes that aren't committed


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"b.py": "x = 2\n"}, "b.py"),
        ({"b.py": "x = 2\n", "deep/c.py": OLD + "\n", "a.py": "#\n" + OLD}, "a.py, b.py, deep/c.py"),
        # Git doesn't know it, so it couldn't be brought back.
        ({"new.py": OLD}, "new.py"),
        ({"new folder/é.py": OLD}, "new folder/é.py"),
        ({"notes.txt": "mine", "other.py": "x = 1\n"}, ""),
        ({f"many/{number}.py": OLD for number in range(5)}, "many/0.py, many/1.py, many/2.py, ..."),
    ],
)
def test_warning(changed, said, work_tree, capsys):
    write_files(work_tree, changed)
    assert main(["check"]) == 1
    assert main(["migrate", "--diff"]) == 1
    assert "warning: " not in capsys.readouterr().err
    assert main(["migrate"]) == 0
    err = capsys.readouterr().err
    message = "has changes that aren't committed, and they will be hard to tell from those of the rewrite"
    advice = "Commit them first, or silence this by --allow-dirty"
    assert err == (f"warning: {work_tree} {message}: {said}. {advice}\n" if said else "")
    assert (work_tree / "a.py").read_text().endswith(NEW)


def test_warning_is_silenced(work_tree, capsys):
    write_files(work_tree, {"b.py": "x = 2\n"})
    assert main(["migrate", "--allow-dirty"]) == 0
    assert capsys.readouterr().err == ""


def test_staged_and_deleted_files(work_tree, capsys):
    write_files(work_tree, {"staged.py": "x = 1\n"})
    run_git("add", "staged.py")
    (work_tree / "b.py").unlink()
    assert main(["migrate", "deep"]) == 0
    assert ": b.py, staged.py. Commit" in capsys.readouterr().err


def test_no_warning_outside_git_or_where_nothing_changes(repository, work_tree, capsys):
    write_files(work_tree, {"b.py": "x = 2\n"})
    assert main(["migrate", "b.py"]) == 0
    shutil.rmtree(work_tree / ".git")
    assert main(["migrate"]) == 0
    assert capsys.readouterr().err == ""


def test_work_tree_behind_a_link(work_tree, tmp_path, monkeypatch, capsys):
    (tmp_path / "link").symlink_to(work_tree)
    monkeypatch.chdir(tmp_path)
    write_files(work_tree, {"new.py": OLD})
    assert main(["migrate", "link"]) == 0
    assert f"{work_tree} has changes" in capsys.readouterr().err


# Nothing of the repository runs


@pytest.fixture
def hostile(work_tree):
    """A repository that leaves a mark wherever its configuration lets git run something."""
    mark = work_tree.parent / "mark"
    program = work_tree.parent / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\ncat\n')
    program.chmod(0o755)
    hooks = work_tree / ".git" / "hooks"
    for name in ("post-index-change", "pre-commit", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(program, hooks / name)
    write_files(work_tree, {".gitattributes": "*.py filter=evil diff=evil merge=evil\n"})
    for name in ("filter.evil.clean", "filter.evil.smudge", "core.fsmonitor", "diff.external", "diff.evil.textconv"):
        run_git("config", name, str(program))
    for name in ("core.sshCommand", "core.pager", "core.editor", "core.askPass", "credential.helper"):
        run_git("config", name, str(program))
    run_git("config", "filter.evil.required", "true")
    run_git("config", "alias.status", f"!{program}")
    run_git("config", "alias.ls-files", f"!{program}")
    return mark


def touched(folder):
    """Files of the same size that look changed: git has to compare them."""
    for path in folder.rglob("*.py"):
        path.write_bytes(path.read_bytes())


def test_the_mark_is_left_by_plain_git(hostile, work_tree):
    touched(work_tree)
    subprocess.run(["git", "ls-files"], capture_output=True, check=False)
    assert hostile.exists()
    hostile.unlink()
    subprocess.run(["git", "-c", "core.fsmonitor=", "status"], capture_output=True, check=False)
    assert hostile.exists()


@pytest.mark.parametrize(
    "command",
    [["check"], ["check", "--since", "HEAD"], ["migrate", "--diff"], ["migrate"], ["migrate", "--allow-dirty"]],
)
def test_no_program_of_the_configuration_runs(command, hostile, work_tree, capsys):
    write_files(work_tree, {"b.py": "x = 2\n"})
    touched(work_tree)
    index = (work_tree / ".git" / "index").read_bytes()
    assert main(command) in (0, 1)
    assert not hostile.exists(), hostile.read_text()
    assert (work_tree / ".git" / "index").read_bytes() == index
    assert ("b.py" in capsys.readouterr().err) == (command == ["migrate"])


def test_filter_that_can_not_be_switched_off(hostile, work_tree):
    (work_tree / ".gitattributes").write_text("*.py filter=a=b\n")
    with (work_tree / ".git" / "config").open("a") as config:
        config.write(f'[filter "a=b"]\n\tclean = {hostile.parent}/program\n')
    touched(work_tree)
    assert git.uncommitted(str(work_tree), []) == []
    assert not hostile.exists()


def test_process_filter(hostile, work_tree):
    run_git("config", "--unset", "filter.evil.clean")
    run_git("config", "filter.evil.process", str(hostile.parent / "program"))
    write_files(work_tree, {"b.py": "x = 2\n"})
    touched(work_tree)
    assert git.uncommitted(str(work_tree), []) == ["b.py"]
    assert not hostile.exists()


def test_lacking_objects_are_not_fetched(work_tree, tmp_path):
    """A partial clone gets what it lacks from its remote when that is needed: by a program here."""
    run_git("clone", "-q", "--bare", str(work_tree), str(tmp_path / "remote"))
    run_git("config", "uploadpack.allowFilter", "true", cwd=tmp_path / "remote")
    url = (tmp_path / "remote").as_uri()
    run_git("clone", "-q", "--no-checkout", "--filter=blob:none", url, str(tmp_path / "partial"))
    mark = tmp_path / "mark"
    run_git("config", "remote.origin.url", f"ext::touch {mark}", cwd=tmp_path / "partial")
    run_git("config", "protocol.ext.allow", "always", cwd=tmp_path / "partial")
    run_git("read-tree", "HEAD", cwd=tmp_path / "partial")
    write_files(tmp_path / "partial", {"a.py": OLD.replace("f'", "g'")})
    git.uncommitted(str(tmp_path / "partial"), [])
    assert not mark.exists()


# Which repository


@pytest.mark.parametrize("variables", [{"GIT_DIR": "elsewhere"}, {"GIT_INDEX_FILE": "nowhere"}, {"GIT_WORK_TREE": "/"}])
def test_environment_of_a_hook(variables, work_tree, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write_files(work_tree, {".gitignore": "generated.py\n", "generated.py": OLD})
    assert {finding.filename for finding in run(["."]).findings} == {"a.py", os.path.join("deep", "c.py")}
    assert git.uncommitted(str(work_tree), []) == []


@pytest.mark.parametrize("name", ["new\nline.py", "quo'te\".py", "*.py", os.fsdecode(b"\xff.py"), "-x.py"])
def test_names(name, work_tree, capsys):
    write_files(work_tree, {name: OLD})
    run_git("add", "--", name)
    assert main(["migrate", "--", "."]) == 0
    assert (work_tree / name).read_text() == NEW


@pytest.mark.parametrize("asked", [[], ["inner"]])
def test_repository_inside_another(asked, work_tree, capsys):
    """As a submodule, it is looked at where it is named."""
    write_files(work_tree, {"inner/d.py": OLD})
    run_git("init", "-q", cwd=work_tree / "inner")
    main(["check", ".", *asked])
    assert (os.path.join("inner", "d.py") in capsys.readouterr().out) is bool(asked)


def test_folder_that_is_ignored(work_tree, capsys):
    write_files(work_tree, {".gitignore": "generated\n", "generated/d.py": OLD})
    assert main(["check", "generated"]) == 2
    assert "generated:1:1: RH901 has no Python files that git doesn't ignore. Give" in capsys.readouterr().out
    assert main(["check", "generated", "--no-respect-gitignore"]) == 1


def test_without_git(work_tree, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    write_files(work_tree, {"b.py": "x = 2\n"})
    assert main(["migrate", "--no-respect-gitignore"]) == 0
    assert capsys.readouterr().err == ""
    assert (work_tree / "a.py").read_text() == NEW


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        (["check"], True),
        (["check", "a.py"], False),
        (["check", "--quiet"], False),
        (["check", "--no-respect-gitignore"], False),
        (["migrate", "--diff", "deep"], True),
    ],
)
def test_warning_that_git_does_not_say_what_it_ignores(arguments, warned, work_tree, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert main(arguments) == 1
    said = "(git can't be run), so what it ignores isn't left out. Let it, or silence this by --no-respect-gitignore\n"
    assert (said in capsys.readouterr().err) is warned


@as_root
def test_work_tree_of_somebody_else(work_tree, monkeypatch, capsys):
    """As in a container: git refuses to look at it."""
    os.chown(work_tree, NOBODY, NOBODY)
    write_files(work_tree, {".gitignore": "generated.py\n", "generated.py": OLD})
    assert main(["check"]) == 1
    captured = capsys.readouterr()
    assert "generated.py" in captured.out
    assert "warning: git can't list the files of . (fatal: detected dubious ownership in repository at" in captured.err


def test_broken_repository(work_tree, capsys):
    (work_tree / ".git" / "index").write_bytes(b"broken")
    assert main(["migrate"]) == 0
    assert (work_tree / "a.py").read_text() == NEW
    assert "warning: git can't list the files of . (fatal: " in capsys.readouterr().err
