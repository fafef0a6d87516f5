"""`--target prefect-3`: files with straight-line flows are rewritten whole, others not at all."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from commands import run_command
from repositories import read_case, write_files
from rule_examples import EXAMPLES_FOR_PREFECT_3

from rehandle_codemods.findings import LEFT, REWRITTEN
from rehandle_codemods.options import PREFECT_3, Options
from rehandle_codemods.prefect3.run import run
from rehandle_codemods.progress import silent

CASES = sorted(Path(__file__).with_name("cases_for_prefect_3").glob("*.case"))
OPTIONS = Options(target=PREFECT_3)
TARGET = ("--target", PREFECT_3)

START = """\
from prefect import Flow, Parameter, case, task, unmapped
from prefect.engine.cache_validators import all_inputs, all_parameters, duration_only
from prefect.engine.results import LocalResult, S3Result
from prefect.engine.serializers import CompressedSerializer, PickleSerializer


@task(result=LocalResult("stored"), target="{n}.pkl")
def double(n):
    return 2 * n


@task
def total(ns, by=1):
    return sum(ns) * by


"""
FLOW = "with Flow('f') as f:\n    x = double(1)\n"
# Options of a task, and a part of what is said of them.
OPTIONS_OF_TASKS = [
    ("trigger=1", "trigger= has no counterpart"),
    ("trigger=case", "trigger= has no counterpart"),
    ("tags=[case]", "Case has no place"),
    ("state_handlers=[]", "state_handlers= has no counterpart"),
    ("'name'", "An option of a task has no name"),
    ("target='x.pkl'", "target= has nowhere to store"),
    ("result=LocalResult(), target='{map_index}'", "{map_index}: Prefect 3 doesn't number"),
    ("result=LocalResult(), target='{today.year}'", "{today.year} is a text"),
    ("result=LocalResult(), target='{'", "is no template"),
    ("result=LocalResult(), target=str", "is made when the code runs"),
    ("result=LocalResult(str())", "The dir of a Result is known only"),
    ("result=S3Result('b', boto3_kwargs={})", "S3Result has boto3_kwargs="),
    (
        "result=LocalResult(serializer=CompressedSerializer(PickleSerializer()))",
        "A CompressedSerializer has functions or arguments of its own",
    ),
    ("result=made()", "A Result is made somewhere else"),
    (
        "result=LocalResult(serializer=CompressedSerializer(PickleSerializer(), compress=len, decompress=len))",
        "A CompressedSerializer has functions or arguments of its own",
    ),
    ("cache_key='k', result=LocalResult()", "cache_key= does nothing without cache_for="),
    ("cache_for=1, cache_validator=len, result=LocalResult()", "cache_validator= has no counterpart"),
    ("cache_for=1, cache_key=str(), result=LocalResult()", "cache_key= is known only when the code runs"),
    ("cache_for=1, cache_key='k', cache_validator=all_inputs, result=LocalResult()", "goes with a cache_validator="),
    ("checkpoint=bool(1)", "checkpoint= is known only"),
    ("result=LocalResult('stored'), target='x', checkpoint=False", "A task with target= stores nothing"),
    ("result=LocalResult('stored', location='x'), cache_for=1", "cache_for= goes with a location="),
    ("skip_on_upstream_skip=False", "Nothing is skipped in Prefect 3"),
    ("on_failure=print", "Write the hook by hand"),
    ("timeout=1", "Write timeout_seconds= by hand"),
    ("result=LocalResult('stored', serializer=made())", "PickleSerializer() and JSONSerializer() have: write one"),
    ("result=LocalResult('stored', True)", "LocalResult has arguments that aren't understood"),
]
CACHED = "@task(result=LocalResult('stored'), cache_for=1, {})\ndef {}(n):\n    return n\n"
TWO_CALLS = "with Flow('f') as f:\n    x = {}(1)\n    y = {}(2)\n"
# Code after START, and what is said: the line, counted from the end of START, and a part of the message.
STOPS = [
    *((f"@task({options})\ndef t():\n    pass\n{FLOW}", 1, said) for options, said in OPTIONS_OF_TASKS),
    (CACHED.format("cache_validator=duration_only", "t") + TWO_CALLS.format("t", "t"), 1, "cached whatever its inputs"),
    (
        CACHED.format("cache_validator=all_parameters", "t") + TWO_CALLS.format("t", "t"),
        1,
        "cached whatever its inputs",
    ),
    (
        CACHED.format("cache_key='k'", "t") + CACHED.format("cache_key='k'", "u") + TWO_CALLS.format("t", "u"),
        1,
        "cached whatever its inputs",
    ),
    ("@task\ndef t(*args):\n    pass\n" + FLOW, 2, "A task takes any number of arguments"),
    ("with Flow('f', schedule=1) as f:\n    double(1)\n", 1, "schedule= of a flow has no counterpart"),
    ("with Flow(str()) as f:\n    double(1)\n", 1, "The name of a flow isn't a plain string"),
    ("with Flow('f', 1) as f:\n    double(1)\n", 1, "An option of a flow has no name"),
    ("if 1:\n    with Flow('f') as f:\n        double(1)\n", 2, "A flow isn't a block at the top of the file"),
    ("class A:\n    @task\n    def t():\n        pass\n" + FLOW, 2, "A task isn't a function at the top"),
    ("with Flow('f') as f:\n    x = double(Parameter('n'))\n", 2, "calls what is no task of this file"),
    ("with Flow('f'):\n    double(1)\n", 1, "The flow has no name to run it by"),
    ("with Flow('f') as f: double(1)\n", 1, "in one line with its head"),
    ("with Flow('f') as f:\n    if f:\n        double(1)\n", 2, "more than calls of tasks"),
    ("with Flow('f') as f:\n    with case(double(1), 2):\n        double(3)\n", 2, "more than calls of tasks"),
    ("with Flow('f') as f:\n    x = print(1)\n", 2, "calls what is no task of this file"),
    ("with Flow('f') as f:\n    x = double(1) + 1\n", 2, "more than calls of tasks"),
    ("with Flow('f') as f:\n    x = double(now())\n", 2, "calls what is no task of this file"),
    ("with Flow('f') as f:\n    x = double(1 + 1)\n", 2, "isn't a plain value or another task's result"),
    ("with Flow('f') as f:\n    x = double.map('abc')\n", 2, "isn't a plain value or another task's result"),
    ("with Flow('f') as f:\n    x = double(1, task_args={})\n", 2, "task_args= in the call of a task"),
    ("with Flow('f') as f:\n    x, y = total([1])\n", 2, "it has no nout="),
    ("with Flow('f') as f:\n    x = double(1)\n    y = double(x['k'])\n", 3, "stored it by the same template"),
    (
        "with Flow('f', result=LocalResult(location='x')) as f:\n    x = double(1)\n",
        1,
        "One location= is for all",
    ),
    ("with Flow('f') as f:\n    x = double(1)\n    x = double(x)\n", 2, "bound more than once"),
    ("with Flow('f') as f:\n    n = Parameter('n', default=[1])\n", 2, "isn't a plain value"),
    ("with Flow('f') as f:\n    n = Parameter('double')\n", 2, "has the name of something else"),
    ("with Flow('f') as f:\n    x = double(1)\n    y = double(2)\n    x.set_upstream(y)\n", 4, "comes before one"),
    (FLOW + "f.run(executor=1)\n", 3, "flow.run has more than parameters"),
    (FLOW + "f.run(1)\n", 3, "flow.run has arguments without a name"),
    (FLOW + "s = t = f.run()\n", 3, "The state of a flow isn't put into one variable"),
    (FLOW + "s = f.run()\ns = 1\n", 3, "The state of a flow is in a variable of many meanings"),
    (
        "with Flow('f') as f:\n    n = Parameter('n', tags=['a'])\n    double(n)\n",
        2,
        "A Parameter has more than a name and a default",
    ),
    (
        "from prefect.engine.result import Result\n@task(result=Result())\ndef t():\n    pass\n" + FLOW,
        2,
        "Result is no class of Results whose files are known",
    ),
    (
        "@task(result=LocalResult('stored'), target='{task_name}')\ndef t(task_name):\n    return 1\n" + FLOW,
        1,
        "is an input, and something of Prefect's too",
    ),
    (
        "@task(result=LocalResult('stored'), target='{m}')\ndef t(n):\n    return 1\n" + FLOW,
        1,
        "{m} is no input of the task, so write the name of one",
    ),
    (
        "@task(result=LocalResult('a/b'))\ndef t():\n    return 1\n"
        "@task(result=LocalResult('a-b'))\ndef u():\n    return 1\n"
        "with Flow('f') as f:\n    t()\n    u()\n",
        4,
        "Two places that this file stores in would have one block",
    ),
    (FLOW + "f.run(parameters={'n': 1})\n", 3, "what isn't a Parameter of the flow"),
    ("with Flow('f') as f:\n    n = Parameter('n')\nf.run()\n", 3, "flow.run lacks a Parameter. Give it n"),
    (FLOW + "f.register()\n", 3, "A flow is used for more than run()"),
    (FLOW + "f.storage = 1\n", 3, "A flow is used for more than run()"),
    (FLOW + "def main():\n    f.run()\n", 4, "A flow is used for more than run()"),
    (FLOW + "for _ in range(2):\n    f.run()\n", 4, "A flow is used for more than run()"),
    (FLOW + "s = f.run()\nassert s.is_successful()\n", 4, "A state is used for more than its results"),
    (FLOW + "s = f.run()\nt = f.run()\ns.result[x].result\n", 5, "after the flow ran once more"),
    (FLOW + "s = f.run()\ns.result[double].result\n", 4, "what isn't in the flow"),
    (FLOW + "s = f.run()\ndef g():\n    return s.result[x].result\n", 5, "it isn't certain which run"),
    (FLOW + "print(x)\n", 3, "What a flow's block binds is used outside"),
    (FLOW + "double.run(1)\n", 3, "A task is used outside of a flow's block"),
    (FLOW + "LocalResult()\n", 3, "LocalResult has no place in a straight-line flow"),
    ("R = LocalResult()\nR.read('x')\n" + FLOW, 2, "A Result is used for more than an option"),
    ("from prefect.tasks.shell import ShellTask\nShellTask()\n" + FLOW, 2, "ShellTask has no place"),
    ("import prefect\n" + FLOW, 1, "aren't imported one by one"),
    ("from prefect.engine.results import *\n" + FLOW, 1, "aren't imported one by one"),
    ("def g():\n    from prefect import context\n" + FLOW, 2, "imported inside of something"),
    ("@task(\n    name='t',  # why\n)\ndef t():\n    pass\n" + FLOW, -15, "Put the comment"),
    ("", -15, "No flow is in this file"),
]


def migrate(files, repository):
    write_files(repository, files)
    outcome = run(["."], silent, OPTIONS, {})
    for change in outcome.changes:
        change.write()
    return outcome


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, repository):
    case = read_case(path)
    outcome = migrate(case.before, repository)
    assert {name: (repository / name).read_text("utf-8") for name in case.before} == case.after
    assert [f"{f.filename}:{f.location[0]} {f.code} {f.status}" for f in outcome.findings] == case.findings
    assert outcome.places == len(case.findings)
    for name in (repository / name for name in (*case.after, "prefect_3_blocks.py")):
        if name.exists():
            ast.parse(name.read_text("utf-8"))
            again = run([str(name)], silent, OPTIONS, {})
            assert (again.findings, again.changes, list(again.closing)) == ([], [], [])


@pytest.mark.parametrize(("code", "row", "said"), STOPS, ids=range(len(STOPS)))
def test_a_file_stays_whole_where_something_is_not_certain(code, row, said, repository):
    text = START + code
    outcome = migrate({"flow.py": text}, repository)
    assert (repository / "flow.py").read_text("utf-8") == text
    assert not (repository / "prefect_3_blocks.py").exists()
    first = outcome.findings[0]
    assert (first.location[0] - START.count("\n"), first.code, first.status) == (row, "RH503", LEFT)
    assert said in first.message


# Code after START in which a name has two meanings, the name, and its lines, counted from the end of START.
TWO_MEANINGS = [
    ("@task\ndef t(n):\n    pass\n" * 2 + "with Flow('f') as f:\n    x = t(1)\n    y = t.map([x])\n", "t", 2, 5),
    (FLOW + "with Flow('g') as f:\n    y = double(1)\n", "f", 1, 3),
    (FLOW + "if __name__ == '__main__':\n    x = 1\n", "x", 2, 4),
]


@pytest.mark.parametrize(("code", "name", "first", "second"), TWO_MEANINGS, ids=["task", "flow", "value"])
def test_a_name_of_two_meanings_is_said_once(code, name, first, second, repository):
    (finding,) = migrate({"flow.py": START + code}, repository).findings
    before = START.count("\n")
    lines = f"lines {before + first} and {before + second} bind it"
    assert finding.message == f"A name of the flow is bound more than once. Give {name} one meaning: {lines}"


def test_a_file_whose_names_others_import_stays(repository):
    files = {"flow.py": START + FLOW, "other.py": "from flow import f\nf.run()\n"}
    outcome = migrate(files, repository)
    assert not outcome.changes
    assert "other.py does" in outcome.findings[0].message


def test_a_file_that_has_no_flow_and_no_task_is_not_said_to_have_tasks(repository):
    text = "import os\nfrom importlib import import_module\n\nconfig = import_module('prefect').config\n"
    (finding,) = migrate({"config.py": text}, repository).findings
    assert finding.message == (
        "This file uses Prefect, and has no flow or task. See by hand whether Prefect 3 has what it uses"
    )


def test_files_without_prefect_are_not_read(repository):
    outcome = migrate({"a.py": "def f(:\n", "b.py": "import os\n"}, repository)
    assert (outcome.findings, outcome.changes, list(outcome.closing)) == ([], [], [])


def test_a_file_that_does_not_parse_is_an_error(repository):
    outcome = migrate({"a.py": "import prefect\ndef f(:\n"}, repository)
    assert [finding.code for finding in outcome.findings] == ["RH901"]


def test_how_far_a_team_is(repository):
    bad = "@task(trigger=1)\ndef t():\n    pass\n"
    files = {"a.py": START + FLOW, "b.py": START + bad + FLOW, "c.py": START + bad + FLOW + "f.visualize()\n"}
    write_files(repository, files)
    done = run_command("check", *TARGET, cwd=repository)
    assert done.returncode == 1
    assert done.stdout.decode().endswith(
        "Prefect 3: 1 of 3 files with Prefect in them go by themselves.\n"
        "What keeps the others, by the number of files:\n"
        "  2  trigger= has no counterpart that is certainly the same\n"
        "  1  a flow is used for more than run()\n"
        "Next: rehandle migrate --diff --target prefect-3\n"
    )


def test_blocks_are_made_by_a_script_that_is_never_replaced(repository):
    two = START.replace("stored", "s3") + FLOW
    write_files(repository, {"a.py": START + FLOW, "prefect_3_blocks.py": "mine\n"})
    done = run_command("migrate", *TARGET, cwd=repository)
    assert done.returncode == 2
    assert b"prefect_3_blocks.py" in done.stdout + done.stderr
    assert (repository / "prefect_3_blocks.py").read_text() == "mine\n"
    write_files(repository, {"a.py": START + FLOW, "b.py": two})
    (repository / "prefect_3_blocks.py").unlink()
    assert run_command("migrate", *TARGET, cwd=repository).returncode == 0
    names = re.findall(r"\.save\(\"([^\"]+)\"", (repository / "prefect_3_blocks.py").read_text())
    assert names == ["s3-before", "s3-since", "s3", "stored-before", "stored-since", "stored"]


def test_a_name_of_a_block_stands_for_one_place(repository):
    files = {"a.py": START.replace("stored", "/a/b") + FLOW, "b.py": START.replace("stored", "a-b") + FLOW}
    outcome = migrate(files, repository)
    assert [(finding.filename, finding.status) for finding in outcome.findings] == [
        *[("a.py", REWRITTEN)] * 2,
        ("b.py", LEFT),
    ]
    assert "Both would be a-b: /a/b and a-b" in outcome.findings[-1].message


def test_patches_and_questions(repository):
    write_files(repository, {"a.py": START + FLOW})
    done = run_command("migrate", "--diff", *TARGET, cwd=repository)
    assert b"+@flow(name='f')" in done.stdout
    assert b"+++ b/prefect_3_blocks.py" in done.stdout
    assert (repository / "a.py").read_text("utf-8") == START + FLOW
    done = run_command("migrate", "--interactive", *TARGET, cwd=repository)
    assert done.returncode == 2
    assert b"changes whole files" in done.stderr


@pytest.mark.parametrize("code", EXAMPLES_FOR_PREFECT_3)
def test_example_of_a_page(code, repository):
    before, after = EXAMPLES_FOR_PREFECT_3[code]
    outcome = migrate({"example.py": before}, repository)
    assert (repository / "example.py").read_text("utf-8") == after
    assert code in {finding.code for finding in outcome.findings}


def test_the_page_shows_what_is_written(repository):
    page = (Path(__file__).parents[2] / "docs" / "to-prefect-3.md").read_text("utf-8")
    before, after = re.findall(r"```python\n# sums.py\n(.*?)```", page, re.S)
    migrate({"sums.py": before}, repository)
    assert (repository / "sums.py").read_text("utf-8") == after


@pytest.mark.parametrize("code", ["RH5", "RH501", "RH502"])
def test_a_file_changes_whole_or_not_at_all_where_a_rule_is_ignored(code, repository):
    write_files(repository, {"flow.py": START + FLOW})
    outcome = run(["."], silent, OPTIONS._replace(ignore=(code,)), {})
    assert (outcome.changes, outcome.findings, len(outcome.ignored)) == ([], [], outcome.places)
    assert outcome.places == 2


def test_what_keeps_a_file_can_be_ignored(repository):
    text = START + FLOW + "f.visualize()  # rehandle: ignore[RH503]\n"
    outcome = migrate({"flow.py": text}, repository)
    assert (outcome.changes, outcome.findings, [finding.code for finding in outcome.ignored]) == ([], [], ["RH503"])
