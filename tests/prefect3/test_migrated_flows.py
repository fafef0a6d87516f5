"""Flows that `--target prefect-3` rewrote do on Prefect 3 what they did on 1.4.1, over the same results.

Each case prints what it reads, and each of its tasks a line when it runs. On Prefect 1.4.1 it runs twice: what it
prints the second time, with all results stored, is what Prefect 3 has to print.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import releases
from repositories import read_case

pytestmark = pytest.mark.prefect("3.2", "4")

CASES = sorted((Path(__file__).parents[1] / "codemods" / "cases_for_prefect_3").glob("*.case"))
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def old():
    """Runs code on Prefect 1.4.1."""
    python = releases.python("1.4.1")
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    environment.update(PREFECT__FLOWS__CHECKPOINTING="true", PREFECT__LOGGING__LEVEL="CRITICAL", PYTHONPATH="")

    def run(code, folder):
        return printed([python, "-W", "ignore", "-c", code], folder, environment)

    return run


def printed(command, folder, environment):
    """What a command prints, the lines of tasks that run in any order before the others."""
    home = {**environment, "HOME": str(folder)}
    done = subprocess.run(command, cwd=str(folder), env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return sorted(line for line in lines if line.endswith(" runs")), [
        line for line in lines if not line.endswith(" runs")
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_equal_values_and_nothing_runs_again(path, old, server, tmp_path):
    case = read_case(path)
    before, after = case.before["flow.py"], case.after["flow.py"]
    (tmp_path / "flow.py").write_text(before, "utf-8")
    migrated = subprocess.run(
        [sys.executable, "-m", "rehandle", "migrate", "--target", "prefect-3", "--quiet", "flow.py"],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    assert (tmp_path / "flow.py").read_text("utf-8") == after
    old(before, tmp_path)
    expected = old(before, tmp_path)
    blocks = tmp_path / "prefect_3_blocks.py"
    if blocks.exists():
        printed([sys.executable, str(blocks)], tmp_path, server)
    assert printed([sys.executable, "flow.py"], tmp_path, server) == expected
