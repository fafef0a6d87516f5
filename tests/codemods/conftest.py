"""What the codemods' tests share."""

from __future__ import annotations

import subprocess
import sys

import pytest
from needs import MISSING

if MISSING:
    collect_ignore_glob = ["test_[!n]*.py"]


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
