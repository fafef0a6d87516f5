"""The example flows, as they are, on whichever Prefect is installed: natively, or from 0.14 on under the shim."""

import pytest
from flow_outcomes import EXCEPTIONS, FLOWS, LEGACY, comparable, exception_for, expected

MODULES = {"handlers.py", "csv_handler.py", "tasks.py"}


def test_every_script_is_in_the_table():
    # gcs_flow.py needs a bucket: it is built below, not run.
    scripts = {path.name for path in LEGACY.glob("*.py")} - MODULES - {"gcs_flow.py"}
    assert scripts == set(FLOWS)
    assert {row.script for row in EXCEPTIONS} <= scripts


@pytest.fixture(scope="module")
def outcomes(release, outcomes_of):
    return outcomes_of(LEGACY, "--shim") if release >= (0, 14) else outcomes_of(LEGACY)


@pytest.mark.parametrize("script", FLOWS)
def test_outcomes(script, release, outcomes):
    exception = exception_for(script, release, "legacy")
    flow = exception.flow if exception else FLOWS[script]
    if flow is None:
        assert exception.error in outcomes[script]["error"], exception.reason
    else:
        assert comparable(outcomes[script]) == expected(flow)


def main_program(script, release):
    return ["-m", "rehandle", "run", LEGACY / script] if release >= (0, 14) else [LEGACY / script]


def test_main_program(release, run_python, tmp_path):
    run = run_python(*main_program("orders.py", release))
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    assert len(list(tmp_path.glob("results/orders/*.csv"))) == 3
    assert len(list(tmp_path.glob("results/reports/*.csv"))) == 1


def test_main_program_fails_with_its_flow(release, run_python, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "orders").write_text("in the way: the handler wants a folder of this name")
    run = run_python(*main_program("orders.py", release))
    assert run.returncode == 1, run.stderr


@pytest.mark.prefect("0.14", "2")
def test_unchanged_flows_fail_without_the_shim(run_python):
    run = run_python(LEGACY / "flow_level.py")
    assert run.returncode == 1
    assert "No module named 'prefect.engine.result_handlers'" in run.stderr


def test_gcs_flow_is_built_without_google(release, run_python):
    shim = "import rehandle.auto" if release >= (0, 14) else ""
    code = f"{shim}\nimport runpy; print(len(runpy.run_path({str(LEGACY / 'gcs_flow.py')!r})['flow'].tasks))"
    run = run_python("-c", code)
    assert (run.returncode, run.stdout) == (0, "2\n"), run.stderr


def test_examples_do_not_mention_rehandle():
    for path in LEGACY.iterdir():
        assert path.is_dir() or "rehandle" not in path.read_text(), path
