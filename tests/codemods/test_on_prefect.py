"""Migrated custom handlers on the installed Prefect: a flow run writes, and `read` reads it back."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys

import pytest
from repositories import write_files

from rehandle import ResultHandlerDeprecationWarning, mapping
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import RUNTIME

try:
    import prefect
except ImportError:
    pytest.skip("Prefect isn't installed here", allow_module_level=True)

RELEASE = tuple(int(part) for part in prefect.__version__.split("+")[0].split(".")[:2])
if not (0, 11) <= RELEASE < (2, 0):
    pytest.skip(f"Prefect {prefect.__version__} has no Results of this kind", allow_module_level=True)

HEAD = """
import json
import os
import pickle
import uuid

from prefect import Flow, task
from prefect.engine.result_handlers import ResultHandler

STORE = {}
"""
FLOW = """

@task(result_handler=Mine(%s))
def produce(value, location="x"):
    return [value, None, "é"]


with Flow("custom") as flow:
    produced = produce(value=7)
"""
HANDLERS = {
    "files": (
        "'results'",
        '''

class Mine(ResultHandler):
    """JSON files in a folder."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def read(self, name):
        """Read one."""
        with open(os.path.join(self.folder, name)) as file:
            return json.load(file)

    def write(self, value) -> str:
        """Write one."""
        name = "{}.json".format(uuid.uuid4())
        with open(os.path.join(self.folder, name), "w") as file:
            value = json.dumps(value)
            file.write(value)
            return name
''',
    ),
    "branches": (
        "",
        """

class Mine(ResultHandler):
    def read(self, key):
        try:
            with open(key, "rb") as file:
                return pickle.load(file)
        except FileNotFoundError:
            return None

    def write(self, result):
        def kind(result):
            return str(type(result).__name__)

        self.logger.debug(f"storing {result!r} of {kind(result)}")
        if isinstance(result, dict): return "never"
        path = "{}.pickle".format(kind(result))
        with open(path, "wb") as file:
            pickle.dump(result, file)
        return path
""",
    ),
    "super first, one line": (
        "prefix='p'",
        """

class Mine(ResultHandler):
    def __init__(self, prefix, *rest):
        super(Mine, self).__init__()
        self.prefix = prefix
    def read(self, loc): return json.load(open(loc))
    def write(self, v): path = str(self.prefix) + ".json"; json.dump(v, open(path, "w")); return path
""",
    ),
}
RUN = """
import json, sys
sys.modules["rehandle"] = None
import flow_module as module
state = module.flow.run()
result = state.result[module.produced]._result
configured = module.flow.get_tasks(name="produce")[0].result
back = configured.read(result.location)
print(json.dumps({
    "successful": state.is_successful(),
    "value": result.value,
    "location": result.location,
    "read": back.value,
    "read location": back.location,
    "configured": [configured.value, configured.location],
    "exists": [configured.exists(result.location), configured.exists(result.location + "no")]
        if "exists" in vars(module.Mine) else [True, False],
}))
"""


@pytest.mark.parametrize("name", HANDLERS)
def test_custom_handler(name, repository):
    arguments, source = HANDLERS[name]
    write_files(repository, {"flow_module.py": HEAD + source + FLOW % arguments})
    assert main(["migrate"]) == 0
    text = (repository / "flow_module.py").read_text("utf-8")
    assert "class Mine(Result):" in text
    assert "rehandle" not in text
    environment = {**os.environ, "PREFECT__FLOWS__CHECKPOINTING": "true", "PREFECT__LOGGING__LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, env=environment, cwd=repository, check=False
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    location = outcome.pop("location")
    assert isinstance(location, str)
    expected = [7, None, "é"]
    assert outcome == {
        "successful": True,
        "value": expected,
        "read": expected,
        "read location": location,
        "configured": [None, None],
        "exists": [True, False],
    }


CALLS = """
import os

from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler


@task(result_handler=JSONResultHandler())
def add(x, y=1):
    return x + y


with Flow("calls") as flow:
    own = add(1, y=2)
    called = add(x=own, y=100, result_handler=LocalResultHandler(dir=os.path.abspath("called")))
    mapped = add.map([1, 2], result_handler=LocalResultHandler(dir=os.path.abspath("mapped")))
"""
RUN_CALLS = """
import json, os, sys
sys.modules["rehandle"] = None
import flow_module as module
state = module.flow.run()
print(json.dumps({
    "successful": state.is_successful(),
    "own": state.result[module.own]._result.location,
    "called": len(os.listdir("called")),
    "mapped": len(os.listdir("mapped")),
}))
"""


def test_result_of_one_call(repository):
    write_files(repository, {"flow_module.py": CALLS})
    assert main(["migrate"]) == 0
    environment = {**os.environ, "PREFECT__FLOWS__CHECKPOINTING": "true", "PREFECT__LOGGING__LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", RUN_CALLS], capture_output=True, text=True, env=environment, cwd=repository, check=False
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert str(outcome.pop("own")) == "3"  # a PrefectResult's location is the value
    assert outcome == {"successful": True, "called": 1, "mapped": 2}


# Calls of handlers, with arguments of every kind that the table knows.
HANDLER_CALLS = [
    "LocalResultHandler()",
    'LocalResultHandler("/srv/results")',
    'LocalResultHandler(dir="results")',
    'LocalResultHandler("/srv/results", validate=True)',
    'LocalResultHandler(dir="/srv/results", validate=False)',
    'LocalResultHandler("results", validate=False)',
    'GCSResultHandler("bucket")',
    'GCSResultHandler("bucket", credentials_secret="SECRET")',
    'S3ResultHandler("bucket")',
    'S3ResultHandler("bucket", None, {"region_name": "eu-west-1"})',
    'S3ResultHandler("bucket", aws_credentials_secret="SECRET")',
    'AzureResultHandler("container")',
    'AzureResultHandler("container", azure_credentials_secret=None)',
    'AzureResultHandler("container", connection_string="UseDevelopmentStorage=true")',
    "JSONResultHandler()",
    "ConstantResultHandler(5)",
    "SecretResultHandler(Task())",
    "Own()",
]
CALLED = """
from prefect import Flow, Task
from prefect.engine.result_handlers import (
    AzureResultHandler, ConstantResultHandler, GCSResultHandler, JSONResultHandler, LocalResultHandler,
    S3ResultHandler, SecretResultHandler
)


class Own(LocalResultHandler):
    def write(self, result):
        return print(result)


flow = Flow("f", result_handler=%s)
"""


@pytest.mark.usefixtures("shim")
@pytest.mark.filterwarnings("always::rehandle.ResultHandlerDeprecationWarning")
@pytest.mark.parametrize("call", HANDLER_CALLS)
def test_the_warning_of_the_shim_says_what_the_rewrite_does(call, repository):
    """Both go by `rehandle.mapping`, one by the handler's attributes and one by its call."""
    call = call.replace("/srv", str(repository))
    names = {"__name__": "flow_module"}
    with pytest.warns(ResultHandlerDeprecationWarning) as caught:
        exec(CALLED % call, names)  # the code is this file's own
    (warned,) = [str(one.message) for one in caught if one.category is ResultHandlerDeprecationWarning]
    write_files(repository, {"flow_module.py": CALLED % call})
    findings = run(["flow_module.py"]).findings
    (converted,) = [one.status == RUNTIME for one in findings if one.code in ("RH103", "RH108")]
    assert ("write result=to_result(" in warned) == converted, warned
    if converted:
        (reason,) = [one.message.partition(": ")[2] for one in findings if one.code == "RH108"]
        assert reason.partition(". --target")[0] in warned or call == "Own()"
        return
    assert main(["migrate"]) == 0
    new = ast.parse((repository / "flow_module.py").read_text("utf-8")).body[-1].value.keywords[0].value
    assert warned.partition("write result=")[2].startswith(f"{new.func.id}(")
    assert f"from prefect.engine.results import {new.func.id}" in warned
    said = re.findall(r"(\w+)=\.\.\.|(\w+)= for", warned.partition("write result=")[2])
    assert {keyword.arg for keyword in new.keywords} <= {name for pair in said for name in pair}
    if "validate=" in call:
        assert "validate_dir" in {keyword.arg for keyword in new.keywords}


def test_calls_of_every_handler_are_compared():
    assert {call.partition("(")[0] for call in HANDLER_CALLS} == {*mapping.HANDLERS, "Own"} - {"ResultHandler"}
