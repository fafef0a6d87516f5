"""Rules that aren't selected or are ignored: nothing is half rewritten, and all places are accounted for."""

from __future__ import annotations

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.decide.selection import RuleSelection
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, REWRITTEN, RUNTIME
from rehandle_codemods.options import Options
from rehandle_codemods.rules import checked_code

OLD = 'from prefect import Flow\n\nflow = Flow("f", result_handler=None)\n'
NEW = OLD.replace("result_handler", "result")
TWO_FLOWS = """from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler

one = Flow("1", result_handler=LocalResultHandler())
two = Flow("2", result_handler=LocalResultHandler())
"""
ONE_MIGRATED = """from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler
from prefect.engine.results import LocalResult

one = Flow("1", result_handler=LocalResultHandler())
two = Flow("2", result=LocalResult())
"""


# Which rules count


@pytest.mark.parametrize(
    ("select", "ignore", "code", "expected"),
    [
        (["ALL"], [], "RH103", True),
        (["RH1"], [], "RH103", True),
        (["RH1"], [], "RH201", False),
        (["ALL"], ["RH103"], "RH103", False),
        (["ALL"], ["RH1"], "RH103", False),
        (["RH103"], ["RH1"], "RH103", True),
        (["RH103"], ["RH1"], "RH104", False),
        (["RH1"], ["RH1"], "RH103", False),
        (["RH10", "RH2"], ["RH103"], "RH103", False),
        (["RH1"], ["ALL"], "RH103", True),
        (["RH2"], ["ALL"], "RH901", True),
    ],
)
def test_the_longest_code_decides(select, ignore, code, expected):
    options = Options(select=tuple(select), ignore=tuple(ignore))
    assert RuleSelection(options).counts(code, "/a.py") is expected


@pytest.mark.parametrize("written", ["RH7", "RH1033", "RH999", "X", "", "103", "RH103;RH104"])
def test_unknown_codes(written, repository, capsys):
    write_files(repository, {"a.py": OLD})
    with pytest.raises(ValueError, match="no rule's code begins with"):
        checked_code(written)
    assert main(["migrate", "--ignore", written]) == 2
    assert "no rule's code begins with" in capsys.readouterr().err
    assert (repository / "a.py").read_text() == OLD


def test_errors_cannot_be_ignored(capsys):
    assert main(["check", "--ignore", "RH901"]) == 2
    assert "RH901 can't be selected or ignored" in capsys.readouterr().err
    assert checked_code(" rh1 ") == "RH1"


def test_on_the_command_line(repository, capsys):
    write_files(repository, {"a.py": OLD + "# once a result_handler\n"})
    assert main(["check", "--ignore", "RH1,RH3"]) == 0
    assert capsys.readouterr().out == (
        "2 places in 1 file: 0 would be rewritten, 0 run time, 0 by hand, 0 notes, 2 ignored.\n"
        "Next: rehandle check --target prefect-3\n"
    )
    assert main(["check", "--select", "RH3"]) == 0
    assert "1 note, 1 ignored." in capsys.readouterr().out
    assert main(["migrate", "--per-file-ignores", "b.py:ALL", "--per-file-ignores", "*.py:RH301"]) == 0
    assert "1 rewritten, 0 run time, 0 by hand, 0 notes, 1 ignored." in capsys.readouterr().out
    assert main(["check", "--per-file-ignores", "RH301"]) == 2
    assert "has to be a pattern, a colon and codes" in capsys.readouterr().err


def test_verbose_says_what_is_ignored(repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["check", "-v", "--ignore", "RH103"]) == 0
    assert capsys.readouterr().err == (
        "Settings: none\nFiles: 1\nIgnored: a.py:3:18: RH103 [by hand] RH103 is ignored here, so result_handler stays. "
        "Pass result= instead of result_handler=\n"
    )


@pytest.mark.parametrize(
    "setting",
    ['ignore = ["RH103"]', 'select = ["RH2"]', 'per-file-ignores = {"a.py" = ["RH1"]}', "select = []"],
)
def test_in_the_settings(setting, repository):
    write_files(repository, {"pyproject.toml": f"[tool.rehandle]\n{setting}\n", "a.py": OLD})
    assert main(["migrate"]) == 0
    assert (repository / "a.py").read_text() == OLD


def test_wrong_codes_in_the_settings(repository, capsys):
    write_files(repository, {"pyproject.toml": '[tool.rehandle]\nignore = ["RH1O3"]\n', "a.py": OLD})
    assert main(["migrate"]) == 2
    assert "pyproject.toml: ignore: no rule's code begins with 'RH1O3'. Did you mean RH103?" in capsys.readouterr().err
    write_files(repository, {"pyproject.toml": '[tool.rehandle]\nper-file-ignores = ["a.py:RH103"]\n'})
    assert main(["migrate"]) == 2
    assert "per-file-ignores has to be a table of patterns" in capsys.readouterr().err


# Comments

FIRST_IGNORED = [
    TWO_FLOWS.replace("Handler())\ntwo", "Handler())  # rehandle: ignore\ntwo"),
    TWO_FLOWS.replace("Handler())\ntwo", "Handler())  # rehandle: ignore[RH103]\ntwo"),
    TWO_FLOWS.replace("Handler())\ntwo", "Handler())  # rehandle: ignore[RH1, rh2] not yet\ntwo"),
    TWO_FLOWS.replace("Handler())\ntwo", "Handler())  # noqa # rehandle:ignore[RH102]\ntwo"),
    TWO_FLOWS.replace("one =", "# rehandle: ignore[RH103]\none ="),
    TWO_FLOWS.replace("one =", "# rehandle: ignore[RH103]\n\n# the first\none ="),
    TWO_FLOWS.replace('Flow("1", ', 'Flow(\n    "1",\n    # rehandle: ignore[RH103]\n    '),
    TWO_FLOWS.replace('Flow("1", ', 'Flow(  # rehandle: ignore[RH102]\n    "1",\n    '),
]


@pytest.mark.parametrize("before", FIRST_IGNORED)
def test_comment_in_a_statement(before, repository, capsys):
    write_files(repository, {"a.py": before})
    assert main(["migrate"]) == 1
    after = (repository / "a.py").read_text()
    first, second = (text.partition("two =") for text in (before, after))
    assert first[0].partition("one =")[2] == second[0].partition("one =")[2]
    assert second[2] == ' Flow("2", result=LocalResult())\n'
    assert "import LocalResultHandler" in after
    assert "import LocalResult\n" in after
    assert "ignored." in capsys.readouterr().out


def test_the_import_of_an_ignored_use_may_be_ignored_too(repository, capsys):
    before = FIRST_IGNORED[0].replace(
        "import LocalResultHandler", "import LocalResultHandler  # rehandle: ignore[RH101]"
    )
    write_files(repository, {"a.py": before})
    assert main(["migrate"]) == 0
    assert "2 rewritten, 0 run time, 0 by hand, 0 notes, 3 ignored." in capsys.readouterr().out
    assert (repository / "a.py").read_text() == (
        ONE_MIGRATED.replace("Handler())\ntwo", "Handler())  # rehandle: ignore\ntwo").replace(
            "import LocalResultHandler", "import LocalResultHandler  # rehandle: ignore[RH101]"
        )
    )


@pytest.mark.parametrize(
    "comment", ["# rehandle: ignore-file\n", "# rehandle: ignore-file[RH1]\n", "# rehandle: ignore-file[RH103,RH102]\n"]
)
def test_comment_about_a_file(comment, repository):
    files = {"a.py": TWO_FLOWS + comment, "b.py": OLD}
    write_files(repository, files)
    main(["migrate"])
    assert (repository / "a.py").read_text() == files["a.py"]
    assert (repository / "b.py").read_text() == NEW


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# rehandle: ignore[RH1O3]", "no rule's code begins with 'RH1O3'. Did you mean RH103?"),
        ("# rehandle: ignore[]", "no rule's code begins with ''."),
        ("# rehandle: ignore RH103", "write the codes in brackets, as in ignore[RH103]"),
        ("# rehandle: ignore[RH103", "write the codes in brackets, as in ignore[RH103]"),
    ],
)
def test_wrong_comments_are_errors_and_nothing_changes_there(comment, message, repository, capsys):
    text = OLD.replace("None)", f"None)  {comment}")
    write_files(repository, {"a.py": text})
    assert main(["migrate", "--format", "concise"]) == 2
    assert f"a.py:3:40: RH901 {message}" in capsys.readouterr().out
    assert (repository / "a.py").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        OLD.replace('"f"', '"# rehandle: ignore"'),
        OLD.replace("None)", "None)  # rehandle: see the docs"),
        OLD + "# rehandle: ignore\n",
        "# rehandle: ignore\n" + OLD,
    ],
)
def test_what_is_no_request_or_about_something_else(text, repository):
    write_files(repository, {"a.py": text})
    assert main(["migrate"]) == 0
    assert (repository / "a.py").read_text() == text.replace("result_handler", "result")


# What belongs together

TOGETHER = {
    "a variable and its use": (
        "RH103",
        {
            "a.py": "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler\n\n"
            'H = LocalResultHandler()\nflow = Flow("f", result_handler=H)\n'
        },
    ),
    "a class and its instances": (
        "RH103",
        {
            "a.py": "from prefect import Flow\nfrom prefect.engine.result_handlers import ResultHandler\n\n\n"
            "class Files(ResultHandler):\n    def read(self, name):\n        return open(name).read()\n\n"
            '    def write(self, value):\n        open("x", "w").write(value)\n        return "x"\n\n\n'
            'flow = Flow("f", result_handler=Files())\n'
        },
    ),
    "a parameter and its calls": (
        "RH120",
        {
            "a.py": "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler\n\n\n"
            'def make(result_handler=None):\n    return Flow("f", result_handler=result_handler)\n\n\n'
            "make(result_handler=LocalResultHandler())\nmake()\n"
        },
    ),
    "an import and its uses": ("RH101", {"a.py": TWO_FLOWS}),
    "files": (
        "RH102",
        {
            "a.py": "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n",
            "b.py": 'from a import H\nfrom prefect import Flow\n\nflow = Flow("f", result_handler=H)\n',
        },
    ),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_belongs_together_stays_together(name, repository, capsys):
    code, files = TOGETHER[name]
    write_files(repository, files)
    assert main(["migrate", "--ignore", code]) == 1
    assert {name: (repository / name).read_text() for name in files} == files
    assert code not in {finding.code for finding in run(["."], options=Options(ignore=(code,))).findings}
    # What becomes of the rest because of that is another rule's, and is told all the same.
    assert main(["check", "--select", "RH1", "--ignore", code]) == 1
    assert main(["migrate"]) == 0


def test_a_class_that_keeps_its_name_becomes_a_result_all_the_same(repository):
    _, files = TOGETHER["a class and its instances"]
    text = files["a.py"].replace("Files", "FileHandler")
    write_files(repository, {"a.py": text.replace("FileHandler())", "FileHandler())  # rehandle: ignore[RH110]")})
    assert main(["migrate"]) == 0
    assert "class FileHandler(Result):" in (repository / "a.py").read_text()
    assert "result=FileHandler())" in (repository / "a.py").read_text()


def test_an_import_that_another_file_needs_stays(repository):
    files = {
        "common.py": "from prefect.engine.result_handlers import LocalResultHandler\n",
        "a.py": "from common import LocalResultHandler\n\nprint(LocalResultHandler)\n",
        "b.py": "import prefect\nfrom common import LocalResultHandler\n\n"
        'flow = prefect.Flow("f", result_handler=LocalResultHandler())  # rehandle: ignore\n',
    }
    write_files(repository, files)
    assert main(["migrate"]) == 1
    assert {name: (repository / name).read_text() for name in files} == files


def test_a_name_that_a_string_reaches_stays(repository):
    files = {
        "flows.py": TWO_FLOWS,
        "test_flows.py": 'from unittest import mock\n\nmock.patch("flows.LocalResultHandler")  # rehandle: ignore\n',
    }
    write_files(repository, files)
    assert main(["migrate"]) == 1
    assert "import LocalResultHandler\n" in (repository / "flows.py").read_text()
    assert 'two = Flow("2", result=LocalResult())' in (repository / "flows.py").read_text()


@pytest.mark.once
def test_every_case_without_each_of_its_rules(repository):
    """Only what the whole migration does is done, the sums add up, and nothing of the rule is said."""
    for path in sorted(CASES.rglob("*.case")):
        case = read_case(path)
        write_files(repository, case.before)
        whole = run(["."])
        done = {finding for finding in whole.findings if finding.status in (REWRITTEN, RUNTIME)}
        for code in sorted({finding.code for finding in done}):
            found = run(["."], options=Options(ignore=(code,)))
            where = f"{path.relative_to(CASES)} without {code}"
            assert not [finding for finding in found.findings if finding.code == code], where
            assert not [finding for finding in found.findings if finding.status == ERROR], where
            kept = {finding[:4] for finding in found.findings if finding.status in (REWRITTEN, RUNTIME)}
            assert kept <= {finding[:4] for finding in done}, where
            accounting = [finding for finding in [*found.findings, *found.ignored] if finding.accounts]
            assert len(accounting) == found.places, where
            assert not {finding[:4] for finding in found.ignored} & kept, where
        for name in case.before:
            (repository / name).unlink()
