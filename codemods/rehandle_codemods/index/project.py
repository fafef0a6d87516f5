"""The project index: the modules that matter, and what a name in one of them refers to, across files."""

from __future__ import annotations

import ast
import builtins
import os
from functools import cached_property
from types import MappingProxyType
from typing import Iterable, Iterator, Mapping, Sequence

from rehandle_codemods.files import newer_syntax, readers
from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.paths import read_bytes
from rehandle_codemods.files.source import SourceError
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import ClassHierarchy
from rehandle_codemods.index.module import Module, parse
from rehandle_codemods.index.recording import Recorded
from rehandle_codemods.index.scopes import Binding, Scope, Variable
from rehandle_codemods.index.targets import External, Local, ModuleRef, Target, Targets, Unknown
from rehandle_codemods.options import Pattern


class Project:
    """All files of a run, parsed when they are needed."""

    def __init__(
        self,
        paths: Iterable[str],
        reported: Iterable[str],
        recorded: Recorded | None = None,
        links: Mapping[str, str] = MappingProxyType({}),
        given: Mapping[str, bytes] = MappingProxyType({}),
        *,
        docs: bool = False,
        excluded: Sequence[Pattern] = (),
    ) -> None:
        """Make the index.

        Args:
            paths: every Python file of the project, without symbolic links.
            reported: those that were asked for.
            recorded: what was seen while the code ran.
            links: symbolic links, each with the one of them that it leads to: the same module by another name.
            given: what files hold, instead of what is on disk.
            docs: whether examples in docstrings count.
            excluded: the files that the settings leave out.
        """
        self.excluded = excluded
        self.docs = docs
        self.recorded = recorded or Recorded()
        self.paths = list(paths)
        self._links = links
        self._given = given
        self.reported = set(reported)
        self.modules: dict[str, Module] = {}
        self.broken: dict[str, SourceError] = {}
        self.maybe: dict[tuple[str, str], tuple[Module, ast.AST]] = {}
        self._resolved: dict[tuple[Scope, str], Targets] = {}
        self._star_users: dict[Module, tuple[Module, Binding]] = {}
        self._searched = 0
        self._files: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
        self._importers: tuple[int, dict[Variable, list[tuple[Module, Binding]]]] | None = None
        self.classes = ClassHierarchy(self.resolve)

    def load(self, path: str) -> Module | None:
        """The module in a file; None where it can't be read or doesn't parse (then it is in `broken`)."""
        if path not in self.modules and path not in self.broken:
            path = os.path.realpath(path)
        if path in self.modules:
            return self.modules[path]
        if path in self.broken:
            return None
        try:
            source = readers.read(path, self._given.get(path), docs=self.docs)
            self.modules[path] = parse(path, source, reported=path in self.reported)
        except SourceError as error:
            self.broken[path] = error
        except SyntaxError as error:
            place = (max(error.lineno or 1, 1), max(error.offset or 1, 1))
            self.broken[path] = SourceError(newer_syntax.problem(error), place)
        except ValueError as error:
            self.broken[path] = SourceError(f"doesn't parse: {error}. Correct it, or leave it out")
        except (RecursionError, MemoryError):
            self.broken[path] = SourceError("is nested too deeply to parse. Simplify it, or leave it out")
        except Exception as error:
            self.broken[path] = SourceError.crash(error)
        return self.modules.get(path)

    def every_module(self) -> Iterator[Module]:
        """The modules that are loaded, and those that get loaded while this goes on."""
        done = 0
        while done < len(self.modules):
            loaded = list(self.modules.values())[done:]
            done += len(loaded)
            yield from loaded

    def every_scope(self) -> Iterator[tuple[Module, Scope]]:
        """Every scope of the modules that are loaded, with its module."""
        for module in self.every_module():
            for scope in module.analysis.scopes:
                yield module, scope

    def raw(self, path: str) -> bytes:
        """The bytes of a file that can't be analysed; none where it can't be read either."""
        try:
            return self._given[path] if path in self._given else read_bytes(path)
        except OSError:
            return b""

    # Modules by name

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        """The files that can be imported, by the last part of their dotted names."""
        found: dict[str, list[str]] = {}
        for path in filter(is_python, [*self.paths, *self._links]):
            found.setdefault(_importable(path).rpartition(os.sep)[2], []).append(path)
        return found

    def find(self, dotted: str, user: Module) -> tuple[Module | None, tuple[str, ...]]:
        """The module that an absolute import means.

        Args:
            dotted: what is imported.
            user: the module that imports it.

        Returns:
            The module where it is certain, and the files that it may be where it isn't.
        """
        certain, candidates = self._file_of(dotted, user)
        return (self.load(certain) if certain else None), candidates

    def has(self, dotted: str, user: Module) -> bool:
        """Whether an absolute import may mean a module of the project; none is loaded for that."""
        certain, candidates = self._file_of(dotted, user)
        return bool(certain or candidates)

    def _file_of(self, dotted: str, user: Module) -> tuple[str, tuple[str, ...]]:
        key = dotted, os.path.dirname(user.path)
        if key not in self._files:
            self._files[key] = self._found_file(*key)
        return self._files[key]

    def _found_file(self, dotted: str, folder: str) -> tuple[str, tuple[str, ...]]:
        candidates = [path for path in self._by_stem.get(dotted.rpartition(".")[2], ()) if _has_name(path, dotted)]
        near = [path for path in candidates if _reachable(_root_of(path, dotted), folder)]
        if len(near) == 1:
            return near[0], ()
        here = [path for path in near if _root_of(path, dotted) == folder]
        if len(here) == 1 and not os.path.exists(os.path.join(folder, "__init__.py")):
            return here[0], ()
        return "", tuple(dict.fromkeys(self._links.get(path, path) for path in near or candidates))

    def _relative(self, folder: str, parts: list[str]) -> Module | None:
        found = _relative_file(folder, parts)
        return self.load(found) if found else None

    def imported(self, module: Module, binding: Binding) -> Targets:
        """What an import binding refers to."""
        if binding.level and not module.prefect_package:
            folder = os.path.dirname(module.path)
            for _ in range(binding.level - 1):
                folder = os.path.dirname(folder)
            parts = [part for part in binding.module.split(".") if part]
            source = self._relative(folder, parts)
            if source is not None and source is not module:
                found = self.member(source, binding.attribute, quiet=True)
                if found:
                    return found
            submodule = self._relative(folder, [*parts, binding.attribute])
            return Targets([ModuleRef(submodule) if submodule is not None else Unknown()])
        dotted = binding.module
        if binding.level:
            base = module.prefect_package.split(".")
            base = base[: len(base) - (binding.level - 1)]
            dotted = ".".join([*base, *filter(None, [dotted])])
        if dotted == "prefect" or dotted.startswith("prefect."):
            return Targets(
                [External(prefect_names.canonical(f"{dotted}.{binding.attribute}" if binding.attribute else dotted))]
            )
        found_module, candidates = self.find(dotted, module)
        if found_module is not None and found_module is not module:
            return (
                self.member(found_module, binding.attribute)
                if binding.attribute
                else Targets([ModuleRef(found_module)])
            )
        if binding.attribute:
            submodule, _ = self.find(f"{dotted}.{binding.attribute}", module)
            if submodule is not None:
                return Targets([ModuleRef(submodule)])
        if candidates:
            for candidate in candidates:
                self.maybe[candidate, binding.attribute] = (module, binding.node)
            return Targets([Unknown(candidates)])
        return Targets([External(f"{dotted}.{binding.attribute}" if binding.attribute else dotted)])

    @property
    def importers(self) -> dict[Variable, list[tuple[Module, Binding]]]:
        """The imports that take a name from a module that is loaded, or may, by that name."""
        if self._importers is None or self._importers[0] != len(self.modules):
            found: dict[Variable, list[tuple[Module, Binding]]] = {}
            for user, scope in self.every_scope():
                for binding in (binding for every in scope.bindings.values() for binding in every):
                    if binding.kind == scopes.FROM:
                        for source in self.loaded_sources(user, binding):
                            found.setdefault(source.root.variable(binding.attribute), []).append((user, binding))
            self._importers = len(self.modules), found
        return self._importers[1]

    def star_user(self, module: Module) -> tuple[Module, Binding] | None:
        """A star import that takes names from a module, or may, and the module that has it."""
        # Modules are still loaded while decisions are made.
        while self._searched < len(self.modules):
            for user in list(self.modules.values())[self._searched :]:
                self._searched += 1
                for star in user.root.stars:
                    for source in self.loaded_sources(user, star):
                        self._star_users.setdefault(source, (user, star))
        return self._star_users.get(module)

    def member(self, module: Module, name: str, *, quiet: bool = False) -> Targets:
        """What a module's attribute refers to; nothing with `quiet` where the module doesn't bind it."""
        if name in module.root.bindings:
            return self.name(module, module.root, name)
        if os.path.basename(module.path) == "__init__.py":
            submodule = self._relative(os.path.dirname(module.path), [name])
            if submodule is not None:
                return Targets([ModuleRef(submodule)])
        star = self._from_stars(module, name)
        return star or Targets(() if quiet else [Unknown()])

    def _from_stars(self, module: Module, name: str, seen: set[Module] | None = None) -> Targets:
        seen = {module} if seen is None else seen
        for star in module.root.stars:
            if star.module.startswith("prefect.") and prefect_names.is_handlers_module(
                prefect_names.canonical(star.module)
            ):
                dotted = prefect_names.canonical(f"{star.module}.{name}")
                if prefect_names.handler_class(dotted):
                    return Targets([External(dotted), Unknown()])
                continue
            for source in self.star_modules(module, star):
                if source in seen or not source.may_export(name):
                    continue
                seen.add(source)
                if name in source.root.bindings:
                    return Targets([*self.name(source, source.root, name), Unknown()])
                further = self._from_stars(source, name, seen)
                if further:
                    return further
        return Targets()

    def star_modules(self, module: Module, star: Binding) -> list[Module]:
        """The modules of the project that a `from` import may take names from."""
        return [found for found in map(self.load, self._source_files(module, star)) if found is not None]

    def loaded_sources(self, module: Module, binding: Binding) -> list[Module]:
        """Those of them that are loaded: asking who imports what is there loads nothing."""
        paths = map(self._real, self._source_files(module, binding))
        return [self.modules[path] for path in paths if path in self.modules]

    def _real(self, path: str) -> str:
        return path if path in self.modules else os.path.realpath(path)

    def _source_files(self, module: Module, binding: Binding) -> Sequence[str]:
        if binding.level:
            folder = os.path.dirname(module.path)
            for _ in range(binding.level - 1):
                folder = os.path.dirname(folder)
            found = _relative_file(folder, [part for part in binding.module.split(".") if part])
            return (found,) if found else ()
        certain, candidates = self._file_of(binding.module, module)
        return (certain,) if certain else candidates

    # Names and expressions

    def name(self, module: Module, scope: Scope, name: str) -> Targets:
        """What a name refers to that a scope binds.

        Args:
            module: the module of the scope.
            scope: the scope that binds the name.
            name: the name.

        Returns:
            Every target that it may have; assignments of None beside others don't count.
        """
        key = (scope, name)
        if key in self._resolved:
            return self._resolved[key]
        self._resolved[key] = Targets([Unknown()])
        bindings = scope.bindings[name]
        if len(bindings) > 1:
            bindings = [binding for binding in bindings if not _is_none(binding.value)] or bindings
        found: dict[Target, None] = {}
        for binding in bindings:
            if binding.kind in (scopes.IMPORT, scopes.FROM):
                found.update(dict.fromkeys(self.imported(module, binding)))
            elif (
                binding.kind == scopes.ASSIGN
                and len(bindings) == 1
                and isinstance(binding.value, (ast.Name, ast.Attribute))
                and isinstance(binding.node, ast.Name)
            ):
                targets = self.resolve(module, binding.value)
                alias = targets and not targets.unknown
                found.update(dict.fromkeys(targets if alias else (Local(module, binding),)))
            else:
                found[Local(module, binding)] = None
        self._resolved[key] = Targets(found)
        return self._resolved[key]

    def resolve(self, module: Module, node: ast.AST) -> Targets:
        """What an expression refers to: names and dotted names; anything else is unknown."""
        if isinstance(node, ast.Name):
            scope = module.analysis.scope_of[node].lookup(node.id)
            if scope is not None:
                return self.name(module, scope, node.id)
            star = self._from_stars(module, node.id)
            if star:
                return star
            # A cell that is gone, or the reader of a page, may have bound it.
            known = hasattr(builtins, node.id) or not module.embeds(node)
            return Targets([External(f"builtins.{node.id}") if known and not module.root.stars else Unknown()])
        if isinstance(node, ast.Attribute):
            found: dict[Target, None] = {}
            for base in self.resolve(module, node.value).kinds:
                if isinstance(base, External):
                    found[External(prefect_names.canonical(f"{base.name}.{node.attr}"))] = None
                elif isinstance(base, ModuleRef):
                    found.update(dict.fromkeys(self.member(base.module, node.attr)))
                else:
                    for candidate in base.candidates if isinstance(base, Unknown) else ():
                        self.maybe[candidate, node.attr] = (module, node)
                    found[Unknown()] = None
            return Targets(found)
        return Targets([Unknown()])

    def variable(self, module: Module, node: ast.AST) -> Variable | None:
        """The one variable, function or class of the project that a name or dotted name means."""
        return self.resolve(module, node).variable if isinstance(node, (ast.Name, ast.Attribute)) else None

    def external(self, module: Module, node: ast.AST) -> str:
        """The canonical name of the one thing outside the project that an expression means, or an empty string."""
        targets = self.resolve(module, node)
        return targets[0].name if len(targets) == 1 and isinstance(targets[0], External) else ""

    def uses_prefect(self, module: Module) -> bool:
        """Whether a module imports Prefect, by whatever name and in whatever scope, or its notebook names it."""
        if module.source.embeds(0) and b"prefect" in module.source.file.data.lower():
            return True
        for node in module.analysis.nodes:
            if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "prefect" for alias in node.names):
                return True
            if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "prefect":
                return True
        return bool(module.prefect_package)


def _relative_file(folder: str, parts: list[str]) -> str:
    path = os.path.join(folder, *parts)
    candidates = (os.path.join(path, "__init__.py"), path + ".py", path + ".pyi")
    return next(filter(os.path.isfile, candidates), "")


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


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
    if os.path.basename(root) in ("src", "lib", "python"):
        above = os.path.dirname(root)
        if folder == above or folder.startswith(above.rstrip(os.sep) + os.sep):
            return True
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)
