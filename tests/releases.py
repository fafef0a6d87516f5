"""Pythons with a real release of Prefect in each, for tests that need several of them."""

import os
import shutil
import sys
from pathlib import Path

import made_once
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("REHANDLE_RELEASES") or made_once.TOX / "releases")

# The minor versions of Python 3 that run each release whole, best first.
_OLD = (9, 8, 7)
_LATER = (9, 8, 7, 10, 11)
MINORS = {
    "0.6.7": _OLD,
    "0.7.3": _OLD,
    "0.8.1": _OLD,
    "0.9.8": _OLD,
    "0.10.7": (9, 8, 7, 10),
    "0.11.5": (9, 8, 7, 10),
    "0.12.6": _LATER,
    "0.13.19": _LATER,
    "0.14.22": _LATER,
    "0.15.13": _LATER,
    "1.4.1": _LATER,
}

# Prefect takes twice as long to import where there is no bytecode, and tests keep what they run from writing any.
# Compiling all that is installed takes longer than this, which compiles what is used.
_COMPILE = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in (
    "prefect", "prefect.executors", "prefect.engine.executors", "dask.bag", "distributed", "pytest", "pandas",
    "boto3.s3.transfer", "botocore.endpoint", "google.cloud.storage", "azure.storage.blob", "nbclient",
    "ipykernel.kernelapp", "rehandle.handlers", "rehandle.comparing.flow_outcome", "rehandle.auto",
):
    try:
        importlib.import_module(name)
    except Exception:
        pass  # not in this environment
"""


def python(release, *extras, minors=None):
    """The Python of an environment with a release of Prefect, which is made if need be.

    The test is skipped where that can't be done.

    Args:
        release: a key of MINORS.
        extras: what else to install there, as pip's requirements.
        minors: which Python 3 to take, best first; by default the best for the release.
    """
    constraints = ROOT / "constraints" / f"prefect-{release}.txt"
    return _environment(release, minors or MINORS[release], constraints, f"prefect=={release}", *extras)


def without_prefect(minors, *requirements):
    """The Python of an environment without Prefect, which is made if need be.

    The test is skipped where that can't be done.

    Args:
        minors: which Python 3 to take, best first.
        requirements: what to install there, as pip's requirements.
    """
    return _environment("none", minors, None, *requirements)


def _environment(name, minors, constraints, *requirements):
    installer = uv()
    interpreter = made_once.python_on_path(minors, has="venv")
    if interpreter is None:
        pytest.skip(f"{requirements[0]} needs one of Python {', '.join(f'3.{minor}' for minor in minors)}")
    pins = (interpreter, constraints.read_text("utf-8") if constraints else "", *requirements)

    def install(folder):
        made_once.run(installer, "venv", "-q", "-p", interpreter, folder)
        options = ("-c", constraints) if constraints else ()
        python = folder / "bin" / "python"
        made_once.run(installer, "pip", "install", "-q", "-p", python, *options, *requirements)
        made_once.run(python, "-W", "ignore", "-c", _COMPILE, ROOT / "compat")

    try:
        return made_once.folder(FOLDER, name, pins, install) / "bin" / "python"
    except made_once.UnavailableError as error:
        pytest.skip(f"no environment with {requirements[0]}: {error}")


def uv():
    """The installer, which takes seconds where pip takes a minute; the test is skipped where it is missing.

    Only the one of this environment counts: these tests take minutes and are the same wherever they run.
    """
    found = shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("needs uv to install releases of Prefect: tox run -e releases")
    return found
