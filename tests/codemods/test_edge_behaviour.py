"""Files on which rewriting tools are known to fail: each is rewritten exactly, or left and reported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main

TEXT = 'from prefect import Flow\n\nflow = Flow("f", result_handler=None)\nx = 1\n'
# No other CPython parses as little as 3.12.
SUM = " + ".join(["1"] * (2000 if sys.version_info[:2] == (3, 12) else 3000))


def encoded(text, encoding="utf-8", *, newline="\n", head=b""):
    return head + text.replace("\n", newline).encode(encoding)


# What is rewritten: nothing but the word changes.
REWRITTEN = {
    "LF": encoded(TEXT),
    "CRLF": encoded(TEXT, newline="\r\n"),
    "CR": encoded(TEXT, newline="\r"),
    "mixed newlines": TEXT.replace("\n", "\r\n", 1).replace("x = 1\n", "x = 1\r").encode(),
    "mixed newlines in one string": encoded(TEXT + 'y = """a\r\nb\rc\n"""\r\n'),
    "byte order mark": encoded(TEXT, head=b"\xef\xbb\xbf"),
    "byte order mark and CRLF": encoded(TEXT, head=b"\xef\xbb\xbf", newline="\r\n"),
    "byte order mark and a declaration": encoded(TEXT, head=b"\xef\xbb\xbf# coding: utf-8\n"),
    "latin-1 with a declaration": encoded(TEXT + "# é\n", "latin-1", head=b"# -*- coding: latin-1 -*-\n"),
    "latin-1 declared in the second line": encoded(
        TEXT + "# é\n", "latin-1", head=b"#!/usr/bin/python\n# coding: latin-1\n"
    ),
    "latin-1 and CR": encoded(TEXT + "# é\n", "latin-1", head=b"# coding: latin-1\r", newline="\r"),
    "koi8-r": encoded(TEXT + "# привет\n", "koi8-r", head=b"# coding: koi8-r\n"),
    "shift_jis": encoded(TEXT + "# 表\n", "shift_jis", head=b"# vim: set fileencoding=shift_jis :\n"),
    "no final newline": encoded(TEXT.rstrip("\n")),
    "no final newline and CRLF": encoded(TEXT.rstrip("\n"), newline="\r\n"),
    "form feed": encoded("\x0c" + TEXT + "\x0c\ndef f():\n\x0c    pass\n"),
    "tabs": encoded(TEXT + "if x:\n\tif x:\n\t\tx = 2\n"),
    "spaces at the ends of lines": encoded(TEXT.replace("\n", "  \t\n")),
    "backslashes": encoded(TEXT.replace('"f", ', '"f", \\\n    ') + "y = x + \\\n    1\n"),
    "other separators of lines": encoded(TEXT + "# \x85 \u2028 \u2029 \x1c \x0b\ny = '\u2028'\n"),
    "characters beyond 16 bits": encoded(TEXT.replace('"f"', '"\U0001f600é"')),
    "other names": encoded(TEXT + "größe = 1\n変数 = 2\n"),
    "long sum": encoded(TEXT + f"y = {SUM}\n"),
    "150 brackets": encoded(TEXT + "y = " + "(" * 150 + "1" + ")" * 150 + "\n"),
    "900 elifs": encoded(TEXT + "if x:\n    pass\n" + "elif x:\n    pass\n" * 900),
    "400 joined strings": encoded(TEXT + "y = (" + "'a'\n" * 400 + ")\n"),
    "1,500 attributes": encoded(TEXT + "y = x" + ".a" * 1500 + "\n"),
    "99 blocks": encoded(TEXT + "".join(" " * depth + "if x:\n" for depth in range(99)) + " " * 99 + "pass\n"),
    "10,000-line call": encoded(
        TEXT.replace('"f", ', '"f",\n' + "".join(f"    # {i}\n    *[{i}],\n" for i in range(5000)) + "    ")
    ),
    "future import": encoded('"""doc"""\nfrom __future__ import annotations\n' + TEXT),
    "script": encoded(TEXT, head=b"#!/usr/bin/env python\n"),
}
NEWER = {
    "match": ("match x:\n    case 1:\n        pass\n", (3, 10)),
    "except*": ("try:\n    pass\nexcept* ValueError:\n    pass\n", (3, 11)),
    "type parameters": ("def f[T](x: T) -> T:\n    return x\n", (3, 12)),
    "type statement": ("type A = int\n", (3, 12)),
    "quotes in an f-string": ("y = f'{x + len('a')}'\n", (3, 12)),
    "default of a type parameter": ("class A[T = int]:\n    pass\n", (3, 13)),
}
REWRITTEN.update({name: encoded(TEXT + code) for name, (code, version) in NEWER.items() if sys.version_info >= version})
# What is left: the row and column of the error, and what is said about it.
LEFT = {
    "latin-1 without a declaration": (encoded(TEXT + "# é\n", "latin-1"), "1:1", "can't be decoded: "),
    "wrong declaration": (encoded(TEXT + "# é\n", head=b"# coding: ascii\n"), "1:1", "can't be decoded: "),
    "unknown declaration": (encoded(TEXT, head=b"# coding: klingon\n"), "1:1", "can't be decoded: unknown encoding"),
    "declaration that isn't of a text": (encoded(TEXT, head=b"# coding: rot13\n"), "1:1", "can't be decoded: "),
    "mark against declaration": (encoded(TEXT, head=b"\xef\xbb\xbf# coding: latin-1\n"), "1:1", "can't be decoded: "),
    "syntax error": (encoded(TEXT + "def (:\n"), "5:5", "doesn't parse with Python "),
    "indentation error": (encoded(TEXT + "  y = 2\n"), "5:", "doesn't parse with Python "),
    "tabs and spaces": (encoded(TEXT + "if x:\n        if x:\n\t\tx = 2\n"), "7:", "doesn't parse with Python "),
    "Python 2": (encoded(TEXT + "print 'a'\n"), "5:", "doesn't parse with Python "),
    "Python 2 raise": (encoded(TEXT + "raise ValueError, 'a'\n"), "5:", "doesn't parse with Python "),
    "merge conflict": (encoded(TEXT + "<<<<<<< HEAD\ny = 2\n=======\n>>>>>>> b\n"), "5:", "doesn't parse with Python "),
    "template": (encoded("{{ cookiecutter.x }}\n{% if y %}\n" + TEXT), "2:2", "doesn't parse with Python "),
    "NUL in a comment": (encoded(TEXT + "# a\0b\n"), "1:1", "doesn't parse"),
    "NUL at the end": (encoded(TEXT + "\0"), "1:1", "doesn't parse"),
    "20,000-term sum": (encoded(TEXT + "y = " + " + ".join(["1"] * 20000) + "\n"), "1:1", "is nested too deeply"),
    "cut off": (encoded(TEXT + "y = ["), "5:", "doesn't parse with Python "),
}
LEFT.update(
    {
        name: (encoded(TEXT + code), "", "doesn't parse with Python ")
        for name, (code, version) in NEWER.items()
        if sys.version_info < version
    }
)
# What doesn't hold the word: nothing is said about it.
SILENT = {
    "empty": b"",
    "newlines": b"\r\n\r\r\n\n",
    "byte order mark": b"\xef\xbb\xbf",
    "NUL": b"\0" * 1000,
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-32": TEXT.encode("utf-32"),
    "not code": bytes(range(256)),
    "syntax error": b"def (:\n",
}


def marked(*values):
    """Parameters of a test, the first one a name: those that take seconds run once."""
    long = values[0] in ("1,500 attributes", "10,000-line call")
    return pytest.param(*values, marks=pytest.mark.once if long else ())


@pytest.mark.parametrize("name", map(marked, REWRITTEN))
def test_rewritten(name, repository, capfdbinary):
    before = REWRITTEN[name]
    after = before.replace(b"result_handler", b"result")
    path = repository / "a.py"
    path.write_bytes(before)
    assert main(["check"]) == 1
    assert path.read_bytes() == before
    assert b"1 would be rewritten" in capfdbinary.readouterr().out
    assert main(["migrate", "--diff"]) == 1
    assert path.read_bytes() == before
    patch = capfdbinary.readouterr().out
    assert patch.count(b"\n-") == patch.count(b"\n+") == 2  # with the two names of the file
    assert main(["migrate"]) == 0
    assert path.read_bytes() == after
    assert [entry.name for entry in repository.iterdir()] == ["a.py"]
    written = path.stat().st_mtime_ns
    assert main(["migrate"]) == 0
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (after, written)
    assert main(["check"]) == 0


@pytest.mark.parametrize("name", LEFT)
@pytest.mark.parametrize("command", [["check"], ["migrate", "--diff"], ["migrate"]], ids=" ".join)
def test_left(name, command, repository, capsys):
    before, place, message = LEFT[name]
    (repository / "a.py").write_bytes(before)
    (repository / "b.py").write_bytes(encoded(TEXT))
    assert main(command) == 2
    captured = capsys.readouterr()
    said = captured.err if "--diff" in command else captured.out
    (line,) = [line for line in said.splitlines() if "RH901" in line]
    assert line.startswith(f"a.py:{place}")
    assert f"RH901 {message}" in line
    assert line.endswith(("leave it out", "or later", "convert it to UTF-8", "or correct it"))
    assert "1 error." in said
    assert (repository / "a.py").read_bytes() == before
    # The others are done.
    written = TEXT.replace("result_handler", "result") if command == ["migrate"] else TEXT
    assert (repository / "b.py").read_bytes() == encoded(written)


@pytest.mark.parametrize("name", [name for name, (_, version) in NEWER.items() if sys.version_info < version])
def test_python_that_is_needed(name, repository, capsys):
    code, version = NEWER[name]
    (repository / "a.py").write_bytes(encoded(TEXT + code))
    assert main(["check"]) == 2
    assert f"Run rehandle with Python 3.{version[1]} or later" in capsys.readouterr().out


@pytest.mark.parametrize("name", SILENT)
def test_silent(name, repository, capsys):
    (repository / "a.py").write_bytes(SILENT[name])
    assert main(["check"]) == 0
    assert main(["migrate", "--diff"]) == 0
    assert main(["migrate"]) == 0
    assert "Nothing to migrate in 1 file.\n" in capsys.readouterr().out
    assert (repository / "a.py").read_bytes() == SILENT[name]


FILES = ["a.py", "a folder/é.py", "quo\"te's.py", "new\nline\t\\.py", os.fsdecode(b"\xff.py")]


@pytest.mark.skipif(os.name == "nt" or shutil.which("git") is None, reason="needs git, and POSIX names")
@pytest.mark.parametrize(
    ("name", "file"), [*(marked(name, "a.py") for name in REWRITTEN), *(("mixed newlines", file) for file in FILES)]
)
def test_patch(name, file, repository, capfdbinary):
    """The patch that is printed does what `migrate` does, byte for byte."""
    subprocess.run(["git", "init", "-q"], check=True)
    path = repository / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(REWRITTEN[name])
    main(["migrate", "--diff"])
    patch = capfdbinary.readouterr().out
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, check=True)
    assert path.read_bytes() == REWRITTEN[name].replace(b"result_handler", b"result")


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("folder", [".", "flows", "flows/flows"])
def test_patch_in_any_folder_of_the_work_tree(folder, repository, monkeypatch, capfdbinary):
    """`git apply` takes paths from the top, and passes over others without a word."""
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, dict.fromkeys(["a.py", "flows/a.py", "flows/flows/a.py"], TEXT))
    monkeypatch.chdir(repository / folder)
    assert main(["migrate", "--diff"]) == 1
    subprocess.run(["git", "apply", "-"], input=capfdbinary.readouterr().out, check=True)
    for path in repository.rglob("*.py"):
        below = repository / folder in path.parents
        assert path.read_text("utf-8") == (TEXT.replace("result_handler", "result") if below else TEXT)


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
@pytest.mark.parametrize("name", ["a.py", "sp ace/b c.py", "é.py", "--x.py"])
def test_patch_for_the_program_of_that_name(name, repository, capfdbinary):
    write_files(repository, {name: TEXT})
    assert main(["migrate", "--diff"]) == 1
    subprocess.run(["patch", "-p1", "-s"], input=capfdbinary.readouterr().out, check=True)
    assert (repository / name).read_text("utf-8") == TEXT.replace("result_handler", "result")


def test_coloured_patch(repository, capfdbinary, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    (repository / "a.py").write_bytes(REWRITTEN["latin-1 with a declaration"])
    assert main(["migrate", "--diff"]) == 1
    assert b"\x1b[32m+flow = " in capfdbinary.readouterr().out


def test_lines_that_are_inserted(repository):
    """They end like their neighbours."""
    text = "from prefect import Task\r\n\x0c\rdef f(h):\r\n    Task(result_handler=h)\n"
    (repository / "a.py").write_bytes(text.encode())
    assert main(["migrate"]) == 0
    assert (repository / "a.py").read_bytes() == (
        text.replace("Task\r\n", "Task\r\nfrom rehandle import to_result\r\n", 1)
        .replace("result_handler=h", "result=to_result(h)")
        .encode()
    )
