"""The example flows after ``rehandle migrate``, without rehandle, on every Prefect that has Results."""

import ast
import json
import shutil
import subprocess
import sys

import pytest
from flow_outcomes import FLOWS, LEGACY, comparable, exception_for, expected

codemods = pytest.importorskip("rehandle_codemods", reason="the codemods need Python 3.10")
pytest.importorskip("libcst", reason="rehandle is installed without the extra `codemods`")


@pytest.fixture(scope="module")
def migration(tmp_path_factory):
    """A migrated copy of the legacy repository, and the findings."""
    repository = tmp_path_factory.mktemp("migration") / "flows"
    shutil.copytree(str(LEGACY), str(repository))
    command = [sys.executable, "-m", "rehandle", "migrate", "--format", "json", "."]
    run = subprocess.run(command, cwd=str(repository), capture_output=True, text=True, timeout=120)
    assert run.returncode in (0, 1), run.stderr
    return repository, json.loads(run.stdout)


def test_nothing_is_left(migration):
    _, findings = migration
    assert {row["status"] for row in findings} <= {"rewritten", "note"}, findings


def test_findings_cover_the_files_that_changed(migration):
    repository, findings = migration
    changed = {path.name for path in LEGACY.iterdir() if path.read_bytes() != (repository / path.name).read_bytes()}
    assert changed == {row["filename"] for row in findings if row["status"] != "note"}


def test_second_migration_changes_nothing(migration):
    repository, _ = migration
    before = {path: path.read_bytes() for path in repository.iterdir()}
    command = [sys.executable, "-m", "rehandle", "migrate", "."]
    run = subprocess.run(command, cwd=str(repository), capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert {path: path.read_bytes() for path in repository.iterdir()} == before


def test_no_handler_is_named_in_the_code(migration):
    repository, _ = migration
    for path in repository.glob("*.py"):
        code = ast.dump(ast.parse(path.read_text()))
        assert "result_handler" not in code.replace("csv_handler", ""), path
        assert "prefect.engine.result_handlers" not in code, path


@pytest.fixture(scope="module")
def outcomes(migration, outcomes_of):
    return outcomes_of(migration[0], "--without", "rehandle")


@pytest.mark.prefect("0.11", "2")
@pytest.mark.parametrize("script", FLOWS)
def test_outcomes(script, release, outcomes):
    exception = exception_for(script, release, "migrated")
    assert comparable(outcomes[script]) == expected(exception.flow if exception else FLOWS[script])
