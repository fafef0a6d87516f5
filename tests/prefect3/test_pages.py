"""The pages about Prefect 3, as they are printed, with a server."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rehandle import prefect_3_options, results, serializers

ROOT = Path(__file__).parents[2]


@pytest.mark.prefect("3.2", "4")
def test_step_by_step(server, tmp_path):
    pytest.importorskip("click", reason="needs the extra codemods, for the page's commands")
    command = [sys.executable, str(ROOT / "tests" / "run_page.py"), "docs/to-prefect-3.md"]
    environment = {
        **server,
        "PATH": f"{Path(sys.executable).parent}:{server['PATH']}",
        "PYTHONPATH": str(ROOT / "tests"),
        "PYTHONWARNINGS": "ignore",
    }
    folder = tmp_path / "folder"
    folder.mkdir()
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_options_page_has_the_whole_table():
    page = (ROOT / "docs" / "prefect-3-options.md").read_text("utf-8")
    named = set(re.findall(r"\b\w+", page))
    assert {name for name in results.__all__ if not name.startswith("Result")} <= named
    assert {name for name in serializers.__all__ if name.endswith("Serializer") and name != "Serializer"} <= named
    for field, new in prefect_3_options.FIELDS.items():
        assert f"`{{{field}}}`" in page
        assert f"`{{{new}}}`" in page
    assert set(prefect_3_options.CACHE_VALIDATORS) <= named
