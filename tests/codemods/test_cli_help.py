"""Help, the list of rules, explanations, and what shells complete."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOTS, run_command

import rehandle
from rehandle.__main__ import main as rehandle_main
from rehandle_codemods import parameters, rules
from rehandle_codemods.cli import cli, main

# Completion of this kind came with click 8.
COMPLETES = importlib.util.find_spec("click.shell_completion") is not None


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("command", ["check", "migrate"])
def test_help(command, capsys):
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    for title in ("Rewriting:", "Rules:", "Files:", "Output:", "Other:", "Examples:", "Exit codes: 0 nothing"):
        assert title in text
    for parameter in cli.commands[command].params:
        assert parameter.param_type_name == "argument" or max(parameter.opts, key=len) in text


def test_every_example_of_the_help_is_a_command(repository, capsys, monkeypatch):
    for command in ("check", "migrate"):
        examples = re.findall(rf"^ +rehandle ({command}.*)$", cli.commands[command].epilog, re.M)
        assert len(examples) >= 5
        for example in examples:
            words = [word.strip("'") for word in re.split(r" [|<>] ?", example)[0].split()]
            context = cli.commands[command].make_context(command, words[1:], resilient_parsing=True)
            assert context.params


def test_list_of_rules(capsys):
    assert rehandle_main(["--list-rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in lines] == list(rules.load())
    assert "RH103  Keyword `result_handler=`" in lines


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"rehandle {rehandle.__version__}\n"


def test_explain_in_a_pipe_and_on_a_terminal(capsys, monkeypatch):
    assert main(["explain", "rh103"]) == 0
    plain = capsys.readouterr().out
    assert plain.startswith("# RH103: Keyword `result_handler=`\n\nTask, Flow and task take `result=` from")
    assert plain.endswith("/docs/rules/RH103.md>\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["explain", "RH103"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert "`" not in shown
    assert main(["explain", "RH1O3"]) == 2
    assert "Did you mean RH123?" in capsys.readouterr().err


def test_commands_of_the_runtime_go_there(capsys):
    assert main(["run", "nowhere.py"]) == 2
    assert "run: nowhere.py doesn't exist" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["show", "--help"])
    assert "usage: rehandle show" in capsys.readouterr().out


COMPLETED = [
    ("rehandle ", {"check", "migrate", "explain", "run", "show"}),
    ("rehandle mig", {"migrate"}),
    ("rehandle explain RH10", {f"RH10{number}" for number in range(1, 10)}),
    ("rehandle migrate --int", {"--interactive"}),
    ("rehandle check --target ", {"prefect-1", "shim"}),
    ("rehandle --li", {"--list-rules"}),
]


@pytest.mark.skipif(not COMPLETES, reason="click completes from 8 on")
@pytest.mark.parametrize(("line", "expected"), COMPLETED)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_is_completed(shell, line, expected, repository, monkeypatch, capsys):
    words = line.split(" ")
    monkeypatch.setenv("_REHANDLE_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
    with pytest.raises(SystemExit) as ended:
        rehandle_main([])
    assert not ended.value.code
    assert expected <= set(re.split(r"[\s,]+", capsys.readouterr().out))


@pytest.mark.skipif(not COMPLETES, reason="click completes from 8 on")
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.once
def test_in_bash_itself(repository):
    """What the page says to put into .bashrc, in a real bash."""
    (repository / "rehandle").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rehandle "$@"\n')
    (repository / "rehandle").chmod(0o755)
    script = """
eval "$(_REHANDLE_COMPLETE=bash_source rehandle)"
COMP_WORDS=(rehandle migrate --inter)
COMP_CWORD=2
$(complete -p rehandle | sed 's/.*-F \\([^ ]*\\).*/\\1/') rehandle
echo "${COMPREPLY[@]}"
"""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(ROOTS),
        "PATH": os.pathsep.join([str(repository), os.environ["PATH"]]),
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environment, cwd=repository, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["--interactive"], "")


def test_unknown_commands(repository):
    done = run_command("nonsense", cwd=repository)
    assert done.returncode == 2
    assert b"nonsense" in done.stderr


@pytest.mark.parametrize("page", ["command-line.md", "configuration.md"])
def test_the_pages_name_every_option_and_setting(page):
    text = (Path(__file__).parents[2] / "docs" / page).read_text("utf-8")
    if page == "configuration.md":
        missing = [name for name in parameters.SETTINGS if f"`{name}`" not in text]
    else:
        options = {option for command in ("check", "migrate") for option in cli.commands[command].params}
        names = {name for option in options for name in (*option.opts, *option.secondary_opts) if name.startswith("--")}
        stems = {name.replace("--no-", "--") for name in names} - {"--help"}
        missing = [stem for stem in stems if stem not in text and f"--no-{stem[2:]}" not in text]
    assert not missing
