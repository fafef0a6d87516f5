"""Which files use what others export: loaded too, though none of Prefect's words is in them."""

from __future__ import annotations

import ast
import os
import re
from typing import TYPE_CHECKING, Iterator, NamedTuple

from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.import_statements import STAR, Wanted
from rehandle_codemods.files.source import working_on
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.progress import ProgressCallback, counted

if TYPE_CHECKING:
    from rehandle_codemods.files.search import Search
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.index.scopes import Binding

# A variable may be called safe_value anywhere; only the attribute is Prefect's.
_ATTRIBUTES = ("safe_value", "store_safe_value")
_IMPORTS = (scopes.IMPORT, scopes.FROM)
_WORDS = re.compile(
    b"|".join(group[0] for group in prefect_names.TRIGGERS if len(group) == 1 and b"safe_value" not in group[0])
)


class _Statement(NamedTuple):
    """A statement of a module, with all that is inside it.

    Attributes:
        words: the names in it, and the attributes of what is imported.
        is_seed: whether a word of Prefect's is in it.
    """

    words: frozenset[str]
    is_seed: bool


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
    """The module-level names that may have to do with handlers, told by the words that statements have in common.

    A statement matters that has a word of Prefect's in it, or a name that matters. Then what is defined in its module,
    or in another one, under a name that it binds or uses matters, too: it may hold, take or return a handler.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.statements: dict[Module, list[_Statement]] = {}
        self.starred: dict[Module, list[Module]] = {}
        self.used: set[str] = set()
        self.mattering: dict[Module, set[str]] = {}
        self.all_mattering: set[str] = set()
        self._fixtures: set[tuple[str, bytes]] = set()
        # Files that take a name from what isn't found: what they make of it isn't followed any further.
        self.doubtful: set[str] = set()
        self._tasks: set[str] = set()

    def exported(self) -> list[Wanted]:
        """The modules whose names may matter elsewhere, each with these names."""
        for module in self.project.every_module():
            if not module.prefect_package and module not in self.statements and module.path not in self.doubtful:
                with working_on(module.path):
                    self.statements[module] = list(_statements(module))
                    self.mattering[module] = set()
                    self.starred[module] = [
                        source for star in module.root.stars for source in self.project.star_modules(module, star)
                    ]
        growing = True
        while growing:  # a name that is imported from another file matters once it does there
            growing = sum(map(self._grow, self.statements)) > 0
        self._tasks = self._task_classes()
        # Nothing imports from a notebook or a page.
        return [
            Wanted(path, frozenset([STAR, *(name.encode() for name in found)]), self._handlers(module, found))
            for module, found in map(self._exported, self.mattering)
            if found and is_python(module.path)
            for path in (module.path, *self.project.names.aliases(module.path))
        ]

    def _exported(self, module: Module) -> tuple[Module, set[str]]:
        # A function __getattr__ may return what any module has.
        every = "__getattr__" in module.root.bindings
        return module, self.all_mattering if every else self.mattering[module]

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
        return "task" in _decorators(binding.node) or (made is not None and _last_name(made) in self._tasks)

    def _task_classes(self) -> set[str]:
        """The names of the classes of tasks and flows."""
        above = {
            node.name: set(map(_last_name, node.bases))
            for module in self.statements
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
        for module, names in self.mattering.items():
            if os.path.basename(module.path).startswith("test_"):
                continue
            folder = os.path.join(os.path.dirname(module.path), "")
            for name in names:
                for binding in module.root.bindings.get(name, ()):
                    new = (folder, name.encode())
                    if _is_fixture(binding.node) and new not in self._fixtures:
                        self._fixtures.add(new)
                        found.setdefault(folder, set()).add(new[1])
        return list(found.items())

    def _grow(self, module: Module) -> bool:
        """Go through a module by what is known so far; whether more is known then."""
        local = self.mattering[module]
        before = len(local), len(self.used)
        for name, found in module.root.bindings.items():
            if name not in local and any(self._matters(binding) for binding in found):
                local.add(name)
        for source in self.starred[module]:
            local.update(filter(source.may_export, self.mattering.get(source, ())))
        for statement in self.statements[module]:
            if statement.is_seed or not statement.words.isdisjoint(local):
                self.used |= statement.words
        self.all_mattering |= local
        return before != (len(local), len(self.used))

    def _matters(self, binding: Binding) -> bool:
        """Whether a module-level name may be a handler, a class or function for one, or an import of that."""
        if binding.kind == scopes.FROM:
            dotted = prefect_names.canonical(f"{binding.module}.{binding.attribute}")
            return binding.attribute in self.all_mattering or prefect_names.is_legacy(dotted)
        if binding.kind == scopes.ASSIGN and isinstance(binding.value, (ast.Constant, ast.JoinedStr)):
            return False
        return binding.kind in (scopes.ASSIGN, scopes.CLASS, scopes.FUNCTION) and binding.name in self.used


def _statements(module: Module) -> Iterator[_Statement]:
    """The statements of a module, each with the comments before it."""
    root = module.root
    imported = {name for name, found in root.bindings.items() if any(b.kind in _IMPORTS for b in found)}
    tops = set(module.tree.body)
    start = 0
    words: set[str] = set()
    attribute = False
    top: ast.stmt | None = None
    for node in module.analysis.nodes:
        if node in tops:
            if top is not None:
                end = module.span(top)[1]
                yield _Statement(frozenset(words), attribute or _has_word(module, start, end))
                start = end
            top, words, attribute = node, set(), False
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            attribute = attribute or node.attr in _ATTRIBUTES
            if _origin(node) in imported:
                words.add(node.attr)
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            words.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            attribute = attribute or node.value in _ATTRIBUTES
    if top is not None:
        yield _Statement(frozenset(words), attribute or _has_word(module, start, len(module.source.data)))


def _is_fixture(node: ast.AST) -> bool:
    """Whether a function is decorated as pytest's fixtures are, by whatever name that is imported."""
    return "fixture" in _decorators(node)


def _decorators(node: ast.AST) -> list[str]:
    """The last parts of the names of a function's decorators."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return [_last_name(each.func if isinstance(each, ast.Call) else each) for each in decorators]


def _last_name(node: ast.expr) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _is_in_with(module: Module, node: ast.AST) -> bool:
    return any(isinstance(above, ast.With) for above in module.analysis.ancestors(node))


def _has_word(module: Module, start: int, end: int) -> bool:
    return _WORDS.search(module.source.data, start, end) is not None


def _origin(node: ast.expr) -> str:
    """The name that a dotted name begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
