"""`--target`, `--no-runtime`: what they change in the rewritten code."""

from __future__ import annotations

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME

SHIM = {
    "plain": (
        """from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler
from rehandle.results import PrefectResult


def make(handler: ResultHandler) -> Flow:
    return Flow("f", result_handler=handler)


flow = make(LocalResultHandler("out"))
""",
        """from prefect import Flow
from rehandle.results import LocalResult, PrefectResult, Result


def make(handler: Result) -> Flow:
    return Flow("f", result=handler)


flow = make(LocalResult("out"))
""",
    ),
    "merged": (
        """from rehandle.results import PrefectResult
from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler

flow = Flow("f", result_handler=LocalResultHandler("out"))
other = Flow("g", result=PrefectResult())
""",
        """from rehandle.results import LocalResult, PrefectResult
from prefect import Flow

flow = Flow("f", result=LocalResult("out"))
other = Flow("g", result=PrefectResult())
""",
    ),
    "secrets": (
        """from prefect import Task
from prefect.engine.result_handlers import (
    AzureResultHandler,
    ConstantResultHandler,
    GCSResultHandler,
    JSONResultHandler,
    S3ResultHandler,
)

Task(result_handler=AzureResultHandler("c"))
Task(result_handler=ConstantResultHandler(3))
Task(result_handler=GCSResultHandler("b", "SECRET"))
Task(result_handler=JSONResultHandler())
Task(result_handler=S3ResultHandler("b", "SECRET", {"a": 1}))
""",
        """from prefect import Task
from rehandle.results import PrefectResult
from rehandle.results.legacy import AzureResult, ConstantResult, GCSResult, S3Result

Task(result=AzureResult("c"))
Task(result=ConstantResult(value=3))
Task(result=GCSResult("b", credentials_secret="SECRET"))
Task(result=PrefectResult())
Task(result=S3Result("b", aws_credentials_secret="SECRET", boto3_kwargs={"a": 1}))
""",
    ),
    "modules": (
        """import prefect.engine.result_handlers
import prefect.engine.result_handlers as rh

prefect.Flow("f", result_handler=prefect.engine.result_handlers.LocalResultHandler())
prefect.Flow("g", result_handler=rh.GCSResultHandler("b"))
""",
        """import prefect
import rehandle.results as rh
from rehandle.results import LocalResult

prefect.Flow("f", result=LocalResult())
prefect.Flow("g", result=rh.GCSResult("b"))
""",
    ),
    "module with a secret": (
        """import prefect
import prefect.engine.result_handlers as rh

prefect.Flow("f", result_handler=rh.GCSResultHandler("b", credentials_secret="SECRET"))
prefect.Flow("g", result_handler=rh.GCSResultHandler("b"))
""",
        """import prefect
from rehandle.results import GCSResult as _GCSResult
from rehandle.results.legacy import GCSResult

prefect.Flow("f", result=GCSResult("b", credentials_secret="SECRET"))
prefect.Flow("g", result=_GCSResult("b"))
""",
    ),
    "class": (
        """from prefect import Flow
from prefect.engine.result_handlers import ResultHandler


class Files(ResultHandler):
    def read(self, name):
        with open(name) as file:
            return file.read()

    def write(self, value):
        name = "text.txt"
        with open(name, "w") as file:
            file.write(value)
        return name


flow = Flow("f", result_handler=Files())
""",
        "from rehandle.results import Result\n",
    ),
}


@pytest.mark.parametrize("name", SHIM)
def test_shim(name, repository):
    before, after = SHIM[name]
    write_files(repository, {"flow.py": before})
    assert main(["migrate", "--target", "shim"]) == 0
    text = (repository / "flow.py").read_text("utf-8")
    assert text == after if "Flow" in after or "Task" in after else after in text
    assert "prefect.engine.result" not in text
    assert main(["check", "--target", "shim"]) == 0


OPAQUE = """from elsewhere import handler, options
from prefect import Flow, Task, task
from prefect.engine.result_handlers import GCSResultHandler, LocalResultHandler


@task
def add(x):
    return x


def make(result_handler=None):
    return Task(result_handler=result_handler)


flow = Flow("f", result_handler=handler)
flow.result_handler = GCSResultHandler("b", credentials_secret="SECRET")
flow.add_task(Task(result_handler=handler or LocalResultHandler()))
flow.add_task(Task(**{"result_handler": handler}))
add(1, task_args=dict(result_handler=handler))
add(1, result_handler=handler)
make(result_handler=handler)
"""


def test_no_runtime(repository, capsys):
    write_files(repository, {"flow.py": OPAQUE})
    converted = run(["."]).findings
    assert [finding.status for finding in converted].count(RUNTIME) >= 9
    assert main(["migrate", "--no-runtime"]) == 1
    assert (repository / "flow.py").read_text("utf-8") == OPAQUE
    out = capsys.readouterr().out
    assert "0 run time" in out
    assert "flow.py:15:18: RH108 [by hand] handler" in out


def test_no_runtime_still_rewrites_what_is_certain(repository):
    write_files(repository, {"flow.py": OPAQUE + 'Flow("g", result_handler=None)\n'})
    assert main(["migrate", "--no-runtime"]) == 1
    assert (repository / "flow.py").read_text("utf-8") == OPAQUE + 'Flow("g", result=None)\n'


def test_a_lost_secret_is_reported_with_what_to_do(repository, capsys):
    write_files(repository, {"flow.py": OPAQUE})
    main(["check"])
    out = capsys.readouterr().out
    assert "GCSResult has no credentials_secret, so GCSResultHandler" in out
    assert "--target shim keeps it" in out


def test_unknown_target(repository, capsys):
    assert main(["migrate", "--target", "prefect-2"]) == 2
    assert "prefect-1" in capsys.readouterr().err


def test_the_default_target(repository):
    write_files(repository, {"flow.py": SHIM["plain"][0]})
    assert {finding.status for finding in run(["."]).findings} <= {REWRITTEN, NOTE}
    assert LEFT not in {finding.status for finding in run(["."]).findings}
    assert main(["migrate", "--target", "prefect-1"]) == 0
    assert "from prefect.engine.results import LocalResult" in (repository / "flow.py").read_text("utf-8")
