"""What findings look like to a person, and where they go."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods import report
from rehandle_codemods.cli import output
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import Outcome
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, STATUSES, Finding, NewCode
from rehandle_codemods.report.severity import severity

OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)\n'


def finding(start=(1, 1), end=None, *, status=LEFT, filename="a.py", cell=0, message="look", code="RH202"):
    return Finding(filename, cell, start, end or start, code, status, message)


def rendered(name, *findings, done=False, colour=False, **sources):
    named = {key.replace("_", "."): text for key, text in sources.items()}
    outcome = Outcome(findings=list(findings), changes=[], files=1, places=len(findings), sources=named)
    return report.render(name, report.Report(outcome, done, colour))


def marked(source, start, end):
    """The lines of code and of the mark, without the summary."""
    return rendered("text", finding(start, end), a_py=source).split("\n")[1:3]


# Text

EXCERPTS = {
    "plain": ("x = old\n", (1, 5), (1, 8), "  1 | x = old", "    |     ^^^"),
    "the last line has no end": ("x = old", (1, 5), (1, 8), "  1 | x = old", "    |     ^^^"),
    "a tab": ("if x:\n\told = 1\n", (2, 2), (2, 5), "  2 |     old = 1", "    |     ^^^"),
    "a tab before the place": ("x =\told\n", (1, 5), (1, 8), "  1 | x =    old", "    |        ^^^"),
    "wide characters": ('x = "東京", old\n', (1, 11), (1, 14), '  1 | x = "東京", old', "    |             ^^^"),
    "a wide place": ("結果 = 1\n", (1, 1), (1, 3), "  1 | 結果 = 1", "    | ^^^^"),
    "combining marks": ("x = 'e\u0301', old\n", (1, 11), (1, 14), "  1 | x = 'e\u0301', old", "    |          ^^^"),
    "over several lines": ("f(\n  old(\n    1))\n", (2, 3), (3, 7), "  2 |   old(", "    |   ^^^^"),
    "of no width": ("x = \n", (1, 5), (1, 5), "  1 | x =", "    |     ^"),
    "past the end of its line": ("x\n", (1, 9), (1, 9), "  1 | x", "    |  ^"),
    "carriage returns": ("a\r\nb\rold\n", (3, 1), (3, 4), "  3 | old", "    | ^^^"),
    "a form feed": ("\x0cold\n", (1, 2), (1, 5), "  1 | \ufffdold", "    |  ^^^"),
    "no colours from the code": (
        "x = '\x1b[31m', old\n",
        (1, 13),
        (1, 16),
        "  1 | x = '\ufffd[31m', old",
        "    |             ^^^",
    ),
    "no other order": ("x = '\u202e', old\n", (1, 9), (1, 12), "  1 | x = '\ufffd', old", "    |         ^^^"),
    "a line separator ends no line": (
        "x = '\u2028', old\n",
        (1, 9),
        (1, 12),
        "  1 | x = '\ufffd', old",
        "    |         ^^^",
    ),
}


@pytest.mark.parametrize(("source", "start", "end", "code", "mark"), EXCERPTS.values(), ids=EXCERPTS)
def test_line_of_code(source, start, end, code, mark):
    assert marked(source, start, end) == [code, mark]


LONG = {
    "at the beginning": ("old = " + "x" * 200, 1, False, True),
    "at the end": ("x" * 200 + " old", 202, True, False),
    "in the middle": ("x" * 200 + " old " + "y" * 200, 202, True, True),
    "wide": ("東" * 200 + " old " + "京" * 200, 202, True, True),
    "just fits": ("x" * 96 + " old", 98, False, False),
}


@pytest.mark.parametrize(("source", "column", "cut_before", "cut_after"), LONG.values(), ids=LONG)
def test_long_lines_are_cut_round_the_place(source, column, cut_before, cut_after):
    code, mark = marked(source, (1, column), (1, column + 3))
    shown = code.partition(" | ")[2]
    assert (shown.startswith("…"), shown.endswith("…")) == (cut_before, cut_after)
    cells = "".join(char * (2 if char in "東京" else 1) for char in code)
    assert len(cells) <= 108
    place = mark.index("^")
    assert mark[place:] == "^^^"
    assert cells[place : place + 3] == "old"


def test_a_long_place_is_marked_as_far_as_it_is_shown():
    code, mark = marked("old(" + "x" * 500 + ")", (1, 1), (1, 505))
    assert len(mark) == len(code) - 1


NEW_LINES = {
    "a line": (NewCode("x = new", 5), "    + x = new"),
    "a tab": (NewCode("\tnew = 1", 2), "    +     new = 1"),
    "nothing": (NewCode("", 1), "    - (removed)"),
    "no colours from the code": (NewCode("x = '\x1b[31m'", 1), "    + x = '\ufffd[31m'"),
}


@pytest.mark.parametrize(("new_code", "line"), NEW_LINES.values(), ids=NEW_LINES)
@pytest.mark.parametrize("colour", [False, True])
def test_new_line_below(new_code, line, colour):
    changed = finding((1, 5), (1, 8), status=REWRITTEN)._replace(new_code=new_code)
    shown = rendered("text", changed, a_py="x = old\n", colour=colour).split("\n")[3]
    style = "\x1b[31m" if new_code.line == "" else "\x1b[32m"
    assert shown == (f"{line[:4]}{style}{line[4:]}\x1b[0m" if colour else line)


def test_what_a_person_may_write_has_another_mark():
    left = finding((1, 5), (1, 8))._replace(new_code=NewCode("x = new", 5))
    assert rendered("text", left, a_py="x = old\n").split("\n")[3] == "    ? x = new"


def test_a_long_new_line_is_cut_round_what_is_new():
    changed = finding((1, 1), (1, 2), status=REWRITTEN)._replace(new_code=NewCode("x" * 200 + " new " + "y" * 200, 202))
    shown = rendered("text", changed, a_py="old\n").split("\n")[3]
    assert " new " in shown
    assert (shown.startswith("    + …"), shown.endswith("…"), len(shown) <= 108) == (True, True, True)


def test_files_are_apart_and_their_findings_aligned():
    text = rendered(
        "text",
        finding((2, 1), (2, 2)),
        finding((10, 1), (10, 2)),
        finding(filename="b.py"),
        a_py="x\n" * 20,
        b_py="y\n",
    )
    assert text == (
        "a.py:2:1: RH202 [by hand] look\n"
        "   2 | x\n"
        "     | ^\n"
        "a.py:10:1: RH202 [by hand] look\n"
        "  10 | x\n"
        "     | ^\n"
        "\n"
        "b.py:1:1: RH202 [by hand] look\n"
        "\n"
        "3 places in 2 files: 0 would be rewritten, 0 run time, 3 by hand, 0 notes.\n"
    )


def test_cells_of_a_notebook():
    outcome = [finding((1, 1), (1, 2), filename="n.ipynb", cell=3)]
    made = report.Report(Outcome(outcome, [], 1, 1, {"n.ipynb:cell 3": "old\n"}), done=False)
    assert report.render("text", made).startswith("n.ipynb:cell 3:1:1: RH202 [by hand] look\n  1 | old\n    | ^\n")


def test_error_shows_where_a_file_does_not_parse(repository, capsys):
    write_files(repository, {"a.py": "import prefect\nresult_handler = = 2\n"})
    assert main(["check"]) == 2
    assert "  2 | result_handler = = 2\n    |                  ^\n" in capsys.readouterr().out


def test_nothing_of_a_name_or_message_reaches_the_terminal_as_a_command():
    text = rendered("text", finding(filename="a\x1b[2J\n.py", message="no\x07"))
    assert text.startswith("a\ufffd[2J\ufffd.py:1:1: RH202 [by hand] no\ufffd\n")


@pytest.mark.parametrize("status", STATUSES)
def test_colours(status):
    plain = rendered("text", finding((1, 1), (1, 4), status=status), a_py="old\n")
    coloured = rendered("text", finding((1, 1), (1, 4), status=status), a_py="old\n", colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    import click

    assert click.unstyle(coloured) == plain


class Terminal:
    def isatty(self):
        return True


TERMINALS = [
    ({}, True),
    ({"NO_COLOR": "1"}, False),
    ({"NO_COLOR": ""}, True),
    ({"TERM": "dumb"}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("environment", "expected"), TERMINALS)
def test_colours_of_a_terminal(environment, expected, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert output.has_colours(Terminal()) is expected


def test_colours_in_a_pipe_where_they_are_forced(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD})
    main(["check"])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["check"])
    assert "\x1b[32m" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("machine", [False, True])
def test_streams_that_know_few_characters(machine, encoding, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    output.show("é…\udcff\n", machine=machine)
    assert stream.buffer.getvalue() == "é…\udcff\n".encode("utf-8" if machine else encoding, "backslashreplace")


# GitHub


def test_commands_for_github():
    text = rendered(
        "github",
        finding((3, 5), (3, 9), status=REWRITTEN, filename="a,b:c%.py", message="50 % of\nit"),
        finding((3, 5), (4, 2), status=NOTE),
        finding(status=ERROR),
        finding((2, 5), (2, 9), status=RUNTIME, filename="n.ipynb", cell=7),
    )
    assert text.split("\n")[:4] == [
        "::warning title=rehandle RH202,file=a%2Cb%3Ac%25.py,line=3,endLine=3,col=5,endColumn=9"
        "::a,b:c%25.py:3:5: RH202 [rewritten] 50 %25 of\ufffdit",
        "::notice title=rehandle RH202,file=a.py,line=3,endLine=4::a.py:3:5: RH202 [note] look",
        "::error title=rehandle RH202,file=a.py,line=1,endLine=1::a.py:1:1: RH202 look",
        "::warning title=rehandle RH202,file=n.ipynb::n.ipynb:cell 7:2:5: RH202 [run time] look",
    ]


def test_every_status_has_a_severity():
    assert {severity(finding(status=status), done=False) for status in STATUSES} == {"error", "warning", "note"}
    assert [severity(finding(status=status), done=True) for status in (REWRITTEN, RUNTIME, LEFT)] == [
        "note",
        "note",
        "warning",
    ]


# Where it goes


@pytest.mark.parametrize("name", report.FORMATS)
def test_every_format_goes_to_a_file(name, repository, capsys):
    write_files(repository, {"a.py": OLD})
    assert main(["check", "--format", name]) == 1
    shown = capsys.readouterr().out
    assert main(["check", "--format", name, "-o", "report"]) == 1
    assert (repository / "report").read_bytes().decode("utf-8") == shown
    assert capsys.readouterr().out == ("1 place in 1 file: 1 would be rewritten, 0 run time, 0 by hand, 0 notes.\n")
    assert sorted(path.name for path in repository.iterdir()) == ["a.py", "report"]


@pytest.mark.parametrize("name", report.FORMATS)
def test_names_that_are_not_utf8(name, repository):
    try:
        Path("b\udcff.py").write_text(OLD)
    except (OSError, UnicodeError):
        pytest.skip("this file system has names in Unicode only")
    assert main(["check", "--format", name, "-o", "report"]) == 1
    shown = {"sarif": "b%FF.py", "junit": "b\ufffd.py"}.get(name, "b\\udcff.py")
    assert shown in (repository / "report").read_bytes().decode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_an_existing_report_is_replaced_and_keeps_its_mode_and_its_link(repository):
    write_files(repository, {"a.py": OLD, "reports/old.json": "old"})
    (repository / "reports" / "old.json").chmod(0o640)
    (repository / "link.json").symlink_to("reports/old.json")
    assert main(["check", "--format", "json", "-o", "link.json"]) == 1
    assert (repository / "link.json").is_symlink()
    assert (repository / "reports" / "old.json").read_text("utf-8").startswith("[")
    assert stat.S_IMODE((repository / "reports" / "old.json").stat().st_mode) == 0o640


def test_an_interrupted_report_leaves_the_old_one(repository, monkeypatch):
    write_files(repository, {"a.py": OLD, "report": "old"})

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    assert main(["check", "-o", "report"]) == 130
    assert (repository / "report").read_text("utf-8") == "old"
    assert sorted(path.name for path in repository.iterdir()) == ["a.py", "report"]


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs a device")
def test_a_device_is_written_to(repository):
    write_files(repository, {"a.py": OLD})
    assert main(["check", "-o", "/dev/null"]) == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder", "folder is a folder"),
        ("missing/report", "there is no folder"),
        ("old", "old is read-only. Make it writable"),
    ],
    ids=str,
)
def test_a_report_that_cannot_be_written_stops_the_run_before_it_changes_anything(path, reason, repository, capsys):
    write_files(repository, {"a.py": OLD, "folder/b.txt": "", "old": ""})
    (repository / "old").chmod(0o444)
    assert main(["migrate", "-o", path]) == 2
    assert reason in capsys.readouterr().err
    assert (repository / "a.py").read_text("utf-8") == OLD
