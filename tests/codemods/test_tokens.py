"""Tokens that a search for brackets, commas, quotes or signs misreads: the code round them is changed all the same."""

from __future__ import annotations

import sys

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main

pytestmark = pytest.mark.prefect(None)

HEAD = """from prefect import Flow, Task, task
from prefect.engine.result_handlers import LocalResultHandler, S3ResultHandler

d = {"a": "b"}
"""
NEW_HEAD = """from prefect import Flow, Task, task
from prefect.engine.results import LocalResult, S3Result

d = {"a": "b"}
"""
# What stands for a value in the code, and the Python from which on it is one.
VALUES = {
    "a sign": ('"a#b"', (3, 10)),
    "brackets": ('"(["', (3, 10)),
    "a quote": ("'\"'", (3, 10)),
    "a triple quote": ('"""a"b#(\n"""', (3, 10)),
    "parts": ('("a#("\n    "b)")', (3, 10)),
    "a raw string": ('r"\\("', (3, 10)),
    "a line that is joined": ('"a(" \\\n    "#"', (3, 10)),
    "a walrus": ('(n := "#(")', (3, 10)),
    "a lambda": ('(lambda x, *y, z="#(": "(,")()', (3, 10)),
    "star-args": ('str(*["#("], **{})', (3, 10)),
    "a comment in brackets": ("str(  # ) , (\n        1)", (3, 10)),
    "a formatted string": ("f\"{d['a']}#(\"", (3, 10)),
    "doubled braces": ('f"{{(#{d!r:>10}"', (3, 10)),
    "nested quotes": ('f"{d["a"]}"', (3, 12)),
    "a sign in nested quotes": ('f"{d["a#b"]}/x"', (3, 12)),
    "a bracket in nested quotes": ('f"{d["("]}"', (3, 12)),
    "a string in a string in a string": ('f"{f"{f"{d["#("]}"}"}"', (3, 12)),
    "a comment in a string": ('f"{  # " (\n    d["a"]\n    }"', (3, 12)),
    "a brace in a string in a string": ('f"{d["}"]!r:{"{"}>{d["a"]}}"', (3, 12)),
}
# Code with a value in it, in which something is changed beside the value.
PLACES = {
    "a keyword": ("Task(name=VALUE, result_handler=None)", "Task(name=VALUE, result=None)"),
    "an argument that is left out": (
        "Task(result_handler=S3ResultHandler(VALUE, aws_credentials_secret=None))",
        "Task(result=S3Result(VALUE))",
    ),
    "an argument that is converted": (
        "def f(h):\n    Task(result_handler=h[VALUE])",
        "def f(h):\n    Task(result=to_result(h[VALUE]))",
    ),
    "arguments by position": (
        "Flow(VALUE, None, None, None, None, None, VALUE, None, None, None, LocalResultHandler(VALUE))",
        "Flow(VALUE, None, storage=None, tasks=None, edges=None, reference_tasks=VALUE, state_handlers=None, "
        "on_failure=None, validate=None, result=LocalResult(VALUE))",
    ),
    "a task's arguments": (
        "@task\ndef add(x):\n    return x\n\n\nwith Flow(VALUE):\n"
        "    add(VALUE, task_args={'name': VALUE}, result_handler=LocalResultHandler(VALUE))",
        "@task\ndef add(x):\n    return x\n\n\nwith Flow(VALUE):\n"
        "    add(VALUE, task_args={'name': VALUE, \"result\": LocalResult(VALUE)})",
    ),
    "a call of a method": (
        "h = LocalResultHandler(VALUE)\nTask(result_handler=h)\nx = h.write(VALUE)",
        "h = LocalResult(VALUE)\nTask(result=h)\nx = h.write(VALUE).location",
    ),
    "a default of a constructor": (
        "class A(LocalResultHandler):\n    def __init__(self, name=VALUE):\n        super().__init__(name)\n\n\n"
        "Task(result_handler=A(VALUE))",
        "class A(LocalResult):\n    def __init__(self, name=VALUE, **kwargs):\n"
        "        super().__init__(name, **kwargs)\n\n\nTask(result=A(VALUE))",
    ),
    "an argument of a constructor": (
        "class A(LocalResultHandler):\n    def __init__(self, name):\n        super().__init__(VALUE)\n\n\n"
        "Task(result_handler=A(VALUE))",
        "class A(LocalResult):\n    def __init__(self, name, **kwargs):\n"
        "        super().__init__(VALUE, **kwargs)\n\n\nTask(result=A(VALUE))",
    ),
    "the head of a statement that is ignored": (
        "with Flow(VALUE, result_handler=None):  # rehandle: ignore\n    Task(result_handler=None)",
        "with Flow(VALUE, result_handler=None):  # rehandle: ignore\n    Task(result=None)",
    ),
}
CASES = [
    pytest.param(before, after, value, id=f"{place}, {said}")
    for place, (before, after) in PLACES.items()
    for said, (value, version) in VALUES.items()
    if sys.version_info >= version
]


@pytest.mark.parametrize(("before", "after", "value"), CASES)
def test_what_is_beside_such_tokens(before, after, value, repository, capsys):
    write_files(repository, {"a.py": f"{HEAD}{before}\n".replace("VALUE", value)})
    assert main(["migrate"]) == 0, capsys.readouterr().out
    text = (repository / "a.py").read_bytes().decode("utf-8")
    text = text.replace("from rehandle import to_result\n", "")
    assert text == f"{NEW_HEAD}{after}\n".replace("VALUE", value)


def test_the_name_of_a_class_that_python_spells_otherwise(repository, capsys):
    before = "class \\\n    \u210candler(LocalResultHandler):\n    pass\n\n\nTask(result_handler=Handler())\n"
    write_files(repository, {"a.py": HEAD + before})
    assert main(["migrate"]) == 0, capsys.readouterr().out
    assert "a.py:6:5: RH105 [rewritten] make Handler a Result" in capsys.readouterr().out
    after = (repository / "a.py").read_text("utf-8")
    assert "class \\\n    " in after
    assert "Task(result=" in after
