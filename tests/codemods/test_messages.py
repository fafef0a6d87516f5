"""What findings say: the cause and its place, and advice that runs as it is written."""

from __future__ import annotations

import re
import textwrap

import pytest
from repositories import write_files

from rehandle_codemods.engine.run import run

IMPORTS = """from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler, S3ResultHandler
from prefect.engine.results import ResultHandlerResult
from prefect.environments.storage import GCS, S3, Docker, Local

"""
SECRET = 'S3ResultHandler("bucket", aws_credentials_secret="SECRET")'

# The code, the rule, and what its first finding at the code says, and what not.
SAID = [
    pytest.param(
        'h = LocalResultHandler("x")\n\n\ndef other(make):\n    make(result_handler=h)\n',
        "RH201",
        r"^because of flow\.py:10 \(RH202\), LocalResultHandler stays a handler\. Make LocalResult here",
        "known only",
        id="the cause is in another line",
    ),
    pytest.param(
        'h = LocalResultHandler()\n\n\ndef other(make):\n    make(result_handler=h)\n\n\nFlow("f", result_handler=h)\n',
        "RH108",
        r"^because of flow\.py:10 \(RH202\), h is converted at run time$",
        "here|known only",
        id="the cause of a conversion is in another line",
    ),
    pytest.param(
        "def other(make):\n    make(result_handler=LocalResultHandler())\n",
        "RH201",
        r"because of flow\.py:7 \(RH202\), .*\. Make LocalResult here",
        r"known only|to_result",
        id="the cause is in the same line",
    ),
    pytest.param(
        'def make(options):\n    return Flow("f", result_handler=options.pop("h", LocalResultHandler()))\n',
        "RH201",
        r"is the default of options\.pop\(\) in flow\.py:7",
        "is put into",
        id="the default of pop",
    ),
    pytest.param(
        'def make(options):\n    return options.get("h", LocalResultHandler())\n',
        "RH201",
        r"is the default of options\.get\(\) in flow\.py:7",
        "is put into",
        id="the default of get",
    ),
    pytest.param(
        'def make(options):\n    options.setdefault("h", LocalResultHandler())\n',
        "RH201",
        r"is passed to options\.setdefault by position",
        "default of",
        id="setdefault puts it in",
    ),
    pytest.param(
        'flow = Flow("f", result_handler=(h := LocalResultHandler()))\n',
        "RH108",
        "is assigned to h by :=, which isn't followed",
        "known only",
        id="an assignment expression",
    ),
    pytest.param(
        'flow = Flow("f", result_handler=(h := LocalResultHandler()))\n',
        "RH201",
        r"is assigned to h by := in flow\.py:6",
        "isn't understood",
        id="the handler in an assignment expression",
    ),
    pytest.param(
        f"def other(make):\n    make(result_handler={SECRET})\n",
        "RH201",
        r"--target shim keeps it, or import S3ResultHandler from rehandle\.handlers, .* rehandle\.to_result",
        "by hand",
        id="a handler that no Result can be",
    ),
    pytest.param(
        f"flow = Flow('f', result=ResultHandlerResult.from_result_handler({SECRET}))\n",
        "RH206",
        r"Write rehandle\.to_result\(handler\)",
        "no counterpart",
        id="from_result_handler",
    ),
    pytest.param(
        f"flow = Flow('f', result=ResultHandlerResult({SECRET}))\n",
        "RH206",
        r"Write rehandle\.to_result\(handler\)",
        "no counterpart",
        id="the Result of a handler",
    ),
    pytest.param(
        "def load(state):\n    return state._result.result_handler.read(state._result.safe_value.value)\n",
        "RH202",
        r"Write state\._result\.read\(state\._result\.location\)\.value instead of",
        r"known only|\.result ",
        id="a state's handler reads what the state has",
    ),
    pytest.param(
        "def load(state):\n    return state._result.result_handler.read('x')\n",
        "RH202",
        r"Ask the Result, with \.value after read\(\) and \.location after write\(\)",
        r"known only|\.result ",
        id="a state's handler",
    ),
    *(
        pytest.param(
            f"storage = {kind}({name}result_handler=LocalResultHandler())\n",
            "RH202",
            f"no release's {kind} takes a handler or Result, so .* stays. Leave it out, and give the Flow result=",
            "write result= and",
            id=f"storage {kind}",
        )
        for kind, name in [("GCS", '"b", '), ("S3", '"b", '), ("Docker", ""), ("Local", "")]
    ),
    pytest.param(
        "@task\ndef add(result_handler=LocalResultHandler()):\n    return 1\n",
        "RH201",
        r"is an input of the task add in flow\.py:7, so .* If Prefect was to store by it, write @task\(result=",
        "by hand|default value",
        id="an input of a task",
    ),
]


@pytest.mark.parametrize(("code", "rule", "said", "never"), SAID)
def test_what_is_said(code, rule, said, never, repository):
    write_files(repository, {"flow.py": IMPORTS + code})
    messages = [one.message for one in run(["."]).findings if one.code == rule and one.location[0] > 5]
    assert re.search(said, messages[0])
    assert not any(re.search(never, message) for message in messages)


def test_what_reads_by_a_handler_of_its_own_is_left_as_a_whole(repository):
    code = "def load(state):\n    return state._result.result_handler.read(state._result.safe_value.value)\n"
    write_files(repository, {"flow.py": f"import prefect\n\n\n{code}"})
    assert [(one.code, one.status) for one in run(["."]).findings] == [("RH202", "left"), ("RH206", "left")]


# What the advice comes to, written as it says; `found` is 42.
ADVICE = [
    pytest.param(
        """
        state = Flow("f", tasks=[answer], result=LocalResult("out")).run()
        found = state.result[answer]._result.read(state.result[answer]._result.location).value
        """,
        id="a state's Result reads by itself",
    ),
    pytest.param(
        """
        written = LocalResult("out").write(42)
        found = LocalResult("out").read(written.location).value
        """,
        id="value after read and location after write",
    ),
    pytest.param(
        """
        handler = S3ResultHandler("bucket", aws_credentials_secret="SECRET")
        flow = Flow("f", result=to_result(handler))
        found = 42 if flow.result.bucket == "bucket" else flow.result
        """,
        id="a handler that no Result can be",
    ),
    pytest.param(
        """
        found = 42 if Flow("f", result=LocalResult("out"), storage=GCS("b")).result.dir.endswith("out") else None
        """,
        id="the Flow has the Result, and not its storage",
    ),
    pytest.param(
        """
        @task(result=LocalResult("out"), checkpoint=True)
        def stored():
            return 42

        state = Flow("f", tasks=[stored]).run()
        found = LocalResult("out").read(state.result[stored]._result.location).value
        """,
        id="the Result of a task is given to its decorator",
    ),
]


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize("code", ADVICE)
def test_advice_runs(code, repository):
    from prefect import Flow, task
    from prefect.engine.results import LocalResult
    from prefect.storage import GCS
    from prefect.utilities.configuration import set_temporary_config

    from rehandle import to_result
    from rehandle.handlers import S3ResultHandler

    @task
    def answer():
        return 42

    names = {one.__name__: one for one in (Flow, task, LocalResult, GCS, to_result, S3ResultHandler)}
    names["answer"] = answer
    with set_temporary_config({"flows.checkpointing": True}):
        exec(textwrap.dedent(code), names)  # the code is this file's own
    assert names["found"] == 42
