"""Code from standard input: analysed as a file of its repository, and printed as it would be."""

from __future__ import annotations

import json

import pytest
from commands import NEW, OLD, run_command
from repositories import write_files

COMMON = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
USE = "from common import H\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=H)\n"


@pytest.mark.parametrize(
    "text", [OLD, OLD.replace("\n", "\r\n"), "\ufeff" + OLD, OLD.rstrip("\n"), "# coding: latin-1\n" + OLD]
)
def test_migrate_prints_the_new_code(text, repository):
    encoding = "latin-1" if "latin-1" in text else "utf-8"
    done = run_command("migrate", "-", cwd=repository, input=text.encode(encoding))
    assert (done.returncode, done.stdout) == (0, text.replace("result_handler", "result").encode(encoding))
    assert b"-:" in done.stderr
    assert b"1 place in 1 file: 1 rewritten" in done.stderr
    assert list(repository.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"x = 1\n",
        b"",
        b"import prefect\ndef (:\n  result_handler\n",
        b"import prefect  # result_handler \xff\n",
    ],
)
def test_what_does_not_change_is_printed_as_it_is(text, repository):
    done = run_command("migrate", "-", cwd=repository, input=text)
    assert done.stdout == text
    assert done.returncode == (2 if b"result_handler" in text else 0)
    assert (b"RH901" in done.stderr) == (done.returncode == 2)


def test_check(repository):
    done = run_command("check", "-", "--format", "json", cwd=repository, input=OLD.encode())
    (finding,) = json.loads(done.stdout)
    assert (done.returncode, finding["filename"], finding["code"]) == (1, "-", "RH103")


def test_diff(repository):
    done = run_command("migrate", "--diff", "--stdin-filename", "flows/a.py", "-", cwd=repository, input=OLD.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"diff --git a/flows/a.py b/flows/a.py\n")


@pytest.mark.parametrize("exists", [True, False])
def test_as_a_file_of_its_repository(exists, repository):
    write_files(repository, {".git/HEAD": "", "common.py": COMMON, "other.py": USE})
    if exists:
        write_files(repository, {"flow.py": "# it is older on disk, and has no handler\n"})
    done = run_command("migrate", "--stdin-filename", "flow.py", "-", cwd=repository, input=USE.encode())
    # H stays a handler, because common.py isn't to change.
    assert b"Flow('f', result=to_result(H))" in done.stdout
    assert b"flow.py:4:18: RH108 [run time]" in done.stderr
    assert (repository / "flow.py").exists() == exists
    assert (repository / "common.py").read_text() == COMMON


def test_what_is_given_counts_and_not_what_is_on_disk(repository):
    write_files(repository, {"common.py": "H = None\n", "flow.py": USE})
    done = run_command("check", "--stdin-filename", "common.py", "-", cwd=repository, input=COMMON.encode())
    assert b"H is used in flow.py:4, which isn't to be changed" in done.stdout


def test_settings_and_excludes_are_those_of_the_file(repository):
    write_files(repository, {"inner/pyproject.toml": "[tool.rehandle]\nignore = ['RH103']\nextend-exclude = ['gen']\n"})
    arguments = ("migrate", "--stdin-filename", "inner/a.py", "-")
    done = run_command(*arguments, cwd=repository, input=OLD.encode())
    assert (done.returncode, done.stdout) == (0, OLD.encode())
    done = run_command("migrate", "-", cwd=repository, input=OLD.encode())
    assert (done.returncode, done.stdout) == (0, NEW.encode())
    arguments = ("migrate", "--force-exclude", "--select", "ALL", "--ignore", "RH301", "--stdin-filename")
    done = run_command(*arguments, "inner/gen/a.py", "-", cwd=repository, input=OLD.encode())
    assert (done.returncode, done.stdout) == (0, OLD.encode())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "-", "a.py"], "give no other path beside it"),
        (["check", "--stdin-filename", "a.py", "b.py"], "give - as the path"),
        (["check", "--stdin-filename", ".", "-"], "--stdin-filename: . is a folder"),
        (["migrate", "-i", "-"], "leave out --diff and -"),
    ],
)
def test_wrong_use(arguments, message, repository):
    done = run_command(*arguments, cwd=repository, input=b"")
    assert done.returncode == 2
    assert message in done.stderr.decode()
