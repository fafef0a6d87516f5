"""What all tests share: Prefect's configuration, and skipping what the installed Prefect can't do."""

import contextlib
import signal
import sys

import pytest
from installed import PREFECT

with contextlib.suppress(ImportError):  # the site's environment has no hypothesis
    import hypothesis

    # A busy machine makes nothing wrong: no test has a deadline of milliseconds.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("rehandle", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("rehandle")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and so would each command that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "prefect(first, end): needs an installed Prefect from `first` up to but not including `end`; "
        "prefect(None): needs that there is none",
    )
    config.addinivalue_line(
        "markers", "once: long, and the same everywhere: runs on CPython 3.11 without Prefect, nowhere else"
    )


def pytest_report_header():
    return f"Prefect: {'.'.join(map(str, PREFECT)) if PREFECT else 'none'}"


def pytest_runtest_setup(item):
    if item.get_closest_marker("once") and (PREFECT is not None or sys.version_info[:2] != (3, 11)):
        pytest.skip("runs once: on CPython 3.11, where there is no Prefect")
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


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """An empty folder, outside any git work tree, that is the working directory."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
