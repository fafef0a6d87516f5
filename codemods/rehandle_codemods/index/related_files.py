"""Which files use what others export: loaded too, though none of Prefect's words is in them."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.import_statements import STAR, Wanted
from rehandle_codemods.index.related_names import RelatedNames, decorators, is_fixture, last_name
from rehandle_codemods.progress import ProgressCallback, counted

if TYPE_CHECKING:
    from rehandle_codemods.files.search import Search
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.index.scopes import Binding


def load_users(project: Project, search: Search, matching: list[str], report: ProgressCallback) -> None:
    """Load the files that match, and those that use names of theirs without any trigger word, to a fixpoint.

    Args:
        project: the index.
        search: finds files.
        matching: the files with a trigger word in them.
        report: told how many files are parsed.
    """
    pending = list(matching)
    reach = _Reach(project)
    asked: dict[str, frozenset[bytes]] = {}
    while pending:
        for path in counted("Parsing", pending, report):
            project.load(path)
        new = []
        for wanted in reach.exported():
            unasked = wanted.names - asked.get(wanted.path, frozenset())
            asked[wanted.path] = wanted.names
            if unasked:
                new.append(Wanted(wanted.path, unasked, wanted.handlers & unasked))
        rest = [path for path in project.paths if path not in project.modules and path not in project.broken]
        found = search.importing_files([*rest, *reach.doubtful], new, project.names.is_doubtful) if new else {}
        pending = [path for path, certain in found.items() if certain or path not in reach.doubtful]
        reach.doubtful.difference_update(pending)
        reach.doubtful.update(path for path in pending if not found[path])
        for folder, fixtures in reach.new_fixtures():
            below = [path for path in rest if path.startswith(folder) and path not in pending]
            pending += search.word_files(below, [(name, b"def ") for name in sorted(fixtures)], set())


class _Reach:
    """What is taken of the files that are loaded, and may have to do with handlers."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.related = RelatedNames(project)
        self._fixtures: set[tuple[str, bytes]] = set()
        # Files that take a name from what isn't found: what they make of it isn't followed any further.
        self.doubtful: set[str] = set()
        self._tasks: set[str] = set()

    def exported(self) -> list[Wanted]:
        """The modules whose names may matter elsewhere, each with these names."""
        self.related.add(
            module
            for module in self.project.every_module()
            if not module.prefect_package and module not in self.related.mattering and module.path not in self.doubtful
        )
        self._tasks = self._task_classes()
        # Nothing imports from a notebook or a page.
        return [
            Wanted(path, frozenset([STAR, *(name.encode() for name in found)]), self._handlers(module, found))
            for module, found in map(self._exported, self.related.mattering)
            if found and is_python(module.path)
            for path in (module.path, *self.project.names.aliases(module.path))
        ]

    def _exported(self, module: Module) -> tuple[Module, set[str]]:
        # A function __getattr__ may return what any module has.
        every = "__getattr__" in module.root.bindings
        return module, self.related.everywhere if every else self.related.mattering[module]

    def _handlers(self, module: Module, names: set[str]) -> frozenset[bytes]:
        """Those of some names of a module that may be handlers: no tasks, and nothing that a flow is built with."""
        found = set()
        for name in names:
            bindings = module.root.bindings.get(name, ())
            if not all(_is_in_with(module, each.node) or self._is_of_prefect(each) for each in bindings):
                found.add(name.encode())
        return frozenset(found)

    def _is_of_prefect(self, binding: Binding) -> bool:
        """Whether a binding's name says that it is a task or flow."""
        made = binding.value.func if isinstance(binding.value, ast.Call) else binding.value
        return "task" in decorators(binding.node) or (made is not None and last_name(made) in self._tasks)

    def _task_classes(self) -> set[str]:
        """The names of the classes of tasks and flows."""
        above = {
            node.name: set(map(last_name, node.bases))
            for module in self.related.mattering
            for node in module.tree.body
            if isinstance(node, ast.ClassDef)
        }
        found = {"Task", "Flow", "Parameter"}
        known = 0
        while known < len(found):
            known = len(found)
            found |= {name for name, bases in above.items() if not bases.isdisjoint(found)}
        return found

    def new_fixtures(self) -> list[tuple[str, set[bytes]]]:
        """The folders in which tests may take pytest's fixtures that matter, by a parameter's name alone; and these.

        Each is told once. A test's own fixtures are for the tests in its file, those of another file for all below.
        """
        found: dict[str, set[bytes]] = {}
        for module, names in self.related.mattering.items():
            if os.path.basename(module.path).startswith("test_"):
                continue
            folder = os.path.join(os.path.dirname(module.path), "")
            for name in names:
                for binding in module.root.bindings.get(name, ()):
                    new = (folder, name.encode())
                    if is_fixture(binding.node) and new not in self._fixtures:
                        self._fixtures.add(new)
                        found.setdefault(folder, set()).add(new[1])
        return list(found.items())


def _is_in_with(module: Module, node: ast.AST) -> bool:
    return any(isinstance(above, ast.With) for above in module.analysis.ancestors(node))
