"""What the codemods' tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import made_once
import pytest
from installed import PREFECT
from needs import MISSING

# The rewriting tool imports no Prefect. What there is to see beside one: that it works with what Prefect requires, an
# old click above all, and what becomes of its output.
WITH_PREFECT = ("test_cli.py", "test_needs.py", "test_on_prefect.py", "test_properties.py", "test_recorded.py")

if MISSING:
    collect_ignore_glob = ["test_[!n]*.py"]
elif PREFECT:
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py") if path.name not in WITH_PREFECT]


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
# Large ones, and some with a ResultHandler, a result_handler or a _result_handler of their own.
WITHOUT_PREFECT = (
    "ansible-core==2.17.7",
    "apache-airflow==2.10.4",
    "billiard==4.2.1",
    "celery==5.4.0",
    "dask==2024.12.1",
    "distributed==2024.12.1",
    "Django==5.1.4",
    "multiprocess==0.70.17",
    "SQLAlchemy==2.0.36",
    "sympy==1.13.3",
)


@pytest.fixture(scope="session")
def downloads():
    """A folder with code that nobody here wrote: the prefect-ds sdist and the wheel of Prefect 0.10.7, from PyPI."""
    return downloaded("with-prefect", REAL_INPUT)


@pytest.fixture(scope="session")
def packages_without_prefect():
    """A folder with the wheels of WITHOUT_PREFECT, from PyPI."""
    options = ("--only-binary", ":all:", "--python-version", "3.11")
    return downloaded("without-prefect", [(*options, requirement) for requirement in WITHOUT_PREFECT])


def downloaded(name, commands):
    def install(folder):
        folder.mkdir(parents=True)
        for options in commands:
            made_once.run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *options)

    pins = [" ".join(options) for options in commands]
    try:
        return made_once.folder(made_once.TOX / "downloads", name, pins, install)
    except made_once.UnavailableError as error:
        pytest.skip(f"can't be downloaded from PyPI: {error}")
