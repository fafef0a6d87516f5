"""What the codemods' tests share: cases written as one small file each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

MISSING = ""
if sys.version_info < (3, 9):
    MISSING = "the rewriting tool needs Python 3.9 or later"
else:
    try:
        import click  # noqa: F401
        import libcst  # noqa: F401
    except ImportError as error:
        MISSING = f"the rewriting tool needs the extra codemods: {error}"
if MISSING:
    collect_ignore_glob = ["test_[!n]*.py"]

CASES = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """A repository before and after, and what is reported."""

    before: dict[str, str]
    after: dict[str, str]
    findings: list[str]


def read_case(path: Path) -> Case:
    """Read a case: sections that begin with `>>> before FILE`, `>>> after FILE` or `>>> findings`.

    A file without an `after` section doesn't change.
    """
    sections: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if line.startswith(">>> "):
            current = sections.setdefault(line[4:].strip(), [])
        else:
            current.append(line)
    before = {key[7:]: "".join(text) for key, text in sections.items() if key.startswith("before ")}
    after = {key[6:]: "".join(text) for key, text in sections.items() if key.startswith("after ")}
    findings = [line.strip() for line in sections.get("findings", []) if line.strip()]
    assert before, f"{path} has no `>>> before` section"
    return Case(before, {**before, **after}, findings)


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """An empty folder, outside any git work tree, that is the working directory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
