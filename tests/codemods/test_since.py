"""`check --since`: what is in lines that changed since a revision, in real repositories."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from cells import IMPORT, USE, notebook, written
from commands import run_command

from rehandle_codemods import report
from rehandle_codemods.cli.commands import main

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

HEAD = "from prefect import Flow\n"
OLD = 'Flow("old", result_handler=None)\n'
NEW = 'Flow("new", result_handler=None)\n'
LONG = 'Flow(\n    "long",\n    result_handler=None,\n)\n'
IN_CONFLICT = "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n"
MINUS = "x = 1\n-- a/flow.py\n"


def run_git(*arguments, cwd=None):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, cwd=cwd)


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(folder, files, message="more"):
    put(folder, files)
    run_git("add", "--all", cwd=folder)
    run_git("commit", "-qm", message, cwd=folder)


@pytest.fixture
def work_tree(repository):
    """A repository with one commit, of a file with one place."""
    run_git("init", "-q")
    commit(repository, {"flow.py": HEAD + OLD}, "first")
    return repository


def reported(capsys, *arguments, revision="HEAD", status=None):
    """The places that are reported, as FILE:ROW or FILE:CELL:ROW, once the exit code is right."""
    code = main(["check", "--since", revision, "--format", "json", *arguments])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    findings = json.loads(out)
    assert code == any(each["status"] != "note" for each in findings)
    cells = (f"{each['cell']}:" if each["cell"] else "" for each in findings)
    return [f"{each['filename']}:{cell}{each['location']['row']}" for each, cell in zip(findings, cells)]


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


# What can't be compared


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


# What is reported of it

OWN = """from prefect import Task


class Own(Task):
    def __init__(self, result_handler=None):
        self.own = result_handler


"""
CALL = "Own(result_handler=None)\n"


@pytest.fixture
def followed(work_tree):
    """A work tree in which what changed follows from what didn't, beside what has nothing to do with it."""
    commit(work_tree, {"a.py": OWN + CALL, "note.py": "import prefect\n\n# It has a result_handler.\n"})
    put(work_tree, {"a.py": OWN + CALL + CALL, "b.py": HEAD + NEW})
    return work_tree


def test_errors_are_always_reported(work_tree, capsys):
    commit(work_tree, {"broken.py": "import prefect\nresult_handler = (\n"})
    assert main(["check", "--since", "HEAD"]) == 2
    assert "broken.py:2:18: RH901" in capsys.readouterr().out
    assert main(["check", "--since", "HEAD", "--exit-zero"]) == 2


def test_exit_codes(work_tree, capsys):
    assert main(["check"]) == 1
    assert main(["check", "--since", "HEAD"]) == 0
    put(work_tree, {"new.py": HEAD + NEW})
    assert main(["check", "--since", "HEAD"]) == 1
    assert main(["check", "--since", "HEAD", "--exit-zero"]) == 0


def test_sums_add_up(followed, capsys):
    main(["check", "--format", "concise"])
    assert "5 places in 4 files: 2 would be rewritten, 0 run time, 2 by hand, 1 note.\n" in capsys.readouterr().out
    main(["check", "--since", "HEAD", "--format", "concise"])
    lines = capsys.readouterr().out.splitlines()
    assert "5 places in 4 files: 1 would be rewritten, 0 run time, 1 by hand, 0 notes, 3 in older lines." in lines
    assert lines[-1] == "Next: rehandle migrate --diff b.py"


def test_nothing_in_changed_lines(work_tree, capsys):
    assert main(["check", "--since", "HEAD"]) == 0
    said = "1 place in 1 file: 0 would be rewritten, 0 run time, 0 by hand, 0 notes, 1 in older lines.\n"
    assert capsys.readouterr().out == said


def test_causes_in_older_lines(followed, capsys):
    main(["check", "--since", "HEAD"])
    out = capsys.readouterr().out
    assert "Decide this, and 1 more follows." in out
    assert re.search(r"1 more: a\.py:\d+:\d+: RH\d+ .* \(in an older line\)$", out, re.MULTILINE)
    main(["check", "--since", "HEAD", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert [each["because"] is not None for each in found] == [True, False]


def of_json(text):
    return [(each["filename"], each["location"]["row"], each["code"]) for each in json.loads(text)]


def of_sarif(text):
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        yield place["artifactLocation"]["uri"], place["region"]["startLine"], result["ruleId"]


def of_github(text):
    for file, line, code in re.findall(r"file=(.*?),line=(\d+),.*?::.*? (RH\d+)", text):
        yield file, int(line), code


def of_junit(text):
    for case in ElementTree.fromstring(text).iter("testcase"):
        code, _, row, *_ = case.get("name").split()
        yield case.get("classname"), int(row), code


def of_html(text):
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])
    for each in data["findings"]:
        yield each["file"], each["at"][0], each["code"]


def of_text(text):
    for file, row, code in re.findall(r"^(\S+?):(\d+):\d+: (RH\d+)", text, re.MULTILINE):
        yield file, int(row), code


READERS = {
    "json": of_json,
    "sarif": of_sarif,
    "github": of_github,
    "junit": of_junit,
    "html": of_html,
    "text": of_text,
    "concise": of_text,
}


@pytest.mark.parametrize("form", report.FORMATS)
def test_every_format_has_the_same(form, followed, capsys):
    main(["check", "--since", "HEAD", "--format", form])
    out = capsys.readouterr().out
    assert sorted((file, row) for file, row, _ in READERS[form](out)) == [("a.py", 10), ("b.py", 2)]
    assert ("in older lines" in out) == (form not in ("json", "sarif", "junit"))


def test_names_in_sarif_are_those_of_the_whole(work_tree, capsys):
    """A place in a new line isn't taken for one with the same code in an older line."""
    put(work_tree, {"flow.py": HEAD + OLD + OLD})
    names = []
    for arguments in ((), ("--since", "HEAD")):
        main(["check", "--format", "sarif", *arguments])
        results = json.loads(capsys.readouterr().out)["runs"][0]["results"]
        names.append([result["partialFingerprints"]["rehandlePlace/v1"] for result in results])
    assert names[1] == names[0][1:]
    assert len(set(names[0])) == 2


def test_page_measures_the_whole(followed, capsys):
    """What is in older lines is to be migrated all the same: here four places beside one that is done."""
    put(followed, {"done.py": HEAD + 'Flow("done", result=None)\n'})
    main(["check", "--since", "HEAD", "--format", "html"])
    out = capsys.readouterr().out
    assert "<b>20<small>" in out
    assert "2 findings in 2 files" in out
    legend = re.search(r'<ul class="legend">(.*?)</ul>', out)[1]
    said = {name: int(number) for number, name in re.findall(r"<b>(\d+)</b> ([a-z ]+)<", legend)}
    assert said == {
        "migrated": 1,
        "rewritten": 1,
        "run time": 0,
        "by hand": 1,
        "in older lines": 2,
        "note in older lines": 1,
    }
