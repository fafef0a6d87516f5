"""`check --since` where there is nothing to compare: each error says what to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from commands import run_command
from work_trees import HEAD, NEW, OLD, commit, put, reported, run_git

from rehandle_codemods.cli.commands import main

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def nothing(folder):
    pass


def shallow(folder):
    commit(folder, {"a.py": HEAD + OLD}, "second")
    run_git("branch", "other", "main~")
    run_git("clone", "-q", "--depth", "1", "--no-single-branch", folder.as_uri(), "shallow")
    os.chdir("shallow")


def shallow_of_one_branch(folder):
    run_git("clone", "-q", "--depth", "1", folder.as_uri(), "shallow")
    os.chdir("shallow")


def no_repository(folder):
    os.chdir("..")


def not_mine(folder):
    """A folder that only looks like a repository."""
    put(folder, {"../other/.git/HEAD": "", "../other/a.py": HEAD})
    os.chdir("../other")


def unrelated(folder):
    run_git("switch", "-q", "--orphan", "other")
    commit(folder, {"a.py": HEAD + NEW})


def before_any_commit(folder):
    run_git("init", "-q", "fresh")
    os.chdir("fresh")


def known_at_the_remote(folder):
    run_git("branch", "release")
    run_git("clone", "-q", folder.as_uri(), "clone")
    os.chdir("clone")


def partial(folder):
    """A clone without old contents, whose remote isn't asked."""
    commit(folder, {"flow.py": HEAD + OLD + NEW}, "second")
    run_git("config", "uploadpack.allowFilter", "true")
    run_git("clone", "-q", "--filter=blob:none", folder.as_uri(), "partial")
    os.chdir("partial")


def without_git(folder):
    os.environ["PATH"] = ""


SHALLOW = ": this clone is shallow. Fetch the rest by `git fetch --unshallow`, or in GitHub Actions by `fetch-depth: 0`"
UNKNOWN = ". Give a branch, a tag or a commit; `git fetch` brings those of the remote"
# What is done, what is typed, and what is said after `--since REV: `.
ERRORS = {
    "no repository": (no_repository, "HEAD", ". isn't in a git repository. Leave out --since, or name what is in one"),
    "no real repository": (not_mine, "HEAD", "git can't compare {here}: fatal: not a git repository"),
    "unknown": (nothing, "nix", "git knows no commit 'nix' in {here}" + UNKNOWN),
    "a typo": (nothing, "mian", "git knows no commit 'mian' in {here}. Did you mean main?"),
    "of the remote": (
        known_at_the_remote,
        "release",
        "git knows no commit 'release' in {here}. Did you mean origin/release?",
    ),
    "an option": (nothing, "--all", "git knows no commit '--all' in {here}" + UNKNOWN),
    "a range": (nothing, "main..main", "git knows no commit 'main..main' in {here}"),
    "not in it": (nothing, "^HEAD", "git knows no commit '^HEAD' in {here}"),
    "a file": (nothing, "HEAD:flow.py", "git knows no commit 'HEAD:flow.py' in {here}"),
    "empty": (nothing, "", "git knows no commit '' in {here}" + UNKNOWN),
    "no commit": (before_any_commit, "HEAD", "git knows no commit 'HEAD' in {here}" + UNKNOWN),
    "shallow": (shallow_of_one_branch, "HEAD~", "git knows no commit 'HEAD~' in {here}" + SHALLOW),
    "shallow history": (
        shallow,
        "origin/other",
        "origin/other and what is checked out in {here} have no commit in common" + SHALLOW,
    ),
    "unrelated": (
        unrelated,
        "main",
        "main and what is checked out in {here} have no commit in common. Give a revision that is in its history",
    ),
    "partial": (partial, "HEAD~", "git can't compare {here}: fatal: "),
    "no git": (without_git, "HEAD", "git can't be run. Install it, or put it on PATH"),
}


@pytest.mark.parametrize(("act", "revision", "said"), ERRORS.values(), ids=ERRORS)
def test_errors(act, revision, said, work_tree, capsys, monkeypatch):
    monkeypatch.setenv("PATH", os.environ["PATH"])
    run_git("config", "protocol.file.allow", "always")
    act(work_tree)
    assert main(["check", f"--since={revision}"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"Error: --since {revision}: {said.format(here=os.path.realpath('.'))}"), err


def test_advice_for_shallow_and_partial_clones(work_tree, capsys):
    """What is advised is done, and helps."""
    partial(work_tree)
    assert main(["check", "--since", "HEAD~"]) == 2
    command = re.search(r"`(git diff .*)`", capsys.readouterr().err)[1]
    subprocess.run(command, shell=True, check=True)
    assert reported(capsys, revision="HEAD~") == ["flow.py:3"]
    os.chdir(work_tree)
    shallow_of_one_branch(work_tree)
    assert main(["check", "--since", "HEAD~"]) == 2
    subprocess.run(re.search(r"`(git fetch .*?)`", capsys.readouterr().err)[1], shell=True, check=True)
    assert reported(capsys, revision="HEAD~") == ["flow.py:3"]


def test_standard_input(work_tree):
    done = run_command("check", "--since", "HEAD", "-", cwd=work_tree, input=b"x = 1\n")
    assert done.returncode == 2
    assert b"--since compares files on disk, and - is standard input: leave out one of them" in done.stderr


def test_comments_for_all_that_is_there(work_tree, capsys):
    assert main(["check", "--since", "HEAD", "--add-ignore"]) == 2
    assert "--add-ignore is about all that is there, and --since about less: leave out one" in capsys.readouterr().err
    assert (work_tree / "flow.py").read_text() == HEAD + OLD


def test_migrate_has_no_such_option(work_tree, capsys):
    assert main(["migrate", "--since", "HEAD"]) == 2
    assert "--since" in capsys.readouterr().err
    assert (work_tree / "flow.py").read_text() == HEAD + OLD
