"""What all tests share: Prefect's configuration, and skipping what the installed Prefect can't do."""

import importlib.util
import os
import tempfile

import pytest

# Prefect reads its configuration when it is imported.
os.environ["PREFECT__HOME_DIR"] = os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="rehandle-home-")
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["PREFECT__LOGGING__LEVEL"] = "ERROR"


def installed_release():
    """The installed Prefect as numbers, or None."""
    if importlib.util.find_spec("prefect") is None:
        return None
    import prefect

    return tuple(int(part) for part in prefect.__version__.split(".")[:3])


PREFECT = installed_release()


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "prefect(first, end): needs an installed Prefect from `first` up to but not including `end`; "
        "prefect(None): needs that there is none",
    )


def pytest_report_header():
    return f"Prefect: {'.'.join(map(str, PREFECT)) if PREFECT else 'none'}"


def pytest_runtest_setup(item):
    for marker in item.iter_markers("prefect"):
        if marker.args == (None,):
            if PREFECT is not None:
                pytest.skip("this is about a Python without Prefect")
            continue
        first, end = (tuple(map(int, version.split("."))) for version in marker.args)
        if PREFECT is None or not first <= PREFECT < end:
            pytest.skip(f"needs Prefect {marker.args[0]} or later, before {marker.args[1]}")


@pytest.fixture
def shim():
    """The shim, on for one test."""
    import rehandle

    with rehandle.installed():
        yield
