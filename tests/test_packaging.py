"""What is published: the same bytes each time, complete, typed, and installable on the oldest and newest Python."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import made_once
import pytest

import rehandle

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[1]
PACKAGES = {"rehandle": ROOT / "compat" / "rehandle", "rehandle_codemods": ROOT / "codemods" / "rehandle_codemods"}
SECONDS = 600
CONSUMER = """\
import rehandle
from rehandle.results import GCSResult
from rehandle_codemods.engine.run import run

switched: bool = rehandle.install()
exists: bool = GCSResult("bucket").exists("name")
findings: int = len(run(["."]).findings)
version: int = rehandle.__version__
outcome: str = run(["."])
"""


def run(*command, cwd=None, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "REHANDLE"))}
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        cwd=cwd,
        env={**kept, **variables},
    )
    return done.returncode, done.stdout


def program(name):
    """A program of this environment; the test is skipped where it is missing."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"needs {name}: tox run -e py311")
    return found


def build(source, folder):
    code, printed = run(program("uv"), "build", "-q", "-o", folder, source, SOURCE_DATE_EPOCH="1700000000")
    assert code == 0, printed
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that is built from it."""
    return build(ROOT, tmp_path_factory.mktemp("built"))


def files(folder):
    """What a package has on the disk, without what running it left there."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_same_bytes_from_the_sdist_alone(built, tmp_path):
    with tarfile.open(str(built[0])) as archive:
        archive.extractall(str(tmp_path))
    (unpacked,) = tmp_path.iterdir()
    again = build(unpacked, tmp_path / "again")
    assert [path.name for path in again] == [path.name for path in built]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_what_is_in_the_wheel(built):
    with zipfile.ZipFile(str(built[1])) as archive:
        names = set(archive.namelist())
        (entry_points,) = [archive.read(name).decode() for name in names if name.endswith("/entry_points.txt")]
    wanted = {f"{package}/{name}" for package, folder in PACKAGES.items() for name in files(folder)}
    assert {f"{package}/py.typed" for package in PACKAGES} <= wanted
    information = {name for name in names if ".dist-info/" in name}
    assert names - information == wanted | {"rehandle.pth"}
    assert [name for name in information if name.endswith("/licenses/LICENSE")]
    assert "rehandle = rehandle.__main__:main" in entry_points
    assert "rehandle.pytest = rehandle.pytest" in entry_points


def test_explain_prints_the_pages_from_the_wheel(built, tmp_path):
    with zipfile.ZipFile(str(built[1])) as archive:
        archive.extractall(str(tmp_path))
    for page in (ROOT / "docs" / "rules").glob("RH*.md"):
        code, printed = run(sys.executable, "-m", "rehandle", "explain", page.stem, PYTHONPATH=str(tmp_path))
        assert code == 0, printed
        text = page.read_text("utf-8").replace("](../", "](https://github.com/rehandle/rehandle/blob/main/docs/")
        assert printed.startswith(text)


def test_what_is_in_the_sdist(built):
    with tarfile.open(str(built[0])) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "tox.ini", "compat/rehandle.pth"} <= names
    assert {f"constraints/{path.name}" for path in (ROOT / "constraints").iterdir()} <= names
    assert {f"tests/{path.name}" for path in (ROOT / "tests").glob("*.py")} <= names
    unwanted = ("__pycache__", ".pyc", ".tox/", ".venv/", "_cache/", ".hypothesis", ".git/", ".egg-info")
    assert [name for name in names if any(part in f"{name}/" for part in unwanted)] == []


def test_the_metadata(built):
    assert run(program("twine"), "check", "--strict", *built)[0] == 0


def test_types(built, tmp_path):
    """A consumer's type checker sees the types of both packages: two mistakes are found, and no more."""
    python = tmp_path / "environment" / "bin" / "python"
    assert run(program("uv"), "venv", "-q", "-p", sys.executable, tmp_path / "environment")[0] == 0
    assert run(program("uv"), "pip", "install", "-q", "-p", python, built[1])[0] == 0
    consumer = tmp_path / "consumer.py"
    consumer.write_text(CONSUMER)
    # Not this repository's configuration, which says where the sources are.
    options = ("--strict", "--config-file=", "--cache-dir", tmp_path / "cache", "--python-executable", python)
    _, printed = run(program("mypy"), *options, consumer)
    wrong = [row for row, line in enumerate(CONSUMER.splitlines(), 1) if line.startswith(("version", "outcome"))]
    found = [line.split(":")[1:3] for line in printed.splitlines()[:-1]]
    assert found == [[str(row), " error"] for row in wrong], printed


@pytest.mark.parametrize("minor", [7, 13])
def test_the_sdist_installs(minor, built, tmp_path):
    interpreter = made_once.python_on_path((minor,))
    if interpreter is None:
        pytest.skip(f"there is no Python 3.{minor}")
    assert run(interpreter, "-m", "venv", tmp_path)[0] == 0
    code, printed = run(tmp_path / "bin" / "pip", "install", "-q", "--disable-pip-version-check", built[0])
    assert code == 0, printed
    assert run(tmp_path / "bin" / "rehandle", "--version") == (0, f"rehandle {rehandle.__version__}\n")
    ask = "import sys; print('rehandle.shim.import_hook' in sys.modules)"
    assert [run(tmp_path / "bin" / "python", "-c", ask, REHANDLE=value) for value in ("0", "1")] == [
        (0, "False\n"),
        (0, "True\n"),
    ]


def without_installing():
    """The README's commands that run the tool from a clone, by the program's name."""
    commands = [
        command for command, _ in re.findall(r"^\$ ((uvx|pipx) .*)$", (ROOT / "README.md").read_text("utf-8"), re.M)
    ]
    return {command.split()[0]: command for command in commands}


@pytest.mark.parametrize("source", ["clone", "wheel"])
@pytest.mark.parametrize("name", ["uvx", "pipx"])
def test_the_tool_without_installing_it(name, source, built, tmp_path):
    """All of it: what finds and rewrites, too."""
    command = shlex.split(without_installing()[name].replace("../flows", str(tmp_path)))
    (place,) = [row for row, part in enumerate(command) if part == ".[codemods]"]
    if source == "wheel":
        command[place] = f"{built[1]}[codemods]"
    # uv keeps what it built of a folder as long as its pyproject.toml stays as it is.
    command[:1] = [program(name), *(("--refresh-package", "rehandle") if name == "uvx" else ())]
    (tmp_path / "flow.py").write_text("from prefect import Flow\n\nFlow('f', result_handler=None)\n")
    folders = {variable: str(tmp_path / variable) for variable in ("PIPX_HOME", "UV_TOOL_DIR")}
    code, printed = run(*command, cwd=ROOT, PIPX_DEFAULT_PYTHON=sys.executable, UV_PYTHON=sys.executable, **folders)
    assert code == 1, printed
    assert "flow.py:3:11: RH103" in printed
