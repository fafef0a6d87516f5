"""Which file a dotted name means where it is imported: by the folders that are on sys.path there."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Iterable, Mapping, NamedTuple, Sequence

from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.distributions import FILENAMES, SourceRoots, source_roots
from rehandle_codemods.files.editable_installs import editable_roots
from rehandle_codemods.files.paths import git_root
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.targets import ANYWHERE

_USUAL = ("src", "lib", "python")
"""Names of folders that modules are imported from, whatever says so."""


class NamedFiles(NamedTuple):
    """What a dotted name means.

    Attributes:
        certain: the file, where there is one that it means for certain.
        candidates: the files that it may mean, where there is none.
    """

    certain: str = ""
    candidates: tuple[str, ...] = ()


class ModuleNames:
    """The files of a project by their dotted names."""

    def __init__(self, paths: Sequence[str], links: Mapping[str, str], src: Sequence[str]) -> None:
        """Lay them out.

        Args:
            paths: every file of the project, without symbolic links.
            links: symbolic links, each with the file that it leads to.
            src: folders that modules are imported from, as the settings say.
        """
        self._paths = paths
        self._links = links
        self._src = src
        self._found: dict[tuple[str, str], NamedFiles] = {}

    def file_of(self, dotted: str, user: str) -> NamedFiles:
        """What an absolute import in a file means."""
        key = dotted, os.path.dirname(user)
        if key not in self._found:
            self._found[key] = self._find(*key)
        return self._found[key]

    def files_of(self, level: int, parts: Sequence[str], user: str) -> Sequence[str]:
        """The files that an import in a file means, or may: so many dots, and the names after them."""
        if level:
            found = relative_file(folder_of(user, level), parts)
            return [found] if found else []
        certain, candidates = self.file_of(".".join(parts), user)
        return [certain] if certain else candidates

    def alike(self, dotted: str) -> Sequence[str]:
        """The files that an import that isn't found may mean all the same, or ANYWHERE.

        These are those with the last part of its name, and all where its first part is a package of the project's.
        """
        first, _, last = dotted.partition(".")
        if not prefect_names.is_third_party(dotted):
            return ()
        if first in self._own_packages:
            return (ANYWHERE,)
        return self._by_stem.get(last.rpartition(".")[2], ()) if last else ()

    def is_doubtful(self, dotted: str, taken: str, user: str) -> bool:
        """Whether an absolute import in a file isn't found, and may mean a file of the project all the same.

        Args:
            dotted: the module.
            taken: what is taken of it, where that may be a module; empty where it is the module that is asked about.
            user: the file.
        """
        if taken and self.file_of(dotted, user) != NamedFiles():
            return False
        whole = f"{dotted}.{taken}" if taken else dotted
        return bool(self.alike(whole)) and self.file_of(whole, user) == NamedFiles()

    @cached_property
    def _own_packages(self) -> set[str]:
        """The names of the project's packages that are in no other package."""
        folders = {os.path.dirname(path) for path in self._paths if os.path.basename(path) == "__init__.py"}
        tops = {os.path.basename(folder) for folder in folders if os.path.dirname(folder) not in folders}
        return tops.union(package.partition(".")[0] for package in self.roots.packages)

    def aliases(self, path: str) -> list[str]:
        """A file by the path that it would have if its package's folder had the package's name, where it hasn't."""
        found = []
        for package, folder in self.roots.packages.items():
            if path.startswith(folder + os.sep):
                above = os.path.dirname(folder)
                found.append(os.path.join(above, *package.split("."), path[len(folder) + 1 :]))
        return found

    @cached_property
    def roots(self) -> SourceRoots:
        """What the settings, the distributions of the project and the environment say."""
        folders = [folder for folder in self._folders if any(os.path.isfile(f"{folder}/{name}") for name in FILENAMES)]
        said = SourceRoots(tuple(map(os.path.realpath, self._src)))
        return said.joined([*map(source_roots, folders), editable_roots()])

    @cached_property
    def _folders(self) -> list[str]:
        """The folders that may be a distribution's: above the project's files, and no packages themselves."""
        holding = {os.path.dirname(path) for path in self._paths}
        packages = {os.path.dirname(path) for path in self._paths if os.path.basename(path) == "__init__.py"}
        top = os.path.commonpath(holding) if holding else ""
        top = git_root(top) or os.path.dirname(top)
        found = set(holding)
        for folder in holding:
            while folder != top:
                folder = os.path.dirname(folder)
                if folder in found:
                    break
                found.add(folder)
        return sorted(found - packages)

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        """The files that can be imported, by the last part of their dotted names."""
        found: dict[str, list[str]] = {}
        for path in filter(is_python, [*self._paths, *self._links]):
            found.setdefault(_importable(path).rpartition(os.sep)[2], []).append(path)
        return found

    def _find(self, dotted: str, folder: str) -> NamedFiles:
        alike = self._by_stem.get(dotted.rpartition(".")[2], ())
        candidates = [path for path in alike if _has_name(path, dotted)]
        near = [path for path in candidates if _reachable(_root_of(path, dotted), folder)]
        if len(near) == 1:
            return NamedFiles(near[0])
        here = [path for path in near if _root_of(path, dotted) == folder]
        if len(here) == 1 and not os.path.exists(os.path.join(folder, "__init__.py")):
            return NamedFiles(here[0])
        if near:
            return self._uncertain(near)
        said = [path for path in candidates if _root_of(path, dotted) in self.roots.folders]
        said += self._placed(dotted)
        if len(said) == 1:
            return NamedFiles(said[0])
        usual = [path for path in candidates if os.path.basename(_root_of(path, dotted)) in _USUAL]
        if not said and len(usual) == len(candidates) == 1:
            return NamedFiles(usual[0])
        return self._uncertain(said or candidates)

    def _placed(self, dotted: str) -> list[str]:
        """The files that it means in packages whose folder has another name."""
        parts = dotted.split(".")
        found = []
        for end in range(len(parts), 0, -1):
            folder = self.roots.packages.get(".".join(parts[:end]))
            path = relative_file(folder, parts[end:]) if folder else ""
            if path:
                found.append(path)
        return found[:1]

    def _uncertain(self, paths: Iterable[str]) -> NamedFiles:
        return NamedFiles("", tuple(dict.fromkeys(self._links.get(path, path) for path in paths)))


def folder_of(path: str, level: int) -> str:
    """The folder that an import with so many dots in a file begins at."""
    for _ in range(level):
        path = os.path.dirname(path)
    return path


def relative_file(folder: str, parts: Sequence[str]) -> str:
    """The file of a module below a folder; empty where there is none."""
    path = os.path.join(folder, *parts)
    candidates = (os.path.join(path, "__init__.py"), path + ".py", path + ".pyi")
    return next(filter(os.path.isfile, candidates), "")


def _importable(path: str) -> str:
    """A file's path as an import says it: a package by its folder, and no suffix."""
    path = os.path.splitext(path)[0]
    return os.path.dirname(path) if os.path.basename(path) == "__init__" else path


def _has_name(path: str, dotted: str) -> bool:
    """Whether a file has a dotted name, from whatever folder."""
    return _importable(path).endswith(os.sep + dotted.replace(".", os.sep))


def _root_of(path: str, dotted: str) -> str:
    """The folder that must be on sys.path for a file to have a dotted name."""
    for _ in range(dotted.count(".") + 1 + (os.path.basename(path).startswith("__init__."))):
        path = os.path.dirname(path)
    return path


def _reachable(root: str, folder: str) -> bool:
    """Whether a folder is on sys.path for files of another by a usual layout: it, one above, or `src` of one above."""
    if os.path.basename(root) in _USUAL:
        above = os.path.dirname(root)
        if folder == above or folder.startswith(above.rstrip(os.sep) + os.sep):
            return True
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)
