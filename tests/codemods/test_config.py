"""`[tool.rehandle]` in pyproject.toml: which one counts, what it may say, and what it does."""

from __future__ import annotations

import shutil
import subprocess

import monorepos
import pytest
from repositories import write_files

from rehandle_codemods.cli import parameters, settings
from rehandle_codemods.cli.commands import cli, main
from rehandle_codemods.options import PER_FILE

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


# Several files

PLACES = OLD.replace("None", "LocalResultHandler()") + "# once a result_handler\n"
PLACES = "from prefect.engine.result_handlers import LocalResultHandler\n" + PLACES
THREE = {
    "a/pyproject.toml": f"{TABLE}ignore = ['RH301']\nextend-exclude = ['/gen', 'old_*.py']\n",
    "a/flow.py": PLACES,
    "a/gen/flow.py": PLACES,
    "a/gen/page.md": f"```python\n{OLD}```\n",
    "a/deep/gen/flow.py": PLACES,
    "b/pyproject.toml": f"{TABLE}select = ['RH3']\ndocs = true\n",
    "b/flow.py": PLACES,
    "b/gen/flow.py": PLACES,
    "b/old_flow.py": PLACES,
    "b/page.md": f"<!-- rehandle: ignore -->\n```python\n{PLACES}```\n",
    "c/pyproject.toml": f"{TABLE}[tool.rehandle.per-file-ignores]\n'/tests/*' = ['ALL']\n",
    "c/tests/flow.py": PLACES,
    "c/flow.py": PLACES,
    "c/page.md": f"```python\n{PLACES}```\n",
    "flow.py": PLACES,
}
ALL = {"RH101", "RH102", "RH103", "RH301"}
SELECTED = {
    "a/flow.py": ALL - {"RH301"},
    "a/deep/gen/flow.py": ALL - {"RH301"},
    **{f"b/{name}": {"RH301"} for name in ("flow.py", "gen/flow.py", "old_flow.py", "page.md")},
    "c/flow.py": ALL,
    "flow.py": ALL,
}


def found(capsys, *arguments):
    """The codes that are found in each file."""
    assert main(["check", "--format", "concise", *arguments]) < 2
    codes: dict[str, set[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        if ": RH" in line and not line.startswith(" "):
            codes.setdefault(line.partition(":")[0], set()).add(line.split()[1])
    return codes


@pytest.mark.parametrize("git", [True, False])
def test_three_packages_with_three_configurations(git, repository, capsys):
    """Each file has that of the nearest one, whichever way it is asked for; those above aren't mixed in."""
    write_files(repository, {"pyproject.toml": f"{TABLE}ignore = ['RH101']\n", **THREE})
    if git:
        subprocess.run(["git", "init", "-q"], check=True)
    of_root = {**SELECTED, "flow.py": ALL - {"RH101"}}
    assert found(capsys) == of_root
    for paths in (["a", "b", "c"], ["c", "a/flow.py", "a/deep", "b"]):
        assert found(capsys, *paths) == {file: codes for file, codes in of_root.items() if file != "flow.py"}
    assert found(capsys, "b") == {file: codes for file, codes in of_root.items() if file.startswith("b")}
    (repository / "pyproject.toml").unlink()
    assert found(capsys) == SELECTED


def test_migrating_three_packages(repository, monkeypatch):
    """In one run or in three of their own, the same is written."""
    write_files(repository, THREE)
    assert main(["migrate"]) == 0
    together = {name: (repository / name).read_text() for name in THREE}
    assert {name for name in THREE if together[name] != THREE[name]} == {
        *("a/flow.py", "a/deep/gen/flow.py", "c/flow.py", "flow.py")
    }
    write_files(repository, THREE)
    for folder in ("a", "b", "c"):
        monkeypatch.chdir(repository / folder)
        main(["migrate"])
    apart = {name: (repository / name).read_text() for name in THREE if "/" in name}
    assert apart == {name: together[name] for name in apart}


def test_the_command_line_wins_in_all_files(repository, capsys):
    write_files(repository, THREE)
    one = {"RH103"}
    assert found(capsys, "--select", "RH103") == dict.fromkeys(SELECTED, one)
    assert found(capsys, "--select", "RH103", "--no-docs", "b") == {
        f"b/{name}": one for name in ("flow.py", "gen/flow.py", "old_flow.py")
    }
    assert found(capsys, "--select", "RH103", "--extend-exclude", "flow.py") == {
        "b/old_flow.py": one,
        "b/page.md": one,
    }


def test_one_file_for_all(repository, capsys):
    write_files(repository, THREE)
    names = {name for name in THREE if name.endswith(".py")} - {"a/gen/flow.py"}
    assert found(capsys, "--config", "a/pyproject.toml") == {name: ALL - {"RH301"} for name in names}


def test_names_of_classes_are_kept_where_the_class_is(repository):
    code = """from prefect import Flow
from prefect.engine.result_handlers import ResultHandler


class TextHandler(ResultHandler):
    def read(self, name):
        return open(name).read()

    def write(self, value):
        open("x", "w").write(value)
        return "x"


flow = Flow("f", result_handler=TextHandler())
"""
    write_files(repository, {"a/pyproject.toml": f"{TABLE}keep-names = true\n", "a/flow.py": code, "b/flow.py": code})
    assert main(["migrate"]) == 0
    assert "class TextHandler(Result):" in (repository / "a/flow.py").read_text()
    assert "class TextResult(Result):" in (repository / "b/flow.py").read_text()


def test_modules_are_imported_from_what_every_file_says(repository, capsys):
    each = monorepos.repository("unexplained", "from_package", "class")
    write_files(repository, {**each.files, "vendor/pyproject.toml": f"{TABLE}src = ['shared']\n"})
    assert main(["check"]) == 1
    assert "RH105 [rewritten]" in capsys.readouterr().out


OF_A_RUN = {
    "target": ("'shim'", '"shim", but this run has "prefect-1"'),
    "runtime": ("false", "false, but this run has true"),
    "recorded": ("'calls'", 'calls", but this run has ""'),
    "respect-gitignore": ("false", "false, but this run has true"),
    "jobs": ("4", "4, but this run has 1"),
    "format": ("'json'", '"json", but this run has "text"'),
    **dict.fromkeys(["quiet", "verbose", "statistics", "exit-zero"], ("true", "true, but this run has false")),
}


def test_every_setting_is_of_a_file_or_of_a_run():
    of_files = {name.replace("_", "-") for name in PER_FILE}
    assert of_files.isdisjoint(OF_A_RUN)
    assert {*of_files, *OF_A_RUN, "allow-dirty"} == set(parameters.SETTINGS)


@pytest.mark.parametrize("name", OF_A_RUN)
def test_settings_of_a_run_are_the_same_in_all_files(name, repository, capsys):
    value, said = OF_A_RUN[name]
    line = f"{TABLE}{name} = {value}\n"
    write_files(repository, {"a/pyproject.toml": line, "a/calls": "", "a/f.py": OLD, "b/f.py": OLD})
    assert main(["migrate"]) == 2
    error = capsys.readouterr().err
    assert f"Error: {repository}/a/pyproject.toml: {name} = " in error
    assert f"{said}, and that is one for all its files. Say it by --{name}, or run on {repository}/a alone" in error
    assert (repository / "a/f.py").read_text() == (repository / "b/f.py").read_text() == OLD
    # It counts where it is the run's own, said by the command line, or the same.
    assert main(["migrate", "a", "--diff"]) < 2
    if name != "recorded":
        write_files(repository, {"pyproject.toml": line})
        assert main(["migrate", "--diff"]) < 2


def test_a_setting_of_a_run_on_the_command_line(repository, capsys):
    write_files(repository, {"a/pyproject.toml": f"{TABLE}target = 'shim'\n", "a/f.py": PLACES, "b/f.py": PLACES})
    assert main(["check", "--target", "prefect-1"]) == 1
    assert main(["migrate", "--target", "shim"]) == 0
    for folder in "ab":
        assert "from rehandle.results import LocalResult" in (repository / folder / "f.py").read_text()


def test_a_nearer_file_that_is_wrong(repository, capsys):
    write_files(repository, {"a/pyproject.toml": f"{TABLE}ignored = []\n", "a/f.py": OLD, "b/f.py": OLD})
    assert main(["migrate"]) == 2
    assert f"{repository}/a/pyproject.toml: [tool.rehandle] has no setting 'ignored'" in capsys.readouterr().err
    assert main(["migrate", "b"]) == 0
    assert (repository / "a/f.py").read_text() == OLD


def test_which_files_are_used_is_said(repository, capsys):
    write_files(repository, THREE)
    main(["check", "--verbose", "a", "b"])
    said = [line for line in capsys.readouterr().err.splitlines() if "ettings" in line]
    assert said == ["Settings: none", *(f"Settings below: {repository}/{name}/pyproject.toml" for name in "ab")]


# What extends another one

EXTENDED = {
    "shared/base.toml": f"{TABLE}ignore = ['RH301']\nextend-exclude = ['/gen.py']\ndocs = true\n",
    "a/pyproject.toml": f"{TABLE}extend = '../shared/base.toml'\nignore = ['RH103']\n",
    "b/pyproject.toml": f"{TABLE}extend = '../a/pyproject.toml'\nextend-exclude = ['gen.py']\n",
    **dict.fromkeys(["shared/gen.py", "a/gen.py", "b/gen.py", "b/flow.py"], PLACES),
    "b/page.md": f"```python\n{OLD}```\n",
}


def test_a_shared_file(repository, capsys):
    """Later keys win, and paths are relative to the file that has them."""
    write_files(repository, EXTENDED)
    assert found(capsys, "a") == {"a/gen.py": ALL - {"RH103"}}
    assert found(capsys, "b") == {"b/flow.py": ALL - {"RH103"}}
    assert found(capsys) == {
        "a/gen.py": ALL - {"RH103"},
        "b/flow.py": ALL - {"RH103"},
        "shared/gen.py": ALL,
    }
    assert found(capsys, "--config", "shared/base.toml")["a/gen.py"] == ALL - {"RH301"}


@pytest.mark.parametrize(
    ("value", "files", "message"),
    [
        ("'none.toml'", {}, "{a}/pyproject.toml: extend: {a}/none.toml can't be read: No such file or directory"),
        (
            "'../b.toml'",
            {"b.toml": "[project]\n"},
            "extend: {top}/b.toml has no [tool.rehandle]. Give a file that has, or",
        ),
        ("'../b.toml'", {"b.toml": f"{TABLE}x = 1\n"}, "{top}/b.toml: [tool.rehandle] has no setting 'x'"),
        ("'../b.toml'", {"b.toml": f"{TABLE}jobs = -1\n"}, "{top}/b.toml: jobs has to be a whole number"),
        ("'pyproject.toml'", {}, "{a}/pyproject.toml extends {a}/pyproject.toml. Leave out one of them"),
        (
            "'../b.toml'",
            {"b.toml": f"{TABLE}extend = 'a/pyproject.toml'\n"},
            "{top}/b.toml: extend: {a}/pyproject.toml extends {top}/b.toml extends {a}/pyproject.toml. Leave out one",
        ),
        ("['../b.toml']", {}, "{a}/pyproject.toml: extend has to be the path of a file, not ['../b.toml']"),
    ],
)
def test_what_cannot_be_extended(value, files, message, repository, capsys):
    write_files(repository, {"a/pyproject.toml": f"{TABLE}extend = {value}\n", "a/f.py": OLD, **files})
    for arguments in ([], ["a"]):
        assert main(["migrate", *arguments]) == 2
        assert message.format(a=repository / "a", top=repository) in capsys.readouterr().err
    assert (repository / "a/f.py").read_text() == OLD


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
