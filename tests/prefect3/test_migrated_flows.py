"""Flows that `--target prefect-3` rewrote do on Prefect 3 what they did on 1.4.1, over the same results.

Each case prints what it reads, and each of its tasks a line when it runs. On Prefect 1.4.1 it runs twice: what it
prints the second time, with all results stored, is what Prefect 3 has to print.
"""

from __future__ import annotations

import json
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
EXAMPLE = ROOT / "examples" / "prefect_3" / "sums.py"
RUNNER = Path(__file__).with_name("run_in_folders.py")


def printed(python, script, folders, environment):
    """What a script prints in each folder, by the folder's name; the tasks that run first, as they may in any order."""
    command = [str(python), "-W", "ignore", str(RUNNER), script, *map(str, folders)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for folder, text in json.loads(done.stdout.splitlines()[-1]).items():
        lines = text.splitlines()
        ran = [line for line in lines if line.endswith(" runs")]
        found[Path(folder).name] = (sorted(ran), [line for line in lines if line not in ran])
    return found


@pytest.fixture(scope="module")
def outcomes(prefect_server, tmp_path_factory):
    """What each case prints on Prefect 1.4.1 with all stored, and what on Prefect 3 after it was migrated."""
    top = tmp_path_factory.mktemp("flows")
    folders = []
    for path in [*CASES, EXAMPLE]:
        folder = top / path.stem
        folder.mkdir()
        # Each has its own places, as all have one server, and blocks have names.
        (folder / "flow.py").write_text(_before(path, folder), "utf-8")
        folders.append(folder)
    environment = {name: value for name, value in os.environ.items() if "PREFECT" not in name}
    old = {**environment, "PREFECT__FLOWS__CHECKPOINTING": "true", "PREFECT__LOGGING__LEVEL": "CRITICAL"}
    old.update(WITH_HANDLERS="yes", PYTHONPATH=str(ROOT / "compat"))
    first = printed(releases.python("1.4.1"), "flow.py", folders, old)
    second = printed(releases.python("1.4.1"), "flow.py", folders, old)
    for folder in folders:
        command = [sys.executable, "-m", "rehandle", "migrate", "--target", "prefect-3", "--quiet", "flow.py"]
        subprocess.run(command, cwd=str(folder), check=True)
    new = {**environment, **prefect_server}
    assert not any(text for _, text in printed(sys.executable, "prefect_3_blocks.py", folders, new).values())
    return first, second, printed(sys.executable, "flow.py", folders, new)


def _before(path, folder):
    code = path.read_text("utf-8") if path == EXAMPLE else read_case(path).before["flow.py"]
    code = code.replace('"stored"', f'"stored-{path.stem}"')
    return code.replace("/absolute/", f"{folder}/absolute/")


@pytest.mark.parametrize("path", [*CASES, EXAMPLE], ids=lambda path: path.stem)
def test_equal_values_and_nothing_runs_again(path, outcomes):
    first, second, new = (outcome[path.stem] for outcome in outcomes)
    assert first[1] == second[1], "the case prints something else each time"
    assert new == second


def test_the_example_shows_a_cache_hit(outcomes):
    first, second, new = (outcome[EXAMPLE.stem] for outcome in outcomes)
    assert first == (["double runs"], ["4"])
    assert second == new == ([], ["4"])
