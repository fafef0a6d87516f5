"""The pytest plugin, as a team uses it: pytest runs small repositories in a process of its own."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
from needs import MISSING

ON_PREFECT = pytest.mark.prefect("1.0", "2")
WITH_CODEMODS = pytest.mark.skipif(bool(MISSING), reason=MISSING or "never")
FLOW = """\
from prefect import Flow, Parameter, task
from prefect.engine.{module} import {store}

@task({keyword}={store}())
def add(x, y=1):
    return x + y

with Flow("adding") as flow:
    add(Parameter("x", default=1))
"""
LEGACY = FLOW.format(module="result_handlers", store="LocalResultHandler", keyword="result_handler")
NATIVE = FLOW.format(module="results", store="LocalResult", keyword="result")
# Something that depends on what the migration changes.
DIFFERENT = LEGACY.replace("return x + y", "import sys\n    return x + y + (sys.modules.get('rehandle') is None)")
RUNS = "def test_it(flow_runner):\n    outcome = flow_runner('flow.py'{})\n    {}\n"
COMPARES = "def test_it(legacy_and_migrated):\n    legacy, migrated, _ = legacy_and_migrated('flow.py')\n    {}\n"


@pytest.fixture
def run_pytest(repository):
    """Run pytest on a test and a flow; the plugin is loaded by name, which is no different where it is installed."""

    def run(test, flow=NATIVE, *options):
        Path("test_flow.py").write_text(test)
        Path("flow.py").write_text(flow)
        Path("flows").mkdir(exist_ok=True)
        Path("flows/flow.py").write_text(flow)
        command = [sys.executable, "-m", "pytest", "-p", "rehandle.pytest", "-p", "no:cacheprovider", "-q", *options]
        environment = {name: value for name, value in os.environ.items() if name != "PREFECT__HOME_DIR"}
        # Other packages' plugins have warnings of their own.
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)

    return run


def shown(run):
    return re.sub(r" +", " ", run.stdout)


# What is asked of a flow that runs: the arguments of `flow_runner`, what has to be true of the outcome, the flow.
RUNNING = [
    ("", "outcome.tasks[1]['value'] == '2' and outcome.files[0]['location'] == '.prefect/results/<generated>'", NATIVE),
    ("", "outcome == flow_runner('flow1.py') != flow_runner('flow1.py', parameters={'x': 5})", NATIVE),
    (", shim=True", "outcome.state == 'Success' and outcome.tasks[1]['stored']['read'] == '2'", LEGACY),
    (
        "",
        "outcome.state == 'Success'",
        "from prefect.schedules import CronSchedule\n"
        + NATIVE.replace('"adding"', '"adding", schedule=CronSchedule("0 0 29 2 *")'),
    ),
    (", flow='adding'", "outcome.files[0]['value'] == '2'", NATIVE + "other = Flow('other')\n"),
    (
        ", varying=['[0-9]+e9']",
        "outcome.files[0]['value'] == \"'<varying> <object object at <address>>'\"",
        NATIVE.replace("x + y", "f'{id(x)}e9 {object()}'"),
    ),
    (
        "",
        "outcome.state == 'Failed' and [each['message'] for each in outcome.warnings] == ['w']",
        "import warnings\nwarnings.warn('w')\n" + NATIVE.replace("x + y", "x / 0"),
    ),
]


@ON_PREFECT
def test_flow_runner(run_pytest):
    test = ""
    for number, (arguments, check, flow) in enumerate(RUNNING):
        Path(f"flow{number}.py").write_text(flow)
        once = RUNS.format(arguments, f"assert {check}, outcome.data")
        test += once.replace("test_it", f"test_{number}").replace("flow.py", f"flow{number}.py")
    run = run_pytest(test)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{len(RUNNING)} passed" in run.stdout


FAILING = [
    ("'flow.py'", LEGACY, "No module named 'prefect.engine.result_handlers'"),
    ("'flow.py'", NATIVE + "other = Flow('other')\n", "flow= to say which. Found: flow, other"),
    ("'flow.py', flow='third'", NATIVE, "has to have a flow 'third' at its top level"),
    ("'flow.py'", NATIVE + "import os; os._exit(3)\n", "flow3.py ended its process (3)"),
    ("'none.py'", NATIVE, "give the path of a Python file with a flow"),
    ("object()", NATIVE, "has to be the path of a Python file, and this is object"),
    ("'flow.py', repository='none'", NATIVE, "is no folder: give the one that the script's imports are in"),
]


@ON_PREFECT
def test_what_cannot_run(run_pytest):
    test = ""
    for number, (arguments, flow, _) in enumerate(FAILING):
        Path(f"flow{number}.py").write_text(flow)
        test += f"def test_{number}(flow_runner): flow_runner({arguments})\n".replace("flow.py", f"flow{number}.py")
    run = run_pytest(test)
    assert run.returncode == 1
    assert f"{len(FAILING)} failed" in run.stdout
    assert [message for _, _, message in FAILING if message not in run.stdout] == []


@ON_PREFECT
@WITH_CODEMODS
def test_the_same_after_the_migration(run_pytest):
    findings = "assert {each['status'] for each in findings} == {'rewritten'}"
    run = run_pytest(COMPARES.format(f"assert migrated == legacy; {findings}").replace("_ =", "findings ="), LEGACY)
    assert run.returncode == 0, run.stdout + run.stderr
    assert Path("flow.py").read_text() == LEGACY


@ON_PREFECT
@WITH_CODEMODS
def test_relative_imports(run_pytest, repository):
    files = {name: repository / "team" / name for name in ("__init__.py", "tasks.py", "nightly/__init__.py")}
    for path in files.values():
        path.parent.mkdir(exist_ok=True)
        path.touch()
    task, _, flow = LEGACY.partition("with ")
    files["tasks.py"].write_text(task)
    head = "from prefect import Flow, Parameter\nfrom ..tasks import add\nfrom . import __name__ as parent\n"
    (repository / "team/nightly/adding.py").write_text(f"{head}assert parent == 'team.nightly'\nwith {flow}")
    test = COMPARES.replace("flow.py'", "team/nightly/adding.py'{}")
    check = "assert migrated == legacy and legacy.state == 'Success' and len(legacy.tasks) == 2"
    run = run_pytest(test.format(", repository='.'", check))
    assert run.returncode == 0, run.stdout
    run = run_pytest(test.format("", check))
    assert run.returncode == 1
    assert "adding.py has relative imports: give repository=, the folder that its package is in" in run.stdout


@ON_PREFECT
@WITH_CODEMODS
def test_a_difference_reads_well(run_pytest):
    run = run_pytest(COMPARES.format("assert migrated == legacy"), DIFFERENT)
    assert run.returncode == 1
    assert "assert <migrated flow.py: Success> == <legacy flow.py: Success>" in run.stdout
    lines = [line[1:].strip() for line in shown(run).splitlines() if line.startswith("E ")][1:]
    assert lines == [
        "script task state value stored sha256 legacy and migrated",
        f"flow.py add Success 2 .prefect/results/<generated> {checksum(2)} DIFFERENT: legacy",
        f"Success 3 .prefect/results/<generated> {checksum(3)} DIFFERENT: migrated",
    ]


def checksum(value):
    return hashlib.sha256(cloudpickle.dumps(value)).hexdigest()[:8]


@ON_PREFECT
@WITH_CODEMODS
def test_another_copy_is_not_used_instead(run_pytest, repository):
    """An installed package that hides the migrated one would prove nothing."""
    Path("parts").mkdir()
    Path("parts/__init__.py").touch()
    elsewhere = repository.parent / "elsewhere"
    (elsewhere / "parts").mkdir(parents=True)
    (elsewhere / "parts" / "__init__.py").touch()
    flow = f"import sys; sys.path.insert(0, {str(elsewhere)!r})\nimport parts\n" + LEGACY
    run = run_pytest(COMPARES.format(""), flow)
    assert run.returncode == 1
    assert f"parts was imported from {elsewhere}" in run.stdout


def moved(path, value=None):
    """Let what was collected here be what another Prefect did."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["where"] = ["0.10.7", "3.9"]
        if value is not None and row["outcomes"]:
            row["outcomes"][0]["outcome"]["tasks"][1]["value"] = value
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@ON_PREFECT
def test_the_table(run_pytest, repository):
    path = repository / "made" / "versions.jsonl"
    options = ("--prefect-versions", str(path))
    here = "{}/py{}.{}".format(__import__("prefect").__version__, *sys.version_info)
    # The code that is compared is that in the flow's folder.
    test = RUNS.format("", "").replace("flow.py", "flows/flow.py") + "\ndef test_other(): pass\n"
    skipped = "import pytest\n@pytest.mark.skip\ndef test_no(flow_runner): pass\n" + test

    first = run_pytest(skipped, NATIVE, *options)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"test {here}\ntest_flow.py::test_it ran\ntest_flow.py::test_no skipped\nCollected in {path}." in shown(
        first
    )

    moved(path)
    second = run_pytest(test, NATIVE, *options)
    assert second.returncode == 0, second.stdout + second.stderr
    assert f"test 0.10.7/py3.9 {here}\ntest_flow.py::test_it ran same\n" in shown(second)

    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    moved(path, "7")
    third = run_pytest(test, NATIVE, *options)
    assert third.returncode == 1
    assert "flow.py does something else here:" in third.stdout
    assert "DIFFERENT: on Prefect 0.10.7\n Success 2" in shown(third)
    assert "test_flow.py::test_it ran differs\n" in shown(third)

    expected = run_pytest("import pytest\n@pytest.mark.xfail(strict=True)\n" + test, NATIVE, *options)
    assert expected.returncode == 0, expected.stdout
    assert "test_flow.py::test_it ran differs\n" in shown(expected)

    changed = run_pytest(test, NATIVE + "# of another day\n", *options)
    assert changed.returncode == 0, changed.stdout
    assert "test_flow.py::test_it other code ran\n" in shown(changed)

    path.write_text("what\n")
    wrong = run_pytest(test, NATIVE, *options)
    assert wrong.returncode == 4
    assert f"line 1 of {path} is no record" in wrong.stderr


@pytest.mark.prefect(None)
def test_a_table_needs_a_prefect(run_pytest):
    run = run_pytest("def test(): pass\n", NATIVE, "--prefect-versions", "versions.jsonl")
    assert run.returncode == 4
    assert "ERROR: --prefect-versions: " in run.stderr


def test_unused_it_imports_nothing(run_pytest):
    modules = ("prefect", "libcst", "cloudpickle", "rehandle.comparing.flow_outcome", "rehandle.conversion")
    test = f"import sys\ndef test(): assert [name for name in {modules} if name in sys.modules] == []\n"
    run = run_pytest(test, NATIVE, "-W", "error")
    assert run.returncode == 0, run.stdout + run.stderr


def test_it_stands_a_shim_that_is_on(run_pytest, monkeypatch):
    """pytest warns of plugins that are imported too early to rewrite their assertions."""
    monkeypatch.setenv("REHANDLE", "1")
    run = run_pytest("def test(): pass\n", NATIVE, "-W", "error")
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.prefect(None)
@pytest.mark.parametrize("name", ["tox.ini", "test_flows.py"])
def test_the_page_shows_the_files(name):
    root = Path(__file__).parents[1]
    page = (root / "docs" / "testing-with-tox.md").read_text("utf-8")
    assert f"\n{(root / 'examples' / 'testing' / name).read_text('utf-8')}```\n" in page
