"""The last line says what to type next, for each situation, with what was typed."""

import shlex

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main

REWRITABLE = "from prefect import task\n\n\n@task(result_handler=None)\ndef f():\n    return 1\n"
BY_HAND = "import prefect\n\n\ndef handler_of(made):\n    return made.result_handler\n"
RUN_TIME = "from prefect import Flow\n\n\ndef make(name, handler):\n    return Flow(name, result_handler=handler)\n"
NOTED = "import prefect\n\n# It has a result_handler.\n"
CLEAN = "from prefect import task\n\n\n@task(result=None)\ndef f():\n    return 1\n"
BROKEN = "import prefect\nresult_handler = = 2\n"
FOR_3 = 'from prefect import Flow, task\n\n\n@task\ndef f():\n    return 1\n\n\nwith Flow("f") as flow:\n    f()\n'
STOPS = 'from prefect import Flow, case\n\nwith Flow("f") as flow:\n    with case(1, 1):\n        pass\n'

# What is typed, what the file holds, and the line.
SITUATIONS = {
    "to rewrite": ("check", REWRITABLE, "rehandle migrate --diff"),
    "with a path": ("check flow.py", REWRITABLE, "rehandle migrate --diff flow.py"),
    "with paths and options": (
        "check --select RH1 --no-runtime flow.py . --statistics",
        REWRITABLE,
        "rehandle migrate --diff --select RH1 --no-runtime flow.py .",
    ),
    "with a name to quote": (
        "check --exclude 'a b' --format concise",
        REWRITABLE,
        "rehandle migrate --diff --exclude 'a b'",
    ),
    "with many paths": ("check " + "flow.py " * 100, REWRITABLE, "rehandle migrate --diff PATHS"),
    "for run time": ("check", RUN_TIME, "rehandle migrate --diff"),
    "by hand": ("check flow.py", BY_HAND, "change by hand what is left, then rehandle check flow.py"),
    "notes": ("check", NOTED, "look at the notes, then rehandle check --target prefect-3"),
    "nothing": ("check --keep-names flow.py", CLEAN, "rehandle check --target prefect-3 flow.py"),
    "an error": ("check flow.py", BROKEN, "mend what the errors name, then rehandle check flow.py"),
    "a patch": ("migrate --diff flow.py", REWRITABLE, "rehandle migrate flow.py"),
    "a patch of nothing": ("migrate --diff", BY_HAND, "change by hand what is left, then rehandle check"),
    "rewritten": (
        "migrate flow.py",
        REWRITABLE,
        "run your tests on Prefect 1.4.1, then rehandle check --target prefect-3 flow.py",
    ),
    "rewritten in part": (
        "migrate flow.py",
        REWRITABLE + BY_HAND,
        "change by hand what is left, then rehandle check flow.py",
    ),
    "for any Prefect": ("migrate --target shim", REWRITABLE, "run your tests with rehandle installed"),
    "run time": (
        "migrate",
        RUN_TIME,
        "run your tests with rehandle installed; to do without it, write Results where it says run time: "
        "https://github.com/rehandle/rehandle/blob/main/docs/write-with-results.md",
    ),
    "Prefect 3": ("check --target prefect-3 flow.py", FOR_3, "rehandle migrate --diff --target prefect-3 flow.py"),
    "Prefect 3, by hand": (
        "check --target prefect-3",
        STOPS,
        "change by hand what is left, then rehandle check --target prefect-3",
    ),
    "Prefect 3, rewritten": (
        "migrate --target prefect-3",
        FOR_3,
        "before the first run with Prefect 3, read https://github.com/rehandle/rehandle/blob/main/docs/to-prefect-3.md",
    ),
}


@pytest.mark.parametrize(("typed", "text", "line"), SITUATIONS.values(), ids=SITUATIONS)
def test_next_command(typed, text, line, repository, capsys):
    write_files(repository, {"flow.py": text})
    main(shlex.split(typed))
    out, err = capsys.readouterr()
    shown = err if "--diff" in typed else out
    assert shown.splitlines()[-1] == f"Next: {line}"


TYPABLE = [line for _, _, line in SITUATIONS.values() if "rehandle check" in line or "migrate" in line]


@pytest.mark.parametrize("line", TYPABLE)
def test_it_can_be_typed(line, repository):
    write_files(repository, {"flow.py": CLEAN, "PATHS": ""})
    assert main(shlex.split(line.partition("rehandle ")[2])) in (0, 1)


@pytest.mark.parametrize(
    "options",
    [["-q"], ["--format", "json"], ["--format", "github"], ["--format", "html"], ["--format", "junit"]],
    ids=str,
)
def test_programs_and_the_quiet_are_not_told(options, repository, capsys):
    write_files(repository, {"flow.py": BY_HAND})
    main(["check", *options])
    assert "Next:" not in capsys.readouterr().out


def test_of_standard_input_nothing_is_told(repository, monkeypatch, capsys):
    import io
    import sys

    stdin = io.TextIOWrapper(io.BytesIO(BY_HAND.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    main(["check", "-"])
    out = capsys.readouterr().out
    assert "by hand" in out
    assert "Next:" not in out
