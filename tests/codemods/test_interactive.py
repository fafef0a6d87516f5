"""`rehandle migrate --interactive`: what is asked, and that only what was accepted is written."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import run_command
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import Declined, run
from rehandle_codemods.findings import ERROR, REWRITTEN, RUNTIME, WORDS

ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]
OLD = """from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler

H = LocalResultHandler("x")


one = Flow("1", result_handler=H)


two = Flow("2", result_handler=None)


three = Flow("3", result_handler=LocalResultHandler())
"""
IMPORT = "from prefect.engine.results import LocalResult\n"
OLD_IMPORT = "from prefect.engine.result_handlers import LocalResultHandler\n"
NEW = OLD.replace("_handler=", "=").replace("Handler(", "(").replace(OLD_IMPORT, IMPORT)


def answer(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def without(*changes):
    """What becomes of the code if some of the lines stay as they are."""
    lines = NEW.splitlines(keepends=True)
    for row in changes:
        lines[row - 1] = OLD.splitlines(keepends=True)[row - 1]
    text = "".join(lines)
    if "LocalResultHandler(" not in text:
        return text
    return text.replace(IMPORT, OLD_IMPORT + IMPORT if "LocalResult(" in text else OLD_IMPORT)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("yyyy", NEW),
        ("a", NEW),
        ("nnnn", OLD),
        ("d", OLD),
        ("q", OLD),
        ("", OLD),
        ("yynd", without(10, 13)),
        ("yynq", without(10, 13)),
        ("yyyn", without(13)),
        ("yyny", without(10)),
        # H is made a Result only with the flow that gets it.
        ("ynyy", without(4, 7)),
        ("nyyy", without(4, 7)),
        ("nny?a", without(4, 7)),
        ("YYYN", without(13)),
        ("xyyny", without(10)),
    ],
)
def test_answers(answers, expected, repository, monkeypatch, capsys):
    write_files(repository, {"a.py": OLD})
    answer(monkeypatch, "".join(f"{letter}\n" for letter in answers))
    assert main(["migrate", "--interactive"]) == (0 if expected == NEW else 1)
    assert (repository / "a.py").read_text() == expected
    assert "(1/4) Make this change [y,n,a,d,q,?]? " in capsys.readouterr().out


def test_what_is_shown(repository, monkeypatch, capsys):
    write_files(repository, {"a.py": OLD})
    answer(monkeypatch, "?\nn\ny\ny\ny\n")
    main(["migrate", "-i", "--quiet"])
    out = capsys.readouterr().out
    assert out.splitlines()[:18] == [
        "a.py:4",
        "@@ line 2 @@",
        " from prefect import Flow",
        "-from prefect.engine.result_handlers import LocalResultHandler",
        "+from prefect.engine.results import LocalResult",
        " ",
        ' H = LocalResultHandler("x")',
        " ",
        "@@ line 4 @@",
        " from prefect import Flow",
        " from prefect.engine.result_handlers import LocalResultHandler",
        " ",
        '-H = LocalResultHandler("x")',
        '+H = LocalResult("x")',
        " ",
        " ",
        ' one = Flow("1", result_handler=H)',
        "(1/4) Make this change [y,n,a,d,q,?]? y - make this change",
    ]
    assert "It belongs to what you left, so it is left too, or asked about again: a.py:7\n" in out
    assert "RH103 [by hand] what belongs to it isn't to be changed, so result_handler stays. Pass result=" in out


def test_files_that_belong_together(repository, monkeypatch):
    files = {
        "common.py": f"{OLD_IMPORT}\nH = LocalResultHandler()\n",
        "flow.py": "from common import H\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=H)\n",
        "other.py": "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n",
    }
    write_files(repository, files)
    answer(monkeypatch, "y\nn\ny\n")
    assert main(["migrate", "--interactive"]) == 1
    texts = {name: (repository / name).read_text() for name in files}
    assert texts == {**files, "other.py": files["other.py"].replace("_handler=", "=")}


def test_a_class_is_one_change_or_none(repository, monkeypatch):
    text = f"""{OLD_IMPORT.replace("Local", "")}from prefect import Flow


class Files(ResultHandler):
    def read(self, name):
        return open(name).read()

    def write(self, value):
        open("x", "w").write(value)
        return "x"


flow = Flow("f", result_handler=Files())
"""
    for number in range(6):
        write_files(repository, {"a.py": text})
        answer(monkeypatch, "y\n" * number + "n\n" + "y\n" * 9)
        main(["migrate", "--interactive"])
        found = (repository / "a.py").read_text()
        assert found == text or "class Files(Result):" in found
        assert ("result=Files()" in found) == ("class Files(Result):" in found)
        if number == 5:
            assert found != text


def test_a_notebook_is_one_change(repository, monkeypatch):
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in (OLD.splitlines(keepends=True)[:5], OLD.splitlines(keepends=True)[5:])
    ]
    notebook = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 4}
    text = json.dumps(notebook, indent=1)
    write_files(repository, {"a.ipynb": text})
    answer(monkeypatch, "n\n")
    assert main(["migrate", "-i"]) == 1
    assert (repository / "a.ipynb").read_text() == text
    answer(monkeypatch, "y\n")
    assert main(["migrate", "-i"]) == 0
    found = json.loads((repository / "a.ipynb").read_text())
    assert "".join(line for cell in found["cells"] for line in cell["source"]) == NEW


def test_not_with_a_patch_or_standard_input(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "-i", "--diff"]) == 2
    assert "leave out --diff and -" in capsys.readouterr().err


def test_what_is_for_a_program_goes_to_a_file(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD})
    assert main(["migrate", "-i", "--format", "json"]) == 2
    assert "write json to a file, by --output" in capsys.readouterr().err
    answer(monkeypatch, "a\n")
    assert main(["migrate", "-i", "--format", "json", "-o", "found.json"]) == 0
    assert json.loads((repository / "found.json").read_text())


IMPORTS = {
    "in parentheses": "from prefect.engine.result_handlers import (\n    LocalResultHandler,\n    S3ResultHandler\n)\n",
    "in lines that go on": "from prefect.engine.result_handlers import LocalResultHandler, \\\n    S3ResultHandler\n",
    "in a block": "try:\n    from prefect.engine.result_handlers import LocalResultHandler, S3ResultHandler\n"
    "except ImportError:\n    raise\n",
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_are_not_asked_about(name, repository, monkeypatch, capsys):
    text = f"{IMPORTS[name]}from prefect import Flow\n\none = Flow('1', result_handler=LocalResultHandler())\n\n"
    text += "\n\n\ntwo = Flow('2', result_handler=S3ResultHandler('b'))\n"
    write_files(repository, {"a.py": text})
    answer(monkeypatch, "y\ny\n")
    assert main(["migrate", "-i"]) == 0
    out = capsys.readouterr().out
    assert "(2/2) Make this change" in out
    assert "+" in out.partition("(1/2)")[0].replace("+one", "").replace("+++", ""), "the imports are shown"


def test_an_import_beside_other_code_is_asked_about(repository, monkeypatch, capsys):
    text = "import prefect; from prefect.engine.result_handlers import S3ResultHandler as S; h = S('b')\n"
    write_files(repository, {"a.py": f"{text}flow = prefect.Flow('f', result_handler=h)\n"})
    answer(monkeypatch, "n\n")
    assert main(["migrate", "-i"]) == 1
    assert "(1/1) Make this change" in capsys.readouterr().out


def test_what_a_terminal_would_obey_is_not_shown(repository, monkeypatch, capsys):
    name = "a\x1b[31m.py" if os.name != "nt" else "a.py"
    write_files(repository, {name: OLD.replace('"1"', '"\x1b[2J\t1"')})
    answer(monkeypatch, "n\ny\ny\ny\n")
    main(["migrate", "-i", "-q"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert '-one = Flow("\ufffd[2J\t1", result_handler=H)' in out


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX names")
@pytest.mark.once
def test_text_that_the_terminal_can_not_show(repository):
    write_files(repository, {os.fsdecode(b"\xff.py"): OLD.replace('"1"', '"é"')})
    done = run_command("migrate", "-i", cwd=repository, input=b"n\ny\ny\ny\n", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (1, b"")


def test_nothing_to_ask(repository, capsys):
    write_files(repository, {"a.py": "x = 1\n"})
    assert main(["migrate", "-i"]) == 0
    assert capsys.readouterr().out == "Nothing to migrate in 1 file.\nNext: rehandle check --target prefect-3\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")
def test_on_a_terminal(repository):
    import pty

    write_files(repository, {"a.py": OLD})
    controller, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    command = [
        sys.executable,
        "-c",
        "import sys; from rehandle_codemods.cli.commands import main; sys.exit(main(['migrate', '-i']))",
    ]
    with subprocess.Popen(
        command, cwd=repository, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
    ) as process:
        os.close(terminal)
        shown = b""
        for letter in (b"y", b"y", b"n", b"q"):
            while not shown.rstrip(b"\x1b[0m").endswith(b"]? "):
                shown += os.read(controller, 4096)
            os.write(controller, letter + b"\n")
            shown += b"answered"
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert process.wait(300) == 1
    os.close(controller)
    assert b'\x1b[32m+one = Flow("1", result=H)\x1b[0m' in shown
    assert (repository / "a.py").read_text() == without(10, 13)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_at_a_question(repository):
    write_files(repository, {"a.py": OLD})
    code = """
import os, signal, sys
from rehandle_codemods.cli import commands

signal.signal(signal.SIGINT, signal.default_int_handler)

class Stdin:
    def readline(self):
        os.kill(os.getpid(), signal.SIGINT)

sys.stdin = Stdin()
sys.exit(commands.main(["migrate", "-i"]))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 130
    assert b"Interrupted: every file is either as it was" in done.stderr
    assert (repository / "a.py").read_text() == OLD


@pytest.mark.once
def test_every_case_without_each_of_its_changes(repository):
    """Whatever is declined: no error, the result parses, and nothing of what was declined has changed."""
    from rehandle_codemods.cli.interactive import hunks

    for path in sorted(CASES.rglob("*.case")):
        case = read_case(path)
        write_files(repository, case.before)
        every = [hunk for change in run(["."]).changes for hunk in hunks(change)]
        for hunk in every[:6]:
            declined = [Declined(hunk.filename, hunk.first, max(hunk.end, hunk.first + 1))]
            found = run(["."], declined=declined)
            where = f"{path.relative_to(CASES)} without {hunk}"
            assert not [finding for finding in found.findings if finding.status == ERROR], where
            for change in found.changes:
                ast.parse(change.after)
                if change.filename == hunk.filename and hunk.old:
                    assert hunk not in hunks(change), where
                    assert "".join(hunk.old) in change.after, where
        for name in case.before:
            (repository / name).unlink()


@pytest.mark.once
@pytest.mark.parametrize("letter", ["q", "n"])
def test_where_every_change_is_left_none_is_said_to_be_made(letter, repository, monkeypatch, capsys):
    for path in sorted(CASES.rglob("*.case")):
        case = read_case(path)
        write_files(repository, case.before)
        answer(monkeypatch, f"{letter}\n" * 400)
        main(["migrate", "--interactive"])
        changes = [f" [{WORDS[status]}] " for status in (REWRITTEN, RUNTIME)]
        said = [line for line in capsys.readouterr().out.splitlines() if any(change in line for change in changes)]
        assert not said, path.relative_to(CASES)
        assert {name: (repository / name).read_bytes().decode() for name in case.before} == case.before
        for name in case.before:
            (repository / name).unlink()
