"""Comments that ignore all that is reported: whole, in place, and nothing else changes."""

import ast
import json
import re
import subprocess

import nbformat
import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.add_ignores import add_ignores
from rehandle_codemods.engine.run import run
from rehandle_codemods.files.source import SourceError
from rehandle_codemods.findings import ERROR
from rehandle_codemods.options import Options

OPTIONS = Options(other_api=True)


_COMMENT = re.compile(r"(?m)^[ \t]*# rehandle: ignore\[[RH0-9, ]*\]\r?\n|(?:  )?# rehandle: ignore\[[RH0-9, ]*\]")


def without_comments(text):
    return _COMMENT.sub("", text)


def contents(repository, names):
    return {name: (repository / name).read_bytes().decode("utf-8") for name in names}


@pytest.mark.parametrize("path", sorted(CASES.rglob("*.case")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_nothing_is_reported_then(path, repository, capsys):
    """Over all cases: `check` is silent, the code is the same, and a second run changes nothing."""
    before = read_case(path).before
    write_files(repository, before)
    found = run(["."], options=OPTIONS)
    expected = 2 if any(finding.status == ERROR for finding in found.findings) else 0
    assert main(["check", "--add-ignore"]) == expected
    capsys.readouterr()
    after = contents(repository, before)
    assert (after != before) is any(finding.status != ERROR for finding in found.findings)
    assert {name: without_comments(text) for name, text in after.items()} == before
    for name in before:
        if name.endswith(".py") and after[name] != before[name]:
            assert ast.dump(ast.parse(after[name])) == ast.dump(ast.parse(before[name]))
    assert main(["check"]) == expected
    said = capsys.readouterr().out
    sums = re.search(r"(?m)^(\d+) places? in .*: (.*), (\d+) ignored\.", said)
    assert sums is not None if found.places else not sums
    if sums is not None:
        assert sums[2] == "0 would be rewritten, 0 run time, 0 by hand, 0 notes"
        assert sums[1] == sums[3]
    assert main(["check", "--add-ignore"]) == expected
    assert "0 comments written in 0 files." in capsys.readouterr().out
    assert contents(repository, before) == after


IMPORTS = (
    "from prefect import Flow\n"
    "from prefect.engine.result_handlers import LocalResultHandler as H  # rehandle: ignore[RH101]\n"
)
FLOW = 'flow = Flow("f", result_handler=H())'
IGNORED = "# rehandle: ignore[RH102, RH103]"

# Code before and after.
PLACES = {
    "at the end of the line": (FLOW, f"{FLOW}  {IGNORED}"),
    "spaces at the end stay": (f"{FLOW}  \n", f"{FLOW}  {IGNORED}  \n"),
    "after another comment": (f"{FLOW}  # noqa\n", f"{FLOW}  # noqa  {IGNORED}\n"),
    "into an ignore comment": (
        f"{FLOW}  # noqa # rehandle:ignore[ rh103,RH2] see #7\n",
        f"{FLOW}  # noqa # rehandle:ignore[RH102, RH103, RH2] see #7\n",
    ),
    "into one above": (f"# rehandle: ignore[RH103]\n{FLOW}\n", f"{IGNORED}\n{FLOW}\n"),
    "one for a statement": (
        'flow = Flow(\n    "f",\n    result_handler=H(\n    ),\n)\n',
        f'flow = Flow(\n    "f",\n    result_handler=H(  {IGNORED}\n    ),\n)\n',
    ),
    "one for a line": (f"{FLOW}; two = {FLOW[7:]}\n", f"{FLOW}; two = {FLOW[7:]}  {IGNORED}\n"),
    "after a backslash": (
        'flow = Flow("f", result_handler= \\\n    H())\n',
        f'flow = Flow("f", result_handler= \\\n    H())  {IGNORED}\n',
    ),
    "after a string of several lines": (
        'flow = Flow("f", result_handler=H(), edges="""\n# """)\n',
        f'flow = Flow("f", result_handler=H(), edges="""\n# """)  {IGNORED}\n',
    ),
    "after an f-string of several lines": (
        'f"""\n{Flow("f", result_handler=H())\n}"""\n',
        'f"""\n{Flow("f", result_handler=H())\n}"""  # rehandle: ignore[RH201, RH202]\n',
    ),
    "at a decorator": (
        "from prefect import task\n@task(result_handler=H())\ndef f():\n    pass\n",
        f"from prefect import task\n@task(result_handler=H())  {IGNORED}\ndef f():\n    pass\n",
    ),
    "above, where the line ends in another statement's string": (
        f'if True:\n\t{FLOW}; text = """\n"""\n',
        f'if True:\n\t{IGNORED}\n\t{FLOW}; text = """\n"""\n',
    ),
    "above a head, where the line ends in a string": (
        f'with {FLOW[7:]}: text = """\n"""\n',
        f'{IGNORED}\nwith {FLOW[7:]}: text = """\n"""\n',
    ),
    "a comment of its own in the line before": (
        f"# A result_handler.\n{FLOW}\n",
        f"# A result_handler.  # rehandle: ignore[RH301]\n{FLOW}  {IGNORED}\n",
    ),
    "a docstring": (
        'def f():\n    """Takes no\n    result_handler."""\n',
        'def f():\n    """Takes no\n    result_handler."""  # rehandle: ignore[RH301]\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_places(before, after, repository, capsys):
    write_files(repository, {"a.py": IMPORTS + before})
    assert main(["check", "--add-ignore"]) == 0
    assert (repository / "a.py").read_text() == IMPORTS + after
    assert main(["check"]) == 0
    assert "0 would be rewritten, 0 run time, 0 by hand, 0 notes, " in capsys.readouterr().out


def test_the_first_line(repository):
    """A comment can stand above it; none can be added to what tells the system what runs the file."""
    text = f'import prefect; {FLOW[7:].replace("Flow", "prefect.Flow").replace("H()", "None")}; text = """\n"""\n'
    write_files(repository, {"a.py": text, "b.py": "#!/usr/bin/env result_handler\nimport prefect\n"})
    assert main(["check", "--add-ignore"]) == 1
    assert (repository / "a.py").read_text() == text
    assert (repository / "b.py").read_text() == "#!/usr/bin/env result_handler\nimport prefect\n"


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        ("# coding: latin-1\n{}é = 1\n", "latin-1"),
        ("\ufeff{}", "utf-8"),
        ("{}ö = 'ü'; {}", "utf-8"),
        ("# 日本 result_handler\r\n{}", "utf-8"),
        ("{}\r{}\r", "utf-8"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_rest_of_the_file_stays(written, encoding, newline, repository):
    """Encoding, byte order mark and line ends."""
    code = f"from prefect import Flow\nif 1:\n\tf = Flow('é', result_handler=None); t = '''\n'''\n{FLOW[:-4]}None)\n"
    text = written.replace("{}", code).replace("\r\n", "\n").replace("\r", "\n").replace("\n", newline)
    path = repository / "a.py"
    path.write_bytes(text.encode(encoding))
    mode = path.stat().st_mode
    assert main(["check", "--add-ignore"]) == 0
    after = path.read_bytes().decode(encoding)
    assert after != text
    lines = [line for line in after.split(newline) if not re.fullmatch(r"\t# rehandle: ignore\[.*\]", line)]
    assert without_comments(newline.join(lines)) == text
    assert path.stat().st_mode == mode
    assert main(["check"]) == 0


def test_what_is_said(repository, capsys):
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}\n", "b.py": "from a import flow\nflow.result_handler\n"})
    assert main(["check", "--add-ignore", "a.py", "b.py"]) == 0
    assert capsys.readouterr().out == (
        "4 places in 2 files: 0 would be rewritten, 0 run time, 0 by hand, 0 notes, 4 ignored.\n"
        "2 comments written in 2 files.\n"
        "Next: commit the comments, then let CI run rehandle check a.py b.py\n"
    )
    assert main(["check", "--add-ignore"]) == 0
    assert capsys.readouterr().out.endswith("0 comments written in 0 files.\nNext: rehandle check --target prefect-3\n")


def test_for_a_program(repository, capsys):
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}\n"})
    assert main(["check", "--add-ignore", "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == []
    assert printed.err == "1 comment written in 1 file.\n"


def test_only_selected_rules(repository):
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}  # a result_handler\n"})
    assert main(["check", "--add-ignore", "--select", "RH3"]) == 0
    assert (repository / "a.py").read_text() == f"{IMPORTS}{FLOW}  # a result_handler  # rehandle: ignore[RH301]\n"


def test_new_code_is_reported(repository, capsys):
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}\n"})
    assert main(["check", "--add-ignore"]) == 0
    with (repository / "a.py").open("a") as file:
        file.write(f"{FLOW}\n")
    assert main(["check", "--format", "concise"]) == 1
    assert "a.py:4:18: RH103 [rewritten]" in capsys.readouterr().out


def test_where_no_comment_can_stand(repository, capsys):
    """It is said, the exit code shows it, and nothing else is left out for it."""
    between = f'x = 1; {FLOW}; text = """\n"""\n'
    files = {"a.py": IMPORTS + between + FLOW, "requirements.txt": "prefect<0.14\n"}
    write_files(repository, files)
    assert main(["check", "--add-ignore", "--format", "concise"]) == 1
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "1 comment written in 1 file.",
        "3 findings left where no comment can stand. Ignore them by per-file-ignores in the settings.",
        "Next: ignore by per-file-ignores what is left, then rehandle check",
    ]
    assert (repository / "a.py").read_text() == IMPORTS + between + FLOW + f"  {IGNORED}"
    assert (repository / "requirements.txt").read_text() == files["requirements.txt"]
    assert main(["check", "--add-ignore", "--exit-zero"]) == 0
    rows = ["--per-file-ignores", "a.py:RH1", "--per-file-ignores", "requirements.txt:RH404"]
    assert main(["check", "--add-ignore", *rows]) == 0


NOTEBOOK = [
    "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler as H",
    f"%time {FLOW}\n",
    f"%%time\n{FLOW}",
    "!ls result_handler",
]
PAGE = (
    f"# Flows\n\n```python\n{IMPORTS}{FLOW}\n```\n\n"
    "    >>> from prefect import Flow\n    >>> Flow('é', result_handler=None)\n"
)


def test_notebooks_and_documents(repository, capsys):
    cells = [nbformat.v4.new_code_cell(source) for source in NOTEBOOK]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, repository / "a.ipynb")
    write_files(repository, {"a.md": PAGE, "b.py": f'from prefect import Flow\n\n"""\n>>> {FLOW[:-4]}None)\n1\n"""\n'})
    assert main(["check", "--docs", "--add-ignore", "--format", "concise"]) == 1
    out = capsys.readouterr().out
    assert "a.ipynb:cell 4:1:5: RH301" in out
    assert "1 finding left where no comment can stand." in out
    after = [cell.source for cell in nbformat.read(repository / "a.ipynb", 4).cells]
    assert after == [
        f"{NOTEBOOK[0]}  # rehandle: ignore[RH101]",
        f"%time {FLOW}  {IGNORED}\n",
        f"%%time\n{FLOW}  {IGNORED}",
        NOTEBOOK[3],
    ]
    page = (repository / "a.md").read_text()
    assert without_comments(page) == without_comments(PAGE)
    assert f"\n{FLOW}  {IGNORED}\n```" in page
    assert main(["check", "--docs"]) == 0
    assert "0 would be rewritten, 0 run time, 0 by hand, 1 note, " in capsys.readouterr().out


# What can go wrong


def test_standard_input_has_no_place_for_comments(repository, capsys):
    assert main(["check", "--add-ignore", "-"]) == 2
    assert "--add-ignore writes comments into files: leave out -" in capsys.readouterr().err


def test_files_that_cannot_be_analysed_or_written(repository, capsys):
    """They are errors; the others get their comments."""
    files = {
        "a.py": f"{IMPORTS}{FLOW}\n",
        "b.py": "import prefect\nresult_handler = = 2\n",
        "c.py": f"{IMPORTS}{FLOW}\n",
    }
    write_files(repository, files)
    (repository / "c.py").chmod(0o444)
    assert main(["check", "--add-ignore", "--format", "concise"]) == 2
    out = capsys.readouterr().out
    assert "b.py:2:18: RH901" in out
    assert "c.py:1:1: RH901 is read-only. Make it writable and run again" in out
    assert "\n1 comment written in 1 file.\nNext: mend what the errors name, then rehandle check\n" in out
    assert (repository / "a.py").read_text() == f"{IMPORTS}{FLOW}  {IGNORED}\n"
    assert (repository / "c.py").read_text() == files["c.py"]


def test_changes_that_are_not_committed(repository, capsys):
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}\n"})
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "add", "."], check=True)
    assert main(["check", "--add-ignore"]) == 0
    assert "has changes that aren't committed" in capsys.readouterr().err
    write_files(repository, {"a.py": f"{IMPORTS}{FLOW}\n"})
    assert main(["check", "--add-ignore", "--allow-dirty"]) == 0
    assert capsys.readouterr().err == ""


def test_a_file_that_changes_meanwhile_stays_as_it_is(repository):
    path = repository / "a.py"
    path.write_text(f"{IMPORTS}{FLOW}\n")
    ignored = add_ignores(lambda given: run(["."], options=OPTIONS, given=given), OPTIONS)
    path.write_text("# new\n")
    with pytest.raises(SourceError, match="has changed since it was read"):
        ignored.outcome.changes[0].write()
    assert path.read_text() == "# new\n"
