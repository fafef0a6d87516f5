"""Where packages are: what setup.py, setup.cfg, pyproject.toml and editable installs say, and what builds have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import monorepos
import pytest
from repositories import write_files

from rehandle_codemods.engine.run import run
from rehandle_codemods.files.distributions import source_roots
from rehandle_codemods.files.editable_installs import editable_roots
from rehandle_codemods.index.module_names import ModuleNames
from rehandle_codemods.options import DEFAULTS

USUAL = [".", "src"]
CONFIGURED = sorted(
    name for name, layout in monorepos.LAYOUTS.items() if any(path.startswith("core/") for path in layout.files)
)


@pytest.mark.parametrize(
    ("filename", "text", "folders", "packages"),
    [
        ("setup.py", "", USUAL, {}),
        ("setup.py", "from setuptools import setup\nsetup(package_dir={'': 'code'})\n", ["code"], {}),
        ("setup.py", "import setuptools as s\nW = 'code'\ns.setup(package_dir={'': W})\n", ["code"], {}),
        ("setup.py", "setup(package_dir=dict(acme='lib', other='more/other'))\n", USUAL, "acme=lib other=more/other"),
        ("setup.py", "setup(packages=find_packages('code') + find_packages(where='more'))\n", ["code", "more"], {}),
        ("setup.py", "setup(packages=find_packages(exclude=['tests']))\n", USUAL, {}),
        ("setup.py", "setup(package_dir={'': os.path.join(HERE, 'code')})\n", USUAL, {}),
        ("setup.py", "setup(package_dir={**OTHERS})\n", USUAL, {}),
        ("setup.py", "setup(\n", USUAL, {}),
        ("setup.cfg", "[options]\npackage_dir =\n    =code\n", ["code"], {}),
        ("setup.cfg", "[options]\npackage_dir = acme=lib, other = more/other\n", USUAL, "acme=lib other=more/other"),
        ("setup.cfg", "[options.packages.find]\nwhere =\n    code\n    more\n", ["code", "more"], {}),
        ("setup.cfg", "[metadata]\nname = 100%\n", USUAL, {}),
        ("setup.cfg", "no section\n", USUAL, {}),
        ("pyproject.toml", "[project]\nname = 'acme'\n", USUAL, {}),
        ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['code', 'more']\n", ["code", "more"], {}),
        ("pyproject.toml", "[tool.setuptools]\npackage-dir = {'' = 'code', acme = 'lib'}\n", ["code"], "acme=lib"),
        ("pyproject.toml", "[tool.setuptools]\npackages = ['acme']\n", USUAL, {}),
        (
            "pyproject.toml",
            "[tool.poetry]\npackages = [{include = 'acme', from = 'code'}, {include = 'more'}]\n",
            ["code", "."],
            {},
        ),
        ("pyproject.toml", "[tool.poetry]\npackages = [{include = 'own', to = 'acme'}]\n", USUAL, "acme.own=own"),
        ("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['code/acme', 'more']\n", ["code", "."], {}),
        ("pyproject.toml", "[tool.hatch.build]\nsources = ['code']\ndev-mode-dirs = ['more']\n", ["code", "more"], {}),
        ("pyproject.toml", "[tool.hatch.build.sources]\n'lib' = 'acme/own'\n", USUAL, "acme.own=lib"),
        ("pyproject.toml", "[tool.hatch.build.sources]\n'code' = ''\n", ["code"], {}),
        ("pyproject.toml", "[tool.pdm.build]\npackage-dir = 'code'\n", ["code"], {}),
        ("pyproject.toml", "[tool.uv.build-backend]\nmodule-root = ''\n", ["."], {}),
        ("pyproject.toml", "[tool.setuptools]\npackage-dir = 'code'\npackages = 3\n", USUAL, {}),
        ("pyproject.toml", "[tool]\nsetuptools = []\npoetry.packages = ['acme']\nhatch.build = 1\n", USUAL, {}),
        ("pyproject.toml", "[tool.setuptools\n", USUAL, {}),
    ],
)
def test_what_a_configuration_says(filename, text, folders, packages, repository):
    write_files(repository, {filename: text})
    found = source_roots(str(repository))
    expected = dict(pair.split("=") for pair in packages.split()) if packages else {}
    assert [os.path.relpath(folder, repository) for folder in found.folders] == folders
    assert {name: os.path.relpath(path, repository) for name, path in found.packages.items()} == expected


def test_nothing_of_a_setup_py_is_run(repository):
    write_files(repository, {"setup.py": "open('ran', 'w')\nsetup(package_dir={'': 'code'})\n"})
    source_roots(str(repository))
    assert not (repository / "ran").exists()


@pytest.fixture
def environment(repository, monkeypatch):
    """The site-packages of an environment that VIRTUAL_ENV names."""
    monkeypatch.setenv("VIRTUAL_ENV", str(repository / "env"))
    site = repository / "env" / "lib" / "python3.9" / "site-packages"
    site.mkdir(parents=True)
    return site


def test_editable_installs(environment, repository):
    write_files(repository, {"libs/a/x.py": "", "libs/b/x.py": "", "libs/c/x.py": "", "libs/d/x.py": ""})
    write_files(
        environment,
        {
            "a.pth": f"# of a\nimport os; os.getcwd()\n{repository}/libs/a\n{repository}/gone\n",
            "b.egg-link": f"{repository}/libs/b\n.\n",
            "c.pth": "../../../../libs/c",
            "__editable___acme_1_finder.py": f"MAPPING: dict[str, str] = {{'acme': '{repository}/libs/d'}}\nx = {{}}\n",
            "__editable___broken_finder.py": "MAPPING = {\n",
        },
    )
    found = editable_roots()
    for name in "abc":
        assert str(repository / "libs" / name) in found.folders
    assert str(repository / "gone") not in found.folders
    assert found.packages["acme"] == str(repository / "libs" / "d")


def stays_a_handler(options=DEFAULTS):
    """Whether the class stays one because what imports it isn't followed."""
    found = [finding for finding in run(["."], options=options).findings if finding.code == "RH204"]
    assert all(
        "may be what jobs/flow.py:1 takes from a file that isn't certain" in finding.message for finding in found
    )
    return bool(found)


@pytest.mark.parametrize("link", ["{0}/vendor/shared\n", "{0}/vendor\n"])
def test_what_is_installed_editably_is_followed(link, environment, repository):
    """What is installed from another folder isn't."""
    each = monorepos.repository("unexplained", "from_package", "class")
    write_files(repository, each.files)
    write_files(environment, {"acme.pth": link.format(repository)})
    assert stays_a_handler() == ("shared" not in link)


def test_the_package_of_a_finder_is_followed(environment, repository):
    each = monorepos.repository("unexplained_name", "from_module", "class")
    write_files(repository, each.files)
    assert stays_a_handler()
    finder = f"MAPPING = {{'acme': '{repository}/vendor/sources'}}\n"
    write_files(environment, {"__editable___acme_finder.py": finder})
    assert not stays_a_handler()


def test_the_settings_say_where_modules_are(repository):
    each = monorepos.repository("unexplained", "from_package", "class")
    write_files(repository, each.files)
    assert stays_a_handler()
    options = DEFAULTS._replace(src=(str(repository / "vendor" / "shared"),))
    assert not stays_a_handler(options)


@pytest.mark.parametrize("name", CONFIGURED)
def test_builds_have_the_modules_that_are_found(name, tmp_path):
    """The tool that a distribution is built with says what it is imported as."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("needs uv to build: tox run -e py311")
    each = monorepos.repository(name, "from_module", "class")
    write_files(tmp_path, each.files)
    done = subprocess.run(
        [uv, "build", "-q", "--wheel", "-o", tmp_path / "dist", tmp_path / "core"], capture_output=True, check=False
    )
    if done.returncode and b"error sending request" in done.stderr.lower():
        pytest.skip("there is no package index")
    assert done.returncode == 0, done.stderr.decode()
    built = [path for wheel in (tmp_path / "dist").glob("*.whl") for path in zipfile.ZipFile(wheel).namelist()]
    assert "acme/own.py" in built
    paths = sorted(str(path) for path in tmp_path.resolve().rglob("*.py"))
    own = str(tmp_path.resolve() / monorepos.LAYOUTS[name].package / "own.py")
    assert ModuleNames(paths, {}, ()).file_of("acme.own", str(tmp_path.resolve() / "jobs" / "flow.py")).certain == own
