"""What the tests of old results in Prefect 3 share. Those that run flows share one server of Prefect's."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

import pytest
from servers.processes import Process


def _is_for_others():
    """Whether an older Prefect is here, whose Results rehandle's are then, or an older Python."""
    from importlib import metadata

    try:
        return metadata.version("prefect").split(".")[0] in ("0", "1", "2")
    except metadata.PackageNotFoundError:
        return False


if sys.version_info < (3, 10) or _is_for_others():
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py")]

# It makes its database, which takes minutes where the machine is busy.
_SECONDS_TO_START = 400
_QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "DO_NOT_TRACK": "1",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Prefect 3 looks for settings in the working directory, and can't read this project's pyproject.toml."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """The environment of whatever uses the server."""
    folder = tmp_path_factory.mktemp("prefect-server")
    environment = {**_QUIET, "PREFECT_HOME": str(folder)}
    process = Process(
        lambda port: [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        folder,
        "/api/health",
        environment,
        _SECONDS_TO_START,
        folder,
    )
    yield {**environment, "PREFECT_API_URL": f"{process.url}/api"}
    process.end()


@pytest.fixture
def server(prefect_server):
    """The server for flows in this process. Gives the environment for others."""
    from prefect import settings

    with settings.temporary_settings(
        {
            settings.PREFECT_API_URL: prefect_server["PREFECT_API_URL"],
            settings.PREFECT_LOGGING_TO_API_ENABLED: False,
            settings.PREFECT_LOGGING_LEVEL: "ERROR",
        }
    ):
        yield {**{name: value for name, value in os.environ.items() if "PREFECT" not in name}, **prefect_server}


class Folders:
    """Old and new results on the disk, and the block over both."""

    def __init__(self, folder):
        self.old = folder / "old"
        self.new = folder / "new"
        self.old.mkdir()

    def put(self, key, data):
        path = self.old / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def block(self, **options):
        from prefect.filesystems import LocalFileSystem

        from rehandle.prefect3 import OldResults

        return OldResults(
            old=LocalFileSystem(basepath=str(self.old)), new=LocalFileSystem(basepath=str(self.new)), **options
        )

    def saved(self, **options):
        """Save the block under a new name, and give it as ``result_storage`` takes it."""
        name = f"results-{uuid.uuid4()}"
        self.block(**options).save(name)
        return f"old-results/{name}"

    def store(self, **options):
        from prefect.results import ResultStore

        return ResultStore(result_storage=self.block(**options))


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path)
