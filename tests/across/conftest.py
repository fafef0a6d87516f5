"""What can't run where the rewriting tool can't, or where releases of Prefect can't be installed."""

import pytest
import releases
from needs import MISSING

if MISSING:
    collect_ignore = ["test_cases_behave.py", "test_generated_behave.py", "test_packages_without_prefect.py"]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    # Before any fixture, some of which start servers.
    releases.uv()
