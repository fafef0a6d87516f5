"""Looking for words with git's help finds what reading every file finds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.files import discovery, git
from rehandle_codemods.files.import_statements import Wanted
from rehandle_codemods.files.search import Search
from rehandle_codemods.index import prefect_names
from rehandle_codemods.options import DEFAULTS, Options

pytestmark = [
    pytest.mark.prefect(None),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.skipif(os.name == "nt", reason="symbolic links and file names as on POSIX"),
]
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
PLAIN = "x = 1\n"
MANY = {f"many/m{number:03}.py": OLD if number % 100 == 7 else PLAIN for number in range(320)}


def run_git(*arguments, **options):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, **options)


@pytest.fixture
def work_tree(repository):
    """A repository with so many files that git is asked."""
    run_git("init", "-q")
    write_files(repository, MANY)
    run_git("add", ".")
    run_git("commit", "-qm", "all")
    return repository


@pytest.fixture
def asked(monkeypatch):
    """What git has answered."""
    answers = []
    holding = git.holding

    def spy(*arguments, **options):
        answers.append(holding(*arguments, **options))
        return answers[-1]

    monkeypatch.setattr(git, "holding", spy)
    return answers


def found(groups=prefect_names.TRIGGERS, paths=(".",), options=DEFAULTS):
    """What is found with git's help, which is checked to be what is found without."""
    selection = discovery.select(paths, options)
    unreadable, unreadable_alone = set(), set()
    with_git = Search(selection.indexed, walked=selection.walked).word_files(selection.chosen, groups, unreadable)
    assert with_git == Search({}).word_files(selection.chosen, groups, unreadable_alone)
    assert unreadable == unreadable_alone
    wanted = [Wanted(os.path.realpath("tasks.py"), frozenset([b"load"]))]
    importing = Search(selection.indexed, walked=selection.walked).importing_files(selection.chosen, wanted)
    assert importing == Search({}).importing_files(selection.chosen, wanted)
    return [os.path.relpath(path) for path in with_git]


def expected(*more):
    return sorted([*(name for name, text in MANY.items() if text == OLD), *more])


def test_git_is_asked(work_tree, asked):
    assert found() == expected()
    assert asked
    assert None not in asked


def test_git_is_asked_outside_of_work_trees(repository, asked):
    more = {"nested/deep/a.py": OLD, "build/b.py": OLD, "other/build/c.py": OLD, "übrig/[x].py": OLD}
    write_files(repository, {**MANY, **more})
    run_git("init", "-q", cwd=repository / "nested")
    (repository / "link.py").symlink_to(repository / "nested" / "deep" / "a.py")
    assert found() == expected("nested/deep/a.py", "übrig/[x].py")
    assert asked
    assert None not in asked
    # What is looked for in folders that are left out by default is read.
    assert found(options=DEFAULTS._replace(exclude=())) == expected(*more)


IMPORTS = [
    "from tasks import load",
    "from  tasks\timport load",
    "from.tasks import load",
    "from . import tasks; tasks.load",
    "from tasks\\\n import load",
    "from \\\n  tasks \\\n  import load",
    "import tasks\ntasks.load",
    "import os,tasks,sys\ntasks.load",
    "import os, \\\n    tasks as jobs\njobs.load",
    "import tasks;tasks.load()",
    "import tasks# jobs\ntasks.load",
    "from . import (tasks)\ntasks.load",
    "from . import (\n    os,\n    tasks,\n)\ntasks.load",
    "from . import (\n    tasks  # jobs\n    , os)\ntasks.load",
    "from . import (\n    os, tasks as jobs); jobs.load",
    "from . import (os,  # os\n\ttasks)\ntasks.load",
    "from . import os, \\\n\ttasks\ntasks.load",
    "import os\rimport tasks\rtasks.load",
    "from . import (\r\n    tasks,\r\n)\r\ntasks.load",
    "from . import (\x0c tasks\x0c)\ntasks.load",
    "patch('tasks.load')",
    'patch("tasks.Loader.é.load")',
    "entry = 'tasks:load'",
    "import_module('tasks').load",
    "importlib.import_module(name='tasks').load",
    "__import__('tasks').load",
]
OTHERS = [
    "tasks = load(tasks)",
    "self.tasks.append(load)",
    "subtasks, load",
    "for tasks in load: pass",
    "'tasks', load",
]


@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_every_way_to_import(suffix, work_tree, asked):
    texts = {f"b{number:02}{suffix}": f"{text}\n" for number, text in enumerate([*IMPORTS, *OTHERS])}
    if suffix == ".ipynb":
        for number, (name, text) in enumerate(texts.items()):
            source = text.splitlines(keepends=True) if number % 2 else text
            texts[name] = json.dumps({"cells": [{"source": source}]}, indent=1)
        write_files(work_tree, {f"many/n{number:03}.ipynb": "{}" for number in range(320)})
    write_files(work_tree, texts)
    run_git("add", ".")
    selection = discovery.select(["."])
    wanted = [Wanted(os.path.realpath("tasks.py"), frozenset([b"load"]))]
    importing = Search(selection.indexed).importing_files(selection.chosen, wanted)
    assert importing == Search({}).importing_files(selection.chosen, wanted)
    if suffix == ".py":
        assert set(texts) - set(asked[-1]), "git leaves none out"
        assert set(list(texts)[: len(IMPORTS)]) <= set(map(os.path.basename, importing))


def test_few_files_are_just_read(work_tree, asked):
    assert found(paths=["many/m007.py", "many/m008.py"]) == ["many/m007.py"]
    assert not asked


def test_the_repository_is_listed_once_and_only_for_a_match(work_tree, monkeypatch):
    listed = []
    output = git.output
    monkeypatch.setattr(git, "output", lambda *arguments: listed.append(arguments) or output(*arguments))
    named = sorted(MANY)
    run([name for name in named if MANY[name] == PLAIN])
    assert not listed
    outcome = run(named)
    assert len(outcome.findings) == len(expected())
    assert len(listed) == 1


def test_what_changed_since_the_commit(work_tree, asked):
    write_files(work_tree, {"many/m000.py": OLD, "many/m007.py": PLAIN, "new.py": OLD, "staged.py": PLAIN})
    run_git("add", "staged.py")
    write_files(work_tree, {"staged.py": OLD, "added.py": OLD})
    run_git("add", "-N", "added.py")
    (work_tree / "many/m107.py").unlink()
    changed = set(expected("many/m000.py", "new.py", "staged.py", "added.py")) - {"many/m007.py", "many/m107.py"}
    assert found() == sorted(changed)
    assert None not in asked


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_is_told_to_leave_alone(work_tree, asked, flag):
    run_git("update-index", flag, "many/m000.py", "many/m007.py")
    write_files(work_tree, {"many/m000.py": OLD, "many/m007.py": PLAIN})
    assert found() == sorted({*expected("many/m000.py")} - {"many/m007.py"})
    assert None not in asked


def test_ignored_files(work_tree, asked):
    write_files(work_tree, {".gitignore": "secret.py\n", "secret.py": OLD})
    assert found() == expected()
    asked.clear()
    assert found(options=Options(respect_gitignore=False)) == expected("secret.py")
    assert any("secret.py" in answer for answer in asked)


def test_conflicts(work_tree, asked):
    run_git("checkout", "-qb", "other")
    write_files(work_tree, {"many/m000.py": "y = 2\n"})
    run_git("commit", "-qam", "theirs")
    run_git("checkout", "-q", "main")
    write_files(work_tree, {"many/m000.py": OLD})
    run_git("commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        run_git("merge", "other")
    assert found() == expected("many/m000.py")
    assert None not in asked


def test_links_and_files_that_became_links(work_tree, asked):
    (work_tree / "link.py").symlink_to("many/m007.py")
    run_git("add", "link.py")
    (work_tree / "many/m000.py").unlink()
    (work_tree / "many/m000.py").symlink_to("m007.py")
    assert found() == expected()
    assert None not in asked


def test_submodules(work_tree, asked, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write_files(other, {"inside.py": OLD})
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        run_git(*command, cwd=other)
    run_git("-c", "protocol.file.allow=always", "submodule", "add", str(other), "sub")
    run_git("config", "submodule.recurse", "true")
    assert found() == expected()
    assert None not in asked


@pytest.mark.parametrize(
    "name", ["-e.py", "a b.py", "line\nbreak.py", 'quo"te.py', "[ab].py", ":(top)x.py", "caf\u00e9.py", "deep/er/*.py"]
)
def test_names(work_tree, asked, name):
    write_files(work_tree, {name: OLD})
    run_git("add", "-A")
    assert found() == expected(name)
    assert None not in asked


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"result_handler = '\0'\n", id="NUL"),
        pytest.param(b"# -*- coding: latin-1 -*-\nname = '\xe9'; result_handler = 1\n", id="Latin-1"),
        pytest.param(b"x = 1\rresult_handler = 1\r", id="carriage returns"),
        pytest.param(b"result_handler", id="no newline"),
        pytest.param(b"x = 1 # " + b"y" * 100_000 + b" result_handler", id="a long line"),
    ],
)
def test_contents(work_tree, asked, content):
    (work_tree / "odd.py").write_bytes(content)
    (work_tree / ".gitattributes").write_text("odd.py -diff -text\n", "utf-8")
    run_git("-c", "core.autocrlf=false", "add", "-A")
    assert found() == expected("odd.py")
    assert None not in asked


@pytest.mark.parametrize("words", [100, 101])
def test_many_words(work_tree, asked, words):
    write_files(work_tree, {"odd.py": "word_33 = 1\n"})
    run_git("add", "-A")
    assert found([(f"word_{number}".encode(),) for number in range(words)]) == ["odd.py"]
    assert (None in asked) == (words > 100)


@pytest.mark.parametrize("group", prefect_names.TRIGGERS, ids=lambda group: group[0].decode())
def test_each_trigger(work_tree, asked, group):
    write_files(work_tree, {"odd.py": f"x = 1  # {b' '.join(group).decode()}\n"})
    run_git("add", "-A")
    assert found() == expected("odd.py")
    assert None not in asked


def test_a_git_without_perl_expressions(work_tree, asked, tmp_path, monkeypatch):
    own = tmp_path / "bin"
    own.mkdir()
    refusing = 'for argument; do case "$argument" in --perl-regexp) echo "fatal: no PCRE" >&2; exit 128;; esac; done'
    (own / "git").write_text(f'#!/bin/sh\n{refusing}\nexec {shutil.which("git")} "$@"\n', "utf-8")
    (own / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(own), prepend=os.pathsep)
    assert found() == expected()
    assert asked
    assert None not in asked


def test_words_that_are_not_ascii(work_tree, asked):
    write_files(work_tree, {"odd.py": "caf\u00e9 = 1\n"})
    run_git("add", "-A")
    assert found([("caf\u00e9".encode(),)]) == ["odd.py"]
    assert None not in asked


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_are_reported(work_tree, asked, capsys):
    (work_tree / "many/m000.py").chmod(0)
    found()
    assert asked == [None, None]
    assert main(["check"]) == 2
    assert "m000.py:1:1: RH901" in capsys.readouterr().out


def test_a_broken_index_and_no_git(work_tree, asked, monkeypatch):
    selection = discovery.select(["."])
    (work_tree / ".git/index").write_bytes(b"no index")
    search = Search(selection.indexed, walked=selection.walked)
    assert len(search.word_files(selection.chosen, prefect_names.TRIGGERS, set())) == len(expected())
    assert asked == [None]
    monkeypatch.setenv("PATH", "")
    assert found() == expected()


def test_git_runs_nothing_of_the_repository(work_tree, asked):
    trap = work_tree / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {work_tree}/sprung\ncat\n", "utf-8")
    trap.chmod(0o755)
    (work_tree / ".gitattributes").write_text("*.py diff=trap filter=trap\n", "utf-8")
    for key in ("diff.trap.textconv", "diff.trap.command", "filter.trap.clean", "filter.trap.smudge", "core.fsmonitor"):
        run_git("config", key, str(trap))
    run_git("config", "grep.fallbackToNoIndex", "true")
    assert found() == expected()
    assert None not in asked
    assert not (work_tree / "sprung").exists()
