"""Folders below .tox that tests need and that take long to make: made once, kept between runs."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

INSTALL_SECONDS = 300
TOX = Path(__file__).parents[1] / ".tox"


class UnavailableError(Exception):
    """Something can't be installed or started on this machine."""


def folder(parent, name, pins, install):
    """A folder that `install` fills, given its path: made unless it is there, by one process at a time.

    The pins are all that decides what is in it: with others it is another folder.
    """
    # Not on Windows, where these folders aren't needed to collect the tests.
    import fcntl

    made = parent / f"{name}-{hashlib.sha256(' '.join(pins).encode()).hexdigest()[:12]}"
    done = made / "done"
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(made, ignore_errors=True)
            install(made)
            done.touch()
    return made


def python_on_path(minors, has="ensurepip"):
    """The first Python 3 of some minor versions that runs and has a module, in the order of the versions."""
    for minor in minors:
        # The first on PATH may be a shim of pyenv for a version that isn't selected.
        for entry in os.get_exec_path():
            found = shutil.which(f"python3.{minor}", path=entry)
            if found and subprocess.run([found, "-c", f"import {has}"], capture_output=True).returncode == 0:
                return found
    return None


def run(*command):
    """Run a command that installs something."""
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
