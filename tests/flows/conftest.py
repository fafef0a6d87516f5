import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

import pytest
from flow_outcomes import EXAMPLES


@pytest.fixture(scope="session")
def release() -> Tuple[int, ...]:
    """The installed Prefect's release, as numbers."""
    prefect = pytest.importorskip("prefect", reason="the flows need a Prefect to run on")
    return tuple(int(number) for number in prefect.__version__.split(".")[:3])


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run this Python in an empty working directory, with checkpointing on and only errors logged."""

    def run(*arguments: Any) -> "subprocess.CompletedProcess[str]":
        environment = dict(
            os.environ,
            PREFECT__FLOWS__CHECKPOINTING="true",
            PREFECT__TASKS__DEFAULTS__CHECKPOINT="true",  # Prefect 0.8 wants both
            PREFECT__LOGGING__LEVEL="CRITICAL",
            PYTHONDONTWRITEBYTECODE="1",
        )
        environment.pop("RESULTS_DIR", None)
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=str(tmp_path),
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def outcome_of(run_python: Any, tmp_path: Path) -> Callable[..., Dict[str, Any]]:
    """Run a script's flow with ``examples/outcomes.py`` and return what it wrote."""

    def outcome(script: Path, *options: str) -> Dict[str, Any]:
        output = tmp_path / "outcome.json"
        run = run_python(EXAMPLES / "outcomes.py", script, output, *options)
        assert run.returncode == 0, run.stderr
        return json.loads(output.read_text())

    return outcome
