"""Run a page of the documentation in the working directory: ``python tests/run_page.py docs/PAGE.md``.

tests/pages.py says what is run. Exits with 1 and says where, when something else comes out than the page shows.
With ``--write`` what commands print is written into the page; look at the difference before you commit it.
"""

import configparser
import doctest
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pages

ELLIPSIS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
# Between the outputs of two commands.
MARK = "\x1e"
SETUP = re.compile(
    r"(\S*/)?(pip install|python[\d.]* -m (venv|pip install)|uv pip install|uvx|pipx run|pre-commit install|"
    r"tox run(-parallel)?)\b"
)
COMMENT = re.compile(r"\s+# .*$")
# What pages call the working directory.
FOLDER = "/home/you/flows"
# What the tests set for themselves: a reader's terminal has it only if the page says so.
SETTINGS = ("PREFECT__FLOWS__CHECKPOINTING", "PREFECT__LOGGING__LEVEL")
EXPORTS = []


class Difference(str):
    """What to say about a command that prints something else."""

    def __new__(cls, message, command, expected, got):
        self = super().__new__(cls, message)
        self.before, self.after = (f"$ {command}\n{output}" for output in (expected, got))
        return self


def run(page, write=False):
    """Run a page; returns what went wrong."""
    namespace = {"__name__": "__main__"}
    problems = []
    for block in page.blocks:
        found = [] if block.reason else run_block(block, namespace)
        if write:
            for difference in (problem for problem in found if isinstance(problem, Difference)):
                text = page.path.read_text("utf-8")
                page.path.write_text(text.replace(difference.before, difference.after), "utf-8")
        problems += [f"{page.path}:{block.row}: {problem}" for problem in found]
    return problems


def run_block(block, namespace):
    if block.file:
        path = Path(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
    if block.language in ("python", "pycon") and ">>> " in block.text:
        return run_session(block, namespace)
    if block.language == "python":
        if not block.file:
            exec(compile(block.text, f"block at {block.row}", "exec"), namespace)
        return []
    if block.language == "console":
        return run_console(block)
    if block.language == "diff":
        return run_diff(block)
    if block.language == "json":
        json.loads(block.text)
        return []
    if block.language == "toml":
        if sys.version_info >= (3, 11):
            import tomllib

            tomllib.loads(block.text)
        return []
    if block.file:
        return []
    return [f"nothing is known of ```{block.language}: name a file in its first line, or say why it isn't run"]


def run_session(block, namespace):
    examples = doctest.DocTestParser().get_doctest(block.text, namespace, "page", str(block.row), 0)
    said = []
    runner = doctest.DocTestRunner(optionflags=ELLIPSIS, verbose=False)
    runner.run(examples, out=said.append, clear_globs=False)
    namespace.update(examples.globs)
    return ["\n" + "".join(said)] if said else []


def run_console(block):
    commands = parsed(block.text)
    if not commands:
        return ["a console has a line that begins with `$ `"]
    problems = [problem for command, _ in commands for problem in setup_problems(command)]
    executed = [(command, output) for command, output in commands if not is_setup(command)]
    if not executed:
        return problems
    # In one shell, so that `echo $?` and variables work.
    script = "".join(f"{command}\n__code=$?; printf '\\n{MARK}'; (exit $__code)\n" for command, _ in executed)
    # What a page exports is there in its later blocks, too.
    script = "".join(EXPORTS) + script
    EXPORTS.extend(f"{command}\n" for command, _ in executed if command.startswith("export "))
    # Output and errors come in the order of a terminal.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name in SETTINGS:
        environment.pop(name, None)
    shell = subprocess.run(
        ["bash", "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
        timeout=300,
    )
    for (command, expected), printed in zip(executed, shell.stdout.split(MARK)):
        got = printed[:-1].replace(os.getcwd(), FOLDER)
        if expected.strip() == "..." and got:
            problems.append(Difference(f"$ {command}\nshows nothing of what it prints:\n{got}", command, expected, got))
        elif not doctest.OutputChecker().check_output(expected, got, ELLIPSIS):
            problems.append(Difference(f"$ {command}\nprints:\n{got}\nand not:\n{expected}", command, expected, got))
    return problems


def parsed(text):
    """Split a console into commands and what they print."""
    commands = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ "):
            commands.append([line[2:], ""])
        elif commands and (commands[-1][0].endswith("\\\n") or line.startswith("> ")):
            commands[-1][0] += line[2:] if line.startswith("> ") else line
        elif commands:
            commands[-1][1] += line
    return [(command.rstrip("\n"), output) for command, output in commands]


def parts(command):
    return [COMMENT.sub("", part).strip() for part in command.split("&&")]


def is_setup(command):
    return all(SETUP.match(part) for part in parts(command))


def setup_problems(command):
    """Tell which extras and environments of a command don't exist."""
    if not is_setup(command):
        return []
    project = (pages.ROOT / "pyproject.toml").read_text("utf-8")
    extras = project.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    problems = [
        f"there is no extra {extra!r}"
        for names in re.findall(r"rehandle\[([\w,]+)\]", command)
        for extra in names.split(",")
        if not re.search(rf"^{extra} = ", extras, re.M)
    ]
    tox = configparser.RawConfigParser()
    tox.read(str(pages.ROOT / "tox.ini"), "utf-8")
    known = " ".join(value for section in tox.sections() for value in tox[section].values()) + " ".join(tox.sections())
    for part in parts(command):
        for option, value in re.findall(r" -([efm]) ([\w.,-]+)", part if "tox" in part.split()[0] else ""):
            for factor in re.split("[,-]", value):
                # py311 is written py3{7,9,11}.
                if not re.match(r"py3\d+$", factor) and not re.search(
                    rf"(?<![\w.]){re.escape(factor)}(?![\w.])", known
                ):
                    problems.append(f"tox has no {factor!r}, which -{option} {value} names")
    return problems


def run_diff(block):
    """Let `rehandle migrate` do what a diff shows."""
    lines = block.text.splitlines()
    # A blank line has no mark where editors strip it.
    before, after = ("".join(f"{line[1:]}\n" for line in lines if not line.startswith(mark)) for mark in "+-")
    path = Path(f"diff_at_{block.row}.py")
    path.write_text(before, "utf-8")
    subprocess.run([sys.executable, "-m", "rehandle", "migrate", str(path)], stdout=subprocess.DEVNULL)
    got = path.read_text("utf-8")
    path.unlink()
    return [] if got == after else [f"the code after the migration is:\n{got}\nand not:\n{after}"]


def make_programs(folder):
    """Let `rehandle` and `python` be the code and the Python that run this."""
    for name, arguments in (("rehandle", "-m rehandle"), ("python", "")):
        path = Path(folder, name)
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        path.chmod(0o755)
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_programs(folder)
        return run_named(sys.argv[1])


def run_named(name):
    page = pages.load(name)
    sys.path.insert(0, os.getcwd())
    if page.with_shim and "--shim" in sys.argv:
        import rehandle

        rehandle.install()
    problems = run(page, write="--write" in sys.argv)
    print("\n\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
