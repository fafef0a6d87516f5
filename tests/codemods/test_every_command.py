"""Help and errors of every command: they fit the terminal, their examples are right, and they name what was meant."""

from __future__ import annotations

import os
import re
import shlex
import struct
import subprocess
import sys

import pytest
from commands import ROOTS

import rehandle
from rehandle import commands, wrapping
from rehandle.__main__ import CODEMOD_COMMANDS
from rehandle.__main__ import main as rehandle_main
from rehandle.command_line import Parser
from rehandle.stored.folders import command as results
from rehandle_codemods import rules
from rehandle_codemods.cli.commands import cli

NAMES = [
    "",
    *commands.COMMANDS,
    *(f"results {name}" for name in results.COMMANDS),
    *CODEMOD_COMMANDS,
]
WIDTHS = [60, 80, 120]
EXAMPLES = 2


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch):
    for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


def outcome(capsys, *arguments):
    """The exit code of `rehandle`, and what it printed."""
    try:
        code = rehandle_main(arguments)
    except SystemExit as ended:
        code = ended.code
    return (code or 0, *capsys.readouterr())


def shown(capsys, name):
    code, printed, errors = outcome(capsys, *name.split(), "--help")
    assert (code, errors) == (0, "")
    return printed


def examples(text):
    """The commands below the heading, each on one line."""
    lines = text.replace(" \\\n", "").splitlines()
    first = next(row for row, line in enumerate(lines) if line.lower() == "examples:") + 1
    return [re.sub(" +", " ", line.strip()) for line in lines[first : lines.index("", first)]]


@pytest.mark.parametrize("name", NAMES)
def test_help_fits_the_columns(name, capsys, monkeypatch):
    found = []
    for columns in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(columns))
        text = shown(capsys, name)
        assert max(map(len, text.splitlines())) <= columns, text
        found.append(examples(text))
    assert len(found[0]) >= EXAMPLES
    assert found[0] == found[1] == found[2]


def shell_words(line):
    """The words of a command, without what its output goes to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&<>")
    lexer.whitespace_split = True
    words = list(lexer)
    end = next((row for row, word in enumerate(words) if word in ("|", "&&", "<", ">")), len(words))
    return words[:end]


class ParsedError(Exception):
    """The arguments are right."""


@pytest.mark.parametrize("name", NAMES)
def test_examples_of_the_help_parse(name, repository, capsys, monkeypatch):
    parse = Parser.parse_args

    def parse_and_stop(self, args=None, namespace=None):
        parse(self, args, namespace)
        raise ParsedError

    found = examples(shown(capsys, name))
    monkeypatch.setattr(Parser, "parse_args", parse_and_stop)
    for example in found:
        words = shell_words(example)
        command, *arguments = words[words.index("rehandle") + 1 :]
        assert [command, *arguments][: len(name.split())] == name.split()
        if command in CODEMOD_COMMANDS:
            assert cli.commands[command].make_context(command, arguments).params
        else:
            with pytest.raises(ParsedError):
                rehandle_main([command, *arguments])


# What was typed, and what is named.
MEANT = [
    ("chekc", "check"),
    ("migrat", "migrate"),
    ("expalin RH103", "explain"),
    ("shwo", "show"),
    ("resluts ls", "results"),
    ("results lss", "ls"),
    ("results covnert", "convert"),
    ("--versoin", "--version"),
    ("--list-rule-s", "--list-rules"),
    ("check --formt json", "--format"),
    ("check --formt=json", "--format"),
    ("explain RH10", "RH101"),
    ("explain RH1O3", "RH103"),
    ("explain rh-103", "RH103"),
    ("explain 103", "RH103"),
    ("check --select RH13", "RH103"),
    ("check --ignore RH1,HR205", "RH205"),
    ("migrate --per-file-ignores tests/*:RH31", "RH301"),
    ("run --recrod uses.jsonl flow.py", "--record"),
    ("results adopt /srv/results --stroage x/y", "--storage"),
]


@pytest.mark.parametrize(("typed", "meant"), MEANT)
def test_what_was_meant(typed, meant, repository, capsys):
    code, printed, errors = outcome(capsys, *typed.split())
    assert (code, printed) == (2, "")
    assert errors.endswith(f"Did you mean {meant}?\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_option_with_a_letter_twice(name, repository, capsys):
    found = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?: / (--[\w-]+))?", shown(capsys, name), re.M)
    options = [option for pair in found for option in pair if option]
    assert "--help" in options
    for option in options:
        wrong = f"{option[:3]}{option[2:]}"
        code, _, errors = outcome(capsys, *name.split(), wrong)
        assert code == 2
        assert errors.endswith(f"there is no option {wrong}. Did you mean {option}?\n"), errors


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nonsense", "Known: run, show, sign, results, check, migrate, explain"),
        ("results nonsense", "Known: ls, convert, adopt"),
        ("check --wxyz", "`rehandle check --help` lists all"),
        ("results ls --wxyz", "`rehandle results ls --help` lists all"),
        ("explain nonsense", "`rehandle --list-rules` lists all"),
    ],
)
def test_what_is_near_nothing(typed, said, repository, capsys):
    code, printed, errors = outcome(capsys, *typed.split())
    assert (code, printed) == (2, "")
    assert errors.endswith(f" {said}\n")


@pytest.mark.parametrize("name", ["", "results"])
def test_no_command(name, capsys):
    help_of_it = shown(capsys, name)
    assert outcome(capsys, *name.split()) == (2, "", help_of_it)


def test_both_options_for_the_version(capsys):
    expected = (0, f"rehandle {rehandle.__version__}\n", "")
    assert outcome(capsys, "-V") == outcome(capsys, "--version") == expected
    assert cli.main(["-V"], standalone_mode=False) == 0
    assert capsys.readouterr().out == expected[1]


def on_a_terminal(columns, code, **variables):
    """What a process prints on a terminal of so many columns."""
    import fcntl
    import pty
    import termios

    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), "TERM": "xterm-256color", **variables}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        printed = b""
        try:
            for part in iter(lambda: os.read(controller, 65536), b""):
                printed += part
        except OSError:  # the end, on Linux
            pass
    os.close(controller)
    assert process.returncode == 0, printed.decode()
    return printed.decode().replace("\r\n", "\n")


ALL_HELP = f"""
from rehandle.__main__ import main
for name in {NAMES!r}:
    try:
        main([*name.split(), "--help"])
    except SystemExit:
        pass
"""
ALL_PAGES = f"""
from rehandle.__main__ import main
for code in {list(rules.codes())!r}:
    main(["explain", code])
"""
POSIX = pytest.mark.skipif(os.name == "nt", reason="needs a POSIX terminal")


@POSIX
@pytest.mark.parametrize("columns", WIDTHS)
def test_help_fits_a_terminal(columns, capsys, monkeypatch):
    printed = on_a_terminal(columns, ALL_HELP)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert printed == "".join(shown(capsys, name) for name in NAMES)
    assert max(map(len, printed.splitlines())) > columns - 5


@POSIX
@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["colours", "none", "dumb"])
@pytest.mark.parametrize("columns", WIDTHS)
def test_explanations_fit_a_terminal(columns, variables):
    printed = on_a_terminal(columns, ALL_PAGES, **variables)
    assert ("\x1b[3" in printed) == (not variables)
    lines = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;.*?\x1b\\", "", printed).splitlines()
    assert max(map(len, lines)) <= columns
    assert max(len(line.rstrip()) for line in lines) > columns - 5
    for code, rule in rules.load().items():
        assert f"{code}: " in printed, rule.summary


PARTS = [
    ("some words that are long", 12, ["some words", "that are", "long"]),
    ("one\ntwo\n\nthree", 50, ["one two", "", "three"]),
    ("a/path/that-stays/whole and more", 12, ["a/path/that-stays/whole", "and more"]),
    ("of:\n  name   says what it does\n", 20, ["of:", "  name   says what", "         it does"]),
    ("  command --option value\n", 20, ["  command --option \\", "      value"]),
    ("  command 'a b c' \"d e\" f", 14, ["  command \\", "      'a b c' \\", '      "d e" f']),
    ("  command abc", 13, ["  command abc"]),
]


@pytest.mark.parametrize(("text", "columns", "expected"), PARTS)
def test_filled(text, columns, expected):
    assert wrapping.filled(text, columns).splitlines() == expected
