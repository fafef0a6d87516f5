"""What the codemods' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import PREFECT
from needs import MISSING
from repositories import downloaded

# The rewriting tool imports no Prefect. What there is to see beside one: that it works with what Prefect requires, an
# old click above all, and what becomes of its output.
WITH_PREFECT = (
    "test_cli.py",
    "test_cli_help.py",
    "test_config.py",
    "test_needs.py",
    "test_on_prefect.py",
    "test_recorded.py",
)

if MISSING or PREFECT:
    runnable = ("test_needs.py",) if MISSING else WITH_PREFECT
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py") if path.name not in runnable]


REAL_INPUT = (
    ("--no-binary", "prefect-ds", "prefect-ds==0.1.1"),
    ("--only-binary", ":all:", "prefect==0.10.7"),
)


@pytest.fixture(scope="session")
def downloads():
    """A folder with code that nobody here wrote: the prefect-ds sdist and the wheel of Prefect 0.10.7, from PyPI."""
    return downloaded("with-prefect", REAL_INPUT)


@pytest.fixture
def work_tree(repository):
    """A repository with one commit, of a file with one place."""
    from work_trees import HEAD, OLD, commit, run_git  # here, as the codemods aren't there on every Python

    run_git("init", "-q")
    commit(repository, {"flow.py": HEAD + OLD}, "first")
    return repository
