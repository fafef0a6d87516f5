"""The pytest plugin on every release: a team's flows, in pytest of that release's environment, and its table."""

import os
import subprocess

import pytest
import releases

FLOW = """\
import os

from prefect import Flow, Parameter, task
from prefect.engine.{module} import {store}

folder = os.path.join(os.getcwd(), "results")
os.makedirs(folder, exist_ok=True)

@task({keyword}={store}(dir=folder), checkpoint=True)
def add(x, y=1):
    return x + y

with Flow("adding") as flow:
    add.map(add.map(Parameter("x", default=[1, 2])))
"""
TESTS = """\
def test_native(flow_runner):
    outcome = flow_runner("flows/native.py", shim=True, parameters={"x": [5]})
    assert outcome.state == "Success"
    assert sorted(each["value"] for each in outcome.files) == ["6", "7"]
    assert outcome.warnings == []

def test_migration(legacy_and_migrated):
    legacy, migrated, findings = legacy_and_migrated("flows/legacy.py")
    assert legacy.state == "Success"
    assert len(legacy.files) == 4
    assert migrated == legacy
    assert migrated.warnings == []
    assert {finding["status"] for finding in findings} == {"rewritten"}
"""
# `rehandle migrate` needs Python 3.10, where Prefect before 0.10.7 doesn't run.
MINORS = {release: 10 if 10 in minors else 9 for release, minors in releases.MINORS.items()}
TOOLS = ("pytest>=7", "cloudpickle", "click>=7", "libcst>=1.1", "pathspec>=0.12", "rich>=13")


@pytest.fixture(scope="module")
def packages():
    """The folders with pytest and what the rewriting tool needs, one for each Python."""
    pythons = {minor: releases.without_prefect((minor,), *TOOLS) for minor in set(MINORS.values())}
    return {minor: next(python.parents[1].glob("lib/python*/site-packages")) for minor, python in pythons.items()}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    (folder / "flows").mkdir()
    (folder / "test_flows.py").write_text(TESTS)
    legacy = FLOW.format(module="result_handlers", store="LocalResultHandler", keyword="result_handler")
    (folder / "flows" / "legacy.py").write_text(legacy)
    native = FLOW.format(module="results", store="LocalResult", keyword="result")
    (folder / "flows" / "native.py").write_text(native)
    return folder


@pytest.mark.parametrize("release", MINORS)
def test_release(release, packages, repository):
    collected = repository / "versions.jsonl"
    others = collected.exists()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT", "PYTEST"))}
    sources = [*(str(releases.ROOT / source) for source in ("compat", "codemods")), str(packages[MINORS[release]])]
    command = [str(releases.python(release, minors=(MINORS[release],))), "-W", "ignore", "-m", "pytest", "-q"]
    command += ["-p", "rehandle.pytest", "-p", "no:cacheprovider", "--prefect-versions", str(collected)]
    done = subprocess.run(
        command,
        cwd=str(repository),
        capture_output=True,
        text=True,
        env={**kept, "PYTHONPATH": os.pathsep.join(sources), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    header, *rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("test ", "test_flows.py::"))]
    assert f"{release}/py3.{MINORS[release]}" in header
    skipped = sum(column.endswith("/py3.9") for column in header)
    # All that ran are compared with the oldest.
    assert {name.partition("::")[2]: came for name, *came in rows} == {
        "test_native": ["ran", *["same"] * (len(header) - 2)],
        "test_migration": [*["skipped"] * skipped, "ran", *["same"] * (len(header) - 2)][: len(header) - 1],
    }, done.stdout
    assert others == (len(header) > 2)
