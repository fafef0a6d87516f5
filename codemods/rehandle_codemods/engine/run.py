"""From paths to findings and new contents: files, index, decisions, rules, changes."""

from __future__ import annotations

import ast
import contextlib
import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Callable, Iterator, Mapping, NamedTuple, Sequence, TypeVar

from rehandle_codemods import removed_api
from rehandle_codemods.engine.large_stack import with_large_stack
from rehandle_codemods.files import discovery
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.search import Search
from rehandle_codemods.findings import ERROR, LEFT, NOTE, Finding, Position, failure, unaccounted
from rehandle_codemods.index import prefect_names
from rehandle_codemods.options import DEFAULTS, Options
from rehandle_codemods.progress import ProgressCallback, silent

if TYPE_CHECKING:
    from rehandle_codemods.decide.protected import Protected
    from rehandle_codemods.engine.changes import Change
    from rehandle_codemods.engine.decide import Decided
    from rehandle_codemods.files.source import SourceError
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.index.recording import Recorded

_CRASHES = 5
"""So often a run begins anew without the files that it crashed with, until it is given up."""
_T = TypeVar("_T")


class Outcome(NamedTuple):
    """All that a run found.

    Attributes:
        findings: sorted by file and position.
        changes: the files that change.
        files: the number of Python files that were asked for.
        places: the number of places with legacy API in them: each is in one finding.
        sources: the texts that findings are in, by their `origin`, as they were when they were read.
        ignored: what is said of places whose rules aren't selected or are ignored; they are among the places.
        unlisted: folders in git work trees whose files git couldn't list.
        closing: lines for a person to see at the end.
        older: what is said of lines that nobody asked about, as they are older; they are among the places.
    """

    findings: list[Finding]
    changes: list[Change]
    files: int
    places: int
    sources: dict[str, str]
    ignored: Sequence[Finding] = ()
    unlisted: Sequence[str] = ()
    closing: Sequence[str] = ()
    older: Sequence[Finding] = ()


class Declined(NamedTuple):
    """Lines that aren't to be edited, because somebody said so.

    Attributes:
        filename: the file, as it is shown.
        first: the first line, from 1.
        end: the line after the last one.
    """

    filename: str
    first: int
    end: int


def run(
    paths: Sequence[str],
    report: ProgressCallback = silent,
    options: Options = DEFAULTS,
    given: Mapping[str, bytes] = MappingProxyType({}),
    declined: Sequence[Declined] = (),
) -> Outcome:
    """Analyse the files under some paths; nothing is written.

    Args:
        paths: files and folders.
        report: told how far the run is, perhaps from another thread.
        options: the choices of the run.
        given: what files hold, by their paths without symbolic links, instead of what is on disk.
        declined: lines that aren't to be edited, nor what belongs to them.

    Returns:
        The findings and the new contents.
    """
    selection = discovery.select(paths, options, given, surroundings=False)
    outcome = _run(selection, paths, report, options, given, declined)
    if options.other_api and selection.others:
        outcome = _with_other_files(outcome, selection, options, given)
    return outcome._replace(unlisted=selection.unlisted)


def _with_other_files(
    outcome: Outcome, selection: discovery.Selection, options: Options, given: Mapping[str, bytes]
) -> Outcome:
    """The outcome, with what is noted of files that aren't Python."""
    from rehandle_codemods import outside_python
    from rehandle_codemods.decide.selection import RuleSelection

    rules = RuleSelection(options)
    noted = outside_python.noted(selection.others, given)
    wanted: list[Finding] = []
    ignored: list[Finding] = []
    for finding in noted.findings:
        counts = rules.counts(finding.code, os.path.realpath(finding.filename))
        (wanted if counts else ignored).append(finding)
    return outcome._replace(
        findings=sorted([*outcome.findings, *wanted]),
        places=outcome.places + len(noted.findings),
        sources={**noted.sources, **outcome.sources},
        ignored=[*outcome.ignored, *ignored],
    )


def _run(
    selection: discovery.Selection,
    paths: Sequence[str],
    report: ProgressCallback,
    options: Options,
    given: Mapping[str, bytes],
    declined: Sequence[Declined],
) -> Outcome:
    from rehandle_codemods.index.recording import Recorded, RecordError

    try:
        recorded = Recorded(options.recorded)
    except RecordError as error:
        return Outcome([failure(shown(options.recorded), (1, 1), str(error))], [], len(selection.chosen), 0, {})
    findings = [failure(shown(path), (1, 1), reason) for path, reason in selection.refused]
    search = Search(selection.indexed, options.jobs, given, selection.walked)
    unreadable: set[str] = set()
    triggers = prefect_names.TRIGGERS
    legacy = search.word_files(selection.chosen, triggers, unreadable, report)
    findings += [failure(shown(path), (1, 1), "can't be read. Check its permissions") for path in sorted(unreadable)]
    for link in search.word_files(selection.outside, triggers, set()):
        where = f"leads to {shown(selection.links[link])}, which is outside of the given paths"
        findings.append(failure(shown(link), (1, 1), f"{where}: it is left as it is. Give that path too"))
    others = set(_with_other_api(search, selection.chosen)).difference(legacy) if options.other_api else set()
    matching = [*legacy, *sorted(others)]
    if not matching:
        return Outcome(sorted(findings), [], len(selection.chosen), 0, {})
    if legacy and not selection.whole:
        selection = discovery.select(paths, options, given)
        search = Search(selection.indexed, options.jobs, given, selection.walked)
    matching += search.word_files(selection.around, triggers, set())
    if not _uses_prefect(search, matching, [*selection.chosen, *selection.around]):
        return Outcome(sorted(findings), [], len(selection.chosen), 0, {})
    try:
        result, changes, sources = _without_crashes(
            lambda crashed: _analyse(
                selection, search, matching, others, report, options, recorded, given, declined, crashed
            )
        )
    except Exception as error:
        cause = error.__cause__ or error
        what = f"{type(cause).__name__}: {cause}"
        message = f"can't be analysed, and no file is changed ({what}). Please report this as a bug"
        asked = set(selection.chosen)
        findings += [failure(shown(path), (1, 1), message) for path in matching if path in asked]
        return Outcome(sorted(findings), [], len(selection.chosen), 0, {})
    found = result.findings
    for place in unaccounted(result.places, [*found, *result.ignored]):
        message = "internal error: this place isn't in exactly one finding, so nothing is changed. Please report this"
        found.append(Finding(*place, "RH901", ERROR, message))
        changes = []
    ignored = sorted(result.ignored)
    return Outcome(sorted(findings + found), changes, len(selection.chosen), len(result.places), sources, ignored)


def _with_other_api(search: Search, paths: list[str]) -> Iterator[str]:
    """The files that may have what Prefect 1.4.1 lacks, handlers aside: outside of Prefect's own source."""
    folder = os.path.join(os.sep, "prefect", "")
    inside = [path for path in paths if folder in path]
    if inside:
        from rehandle_codemods.index.module import prefect_package

        own = set(filter(prefect_package, inside))
        paths = [path for path in paths if path not in own]
    named = search.word_files(paths, [(removed_api.PREFECT,)], set())
    # The table is read where there is something to look up.
    holding = search.word_files(named, removed_api.triggers(), set()) if named else []
    return search.importers(holding, prefect_names.PACKAGES)


def _uses_prefect(search: Search, matching: list[str], paths: list[str]) -> bool:
    """Whether a project has to do with Prefect: the words of the old API are those of other libraries, too."""
    packages = prefect_names.PACKAGES
    return (
        any(search.importers(matching, packages))
        or bool(search.word_files(matching, [(prefect_names.SETTING.encode(),)], set()))
        or any(search.importers(paths, packages))
    )


def _without_crashes(analyse: Callable[[Mapping[str, SourceError]], _T]) -> _T:
    """Analyse; where something unforeseen happens with a file, analyse the others anew.

    Leaving it out of the result wouldn't do: what becomes of others may build on what was to become of it.

    Args:
        analyse: takes the files to leave out, each with what is said of it.

    Returns:
        What it returns.
    """
    from rehandle_codemods.files.source import FileError

    crashed: dict[str, SourceError] = {}
    for _ in range(_CRASHES):
        try:
            return with_large_stack(lambda: analyse(crashed))
        except FileError as error:
            crashed.update(error.errors)
    return with_large_stack(lambda: analyse(crashed))


def _analyse(
    selection: discovery.Selection,
    search: Search,
    matching: list[str],
    others: set[str],
    report: ProgressCallback,
    options: Options,
    recorded: Recorded,
    given: Mapping[str, bytes],
    declined: Sequence[Declined],
    crashed: Mapping[str, SourceError],
) -> tuple[Decided, list[Change], dict[str, str]]:
    from rehandle_codemods import rules
    from rehandle_codemods.decide.selection import Ignored
    from rehandle_codemods.engine.causes import with_causes
    from rehandle_codemods.engine.changes import changes
    from rehandle_codemods.engine.decide import decide
    from rehandle_codemods.engine.new_code import with_new_code
    from rehandle_codemods.files import readers
    from rehandle_codemods.files.source import FileError, SourceError
    from rehandle_codemods.index import related_files
    from rehandle_codemods.index.project import Project

    everything = [*selection.chosen, *selection.around]

    def new_project() -> Project:
        return Project(everything, selection.chosen, recorded, selection.links, given, options, selection.src)

    project = new_project()
    project.broken.update(crashed)
    related_files.load_users(project, search, matching, report)
    aside = others.intersection(project.broken).difference(crashed)
    if aside:  # what a migration doesn't look at is no failure of it
        migrated = new_project()
        related_files.load_users(migrated, search, [path for path in matching if path not in others], silent)
        aside.difference_update(migrated.broken)
    errors = list(_stale(project))
    sources: dict[str, str] = {}
    for path, problem in project.broken.items():
        if path in project.reported:
            if problem.location != (1, 1) and not problem.cell:
                with contextlib.suppress(SourceError):
                    sources[shown(path)] = readers.file(path, given.get(path)).text
            made = failure if path not in aside else _not_looked_at
            errors.append(made(shown(path), problem.location, str(problem), problem.cell))
    ignored = Ignored(options, rules.checked_code)
    protected = list(_protected(project, declined))
    decided = decide(project, options, ignored, report, protected)
    changed = changes(decided.changed)
    last = list(_last_import(project, decided, changed, given))
    if last:
        decided = decide(project, options, ignored, report, [*protected, *last])
        changed = changes(decided.changed)
    for module in project.modules.values():
        for request in ignored.wrong(module) if module.reported else ():
            cell = module.source.cell(request.start)
            errors.append(failure(module.shown, module.source.position(request.start), request.problem, cell))
    decided.findings = with_causes([*decided.findings, *errors], decided.stays)
    origins = {finding.origin: finding for finding in decided.findings}
    shown_modules = {module.shown: module for module in project.modules.values()}
    for origin, finding in origins.items():
        if finding.filename in shown_modules:
            sources[origin] = shown_modules[finding.filename].source.listing(finding.cell)
    spelled: list[Change] = []
    with contextlib.suppress(FileError):  # it is only shown
        spelled = changes(decided.by_hand)
    decided.findings = list(with_new_code(decided.findings, changed, spelled, sources, decided.rewritten))
    return decided, changed, sources


def _not_looked_at(filename: str, place: Position, problem: str, cell: int) -> Finding:
    """What is said of a file that has no handler and can't be read for what else Prefect 1.4.1 lacks."""
    message = f"no handler is named here, and the file {problem}"
    return Finding(filename, cell, place, place, "RH401", NOTE, message, remark=True)


def _protected(project: Project, declined: Sequence[Declined]) -> Iterator[Protected]:
    from rehandle_codemods.decide.protected import around

    for module in project.modules.values():
        for filename, first, end in declined if module.reported else ():
            if filename == module.shown:
                source = module.source
                span = source.rows(first, end) if source.file is source else module.statements.whole
                yield from around(module, span, "the change was declined")


def _last_import(
    project: Project, decided: Decided, changed: list[Change], given: Mapping[str, bytes]
) -> Iterator[Protected]:
    """The project's last import of Prefect, where it would go and places are left: the next run is to find them."""
    from rehandle_codemods.decide.protected import around

    if not changed or not any(finding.status == LEFT for finding in decided.findings):
        return
    after = {os.path.realpath(change.filename): change.content for change in changed}
    rest = Search({}, given={**given, **after})
    packages = prefect_names.PACKAGES
    loaded = list(project.modules)
    if any(rest.importers(loaded, packages)) or any(rest.importers(set(project.paths).difference(loaded), packages)):
        return
    why = "without it no file imports Prefect, and the next run would say nothing of what is left"
    for module in (part.module for part in decided.changed):
        for node in module.analysis.nodes:
            name = node.module if isinstance(node, ast.ImportFrom) else ""
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [name or ""]
            if any(name.split(".")[0].encode() in packages for name in names):
                yield from around(module, module.span(node), why)
                return


def _stale(project: Project) -> Iterator[Finding]:
    """What was recorded of files that have changed since, which isn't used then."""
    files = project.recorded.files()
    paths = {os.path.realpath(path): path for path in project.paths} if files else {}
    problem = project.recorded.elsewhere(paths)
    if problem:
        yield failure(shown(project.recorded.path), (1, 1), problem)
    for recorded in files:
        module = project.load(paths[recorded]) if recorded in paths else None
        problem = project.recorded.problem(module) if module is not None else ""
        if module is not None and problem:
            project.recorded.forget(module)
            yield failure(module.shown, (1, 1), problem)
