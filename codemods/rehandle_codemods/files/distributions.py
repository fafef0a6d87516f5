"""Where a distribution's packages are, by what its setup.py, setup.cfg or pyproject.toml says; nothing of it is run."""

from __future__ import annotations

import ast
import configparser
import os
from typing import Any, Iterable, Iterator, Mapping, NamedTuple

from rehandle_codemods.files.paths import read_bytes

FILENAMES = ("pyproject.toml", "setup.cfg", "setup.py")
_USUAL = (".", "src")


class SourceRoots(NamedTuple):
    """Where modules are imported from, as absolute paths.

    Attributes:
        folders: folders that modules and packages are in.
        packages: packages whose folder has another name, or is elsewhere, each with the folder.
    """

    folders: tuple[str, ...] = ()
    packages: Mapping[str, str] = {}  # a NamedTuple has no default factory, and none is changed

    def joined(self, others: Iterable[SourceRoots]) -> SourceRoots:
        """These and others."""
        every = (self, *others)
        folders = dict.fromkeys(folder for each in every for folder in each.folders)
        return SourceRoots(tuple(folders), {name: path for each in every for name, path in each.packages.items()})


def source_roots(folder: str) -> SourceRoots:
    """What the configuration in a folder says of the distribution there.

    Args:
        folder: the distribution's folder.

    Returns:
        Its roots: the folder itself and its `src` where nothing else is said.
    """
    found: list[tuple[str, str]] = []
    for filename, said in zip(FILENAMES, (_in_pyproject, _in_setup_cfg, _in_setup_py)):
        try:
            found += said(read_bytes(os.path.join(folder, filename)).decode("utf-8"))
        except (OSError, ValueError, SyntaxError, RecursionError, configparser.Error):
            continue  # not there, or not as its own tool could read it: then it says nothing
    folders = [path for package, path in found if not package] or list(_USUAL)
    packages = {package: _inside(folder, path) for package, path in found if package}
    return SourceRoots(tuple(dict.fromkeys(_inside(folder, path) for path in folders)), packages)


def _inside(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))


# Each yields packages and the folders that they are; an empty name is that of a folder that packages are in.


def _in_pyproject(text: str) -> Iterator[tuple[str, str]]:
    from rehandle_codemods.files.toml import parsed

    tools = _table(parsed(text), "tool")
    setuptools = _table(tools, "setuptools")
    yield from _strings(_table(setuptools, "package-dir"))
    yield from (("", where) for where in _texts(_table(setuptools, "packages", "find").get("where")))
    packages = _table(tools, "poetry").get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and isinstance(package.get("include"), str):
            yield from _of_poetry(package["include"], package.get("from", "."), package.get("to", ""))
    hatch = _table(tools, "hatch", "build")
    for build in (hatch, _table(hatch, "targets", "wheel")):
        yield from _of_hatch(build)
    for table, key in (
        (_table(tools, "pdm", "build"), "package-dir"),
        (_table(tools, "uv", "build-backend"), "module-root"),
    ):
        if isinstance(table.get(key), str):
            yield "", table[key]


def _of_poetry(include: str, source: Any, target: Any) -> Iterator[tuple[str, str]]:
    if isinstance(source, str) and isinstance(target, str):
        if target:
            yield _dotted(f"{target}/{include}"), f"{source}/{include}"
        else:
            yield "", source


def _of_hatch(build: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for package in _texts(build.get("packages")):
        yield "", os.path.dirname(package.strip("/")) or "."
    sources = build.get("sources")
    if isinstance(sources, dict):
        yield from ((_dotted(name), path) for path, name in _strings(sources))
    for folder in (*_texts(sources), *_texts(build.get("dev-mode-dirs"))):
        yield "", folder


def _in_setup_cfg(text: str) -> Iterator[tuple[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    for line in parser.get("options", "package_dir", fallback="").replace(",", "\n").splitlines():
        package, equals, path = line.partition("=")
        if equals:
            yield package.strip(), path.strip()
    for where in parser.get("options.packages.find", "where", fallback="").replace(",", "\n").split():
        yield "", where


def _in_setup_py(text: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(text)
    known: dict[str, Any] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    known[target.id] = _literal(statement.value, known)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = {keyword.arg: _literal(keyword.value, known) for keyword in call.keywords}
        name = _called(call)
        if name == "setup" and isinstance(given.get("package_dir"), dict):
            yield from _strings(given["package_dir"])
        elif name in ("find_packages", "find_namespace_packages"):
            where = given.get("where", _literal(call.args[0], known) if call.args else None)
            if isinstance(where, str):
                yield "", where


def _called(call: ast.Call) -> str:
    """The last part of the name of what is called: `setuptools.setup` is `setup`, and so is `PEP420…Finder.find`."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _literal(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """What an expression of constants, and of names that have one, is; None where it is something else."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Dict) and None not in node.keys:
        return {_literal(key, known): _literal(value, known) for key, value in zip(node.keys, node.values) if key}
    if isinstance(node, ast.Call) and _called(node) == "dict" and not node.args:
        return {keyword.arg: _literal(keyword.value, known) for keyword in node.keywords}
    return node.value if isinstance(node, ast.Constant) else None


def _dotted(path: str) -> str:
    return ".".join(part for part in path.split("/") if part)


def _table(table: Any, *names: str) -> Mapping[str, Any]:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _strings(table: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    return ((key, value) for key, value in table.items() if isinstance(key, str) and isinstance(value, str))
