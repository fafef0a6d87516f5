"""`check` names what else Prefect 1.4.1 lacks of earlier releases: RH401 names, RH402 parameters."""

import pytest
from commands import run_command
from repositories import write_files

from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, NOTE
from rehandle_codemods.options import Options

CHECK = Options(other_api=True)
# Code, and what is noted of it: row, code, and a part of the message.
NOTED = [
    ("from prefect.environments.storage import Docker", [(1, "RH401", "Write prefect.storage.Docker")]),
    (
        "from prefect.environments.storage import Docker as D, Bytes\nD()",
        [(1, "RH401", "Write prefect.storage.Docker"), (1, "RH401", "prefect.environments.storage.Bytes")],
    ),
    ("from prefect.environments import storage\nstorage.Docker()", [(1, "RH401", "0.15 and later")]),
    ("import prefect.environments as e\ne.LocalEnvironment()", [(1, "RH401", "1.0 and later")]),
    ("import prefect\nprefect.environments.storage.S3('b')", [(2, "RH401", "Write prefect.storage.S3")]),
    ("from prefect.utilities.exceptions import *", [(1, "RH401", "prefect.exceptions")]),
    ("def f():\n    from prefect.tasks.secrets import Secret", [(2, "RH401", "PrefectSecret")]),
    ("import prefect\nflow = prefect.Flow('f')\nflow.deploy('p')", [(3, "RH401", "flow.register(project_name)")]),
    ("from prefect import Flow\nwith Flow('f') as flow:\n    flow.environment = 1", [(3, "RH401", "flow.run_config")]),
    ("from prefect import Client\nClient().deploy(1)", []),
    ("from prefect import Client\nc = Client()\nc.graphql('q', token='t')", [(3, "RH402", "takes no token=")]),
    ("from prefect import Flow\nFlow('f', environment=1)", [(2, "RH402", "run_config= and executor=")]),
    ("from prefect.core import Flow\nFlow('f', environment=1)", [(2, "RH402", "run_config= and executor=")]),
    (
        "from prefect.tasks.aws import S3Download as D\nD('b', aws_credentials_secret='s')",
        [(2, "RH402", "PrefectSecret")],
    ),
]
# Code that says nothing: it runs, or what it has is nobody knows whose.
SILENT = [
    "from prefect.storage import Docker\nDocker()",
    "try:\n    from prefect.storage import S3\nexcept ImportError:\n    from prefect.environments.storage import S3",
    "try:\n    import prefect.environments\nexcept (TypeError, ModuleNotFoundError):\n    pass",
    "from prefect import Flow\nflow = Flow('f')\nflow.register('p')\nflow.run(run_on_schedule=False)",
    "import prefect\n\n\ndef deploy(flow):\n    flow.deploy('p')\n    flow.environment = 1",
    "import prefect\nfrom other import Flow\nFlow(environment=1).deploy()",
    "from prefect.environment import LocalEnvironment",
    "from other.environments.storage import Docker  # prefect",
    "from .environments.storage import Docker\nimport prefect",
    "prefect = {}\nprefect.environments.storage.Docker()",
]


def noted(options=CHECK):
    return [(finding.location[0], finding.code, finding) for finding in run(["."], options=options).findings]


@pytest.mark.parametrize(("code", "expected"), NOTED, ids=range(len(NOTED)))
def test_noted(code, expected, repository):
    write_files(repository, {"flow.py": f"{code}\n"})
    found = noted()
    assert [(row, code) for row, code, _ in found] == [(row, code) for row, code, _ in expected]
    for (_, _, finding), (_, _, said) in zip(found, expected):
        assert said in finding.message
        assert finding.status == NOTE


@pytest.mark.parametrize("code", SILENT, ids=range(len(SILENT)))
def test_silent(code, repository):
    write_files(repository, {"flow.py": f"{code}\n"})
    assert noted() == []


def test_check_looks_for_it_and_migrate_does_not(repository):
    write_files(repository, {"flow.py": f"{NOTED[0][0]}\n"})
    checked, migrated = run_command("check", cwd=repository), run_command("migrate", cwd=repository)
    assert (checked.returncode, migrated.returncode) == (0, 0)
    assert b"RH401 [note]" in checked.stdout
    assert b"RH401" not in migrated.stdout


@pytest.mark.parametrize("arguments", [["--ignore", "RH4"], ["--select", "RH1,RH2"]])
def test_the_rules_can_be_left_out(arguments, repository):
    write_files(repository, {"flow.py": f"{NOTED[0][0]}\n"})
    assert b"RH401" not in run_command("check", *arguments, cwd=repository).stdout


def test_an_ignored_line_says_nothing(repository):
    write_files(repository, {"flow.py": f"{NOTED[0][0]}  # rehandle: ignore[RH401]\n"})
    assert noted() == []


BROKEN = "from prefect.utilities.tasks import unmapped\n**job\n"
# A file that doesn't parse beside one with a handler, and what is said of it.
UNPARSED = [
    (BROKEN, ("RH401", NOTE)),
    (f"{BROKEN}flow.result_handler\n", ("RH901", ERROR)),
    (f"from handlers import KEPT\n{BROKEN}print(KEPT)\n", ("RH901", ERROR)),
]


@pytest.mark.parametrize(("code", "said"), UNPARSED, ids=["without a handler", "with a handler", "uses a handler"])
def test_a_file_that_does_not_parse_fails_check_where_it_fails_migrate(code, said, repository):
    handlers = "from prefect.engine.result_handlers import JSONResultHandler\n\nKEPT = JSONResultHandler()\n"
    write_files(repository, {"handlers.py": handlers, "scratch.py": code})
    (finding,) = [finding for finding in run(["."], options=CHECK).findings if finding.filename == "scratch.py"]
    assert (finding.code, finding.status) == said
    assert finding.location[0] == code.splitlines().index("**job") + 1
    failed = [finding for finding in run(["."]).findings if finding.status == ERROR]
    assert bool(failed) == (finding.status == ERROR)
