"""Every token of the old API's names in Prefect's own source is in a finding, or is what defines the API."""

import shutil
import subprocess
from pathlib import Path

import pytest
import releases
from audit import tokens, unaccounted

RELEASES = ("0.10.7", "0.13.19")
FIND = "import importlib.util; print(importlib.util.find_spec('prefect').submodule_search_locations[0])"
# What the API is made of, by file.
DEFINED = {
    "prefect/core/flow.py": {"self.result_handler"},
    "prefect/core/task.py": {"self.result_handler"},
    "prefect/engine/result/base.py": {"self.result_handler", "safe_value", "class SafeResult", "(SafeResult)"},
    "prefect/engine/result_handlers/result_handler.py": {"class ResultHandler:", "isinstance(other, ResultHandler)"},
    "prefect/engine/results/result_handler_result.py": {"class ResultHandlerResult"},
    "prefect/environments/storage/base.py": {"self.result_handler"},
    "prefect/serialization/result.py": {'"ResultHandlerResult": ResultHandlerResultSchema'},
}


@pytest.mark.parametrize("release", RELEASES)
def test_the_source_of_prefect(release, tmp_path, monkeypatch):
    found = subprocess.run([str(releases.python(release)), "-c", FIND], stdout=subprocess.PIPE, text=True, check=True)
    shutil.copytree(found.stdout.strip(), str(tmp_path / "prefect"), ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    paths = sorted(Path("prefect").rglob("*.py"))
    files = {path.as_posix(): path.read_text("utf-8") for path in paths}
    files = {name: text for name, text in files.items() if next(tokens(text), None)}
    silent = [
        f"{name}:{token.row}: {token.line}"
        for name, token in unaccounted(files)
        if not any(part in token.line for part in DEFINED.get(name, ()))
    ]
    assert silent == []
    assert len(files) > 15
