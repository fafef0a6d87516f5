import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Tuple

import pytest
from flow_outcomes import FLOWS
from installed import PREFECT


@pytest.fixture(scope="session")
def release() -> Tuple[int, ...]:
    """The installed Prefect's release, as numbers."""
    if PREFECT is None:
        pytest.skip("the flows need a Prefect to run on")
    if PREFECT >= (2,):
        pytest.skip("the flows are for Prefect 0.8 to 1.4")
    return PREFECT


def run_in(folder: Path, *arguments: Any) -> "subprocess.CompletedProcess[str]":
    """Run this Python in a folder, with checkpointing on and only errors logged."""
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
        cwd=str(folder),
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """``run_in`` an empty folder."""
    return functools.partial(run_in, tmp_path)


@pytest.fixture(scope="session")
def outcomes_of(tmp_path_factory: Any) -> Callable[..., Dict[str, Dict[str, Any]]]:
    """Run the flows of a repository with ``rehandle.comparing.flow_outcome`` and return what it wrote, by script."""

    def outcomes(repository: Path, *options: str) -> Dict[str, Dict[str, Any]]:
        folder = tmp_path_factory.mktemp("outcomes")
        scripts = [repository / script for script in FLOWS]
        run = run_in(folder, "-m", "rehandle.comparing.flow_outcome", folder, *scripts, *options)
        assert run.returncode == 0, run.stderr
        return {script: json.loads((folder / script / "outcome.json").read_text()) for script in FLOWS}

    return outcomes


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: Any) -> Any:
    """The working directory, outside Prefect's home directory, with checkpointing on."""
    import prefect

    monkeypatch.chdir(tmp_path)
    with prefect.context(checkpointing=True):
        yield tmp_path
