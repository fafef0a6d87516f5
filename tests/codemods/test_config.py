"""`[tool.rehandle]` in pyproject.toml: which one counts, what it may say, and what it does."""

from __future__ import annotations

import os
import shutil
import subprocess

import monorepos
import pytest
from repositories import write_files

from rehandle_codemods.cli import parameters, settings
from rehandle_codemods.cli.commands import cli, main

OLD = 'from prefect import Flow\n\nflow = Flow("f", result_handler=None)\n'
TABLE = "[tool.rehandle]\n"


def listed(capsys):
    """The files that findings are in."""
    lines = capsys.readouterr().out.splitlines()
    return [line.partition(":")[0] for line in lines if ": RH" in line]


# Which file


@pytest.mark.parametrize(
    ("files", "paths", "expected"),
    [
        ({"pyproject.toml": TABLE, "a/b/c.py": ""}, ["a/b"], "pyproject.toml"),
        ({"pyproject.toml": TABLE, "a/pyproject.toml": TABLE, "a/b/c.py": ""}, ["a/b"], "a/pyproject.toml"),
        ({"pyproject.toml": TABLE, "a/pyproject.toml": "[project]\n", "a/b/c.py": ""}, ["a/b/c.py"], "pyproject.toml"),
        ({"pyproject.toml": TABLE, "a/pyproject.toml": "# rehandle\n", "a/b.py": ""}, ["a"], "pyproject.toml"),
        (
            {"pyproject.toml": TABLE, "a/pyproject.toml": TABLE, "a/b.py": "", "c/d.py": ""},
            ["a", "c"],
            "pyproject.toml",
        ),
        ({"pyproject.toml": "[project]\n", "a/b.py": ""}, ["a"], ""),
        ({"pyproject.toml": "[tool]\nrehandle.runtime = true\n", "a/b.py": ""}, ["a"], "pyproject.toml"),
    ],
)
def test_the_nearest_with_a_table(files, paths, expected, repository):
    write_files(repository, {".git/HEAD": "", **files})
    assert settings.find(paths) == (str(repository / expected) if expected else "")


def test_none_above_the_repository(repository):
    write_files(repository, {"pyproject.toml": TABLE, "inner/.git/HEAD": "", "inner/a/b.py": ""})
    assert settings.find(["inner/a"]) == ""


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ([], ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        (["a"], []),
        (["a", "--format", "json"], []),
        (["--quiet"], []),
        (["--config", "a/pyproject.toml"], []),
    ],
)
def test_settings_that_are_nearer_to_a_file(arguments, warned, repository, capsys):
    """They don't count, and that is told; nothing is told of those beside which nothing is found."""
    table = "[tool.rehandle]\nexit-zero = true\n"
    write_files(repository, {f"{folder}/pyproject.toml": table for folder in "abc"})
    write_files(repository, {"d/pyproject.toml": "[tool.rehandle", "d/f.py": OLD})
    write_files(repository, {"a/deep/f.py": OLD, "b/f.py": OLD, "c/f.py": "x = 1\n", "f.py": OLD})
    main(["check", *arguments])
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    files = [os.path.join(repository, folder, "pyproject.toml") for folder in warned]
    advice = "aren't used, as one file counts for a run. Start in its folder to use them"
    assert said == [f"warning: the settings in {file} {advice}" for file in files]


def test_another_file(repository, capsys):
    write_files(repository, {"pyproject.toml": f"{TABLE}quiet = true\n", "a.py": OLD, "other.toml": TABLE})
    main(["check", "a.py"])
    assert listed(capsys) == []
    main(["check", "a.py", "--config", "other.toml"])
    assert listed(capsys) == ["a.py"]
    assert main(["check", "--config", "nowhere.toml"]) == 2
    assert "nowhere.toml can't be read: No such file" in capsys.readouterr().err
    write_files(repository, {"other.toml": "[project]\n"})
    assert main(["check", "--config", "other.toml"]) == 2
    assert "other.toml has no [tool.rehandle]" in capsys.readouterr().err


# What it may say

WRONG = {
    "statistic = true": "[tool.rehandle] has no setting 'statistic'. Did you mean statistics?",
    "config = 'x'": "[tool.rehandle] has no setting 'config'. Known: allow-dirty, docs, exclude, exit-zero, ",
    "keep_names = true": "[tool.rehandle] has no setting 'keep_names'. Did you mean keep-names?",
    "runtime = 'no'": "runtime has to be true or false, not 'no'",
    "runtime = 1": "runtime has to be true or false, not 1",
    "jobs = '2'": "jobs has to be a whole number, 0 or more, not '2'",
    "jobs = true": "jobs has to be a whole number, 0 or more, not True",
    "jobs = -1": "jobs has to be a whole number, 0 or more, not -1",
    "exclude = 'a'": "exclude has to be a list of patterns, not 'a'",
    "exclude = [1]": "exclude has to be a list of patterns, not [1]",
    "exclude = ['!']": "exclude: '!' isn't a pattern as in .gitignore",
    "target = 'prefect-2'": "target has to be one of prefect-1, shim, prefect-3, not 'prefect-2'",
    "src = 'libs'": "src has to be a list of folders, not 'libs'",
    "src = ['.', 'libs/*/src']": "src: 'libs/*/src' names no folder. Check the spelling, and where it is",
    "recorded = []": "recorded has to be the path of a file, not []",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_settings_name_the_file_and_change_nothing(line, repository, capsys):
    write_files(repository, {"pyproject.toml": f"{TABLE}{line}\n", "a.py": OLD})
    assert main(["migrate"]) == 2
    assert f"{repository / 'pyproject.toml'}: {WRONG[line]}" in capsys.readouterr().err
    assert (repository / "a.py").read_text() == OLD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[tool.rehandle\n", "isn't valid TOML"),
        (b"[tool.rehandle]\n# \xff\n", "isn't valid TOML"),
        (b"[tool]\nrehandle = 3\n", "[tool.rehandle] has to be a table"),
    ],
)
def test_broken_file(text, message, repository, capsys):
    write_files(repository, {"a.py": OLD})
    (repository / "pyproject.toml").write_bytes(text)
    assert main(["migrate"]) == 2
    captured = capsys.readouterr()
    assert str(repository / "pyproject.toml") in captured.err
    assert message in captured.err
    assert (repository / "a.py").read_text() == OLD


# What it does


def test_the_command_line_wins(repository, capsys):
    write_files(repository, {"pyproject.toml": f"{TABLE}runtime = false\nextend-exclude = ['b.py']\n"})
    write_files(repository, dict.fromkeys(["a.py", "b.py"], OLD.replace("None", "f()")))
    main(["check", "--format", "concise"])
    assert "a.py:3:18: RH108 [by hand]" in capsys.readouterr().out
    main(["check", "--format", "concise", "--runtime", "--extend-exclude", "a.py"])
    assert "b.py:3:18: RH108 [run time]" in capsys.readouterr().out


def test_what_the_settings_switch_on_can_be_switched_off(repository, capsys):
    flags = [name for name, kind in parameters.SETTINGS.items() if kind is settings.FLAG]
    assert len(flags) >= 8
    lines = "".join(f"{name} = true\n" for name in flags)
    write_files(repository, {"pyproject.toml": TABLE + lines, "a.py": OLD})
    assert main(["check"]) == 0
    assert "RH103" not in capsys.readouterr().out
    for command in ("check", "migrate"):
        options = {option for parameter in cli.commands[command].params for option in parameter.secondary_opts}
        assert {f"--no-{name}" for name in flags if name != "allow-dirty"} <= options
    assert main(["check", "--no-quiet", "--no-statistics", "--no-exit-zero", "--no-verbose"]) == 1
    assert "a.py:3:18: RH103 [rewritten]" in capsys.readouterr().out


def test_settings_of_output(repository, capsys):
    write_files(repository, {"pyproject.toml": f"{TABLE}format = 'json'\nexit-zero = true\n", "a.py": OLD})
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("[")
    write_files(repository, {"pyproject.toml": f"{TABLE}statistics = true\n"})
    assert main(["check"]) == 1
    assert capsys.readouterr().out.startswith("1  RH103  rewritten  Keyword")
    assert main(["check", "--format", "json"]) == 2
    assert "leave out --format json" in capsys.readouterr().err


def test_paths_are_relative_to_the_file(repository, capsys, monkeypatch):
    write_files(repository, {"pyproject.toml": f"{TABLE}exclude = ['a/gen']\nrecorded = 'a/calls.jsonl'\n"})
    write_files(repository, {"a/gen/x.py": OLD, "a/b/a/gen/y.py": OLD, "a/z.py": OLD, "a/calls.jsonl": ""})
    monkeypatch.chdir(repository / "a")
    assert main(["check"]) == 1
    assert listed(capsys) == ["b/a/gen/y.py", "z.py"]


def test_where_modules_are_is_relative_to_the_file_or_to_the_working_directory(repository, capsys, monkeypatch):
    each = monorepos.repository("unexplained", "from_package", "class")
    write_files(repository, {**each.files, "other.toml": f"{TABLE}src = ['vendor/*']\n"})
    monkeypatch.chdir(repository / "vendor")
    for followed, arguments in (
        (False, []),
        (True, ["--config", "../other.toml"]),
        (True, ["--src", "shared"]),
        (True, ["--src", "shared,../jobs"]),
        (False, ["--src", "../jobs", "--config", "../other.toml"]),
    ):
        assert main(["check", "..", *arguments]) == 1
        assert ("make Text a Result" in capsys.readouterr().out) == followed
    assert main(["check", "..", "--src", "vendor"]) == 2
    assert "Invalid value for '--src': 'vendor' names no folder" in capsys.readouterr().err


# Which files

LAYOUT = ["a.py", "gen/b.py", "gen/deep/c.py", "src/gen.py", "venv/d.py"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["a.py", "gen/b.py", "gen/deep/c.py", "src/gen.py"]),
        (["--extend-exclude", "gen"], ["a.py", "src/gen.py"]),
        (["--extend-exclude", "gen/*.py"], ["a.py", "gen/deep/c.py", "src/gen.py"]),
        (["--extend-exclude", "gen*,!gen/"], ["a.py", "gen/b.py", "gen/deep/c.py"]),
        (["--extend-exclude", "/src", "--extend-exclude", "a.py"], ["gen/b.py", "gen/deep/c.py"]),
        (["--exclude", "gen"], ["a.py", "src/gen.py", "venv/d.py"]),
        (["--exclude", "venv,*/deep"], ["a.py", "gen/b.py", "src/gen.py"]),
        (["--extend-exclude", "gen", "gen/b.py", "a.py"], ["a.py", "gen/b.py"]),
        (["--extend-exclude", "gen", "--force-exclude", "gen/b.py", "a.py"], ["a.py"]),
    ],
)
def test_excluded(arguments, expected, repository, capsys):
    write_files(repository, dict.fromkeys(LAYOUT, OLD))
    assert main(["check", "--format", "concise", *arguments]) == 1
    assert sorted(listed(capsys)) == expected


def test_nothing_but_excluded_files(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "--extend-exclude", "a.py", "--force-exclude", "a.py"]) == 0
    assert capsys.readouterr().out == "No Python files found.\n"
    assert (repository / "a.py").read_text() == OLD


def test_excluded_files_are_respected(repository):
    files = {
        "common.py": "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n",
        "old/flow.py": "from common import H\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=H)\n",
    }
    write_files(repository, files)
    assert main(["migrate", "--exclude", "old"]) == 1  # old/flow.py goes on saying result_handler=
    assert {name: (repository / name).read_text() for name in files} == files


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_ignored_files(repository, capsys):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {".gitignore": "gen.py\n", **dict.fromkeys(["gen.py", "a.py", ".venv/b.py"], OLD)})
    (repository / ".gitignore").write_text("gen.py\n.venv\n")
    main(["check", "--format", "concise"])
    assert listed(capsys) == ["a.py"]
    main(["check", "--format", "concise", "--no-respect-gitignore"])
    assert listed(capsys) == ["a.py", "gen.py"]
    main(["check", "--format", "concise", "gen.py"])
    assert listed(capsys) == ["gen.py"]
