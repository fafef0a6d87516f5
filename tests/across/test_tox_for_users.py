"""The tox.ini that the docs give to users, on the legacy example, with real Prefects, and what it prints at its end."""

import configparser
import os
import re
import shutil
import subprocess
import sys

import pytest
import releases

pytest.importorskip("tox_uv", reason="needs tox and tox-uv: tox run -e releases")

TESTING = releases.ROOT / "examples" / "testing"
ENVIRONMENTS = ("py310-prefect0.10.7", "py311-prefect1.4.1")
SECONDS = 900


def test_pins_are_those_of_the_constraints():
    """They are requirements there: nothing more is installed, as each release needs these packages anyway."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(str(TESTING / "tox.ini"))
    lines = [line for line in config["testenv"]["deps"].splitlines() if line.startswith("prefect")]
    found = {}
    for line in lines:
        factors, requirement = re.fullmatch(r"prefect\{?([0-9.,]+)\}?: *(.+)", line).groups()
        for release in factors.split(","):
            found.setdefault(release, set()).add(requirement)
    for release, requirements in found.items():
        text = (releases.ROOT / "constraints" / f"prefect-{release}.txt").read_text("utf-8")
        pins = {line.partition("  #")[0].strip() for line in text.splitlines()}
        # This tox.ini has no environment with Python 3.7.
        pins = {pin for pin in pins if not pin.endswith('python_version < "3.8"')}
        assert requirements == {f"prefect=={release}", *pins}
    assert set(re.findall(r"[0-9]+\.[0-9]+\.[0-9]+", config["tox"]["env_list"])) == set(found)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """A folder with rehandle's wheel, where the environments get it from."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([releases.uv(), "build", "-q", "--wheel", "-o", str(folder), str(releases.ROOT)], check=True)
    return folder


def test_tox(wheels, tmp_path):
    shutil.copytree(str(releases.ROOT / "examples" / "legacy_flows"), str(tmp_path / "legacy_flows"))
    for name in ("tox.ini", "test_flows.py"):
        shutil.copy(str(TESTING / name), str(tmp_path / name))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT", "TOX"))
    }
    environment["UV_FIND_LINKS"] = str(wheels)
    command = [
        sys.executable,
        "-m",
        "tox",
        "run",
        "-q",
        "-e",
        ",".join(ENVIRONMENTS),
        "--skip-missing-interpreters=false",
    ]
    done = subprocess.run(
        [*command, "--", "-k", "orders or parameter or by_hand"],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = done.stdout.rpartition(" Prefect versions ")[2].partition("Collected in ")[0].splitlines()[1:]
    assert "\n".join(table).strip() in (releases.ROOT / "docs" / "testing-with-tox.md").read_text("utf-8")
    assert [line.split()[1:] for line in table if "::" in line] == [["ran", "same"]] * 3
