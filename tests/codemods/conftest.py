"""What the codemods' tests share: cases written as one small file each."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
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


REAL_INPUT = (
    ("--no-binary", "prefect-ds", "prefect-ds==0.1.1"),
    ("--only-binary", ":all:", "prefect==0.10.7"),
)


@pytest.fixture(scope="session")
def downloads(tmp_path_factory):
    """A folder with code that nobody here wrote: the prefect-ds sdist and the wheel of Prefect 0.10.7, from PyPI."""
    folder = tmp_path_factory.mktemp("downloads")
    for options in REAL_INPUT:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"can't be downloaded from PyPI: {done.stderr.strip()[-200:]}")
    return folder


def unpacked(downloads: Path, pattern: str, folder: Path) -> Path:
    """Unpack the one download that fits a pattern."""
    archive = next(downloads.glob(pattern))
    if archive.suffix == ".whl":
        zipfile.ZipFile(archive).extractall(folder)
    else:
        with tarfile.open(archive) as file:
            file.extractall(folder)
    return folder
