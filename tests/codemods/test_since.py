"""`check --since`: what is in lines that changed since a revision, in real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from cells import IMPORT, USE, notebook, written
from work_trees import HEAD, NEW, OLD, commit, put, reported, run_git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

LONG = 'Flow(\n    "long",\n    result_handler=None,\n)\n'
IN_CONFLICT = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n"
MINUS = "x = 1\n-- a/flow.py\n"


def text_of(*cells, outputs=None):
    made = notebook(*cells)
    for cell in made["cells"] if outputs else ():
        cell["outputs"][0]["data"]["text/plain"] = [outputs]
    return written(made)


def in_strings(made):
    """The notebook with the text of each cell in one string."""
    content = json.loads(made)
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    return written(content)


NOTEBOOK = text_of(IMPORT, "x = 1\n" + USE)
PAGE = "# Title\n\n```python\n" + HEAD + OLD + "```\n"
# Files as they were committed, as they are, and the places that are reported.
CHANGES = {
    "nothing": ({"a.py": HEAD + OLD}, {}, []),
    "a line added": ({"a.py": HEAD + OLD}, {"a.py": HEAD + OLD + NEW}, ["a.py:3"]),
    "a line added above": ({"a.py": HEAD + OLD}, {"a.py": HEAD + "\n\nx = 1\n" + NEW + OLD}, ["a.py:5"]),
    "a line changed": ({"a.py": HEAD + OLD + OLD}, {"a.py": HEAD + OLD + NEW}, ["a.py:3"]),
    "another line changed": ({"a.py": HEAD + OLD}, {"a.py": HEAD + OLD + "x = 1\n"}, []),
    "a line removed": ({"a.py": HEAD + OLD + NEW}, {"a.py": HEAD + OLD}, []),
    "a line of several": ({"a.py": HEAD + LONG}, {"a.py": HEAD + LONG.replace("long", "longer")}, []),
    "the line of several": ({"a.py": HEAD + LONG}, {"a.py": HEAD + LONG.replace("None", "False")}, ["a.py:4"]),
    "the end of the file": (
        {"a.py": HEAD + OLD.strip()},
        {"a.py": HEAD + OLD.strip() + "\n" + NEW},
        ["a.py:2", "a.py:3"],
    ),
    "no end of the file": ({"a.py": HEAD + OLD}, {"a.py": HEAD + OLD + NEW.strip()}, ["a.py:3"]),
    "a new file": ({}, {"a.py": HEAD + OLD}, ["a.py:2"]),
    "a new folder": ({}, {"new/deep/a.py": HEAD + OLD}, ["new/deep/a.py:2"]),
    "empty before": ({"a.py": ""}, {"a.py": HEAD + OLD}, ["a.py:2"]),
    "a name with spaces": ({"a b/c d.py": HEAD + OLD}, {"a b/c d.py": HEAD + OLD + NEW}, ["a b/c d.py:3"]),
    "a name that isn't ASCII": ({"é/ü.py": HEAD + OLD}, {"é/ü.py": HEAD + OLD + NEW}, ["é/ü.py:3"]),
    "a name as in a patch": ({"b/a => c.py": HEAD + OLD}, {"b/a => c.py": HEAD + OLD + NEW}, ["b/a => c.py:3"]),
    "lines as in a patch": (
        {"a.py": HEAD + '"""\n' + MINUS + '"""\n' + OLD, "b.py": HEAD + OLD},
        {"a.py": HEAD + '"""\n++ b/b.py\n@@ -1 +2 @@\n"""\n' + OLD, "b.py": HEAD + OLD + "x = 1\n"},
        [],
    ),
    "lines that end in CR LF": (
        {"a.py": (HEAD + OLD).replace("\n", "\r\n")},
        {"a.py": (HEAD + OLD + NEW).replace("\n", "\r\n")},
        ["a.py:3"],
    ),
    "lines that end in CR": (
        {"a.py": HEAD + "x = 1\ry = 2\rz = 3\n" + OLD},
        {"a.py": HEAD + "x = 1\ry = 2\rz = 3\n" + OLD + NEW},
        ["a.py:6"],
    ),
    "Latin-1": (
        {"a.py": ("# coding: latin-1\n" + HEAD + 'x = "é"\n' + OLD).encode("latin-1")},
        {"a.py": ("# coding: latin-1\n" + HEAD + 'x = "ü"\n' + OLD + NEW).encode("latin-1")},
        ["a.py:5"],
    ),
    "binary by attributes": (
        {"a.py": HEAD + OLD, ".gitattributes": "*.py binary\n"},
        {"a.py": HEAD + OLD + NEW},
        ["a.py:3"],
    ),
    "CR LF in the work tree alone": (
        {"a.py": (HEAD + OLD).replace("\n", "\r\n"), ".gitattributes": "*.py text eol=crlf\n"},
        {"a.py": (HEAD + OLD + NEW).replace("\n", "\r\n")},
        ["a.py:3"],
    ),
    "a cell of a notebook": ({"n.ipynb": NOTEBOOK}, {"n.ipynb": text_of(IMPORT, "x = 2\n" + USE)}, []),
    "the line of a cell": (
        {"n.ipynb": NOTEBOOK},
        {"n.ipynb": text_of(IMPORT, "x = 1\n" + USE.replace("f", "g"))},
        ["n.ipynb:2:2", "n.ipynb:2:2"],
    ),
    "a further cell": (
        {"n.ipynb": NOTEBOOK},
        {"n.ipynb": text_of(IMPORT, ("markdown", "Text"), "x = 1\n" + USE, USE)},
        ["n.ipynb:4:1", "n.ipynb:4:1"],
    ),
    "the outputs of a cell": ({"n.ipynb": NOTEBOOK}, {"n.ipynb": text_of(IMPORT, "x = 1\n" + USE, outputs="y")}, []),
    "cells in one string": (
        {"n.ipynb": in_strings(NOTEBOOK)},
        {"n.ipynb": in_strings(text_of(IMPORT, "x = 2\n" + USE))},
        ["n.ipynb:2:2", "n.ipynb:2:2"],
    ),
    "a notebook in one line": (
        {"n.ipynb": json.dumps(json.loads(NOTEBOOK))},
        {"n.ipynb": json.dumps(json.loads(NOTEBOOK.replace("x = 1", "x = 2")))},
        ["n.ipynb:1:2", "n.ipynb:2:2", "n.ipynb:2:2"],
    ),
    "a new notebook": ({}, {"n.ipynb": NOTEBOOK}, ["n.ipynb:1:2", "n.ipynb:2:2", "n.ipynb:2:2"]),
    "a page": ({"a.md": PAGE + PAGE}, {"a.md": "New\n" + PAGE + PAGE.replace("old", "new")}, ["a.md:12"]),
    "a docstring": (
        {"a.py": 'def f():\n    """\n    >>> from prefect import Flow\n    """\n'},
        {"a.py": f'def f():\n    """\n    >>> from prefect import Flow\n    >>> {OLD.strip()}\n    """\n'},
        ["a.py:4"],
    ),
    "a pin": (
        {"requirements.txt": "prefect<0.14\n", "dev/requirements.txt": "x\nprefect<0.13\n"},
        {"requirements.txt": "x\nprefect<0.14\n", "dev/requirements.txt": "x\nprefect<0.14\n"},
        ["dev/requirements.txt:2"],
    ),
    "a file that grew": (
        {"a.py": HEAD + "x = 1\n" * 3000 + OLD},
        {"a.py": HEAD + "x = 1\n" * 1500 + NEW + "x = 1\n" * 1500 + OLD},
        ["a.py:1502"],
    ),
}


@pytest.mark.parametrize("staged", [False, True], ids=["in the work tree", "staged"])
@pytest.mark.parametrize(("before", "after", "found"), CHANGES.values(), ids=CHANGES)
def test_changes(before, after, found, staged, work_tree, capsys):
    commit(work_tree, {**before, "z.py": "x = 1\n"})
    put(work_tree, after)
    if staged:
        run_git("add", "--all")
    assert reported(capsys, "--docs") == found
    commit(work_tree, {"later.py": "x = 1\n"})
    assert reported(capsys, "--docs") == []
    assert reported(capsys, "--docs", revision="HEAD~") == found


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_odd_names(work_tree, capsys):
    names = ['"quoted".py', "a\tb.py", "back\\slash.py", "new\nline.py", "tail .py", os.fsdecode(b"\xff.py")]
    commit(work_tree, dict.fromkeys(names, HEAD + OLD))
    put(work_tree, dict.fromkeys(names, HEAD + OLD + NEW))
    assert sorted(reported(capsys)) == sorted(f"{name}:3" for name in names)


def test_many_files(work_tree, capsys):
    """More than one command compares them."""
    commit(work_tree, {f"many/{number}.py": HEAD + OLD for number in range(250)})
    put(work_tree, {f"many/{number}.py": HEAD + NEW * (number % 2) + OLD for number in range(250)})
    assert sorted(reported(capsys)) == sorted(f"many/{number}.py:2" for number in range(1, 250, 2))


# Revisions and histories


def renamed(folder):
    run_git("mv", "flow.py", "moved file.py")
    commit(folder, {"moved file.py": HEAD + "\n" * 3 + OLD + "# one\n# two\n" + NEW})


def renamed_and_not_staged(folder):
    (folder / "flow.py").rename(folder / "moved.py")


def copied(folder):
    commit(folder, {"copy.py": HEAD + OLD})


def not_tracked_any_more(folder):
    run_git("rm", "-q", "--cached", "flow.py")


def on_a_branch(folder):
    """The other branch migrates what this one has as it was: these lines are old."""
    run_git("switch", "-qc", "mine")
    commit(folder, {"mine.py": HEAD + NEW})
    run_git("switch", "-q", "main")
    commit(folder, {"flow.py": HEAD + OLD.replace("result_handler", "result"), "other.py": HEAD + OLD})
    run_git("switch", "-q", "mine")


def merged(folder):
    on_a_branch(folder)
    run_git("merge", "-qm", "merge", "main")


def in_a_conflict(folder):
    run_git("switch", "-qc", "mine")
    commit(folder, {"a.toml": "a = 1\n", "flow.py": HEAD + OLD + NEW})
    run_git("switch", "-q", "main")
    commit(folder, {"a.toml": "a = 2\n"})
    run_git("switch", "-q", "mine")
    with pytest.raises(subprocess.CalledProcessError):
        run_git("merge", "-qm", "merge", "main")


def tagged(folder):
    run_git("tag", "-am", "it", "v1")
    commit(folder, {"new.py": HEAD + NEW})


def in_another_work_tree(folder):
    run_git("worktree", "add", "-q", "linked")
    put(folder, {"linked/new.py": HEAD + NEW, "new.py": HEAD + NEW})


def repository_inside(folder):
    run_git("init", "-q", "inside")
    commit(folder / "inside", {"old.py": HEAD + OLD})
    put(folder, {"inside/old.py": HEAD + OLD + NEW, "inside/new.py": HEAD + NEW, "new.py": HEAD + NEW})


def for_prefect_3(folder):
    lines = "from prefect import Flow, task\n\n@task\ndef f():\n    return 1\n\n{}\n    f()\n"
    commit(folder, {"old.py": lines.format('with Flow("f") as flow:')})
    put(folder, {"new.py": lines.format('with Flow("g") as flow:')})


def ignored_by_git(folder):
    commit(folder, {".gitignore": "made.py\n"})
    put(folder, {"made.py": HEAD + OLD})


# What is done, what is typed, and the places that are reported.
HISTORIES = {
    "renamed": (renamed, ("main~",), ["moved file.py:8"]),
    "renamed, not staged": (renamed_and_not_staged, ("HEAD",), ["moved.py:2"]),
    "copied": (copied, ("main~",), ["copy.py:2"]),
    "not tracked": (not_tracked_any_more, ("HEAD",), ["flow.py:2"]),
    "a branch": (on_a_branch, ("main",), ["mine.py:2"]),
    "a branch that was merged": (merged, ("main",), ["mine.py:2"]),
    "a conflict": (in_a_conflict, ("main~",), ["flow.py:3"]),
    "a tag": (tagged, ("v1",), ["new.py:2"]),
    "a time": (tagged, ("main@{0}",), []),
    "another work tree": (in_another_work_tree, ("HEAD", "linked"), ["linked/new.py:2"]),
    "a repository inside": (
        repository_inside,
        ("HEAD", ".", "inside"),
        ["inside/new.py:2", "inside/old.py:3", "new.py:2"],
    ),
    "a file": (tagged, ("v1", "new.py"), ["new.py:2"]),
    "for Prefect 3": (for_prefect_3, ("HEAD", "--target=prefect-3"), ["new.py:7"]),
    "ignored": (ignored_by_git, ("HEAD", "--no-respect-gitignore"), ["made.py:2"]),
}


@pytest.mark.parametrize(("act", "typed", "found"), HISTORIES.values(), ids=HISTORIES)
def test_histories(act, typed, found, work_tree, capsys):
    act(work_tree)
    assert reported(capsys, *typed[1:], revision=typed[0]) == found


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("folder", ["deep", "../link"])
def test_from_another_folder(folder, work_tree, capsys, monkeypatch):
    commit(work_tree, {"deep/a.py": HEAD + OLD})
    put(work_tree, {"deep/a.py": HEAD + OLD + NEW})
    (work_tree.parent / "link").symlink_to(work_tree / "deep")
    monkeypatch.chdir(folder)
    assert reported(capsys) == ["a.py:3"]


# What a person, or a repository, has configured.
CONFIGURED = {
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.relative": "true",
    "diff.context": "5",
    "diff.interHunkContext": "10",
    "diff.orderFile": "no-such-file",
    "diff.renames": "false",
    "diff.wsErrorHighlight": "all",
    "color.ui": "always",
    "core.quotePath": "false",
    "diff.suppressBlankEmpty": "true",
    "status.showUntrackedFiles": "no",
}


@pytest.mark.parametrize("name", [*CONFIGURED, "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF"])
def test_configuration_changes_nothing(name, work_tree, capsys, monkeypatch):
    commit(work_tree, {"é/a.py": HEAD + OLD + "\n\n" + OLD + "\n\n" + OLD, "é/b.py": HEAD + OLD * 5})
    run_git("mv", "é/b.py", "é/c.py")
    put(work_tree, {"é/a.py": HEAD + NEW + "\n\n" + OLD + "\n\n" + NEW, "é/new.py": HEAD + NEW})
    if name in CONFIGURED:
        run_git("config", name, CONFIGURED[name])
    else:
        monkeypatch.setenv(name, "--unified=10")
    monkeypatch.chdir("é")
    assert reported(capsys) == ["a.py:2", "a.py:8", "new.py:2"]
