"""How much of a repository uses Results already: what a report of progress measures legacy places against."""

from __future__ import annotations

import ast
from collections import Counter
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Iterable, Iterator, Mapping, NamedTuple, Sequence, Tuple

from rehandle.mapping import RESULTS_MODULE
from rehandle_codemods.engine.large_stack import with_large_stack
from rehandle_codemods.files import discovery
from rehandle_codemods.files.import_statements import Wanted
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.search import Search
from rehandle_codemods.findings import Position
from rehandle_codemods.flow.legacy_imports import bindings_of
from rehandle_codemods.flow.receivers import Receiver, Receivers
from rehandle_codemods.flow.tasks import Tasks
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import Class, class_of
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import External, Target

if TYPE_CHECKING:
    from rehandle_codemods.findings import Finding
    from rehandle_codemods.options import Options

IMPORT, CONSTRUCTOR, KEYWORD, CLASS = "RH101", "RH102", "RH103", "RH105"
"""The rules whose work can be recognised once it is done."""

# A file that uses a Result has both, in Prefect's names or its own.
_WORDS = ((b"prefect", b"result"), (b"rehandle", b"result"))
_MODULES = (RESULTS_MODULE, prefect_names.RUNTIME_RESULTS_MODULE)


_Spot = Tuple[str, int, Position]


class Migrated(NamedTuple):
    """What was found of places that use Results.

    Attributes:
        places: their numbers, by the path as it is shown and the code of the rule whose rewrite makes such a place.
        unknown: the files that of which nothing is known.
    """

    places: Counter[tuple[str, str]]
    unknown: list[str]


def count(
    paths: Sequence[str],
    options: Options,
    findings: Iterable[Finding],
    given: Mapping[str, bytes] = MappingProxyType({}),
) -> Migrated:
    """Count the places that use Results.

    Imports of Results, calls that make one, `result=` where it certainly is Prefect's, and classes that derive from
    one. Unlike a check this reads every file that may have one.

    Args:
        paths: files and folders.
        options: the choices of the run: which files count.
        findings: what is to be migrated: such a place isn't counted.
        given: what files hold, instead of what is on disk.

    Returns:
        The places.
    """
    open_places = {(finding.filename, finding.cell, finding.location) for finding in findings if finding.accounts}
    selection = discovery.select(paths, options, given)
    everything = [*selection.chosen, *selection.around]
    project = Project(everything, selection.chosen, None, selection.links, given, options, selection.src)
    search = Search(selection.indexed, options.jobs, given, selection.walked)
    return with_large_stack(lambda: _all(project, search, open_places))


def _all(project: Project, search: Search, open_places: set[_Spot]) -> Migrated:
    for path in search.word_files(project.paths, _WORDS, set()):
        project.load(path)
    classes = [found for found in map(partial(_classes, project), list(project.modules.values())) if found.names]
    loaded = set(project.modules) | set(project.broken)
    rest = [path for path in project.paths if path not in loaded]
    for path in search.importing_files(rest, classes) if classes else ():
        project.load(path)
    receivers = Receivers(project, Tasks(project))
    places: Counter[tuple[str, str]] = Counter()
    unknown = [path for path in project.broken if path in project.reported]
    for module in list(project.modules.values()):
        if not module.reported or module.prefect_package:
            continue
        try:
            found = list(_places(project, receivers, module))
        except Exception:  # a mistake of ours must not cost the report
            unknown.append(module.path)
            continue
        for code, node in found:
            if not isinstance(node, ast.keyword) or _spot(module, node) not in open_places:
                places[module.shown, code] += 1
    return Migrated(places, sorted(map(shown, unknown)))


def _classes(project: Project, module: Module) -> Wanted:
    """The classes of a module that are Results, as other files may use them."""
    nodes = [node for node in module.analysis.nodes if isinstance(node, ast.ClassDef)]
    return Wanted(module.path, frozenset(node.name.encode() for node in nodes if _derives(project, module, node)))


def _places(project: Project, receivers: Receivers, module: Module) -> Iterator[tuple[str, ast.AST]]:
    for binding in bindings_of(module):
        targets = project.imported(module, binding)
        # `import prefect.engine.results` binds `prefect` alone.
        imported = binding.node.name if isinstance(binding.node, ast.alias) and binding.kind == scopes.IMPORT else ""
        module_itself = any(f"{imported}.".startswith(f"{name}.") for name in _MODULES)
        if module_itself or (len(targets) == 1 and (_is_result(targets[0]) or _is_results_module(targets[0]))):
            yield IMPORT, binding.node
    for node in module.analysis.nodes:
        if isinstance(node, ast.ClassDef) and _derives(project, module, node):
            yield CLASS, node
        if not isinstance(node, ast.Call):
            continue
        targets = project.resolve(module, node.func)
        if targets and all(_is_result(target) or _is_own(project, target) for target in targets):
            yield CONSTRUCTOR, node
        for keyword in node.keywords:
            if keyword.arg == prefect_names.RESULT_KEYWORD:
                answer = receivers.call(module, node)
                if answer.kind is Receiver.PREFECT and not answer.in_task_args:
                    yield KEYWORD, keyword


def _is_result(target: Target) -> bool:
    return isinstance(target, External) and prefect_names.is_result_class(target.name)


def _is_results_module(target: Target) -> bool:
    return isinstance(target, External) and target.name in _MODULES


def _derives(project: Project, module: Module, node: ast.ClassDef) -> bool:
    return any(map(prefect_names.is_result_class, project.classes.outside(Class(module, node))))


def _is_own(project: Project, target: Target) -> bool:
    owner = class_of(target)
    return owner is not None and _derives(project, *owner)


def _spot(module: Module, keyword: ast.keyword) -> _Spot:
    start = module.source.offset(keyword.lineno, keyword.col_offset)
    return module.shown, module.source.cell(start), module.source.position(start)
