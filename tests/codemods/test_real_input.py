"""Code that nobody here wrote, from PyPI: prefect-ds, and Prefect 0.10.7's own sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from repositories import unpacked

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, REWRITTEN, RUNTIME


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("pattern", ["prefect_ds-*.tar.gz", "prefect-0.10.7-*.whl"])
def test_real_input(pattern, downloads, repository, capsys):
    unpacked(downloads, pattern, repository)
    before = contents(repository)
    found = run(["."]).findings
    assert found
    assert not [finding for finding in found if finding.status == ERROR]
    for finding in found:
        assert Path(finding.filename).exists()
        assert finding.location >= (1, 1)
        assert finding.location <= finding.end_location
        assert finding.message
    assert main(["check"]) == 1
    assert contents(repository) == before

    assert main(["migrate"]) == 1
    after = contents(repository)
    assert set(after) == set(before)
    changed = {path.relative_to(repository).as_posix() for path in after if after[path] != before[path]}
    assert changed == {Path(f.filename).as_posix() for f in found if f.status in (REWRITTEN, RUNTIME)}
    for path, text in after.items():
        if path.suffix == ".py":
            ast.parse(text)
    assert main(["migrate"]) == 1
    assert contents(repository) == after
    if pattern.startswith("prefect-0"):
        assert not changed, "Prefect's own source defines the API"
    else:
        assert changed == {"prefect_ds-0.1.1/prefect_ds/pandas_result_handler.py"}
