"""Which files are read, that they are written exactly, and what is imported for it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from commands import NEW, OLD, run_command
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

# Files are written exactly

ENCODED = [
    ("utf-8", b"", "\n"),
    ("utf-8", b"\xef\xbb\xbf", "\n"),
    ("utf-8", b"", "\r\n"),
    ("utf-8", b"", "\r"),
    ("latin-1", b"# -*- coding: latin-1 -*-\n", "\n"),
    ("cp1252", b"#!/usr/bin/python\r\n# vim: set fileencoding=cp1252 :\r\n", "\r\n"),
    ("utf-8", b"# coding: utf-8\r", "\r"),
]


@pytest.mark.parametrize(("encoding", "head", "newline"), ENCODED)
@pytest.mark.parametrize("end", ["", "\n", "\n\n\x0c\n", "\nif flow:\n\tpass # \u00e9\u2028"[:-1]])
def test_bytes_outside_the_edits(encoding, head, newline, end, repository):
    def encoded(text):
        return head + (text.rstrip("\n") + end).replace("\n", newline).encode(encoding)

    path = repository / "a.py"
    path.write_bytes(encoded(OLD))
    path.chmod(0o750)
    assert main(["migrate"]) == 0
    assert path.read_bytes() == encoded(NEW)
    assert path.stat().st_mode & 0o777 == 0o750


def test_mixed_newlines_and_inserted_lines(repository):
    text = "from prefect import Task\r\n\x0c\rdef f(h):\r\n    Task(result_handler=h)\n"
    (repository / "a.py").write_bytes(text.encode())
    assert main(["migrate"]) == 0
    assert (repository / "a.py").read_bytes() == (
        text.replace("Task\r\n", "Task\r\nfrom rehandle import to_result\r\n", 1)
        .replace("result_handler=h", "result=to_result(h)")
        .encode()
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_symbolic_link_stays_one(repository):
    write_files(repository, {"real/a.py": OLD})
    (repository / "link.py").symlink_to(repository / "real" / "a.py")
    assert main(["migrate", "link.py"]) == 0
    assert (repository / "link.py").is_symlink()
    assert (repository / "real" / "a.py").read_text("utf-8") == NEW


# Which files


def test_only_named_files_change_and_others_are_respected(repository):
    files = {
        "common.py": "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n",
        "flow.py": "from common import H\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=H)\n",
    }
    write_files(repository, files)
    assert main(["migrate", "common.py"]) == 1  # flow.py would still say result_handler=
    assert (repository / "common.py").read_text() == files["common.py"]
    assert main(["migrate", "flow.py"]) == 0
    assert "result=to_result(H)" in (repository / "flow.py").read_text()
    assert (repository / "common.py").read_text() == files["common.py"]


@pytest.mark.parametrize("folder", [".venv", "build", "node_modules", "x.egg-info", "site-packages"])
def test_pruned_folders_and_explicit_files(folder, repository):
    write_files(repository, {f"{folder}/a.py": OLD})
    assert run(["."]).files == 0
    assert run([f"{folder}/a.py"]).files == 1


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_files_that_git_ignores(repository):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {".gitignore": "generated.py\n", "generated.py": OLD, "a.py": OLD})
    assert [finding.filename for finding in run(["."]).findings] == ["a.py"]


def test_script_without_a_suffix(repository):
    write_files(repository, {"flow": OLD})
    assert main(["migrate", "flow"]) == 0
    assert (repository / "flow").read_text("utf-8") == NEW


# Cost follows matches


HEAVY = (
    "difflib",
    "json",
    "libcst",
    "pathspec",
    "pkgutil",
    "rich",
    "subprocess",
    "tempfile",
    "rehandle_codemods.index.project",
)


@pytest.mark.parametrize(
    ("argument", "also"),
    [
        ("--version", ["click", "rehandle_codemods"]),
        ("--help", ["click", "rehandle_codemods"]),
        ("check", []),
    ],
)
def test_nothing_heavy_is_imported_without_a_match(argument, also, repository):
    write_files(repository, {"a.py": "x = 1\n"})
    code = f"""
import atexit, sys
from rehandle.__main__ import main
atexit.register(lambda: print(sorted({{*{HEAVY}, *{also}}} & set(sys.modules))))
main([{argument!r}])
"""
    done = run_command(cwd=repository, code=code)
    # Up to Python 3.10, click has it from `uuid`, and that from `platform`.
    by_click = b"['subprocess']" if argument == "check" and sys.version_info < (3, 11) else b"[]"
    assert done.stdout.splitlines()[-1] in (b"[]", by_click)
