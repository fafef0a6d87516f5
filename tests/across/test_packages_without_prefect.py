"""Large packages of others, from PyPI, that don't use Prefect: nothing is found in them, and nothing changes."""

from __future__ import annotations

import pytest
from repositories import downloaded, unpacked

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

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
PACKAGES = sorted(requirement.partition("==")[0].replace("-", "_").lower() for requirement in WITHOUT_PREFECT)


@pytest.fixture(scope="session")
def packages_without_prefect():
    """A folder with the wheels of WITHOUT_PREFECT, from PyPI."""
    options = ("--only-binary", ":all:", "--python-version", "3.11")
    return downloaded("without-prefect", [(*options, requirement) for requirement in WITHOUT_PREFECT])


@pytest.mark.parametrize("name", PACKAGES)
def test_package_without_prefect(name, packages_without_prefect, repository, capsys):
    (wheel,) = [path.name for path in packages_without_prefect.iterdir() if path.name.lower().startswith(f"{name}-")]
    unpacked(packages_without_prefect, wheel, repository)
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    assert len(before) > 10
    outcome = run(["."])
    assert outcome.findings == []
    assert outcome.changes == []
    assert main(["migrate"]) == 0
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before
