"""Code made at random: no traceback reaches the user, nothing but what is reported changes, and the output parses."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from repositories import CASES, read_case

pytest.importorskip("hypothesis", reason="needs hypothesis")

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, REWRITTEN, RUNTIME

pytestmark = pytest.mark.once

# For a long run by hand.
EXAMPLES = int(os.environ.get("REHANDLE_EXAMPLES", "100"))
DERANDOMIZE = "REHANDLE_EXAMPLES" not in os.environ
OTHER = b"# result_handler of another file\r\nx = 1"
HANDLERS = "from prefect.engine.result_handlers import LocalResultHandler as H\n"
HEADS = (
    f"from prefect import Flow, Task, task\n{HANDLERS}h = H()\nf = Flow('f', result_handler=h)\n",
    f"{HANDLERS}class A(H):\n    def read(self, loc):\n        return loc\n    def write(self, r):\n        return r\n",
    "from prefect.engine.result_handlers import *\ndef f(result_handler=None):\n    return Task(result_handler=1)\n",
)
TEXTS = [text for path in sorted(CASES.glob("*/*.case"))[::7] for text in read_case(path).before.values()]


def fuzzed(strategy, *, share=1):
    def decorate(function):
        function = given(strategy)(function)
        checks = list(HealthCheck)
        return settings(
            max_examples=max(EXAMPLES // share, 1),
            derandomize=DERANDOMIZE,
            database=None,
            suppress_health_check=checks,
        )(function)

    return decorate


@pytest.fixture
def check(repository, capfdbinary):
    """A function that migrates one file beside another one, and looks at what that did."""
    (repository / "other.py").write_bytes(OTHER)

    def check(data):
        path = repository / "a.py"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes, which Python warns of while it parses
            findings = run(["."]).findings
            code = main(["migrate"])
        written = path.read_bytes()
        out, err = capfdbinary.readouterr()
        assert err == b""
        assert code in (0, 1, 2)
        # An error is never one of our own.
        assert b"report this" not in out, out.decode("utf-8", "replace")
        assert (code == 2) == any(finding.status == ERROR for finding in findings)
        changes = any(finding.status in (REWRITTEN, RUNTIME) for finding in findings)
        assert changes == (written != data)
        if changes:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(written)
                assert not run(["."]).changes, "a second run changes something"
        assert (repository / "other.py").read_bytes() == OTHER
        assert sorted(os.listdir(repository)) == ["a.py", "other.py"]

    return check


def test_any_bytes(check):
    @fuzzed(st.binary(max_size=300))
    @example(b"")
    def on_each(data):
        check(b"result_handler" + data)
        check(data + b"\nresult_handler")

    on_each()


def test_any_python(check):
    """Programs made from Python's grammar, below code with handlers."""
    hypothesmith = pytest.importorskip("hypothesmith", reason="needs hypothesmith")

    @fuzzed(st.tuples(st.sampled_from(HEADS), hypothesmith.from_grammar(), st.booleans()), share=4)
    def on_each(parts):
        head, program, renamed = parts
        # Its names are random: let one of them be a handler's.
        names = sorted({node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)})
        alias = f"{names[0]} = result_handler = None\n" if renamed and names and names[0].isidentifier() else ""
        check((head + alias + program).encode("utf-8", "surrogatepass"))

    on_each()


def test_any_tree(check):
    """Programs made as libcst's trees."""
    hypothesmith = pytest.importorskip("hypothesmith", reason="needs hypothesmith")

    @fuzzed(st.tuples(st.sampled_from(HEADS), hypothesmith.from_node()), share=10)
    def on_each(parts):
        check("".join(parts).encode("utf-8", "surrogatepass"))

    on_each()


PIECES = (
    "result_handler",
    "=",
    "(",
    ")",
    ",",
    "\n",
    "    ",
    "#",
    "*",
    "**",
    '"',
    "'''",
    "\\",
    ":",
    "@",
    "f'{",
    "\r",
    "\x0c",
    "\0",
    "é",
    "lambda",
)


def test_damaged_code(check):
    """Code that people could write, with pieces lost, doubled and put in."""
    damage = st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from((-40, -9, -1, 0, 0)), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    )

    @fuzzed(st.tuples(st.sampled_from(TEXTS), damage))
    def on_each(parts):
        text, damages = parts
        for where, lost, piece in damages:
            place = int(where * len(text))
            text = text[: max(place + lost, 0)] + piece + text[place:]
        check(text.encode("utf-8"))

    on_each()


def test_lines_in_another_order(check):
    """Code whose lines and blocks come in any order and number, indented or not."""
    lines = sorted({line for text in TEXTS for line in text.splitlines(keepends=True) if line.strip()})

    @fuzzed(st.lists(st.tuples(st.sampled_from(lines), st.integers(0, 2)), min_size=1, max_size=8))
    def on_each(parts):
        check("".join("    " * depth + line.lstrip() for line, depth in parts).encode("utf-8"))

    on_each()


@pytest.mark.parametrize("target", ["python", "scanner", "notebook"])
def test_what_atheris_finds(target, tmp_path):
    """A short run of the script that looks for inputs by what code they reach."""
    pytest.importorskip("atheris", reason="needs atheris, which has packages for Linux alone")
    roots = [Path(__file__).parents[2] / "compat", Path(__file__).parents[2] / "codemods"]
    script = Path(__file__).with_name("fuzz_with_atheris.py")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    done = subprocess.run(
        [sys.executable, str(script), target, str(corpus), "-runs=600", "-seed=1", "-max_len=400", "-verbosity=0"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
