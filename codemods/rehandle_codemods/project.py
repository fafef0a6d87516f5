"""The project index: the modules that matter, and what a name in one of them refers to, across files."""

from __future__ import annotations

import ast
import builtins
import os
from functools import cached_property
from types import MappingProxyType
from typing import Iterable, Iterator, Mapping, NamedTuple, Tuple, Union

from rehandle_codemods import names, newer_syntax, readers, scopes
from rehandle_codemods.discovery import is_python, read_bytes
from rehandle_codemods.frozen import RENAMING, Statements
from rehandle_codemods.recorded import Recorded
from rehandle_codemods.scopes import Analysis, Binding, Scope
from rehandle_codemods.source import SourceError, Text


class Module:
    """One parsed file.

    Attributes:
        path: its absolute path.
        source: its code.
        tree: its syntax tree.
        analysis: its scopes.
        editable: whether it may change: it was named, and isn't a part of Prefect itself.
        reported: whether its findings are reported.
        package: the dotted name of the folder that relative imports start from; only set inside Prefect.
        statements: its statements, and which of them aren't to change.
    """

    def __init__(self, path: str, source: Text, *, reported: bool) -> None:
        """Parse a file.

        Args:
            path: its absolute path.
            source: its code.
            reported: whether its findings are reported.

        Raises:
            SyntaxError: it doesn't parse.
        """
        self.path = path
        self.source = source
        self.tree = ast.parse(source.text)
        self.analysis = Analysis(self.tree, self.text)
        self.reported = reported
        self.package = _package_in_prefect(path)
        self.editable = reported and not self.package
        self.statements = Statements(self.tree, source)

    def may_change(self, node: ast.AST) -> bool:
        """Whether a node may be edited: its file may, and it is in no statement that stays as it is."""
        return self.editable and not (self.statements.frozen and self.statements.reason(*self._place(node)))

    def may_rename(self, node: ast.AST) -> bool:
        """Whether the name of a class of the project that a node has may become another one."""
        return self.editable and not (self.statements.frozen and self.statements.reason(*self._place(node), RENAMING))

    def _place(self, node: ast.AST) -> tuple[int, int]:
        if isinstance(node, ast.Module):
            return self.statements.whole
        # An alias has no place on Python 3.9.
        return self.span(node if hasattr(node, "lineno") else self.analysis.parents[node])

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The byte offsets of a node."""
        start = self.source.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # only nodes with a place come
        end = self.source.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # as above
        return start, end

    def embeds(self, node: ast.AST) -> bool:
        """Whether a node is in a notebook or an example: names may be bound unseen there, and values are shown."""
        return self.source.embeds(self.span(node)[0])

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        start, end = self.span(node)
        return self.source.data[start:end].decode("utf-8")

    @property
    def root(self) -> Scope:
        """The module's scope."""
        return self.analysis.root


class External(NamedTuple):
    """Something outside the project, by its canonical dotted name."""

    name: str


class Local(NamedTuple):
    """Something that a file of the project binds."""

    module: Module
    binding: Binding


class ModuleRef(NamedTuple):
    """A module of the project."""

    module: Module


class Unknown(NamedTuple):
    """Something that can't be told; `candidates` are files of the project that it may come from."""

    candidates: tuple[str, ...] = ()


Target = Union[External, Local, ModuleRef, Unknown]
Entity = Tuple[Scope, str]
"""A variable, function or class: the scope that binds it, and its name."""


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
    ) -> None:
        """Make the index.

        Args:
            paths: every Python file of the project, without symbolic links.
            reported: those that were asked for.
            recorded: what was seen while the code ran.
            links: symbolic links, each with the one of them that it leads to: the same module by another name.
            given: what files hold, instead of what is on disk.
            docs: whether examples in docstrings count.
        """
        self.docs = docs
        self.recorded = recorded or Recorded()
        self.paths = list(paths)
        self._links = links
        self._given = given
        self.reported = set(reported)
        self.modules: dict[str, Module] = {}
        self.broken: dict[str, SourceError] = {}
        self.maybe: dict[tuple[str, str], tuple[Module, ast.AST]] = {}
        self._resolved: dict[tuple[Scope, str], tuple[Target, ...]] = {}

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
            self.modules[path] = Module(path, source, reported=path in self.reported)
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
        candidates = [path for path in self._by_stem.get(dotted.rpartition(".")[2], ()) if _has_name(path, dotted)]
        near = [path for path in candidates if _reachable(_root_of(path, dotted), user.path)]
        if len(near) == 1:
            return self.load(near[0]), ()
        here = [path for path in near if _root_of(path, dotted) == os.path.dirname(user.path)]
        if len(here) == 1 and not os.path.exists(os.path.join(os.path.dirname(user.path), "__init__.py")):
            return self.load(here[0]), ()
        return None, tuple(dict.fromkeys(self._links.get(path, path) for path in near or candidates))

    def _relative(self, folder: str, parts: list[str]) -> Module | None:
        path = os.path.join(folder, *parts)
        for candidate in (os.path.join(path, "__init__.py"), path + ".py", path + ".pyi"):
            if os.path.isfile(candidate):
                return self.load(candidate)
        return None

    def imported(self, module: Module, binding: Binding) -> tuple[Target, ...]:
        """What an import binding refers to."""
        if binding.level and not module.package:
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
            return (ModuleRef(submodule),) if submodule is not None else (Unknown(),)
        dotted = binding.module
        if binding.level:
            base = module.package.split(".")
            base = base[: len(base) - (binding.level - 1)]
            dotted = ".".join([*base, *filter(None, [dotted])])
        if dotted == "prefect" or dotted.startswith("prefect."):
            return (External(names.canonical(f"{dotted}.{binding.attribute}" if binding.attribute else dotted)),)
        found_module, candidates = self.find(dotted, module)
        if found_module is not None and found_module is not module:
            return self.member(found_module, binding.attribute) if binding.attribute else (ModuleRef(found_module),)
        if binding.attribute:
            submodule, _ = self.find(f"{dotted}.{binding.attribute}", module)
            if submodule is not None:
                return (ModuleRef(submodule),)
        if candidates:
            for candidate in candidates:
                self.maybe[candidate, binding.attribute] = (module, binding.node)
            return (Unknown(candidates),)
        return (External(f"{dotted}.{binding.attribute}" if binding.attribute else dotted),)

    def sources(self, user: Module) -> Iterator[Entity]:
        """The names of the project's modules that a module imports from them."""
        for scope in {id(scope): scope for scope in user.analysis.scope_of.values()}.values():
            for found in scope.bindings.values():
                for binding in found:
                    if binding.kind == scopes.FROM:
                        for module in self.star_modules(user, binding):
                            yield module.root, binding.attribute

    def member(self, module: Module, name: str, *, quiet: bool = False) -> tuple[Target, ...]:
        """What a module's attribute refers to; nothing with `quiet` where the module doesn't bind it."""
        if name in module.root.bindings:
            return self.name(module, module.root, name)
        if os.path.basename(module.path) == "__init__.py":
            submodule = self._relative(os.path.dirname(module.path), [name])
            if submodule is not None:
                return (ModuleRef(submodule),)
        star = self._from_stars(module, name)
        return star or (() if quiet else (Unknown(),))

    def _from_stars(self, module: Module, name: str) -> tuple[Target, ...]:
        for star in module.root.stars:
            if star.module.startswith("prefect.") and names.is_handlers_module(names.canonical(star.module)):
                dotted = names.canonical(f"{star.module}.{name}")
                if names.handler_class(dotted):
                    return (External(dotted), Unknown())
                continue
            for target in self.star_modules(module, star):
                if name in target.root.bindings and target is not module:
                    return (*self.name(target, target.root, name), Unknown())
        return ()

    def star_modules(self, module: Module, star: Binding) -> list[Module]:
        """The modules of the project that a star import may take names from."""
        if star.level:
            folder = os.path.dirname(module.path)
            for _ in range(star.level - 1):
                folder = os.path.dirname(folder)
            found = self._relative(folder, [part for part in star.module.split(".") if part])
            return [found] if found is not None else []
        certain, candidates = self.find(star.module, module)
        return (
            [certain] if certain is not None else [found for found in map(self.load, candidates) if found is not None]
        )

    # Names and expressions

    def name(self, module: Module, scope: Scope, name: str) -> tuple[Target, ...]:
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
        self._resolved[key] = (Unknown(),)
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
                alias = targets and not any(isinstance(target, Unknown) for target in targets)
                found.update(dict.fromkeys(targets if alias else (Local(module, binding),)))
            else:
                found[Local(module, binding)] = None
        self._resolved[key] = tuple(found)
        return self._resolved[key]

    def resolve(self, module: Module, node: ast.AST) -> tuple[Target, ...]:
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
            return (External(f"builtins.{node.id}"),) if known and not module.root.stars else (Unknown(),)
        if isinstance(node, ast.Attribute):
            found: dict[Target, None] = {}
            for base in self.resolve(module, node.value):
                if isinstance(base, External):
                    found[External(names.canonical(f"{base.name}.{node.attr}"))] = None
                elif isinstance(base, ModuleRef):
                    found.update(dict.fromkeys(self.member(base.module, node.attr)))
                else:
                    for candidate in base.candidates if isinstance(base, Unknown) else ():
                        self.maybe[candidate, node.attr] = (module, node)
                    found[Unknown()] = None
            return tuple(found)
        return (Unknown(),)

    def external(self, module: Module, node: ast.AST) -> str:
        """The canonical name of the one thing outside the project that an expression means, or an empty string."""
        targets = self.resolve(module, node)
        return targets[0].name if len(targets) == 1 and isinstance(targets[0], External) else ""

    def classes(self, module: Module, node: ast.AST) -> tuple[Module, ast.ClassDef] | None:
        """The one class of the project that an expression means, or None."""
        targets = self.resolve(module, node)
        if len(targets) == 1 and isinstance(targets[0], Local) and isinstance(targets[0].binding.node, ast.ClassDef):
            return targets[0].module, targets[0].binding.node
        return None

    def ancestors(self, module: Module, node: ast.ClassDef, seen: set[ast.AST] | None = None) -> list[Target]:
        """Every class above a class: those of the project as Local, others as External or Unknown."""
        seen = seen if seen is not None else set()
        found: list[Target] = []
        if node in seen:
            return found
        seen.add(node)
        for base in node.bases:
            for target in self.resolve(module, base):
                found.append(target)
                if isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
                    found += self.ancestors(target.module, target.binding.node, seen)
        return found

    def uses_prefect(self, module: Module) -> bool:
        """Whether a module imports Prefect, by whatever name and in whatever scope, or its notebook names it."""
        if module.source.embeds(0) and b"prefect" in module.source.file.data.lower():
            return True
        for node in module.analysis.nodes:
            if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "prefect" for alias in node.names):
                return True
            if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "prefect":
                return True
        return bool(module.package)


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


def _reachable(root: str, user: str) -> bool:
    """Whether a folder is on sys.path for a file by any usual layout: its own, one above, or `src` of one above."""
    folder = os.path.dirname(user)
    if os.path.basename(root) in ("src", "lib", "python"):
        above = os.path.dirname(root)
        if folder == above or folder.startswith(above.rstrip(os.sep) + os.sep):
            return True
    return folder == root or folder.startswith(root.rstrip(os.sep) + os.sep)


def _package_in_prefect(path: str) -> str:
    """The package of a file inside Prefect's own source: one that defines the API, not a user of it."""
    parts = os.path.dirname(path).split(os.sep)
    for number in range(len(parts) - 1, 0, -1):
        if parts[number] != "prefect":
            continue
        folder = os.sep.join(parts[: number + 1])
        if os.path.exists(os.path.join(folder, "core", "task.py")) and os.path.isdir(os.path.join(folder, "engine")):
            return ".".join(parts[number:])
    return ""
