"""Standard streams and a working directory that can't be used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from commands import NEW, OLD, ROOTS, run_command
from repositories import write_files

pytestmark = [pytest.mark.prefect(None), pytest.mark.once]

COMMAND = [
    sys.executable,
    "-c",
    "import sys; from rehandle_codemods.cli.commands import main; sys.exit(main(sys.argv[1:]))",
]
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")


def run_on(arguments, folder, **streams):
    """Run a command with other standard streams."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=environment, check=False, **streams)


@FULL
@pytest.mark.parametrize(
    "arguments", [["check"], ["migrate", "--diff"], ["explain", "RH103"], ["--list-rules"], ["check", "--help"]]
)
def test_output_that_can_not_be_written(arguments, repository):
    write_files(repository, {"a.py": OLD})
    with open("/dev/full", "wb") as full:
        done = run_on(arguments, repository, stdout=full)
    assert done.returncode == 2
    assert done.stderr == b"Error: standard output can't be written: No space left on device\n"


@FULL
def test_errors_that_can_not_be_written(repository):
    write_files(repository, {"a.py": OLD})
    with open("/dev/full", "wb") as full:
        done = run_on(["migrate", "--diff"], repository, stderr=full)
    assert done.returncode == 2
    assert done.stdout.endswith(b"# \xc3\xa9\n")


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", "check -v", 1),
        ("2>&-", "check -v", 1),
        (">&- 2>&-", "migrate --diff", 1),
        ("<&-", "migrate -i --quiet", 1),
        ("<&-", "check -", 2),
    ],
)
@POSIX
def test_closed_streams(closed, arguments, code, repository):
    write_files(repository, {"a.py": OLD})
    command = f'"$@" {arguments} {closed}; echo "ended with $?" >&3'
    done = subprocess.run(
        ["sh", "-c", f"exec 3>&1; {command}", "sh", *COMMAND],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)},
        capture_output=True,
        check=False,
    )
    assert done.stdout.endswith(b"ended with %d\n" % code)
    assert b"Traceback" not in done.stderr


@POSIX
@pytest.mark.parametrize("arguments", ["check", "check --format json", "migrate --diff", "migrate"])
def test_pipe_that_nobody_reads(arguments, repository):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    done = subprocess.run(
        ["sh", "-c", f'"$@" {arguments} | true', "sh", *COMMAND],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr
    expected = NEW if arguments == "migrate" else OLD
    assert {path.read_text("utf-8") for path in repository.glob("*.py")} == {expected}


@pytest.mark.skipif(os.name == "nt", reason="a folder that is used can't be removed there")
def test_folder_that_is_gone(repository, tmp_path):
    code = f"""
import os, sys
os.rmdir({str(repository)!r})
from rehandle.__main__ import main
sys.exit(main(["check"]))
"""
    done = run_command(cwd=repository, code=code)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"rehandle: error: the working directory can't be used: ")
