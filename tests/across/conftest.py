"""What can't run where the rewriting tool can't, or where releases of Prefect can't be installed."""

import functools
from importlib.util import find_spec

import backport
import old_api
import pytest
import releases
from needs import MISSING

if MISSING:
    collect_ignore = [
        "test_audit_of_prefect.py",
        "test_by_hand.py",
        "test_cases_behave.py",
        "test_generated_behave.py",
        "test_migrated_api.py",
        "test_migrated_in_the_cloud.py",
        "test_monorepos_behave.py",
        "test_packages_without_prefect.py",
        "test_public_shapes.py",
        "test_releases_page.py",
        "test_what_prefect_removed.py",
    ]
elif find_spec("griffe") is None:
    collect_ignore = ["test_what_prefect_removed.py"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    # Before any fixture, some of which start servers.
    releases.uv()


@pytest.fixture(scope="session")
def legacy_outcomes(tmp_path_factory):
    """What came of each flow with handlers on the Prefect that it is written for, without rehandle."""
    return old_api.TABLE.outcomes(releases.python(old_api.TABLE.oracle), tmp_path_factory.mktemp("legacy"), shim=False)


@pytest.fixture(scope="session")
def native_outcomes(tmp_path_factory):
    """What came of each flow with Results on the Prefect that it is written for, without rehandle."""
    table = backport.TABLE
    return table.outcomes(releases.python(table.oracle), tmp_path_factory.mktemp("native"), shim=False)


@pytest.fixture(scope="session")
def under_the_shim(tmp_path_factory):
    """A function that tells what came of each flow with handlers on a release, with rehandle switched on."""

    @functools.lru_cache(maxsize=None)
    def run(release):
        return old_api.TABLE.outcomes(releases.python(release), tmp_path_factory.mktemp("shim"), shim=True)

    return run
