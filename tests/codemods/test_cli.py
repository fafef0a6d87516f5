"""The commands: exit codes and output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from commands import OLD, run_command
from repositories import write_files

from rehandle_codemods.cli.commands import main

# Nothing to do


def test_folder_without_python_files(repository, capsys):
    write_files(repository, {"empty/notes.txt": "result_handler", "flow.py": "x = 1\n"})
    assert main(["check", "empty"]) == 2
    assert capsys.readouterr().out == (
        "empty:1:1: RH901 has no Python files. Give a folder or a file with Python code\n"
        "\n"
        "No Python files found. 1 error.\n"
        "Next: mend what the errors name, then rehandle check empty\n"
    )
    assert main(["check", "empty", "flow.py"]) == 2
    assert capsys.readouterr().out.endswith(
        "Nothing found to migrate in 1 file. 1 error.\n"
        "Next: mend what the errors name, then rehandle check empty flow.py\n"
    )


def test_nothing_found(repository, capsys):
    write_files(repository, {"a.py": "x = 1\n", "b.txt": "result_handler"})
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == "Nothing to migrate in 1 file.\nNext: rehandle check --target prefect-3\n"


def test_only_notes(repository, capsys):
    write_files(repository, {"a.py": "import prefect\n\n# once this had a result_handler\n"})
    assert main(["check"]) == 0
    assert "1 place in 1 file: 0 would be rewritten, 0 run time, 0 by hand, 1 note.\n" in capsys.readouterr().out
    assert main(["migrate"]) == 0


def test_json_of_nothing(repository, capsys):
    write_files(repository, {"a.py": "x = 1\n"})
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


# Output


def test_json(repository, capsys):
    write_files(repository, {"flows/a.py": OLD})
    assert main(["check", "--format", "json", "flows"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "code": "RH103",
            "status": "rewritten",
            "message": "pass result= instead of result_handler=",
            "filename": os.path.join("flows", "a.py"),
            "cell": None,
            "location": {"row": 3, "column": 18},
            "end_location": {"row": 3, "column": 32},
            "url": "https://github.com/rehandle/rehandle/blob/main/docs/rules/RH103.md",
            "because": None,
            "new_code": 'flow = Flow("é", result=None)  # é',
        }
    ]


def test_text(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["check", "a.py"]) == 1
    assert capsys.readouterr().out == (
        "a.py:3:18: RH103 [rewritten] pass result= instead of result_handler=\n"
        '  3 | flow = Flow("é", result_handler=None)  # é\n'
        "    |                  ^^^^^^^^^^^^^^\n"
        '    + flow = Flow("é", result=None)  # é\n'
        "\n"
        "1 place in 1 file: 1 would be rewritten, 0 run time, 0 by hand, 0 notes.\n"
        "Next: rehandle migrate --diff a.py\n"
    )
    assert main(["migrate", "a.py"]) == 0
    assert "\n1 place in 1 file: 1 rewritten, 0 run time, 0 by hand, 0 notes.\n" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "text", [OLD, OLD.rstrip("\n"), OLD.replace("\n", "\r\n"), "\f" + OLD, OLD.replace("\n", "\r\n", 1)]
)
def test_diff_is_a_patch(repository, text):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {"deep/a.py": text, "deep/b.py": text})
    done = run_command("migrate", "--diff", cwd=repository)
    assert done.returncode == 1
    assert (repository / "deep/a.py").read_bytes() == text.encode()
    assert b"1 would be rewritten" not in done.stdout
    assert b"2 would be rewritten" in done.stderr
    subprocess.run(["git", "apply", "-"], input=done.stdout, check=True)
    for name in ("a.py", "b.py"):
        assert (repository / "deep" / name).read_bytes() == text.replace("result_handler", "result").encode()


def test_help_and_unknown_options(repository, capsys):
    assert main(["--help"]) == 0
    assert main(["check", "--nonsense"]) == 2
    assert main(["nonsense"]) == 2
    assert main(["explain", "RH103"]) == 0
    assert "RH103" in capsys.readouterr().out
    assert main(["explain", "RH000"]) == 2
    assert "Did you mean RH" in capsys.readouterr().err
