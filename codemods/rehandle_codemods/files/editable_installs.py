"""Where editable installs of an environment lead to, read from its .pth files and finders; nothing of it is run."""

from __future__ import annotations

import ast
import glob
import os
import sysconfig
from typing import Iterator

from rehandle_codemods.files.distributions import SourceRoots
from rehandle_codemods.files.paths import read_bytes


def editable_roots() -> SourceRoots:
    """The roots that are installed editably where rehandle runs, and in the environment that VIRTUAL_ENV names."""
    sites = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    named = os.environ.get("VIRTUAL_ENV")
    if named:
        patterns = ("lib/python*/site-packages", "Lib/site-packages")
        sites.update(path for each in patterns for path in glob.glob(os.path.join(glob.escape(named), each)))
    return SourceRoots().joined(found for site in sorted(sites) for found in _installed(site))


def _installed(site: str) -> Iterator[SourceRoots]:
    try:
        names = sorted(os.listdir(site))
    except OSError:
        return
    for name in names:
        if name.endswith((".pth", ".egg-link")):
            yield SourceRoots(tuple(_folders(os.path.join(site, name))))
        elif name.startswith("__editable__") and name.endswith("_finder.py"):
            yield from _finder(os.path.join(site, name))


def _folders(path: str) -> Iterator[str]:
    """The folders that a file adds to sys.path: each on a line of its own."""
    for line in _text(path).splitlines():
        line = line.strip()
        if line and not line.startswith(("#", "import ", "import\t")):
            folder = os.path.normpath(os.path.join(os.path.dirname(path), line))
            if os.path.isdir(folder):
                yield os.path.realpath(folder)


def _finder(path: str) -> Iterator[SourceRoots]:
    """The packages of setuptools' finder, which has them as a literal."""
    try:
        tree = ast.parse(_text(path))
    except (SyntaxError, ValueError, RecursionError):
        return
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and isinstance(statement.value, ast.Dict):
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            if isinstance(target, ast.Name) and target.id == "MAPPING":
                pairs = zip(statement.value.keys, statement.value.values)
                mapping = {
                    key.value: os.path.realpath(value.value)
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                }
                yield SourceRoots(packages=mapping)


def _text(path: str) -> str:
    try:
        return read_bytes(path).decode("utf-8", "replace")
    except OSError:
        return ""
