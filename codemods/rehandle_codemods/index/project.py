"""The project index: the modules that matter, and what a name in one of them refers to, across files."""

from __future__ import annotations

import ast
import builtins
import os
from types import MappingProxyType
from typing import Iterable, Iterator, Mapping, Sequence

from rehandle_codemods.files import newer_syntax, readers
from rehandle_codemods.files.paths import read_bytes
from rehandle_codemods.files.source import SourceError
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import ClassHierarchy
from rehandle_codemods.index.imports_by_name import named_module
from rehandle_codemods.index.module import Module, parse
from rehandle_codemods.index.module_names import ModuleNames, folder_of, relative_file
from rehandle_codemods.index.recording import Recorded
from rehandle_codemods.index.scopes import Binding, Scope, Variable
from rehandle_codemods.index.targets import ANYWHERE, External, Local, ModuleRef, Target, Targets, Unknown
from rehandle_codemods.options import DEFAULTS, Options

_GETATTR = "__getattr__"


class Project:
    """All files of a run, parsed when they are needed."""

    def __init__(
        self,
        paths: Iterable[str],
        reported: Iterable[str],
        recorded: Recorded | None = None,
        links: Mapping[str, str] = MappingProxyType({}),
        given: Mapping[str, bytes] = MappingProxyType({}),
        options: Options = DEFAULTS,
        src: Sequence[str] = (),
    ) -> None:
        """Make the index.

        Args:
            paths: every Python file of the project, without symbolic links.
            reported: those that were asked for.
            recorded: what was seen while the code ran.
            links: symbolic links, each with the one of them that it leads to: the same module by another name.
            given: what files hold, instead of what is on disk.
            options: the choices of the run: what is left out, and whether examples in docstrings count.
            src: folders that modules are imported from, beyond those that are found.
        """
        self.options = options
        self.recorded = recorded or Recorded()
        self.paths = list(paths)
        self.names = ModuleNames(self.paths, links, src)
        self._given = given
        self.reported = set(reported)
        self.modules: dict[str, Module] = {}
        self.broken: dict[str, SourceError] = {}
        self.maybe: dict[tuple[str, str], tuple[Module, ast.AST]] = {}
        self._real_paths: dict[str, str] = {}
        self._resolved: dict[tuple[Scope, str], Targets] = {}
        self._star_users: dict[Module, tuple[Module, Binding]] = {}
        self._searched = 0
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
            source = readers.read(path, self._given.get(path), docs=self.options.of(path).docs)
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
        """Every scope of the modules that are loaded now, with its module: what resolving loads isn't gone through."""
        for module in list(self.modules.values()):
            for scope in module.analysis.scopes:
                yield module, scope

    def raw(self, path: str) -> bytes:
        """The bytes of a file that can't be analysed; none where it can't be read either."""
        try:
            return self._given[path] if path in self._given else read_bytes(path)
        except OSError:
            return b""

    # Modules by name

    def find(self, dotted: str, user: Module) -> tuple[Module | None, tuple[str, ...]]:
        """The module that an absolute import means.

        Args:
            dotted: what is imported.
            user: the module that imports it.

        Returns:
            The module where it is certain, and the files that it may be where it isn't.
        """
        certain, candidates = self.names.file_of(dotted, user.path)
        return (self.load(certain) if certain else None), candidates

    def has(self, dotted: str, user: Module) -> bool:
        """Whether an absolute import may mean a module of the project; none is loaded for that."""
        certain, candidates = self.names.file_of(dotted, user.path)
        return bool(certain or candidates)

    def _relative(self, folder: str, parts: list[str]) -> Module | None:
        found = relative_file(folder, parts)
        return self.load(found) if found else None

    def imported(self, module: Module, binding: Binding) -> Targets:
        """What an import binding refers to."""
        if binding.level and not module.prefect_package:
            folder = folder_of(module.path, binding.level)
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
        return self._absolute(module, dotted, binding.attribute, binding.node)

    def _absolute(self, module: Module, dotted: str, attribute: str, node: ast.AST) -> Targets:
        """What an absolute import of a module, or of an attribute of one, refers to."""
        found, candidates = self.find(dotted, module)
        if found is not None and found is not module:
            return self.member(found, attribute) if attribute else Targets([ModuleRef(found)])
        if attribute:
            submodule, further = self.find(f"{dotted}.{attribute}", module)
            if submodule is not None:
                return Targets([ModuleRef(submodule)])
            if candidates or further:
                return self._may_be(candidates, attribute, (module, node), further)
            self._may_be(self.names.alike(dotted), attribute, (module, node))
        elif candidates:
            return Targets([Unknown(candidates)])
        return Targets([External(f"{dotted}.{attribute}" if attribute else dotted)])

    def _may_be(
        self, candidates: Iterable[str], attribute: str, user: tuple[Module, ast.AST], further: Iterable[str] = ()
    ) -> Targets:
        """What may be an attribute of one of some files: remembered for what each of them has by that name."""
        modules = dict.fromkeys(further)
        for path in candidates:
            self.maybe.setdefault((path, attribute), user)
            if os.path.basename(path) == "__init__.py":
                modules.setdefault(relative_file(os.path.dirname(path), [attribute]))
            source = self.modules.get(self._real(path)) if path else None
            for target in self.member(source, attribute, quiet=True) if source is not None else ():
                if isinstance(target, Local):
                    self.maybe.setdefault((target.module.path, target.binding.name), user)
                elif isinstance(target, ModuleRef):
                    modules.setdefault(target.module.path)
        return Targets([Unknown(tuple(filter(None, modules)))])

    def _by_name(self, module: Module, node: ast.AST) -> Targets | None:
        """What an expression refers to that imports a module of the project, or may, by a name in a string."""
        name = named_module(lambda part: self.external(module, part), node)
        if name is None:
            return None
        if name.parts is None:
            return Targets([Unknown((ANYWHERE,))])
        if name.level:
            found = self._relative(folder_of(module.path, name.level), name.parts)
            return Targets([ModuleRef(found)]) if found is not None else None
        dotted = ".".join(name.parts)
        targets = self._absolute(module, dotted, "", node)
        if not isinstance(targets[0], External):
            return targets
        alike = tuple(self.names.alike(dotted))
        return Targets([Unknown(alike)]) if alike else None

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
        if not star and _GETATTR in module.root.bindings:
            # It may return what any module of the project has by that name.
            self.maybe.setdefault((ANYWHERE, name), (module, module.root.bindings[_GETATTR][0].node))
            return Targets([Unknown((ANYWHERE,))])
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
        return [self.modules[path] for path in self.source_files(module, binding) if path in self.modules]

    def source_files(self, module: Module, binding: Binding) -> list[str]:
        """The files that a `from` import takes a name from, or may, or ANYWHERE; none is loaded for that."""
        paths = self._source_files(module, binding) or (() if binding.level else self.names.alike(binding.module))
        return [self._real(path) if path else ANYWHERE for path in paths]

    def module_files(self, module: Module, binding: Binding, attributes: Sequence[str]) -> list[str]:
        """The files that something imported is, or an attribute of an attribute … of it, or may be, or ANYWHERE."""
        parts = [*filter(None, [*binding.module.split("."), binding.attribute]), *attributes]
        paths = self.names.files_of(binding.level, parts, module.path)
        above = [self.names.files_of(0, parts[:end], module.path) for end in range(1, len(parts))]
        if not paths and not binding.level and not any(above):
            paths = self.names.alike(".".join(parts))
        return [self._real(path) if path else ANYWHERE for path in paths]

    def _real(self, path: str) -> str:
        if path in self.modules:
            return path
        if path not in self._real_paths:
            self._real_paths[path] = os.path.realpath(path)
        return self._real_paths[path]

    def _source_files(self, module: Module, binding: Binding) -> Sequence[str]:
        parts = [part for part in binding.module.split(".") if part]
        return self.names.files_of(binding.level, parts, module.path)

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
                and isinstance(binding.value, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
                and isinstance(binding.node, ast.Name)
            ):
                targets = self.resolve(module, binding.value)
                alias = targets and (not targets.unknown or targets.candidates)
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
                if isinstance(base, External) and prefect_names.is_third_party(base.name):
                    # A namespace package is no file, and perhaps the project's.
                    found.update(dict.fromkeys(self._absolute(module, base.name, node.attr, node)))
                elif isinstance(base, External):
                    found[External(prefect_names.canonical(f"{base.name}.{node.attr}"))] = None
                elif isinstance(base, ModuleRef):
                    found.update(dict.fromkeys(self.member(base.module, node.attr)))
                elif isinstance(base, Unknown) and base.candidates:
                    found.update(dict.fromkeys(self._may_be(base.candidates, node.attr, (module, node))))
                else:
                    found[Unknown()] = None
            return Targets(found)
        return self._by_name(module, node) or Targets([Unknown()])

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


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
