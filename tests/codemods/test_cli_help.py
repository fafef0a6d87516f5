"""Help, the list of rules, explanations, and what shells complete."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOTS, run_command

from rehandle.__main__ import main as rehandle_main
from rehandle_codemods import rules
from rehandle_codemods.cli import parameters
from rehandle_codemods.cli.commands import cli, main

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


def test_list_of_rules(capsys):
    assert rehandle_main(["--list-rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in lines] == list(rules.load())
    assert "RH103  Keyword `result_handler=`" in lines


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
    assert "Did you mean RH103?" in capsys.readouterr().err


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
    ("rehandle check --target ", {"prefect-1", "shim", "prefect-3"}),
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


def in_shell(shell):
    """Marks of a test that needs a shell."""
    missing = pytest.mark.skipif(not COMPLETES or shutil.which(shell) is None, reason=f"needs {shell}, and click 8")
    return lambda function: missing(pytest.mark.once(function))


@pytest.fixture
def with_rehandle(repository):
    """The environment of a shell that has the command `rehandle`, and its files in the working directory."""
    folder = repository / "bin"
    folder.mkdir()
    (folder / "rehandle").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rehandle "$@"\n')
    (folder / "rehandle").chmod(0o755)
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(ROOTS),
        "PATH": os.pathsep.join([str(folder), os.environ["PATH"]]),
        "ZDOTDIR": str(repository),
        "XDG_CONFIG_HOME": str(repository),
        "TERM": "dumb",
    }


@in_shell("bash")
def test_in_bash_itself(repository, with_rehandle):
    """What the page says to put into .bashrc, in a real bash."""
    script = """
eval "$(_REHANDLE_COMPLETE=bash_source rehandle)"
COMP_WORDS=(rehandle migrate --inter)
COMP_CWORD=2
$(complete -p rehandle | sed 's/.*-F \\([^ ]*\\).*/\\1/') rehandle
echo "${COMPREPLY[@]}"
"""
    command = ["bash", "--norc", "-c", script]
    done = subprocess.run(command, env=with_rehandle, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["--interactive"], "")


@in_shell("zsh")
def test_in_zsh_itself(repository, with_rehandle):
    """What the page says to put into .zshrc, in a real zsh where somebody types."""
    import pty

    lines = [
        "autoload -Uz compinit && compinit -u",
        'eval "$(_REHANDLE_COMPLETE=zsh_source rehandle)"',
        'preexec() { print -r -- "$1" > typed; exit }',
    ]
    (repository / ".zshrc").write_text("\n".join(lines))
    controller, terminal = pty.openpty()
    command = ["zsh", "-d", "-i"]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal)
    with subprocess.Popen(command, env=with_rehandle, cwd=repository, start_new_session=True, **streams) as process:
        os.close(terminal)
        os.write(controller, b"rehandle migrate --inter\t--target sh\t\n")
        with contextlib.suppress(OSError):  # the end, on Linux
            while os.read(controller, 4096):
                pass
        process.wait(300)
    os.close(controller)
    assert (repository / "typed").read_text().split() == ["rehandle", "migrate", "--interactive", "--target", "shim"]


@in_shell("fish")
def test_in_fish_itself(repository, with_rehandle):
    """What the page says to put into a file of fish's, in a real fish."""
    folder = repository / "fish" / "completions"
    folder.mkdir(parents=True)
    (folder / "rehandle.fish").write_text("_REHANDLE_COMPLETE=fish_source rehandle | source\n")
    command = ["fish", "-c", 'complete -C "rehandle migrate --inter"; complete -C "rehandle explain RH11"']
    done = subprocess.run(command, env=with_rehandle, cwd=repository, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["--interactive", "RH110", "RH111", "RH112"]


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
