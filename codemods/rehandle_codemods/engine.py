"""From paths to findings and new contents: discovery, index, decisions, rules, edits, verification."""

from __future__ import annotations

import ast
import contextlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple, Sequence, TypeVar

from rehandle_codemods import discovery, names
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, Finding, Place, unaccounted
from rehandle_codemods.nodes import shown
from rehandle_codemods.options import DEFAULTS, Options
from rehandle_codemods.progress import Report, counted, silent

if TYPE_CHECKING:
    from rehandle_codemods.decisions import Decisions
    from rehandle_codemods.edits import Edit
    from rehandle_codemods.project import Module, Project
    from rehandle_codemods.recorded import Recorded
    from rehandle_codemods.references import Reference
    from rehandle_codemods.scopes import Binding

_STACK = 256 * 1024 * 1024
_RECURSION_LIMIT = 50_000
_T = TypeVar("_T")


class Change(NamedTuple):
    """A file's new content.

    Attributes:
        filename: the path, as it is shown.
        before: the text as it is.
        after: the text as it would be.
        write: replaces the file; raises SourceError where it can't.
    """

    filename: str
    before: str
    after: str
    write: Callable[[], None]


class Outcome(NamedTuple):
    """All that a run found.

    Attributes:
        findings: sorted by file and position.
        changes: the files that change.
        files: the number of Python files that were asked for.
        places: the number of places with legacy API in them: each is in one finding.
        sources: the texts that findings are in, by their `origin`, as they were when they were read.
    """

    findings: list[Finding]
    changes: list[Change]
    files: int
    places: int
    sources: dict[str, str]


def run(paths: Sequence[str], report: Report = silent, options: Options = DEFAULTS) -> Outcome:
    """Analyse the files under some paths; nothing is written.

    Args:
        paths: files and folders.
        report: told how far the run is, perhaps from another thread.
        options: the choices of the run.

    Returns:
        The findings and the new contents.
    """
    from rehandle_codemods.recorded import Recorded, RecordError

    selection = discovery.select(paths, options)
    try:
        recorded = Recorded(options.recorded)
    except RecordError as error:
        return Outcome([_error(options.recorded, (1, 1), str(error))], [], len(selection.chosen), 0, {})
    findings = [_error(path, (1, 1), reason) for path, reason in selection.refused]
    unreadable: set[str] = set()
    triggers = [(trigger,) for trigger in names.TRIGGERS]
    chosen = counted("Reading", selection.chosen, report)
    matching = list(discovery.word_files(chosen, triggers, unreadable))
    findings += [_error(path, (1, 1), "can't be read. Check its permissions") for path in sorted(unreadable)]
    for link in discovery.word_files(selection.outside, triggers, set()):
        where = f"leads to {selection.links[link]}, which is outside of the given paths"
        findings.append(_error(link, (1, 1), f"{where}: it is left as it is. Give that path too"))
    if not matching:
        return Outcome(sorted(findings), [], len(selection.chosen), 0, {})
    matching += discovery.word_files(selection.around, triggers, set())
    found, changes, places, sources = with_large_stack(lambda: _analyse(selection, matching, report, options, recorded))
    for place in unaccounted(places, found):
        message = "internal error: this place isn't in exactly one finding, so nothing is changed. Please report this"
        found.append(Finding(*place, "RH901", ERROR, message))
        changes = []
    return Outcome(sorted(findings + found), changes, len(selection.chosen), len(places), sources)


def with_large_stack(function: Callable[[], _T]) -> _T:
    """Call a function where deeply nested code doesn't overflow the stack."""
    result: list[_T] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            result.append(function())
        except BaseException as error:
            failure.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size(_STACK)
    try:
        sys.setrecursionlimit(max(limit, _RECURSION_LIMIT))
        thread = threading.Thread(target=work, name="rehandle-analysis", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if failure:
        raise failure[0]
    return result[0]


def _analyse(
    selection: discovery.Selection, matching: list[str], report: Report, options: Options, recorded: Recorded
) -> tuple[list[Finding], list[Change], list[Place], dict[str, str]]:
    from rehandle_codemods import readers, references
    from rehandle_codemods.decisions import Decisions
    from rehandle_codemods.project import Project
    from rehandle_codemods.source import SourceError

    project = Project([*selection.chosen, *selection.around], selection.chosen, recorded, selection.links)
    _load_users(project, matching, report)
    stale = list(_stale(project))
    relevant = [module for module in project.modules.values() if module.reported]
    decisions = Decisions(project, options)
    findings: list[Finding] = stale
    rewritten: dict[str, list[tuple[Module, list[Edit]]]] = {}
    places: list[Place] = []
    sources: dict[str, str] = {}
    for path, problem in project.broken.items():
        if path in project.reported:
            if problem.location != (1, 1) and not problem.cell:
                with contextlib.suppress(SourceError):
                    sources[shown(path)] = readers.file(path).text
            findings.append(_error(path, problem.location, str(problem), problem.cell))
    for module in counted("Rewriting", relevant, report):
        try:
            collected = references.collect(decisions, module)
            found, changes = _module(decisions, module, collected)
        except Exception as error:
            what = f"{type(error).__name__}: {error}".rstrip(": ")
            message = f"can't be analysed, it is left as it is ({what}). Please report this as a bug"
            findings.append(_error(module.path, (1, 1), message))
            continue
        places += [_place(module, reference.span) for reference in collected]
        findings += found
        sources.update({finding.origin: module.source.listing(finding.cell) for finding in found})
        if changes:
            rewritten.setdefault(module.path, []).append((module, changes))
    made, findings = _changes(rewritten, findings)
    return findings, sorted(made, key=lambda change: change.filename), places, sources


def _changes(
    rewritten: dict[str, list[tuple[Module, list[Edit]]]], findings: list[Finding]
) -> tuple[list[Change], list[Finding]]:
    """The new contents of files, and the findings: those of a file that would be wrong are left."""
    made = []
    for path, parts in rewritten.items():
        try:
            made.append(_change(path, parts))
        except (SyntaxError, ValueError) as error:
            message = f"the rewritten file would be wrong ({error}): it is left as it is. Please report this as a bug"
            findings = list(failed(shown(path), findings, message))
    return made, findings


def _change(path: str, parts: list[tuple[Module, list[Edit]]]) -> Change:
    from rehandle_codemods import edits
    from rehandle_codemods.writing import replace

    file = parts[0][0].source.file
    data = edits.apply(file.data, [edit for module, changes in parts for edit in module.source.in_file(changes)])
    after = data.decode("utf-8")
    if file.python:
        ast.parse(after)
    content = file.encode(data)
    return Change(shown(path), file.text, after, lambda: replace(file.path, file.raw, content))


def _stale(project: Project) -> Iterator[Finding]:
    """What was recorded of files that have changed since, which isn't used then."""
    paths = {os.path.realpath(path): path for path in project.paths}
    for recorded in project.recorded.files():
        module = project.load(paths[recorded]) if recorded in paths else None
        problem = project.recorded.problem(module) if module is not None else ""
        if module is not None and problem:
            project.recorded.forget(module)
            yield _error(module.path, (1, 1), problem)


def _load_users(project: Project, matching: list[str], report: Report) -> None:
    """Load the files that match, and those that use names of theirs without any trigger word, to a fixpoint."""
    pending = list(matching)
    asked: set[tuple[bytes, ...]] = set()
    while pending:
        for path in counted("Parsing", pending, report):
            project.load(path)
        new = [group for group in _exported(project) if group not in asked]
        asked.update(new)
        loaded = set(project.modules) | set(project.broken)
        rest = [path for path in project.paths if path not in loaded]
        pending = discovery.identifier_files(rest, new) if new else []


def _exported(project: Project) -> list[tuple[bytes, ...]]:
    """The words that a file has in it if it uses a name that may matter: the name, and that of its module."""
    groups: dict[tuple[bytes, ...], None] = {}
    words: set[str] = set()
    known = -1
    while known < len(words):  # a name that is imported from another file matters once it does there
        known = len(words)
        for module in project.modules.values():
            if module.package:
                continue
            stem = os.path.splitext(os.path.basename(module.path))[0]
            file = () if stem == "__init__" else (os.fsencode(stem),)
            for name, found in module.root.bindings.items():
                if any(_may_matter(binding, words) for binding in found):
                    group = (name.encode(), *file)
                    groups[group] = None
                    words.update((name, stem))
    return list(groups)


def _may_matter(binding: Binding, words: set[str]) -> bool:
    """Whether a module-level name may be a handler, a handler class, something that takes one, or one of some words."""
    node = binding.node
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    if binding.kind == "from":
        dotted = names.canonical(f"{binding.module}.{binding.attribute}")
        return binding.attribute in words or names.is_legacy(dotted)
    return binding.kind == "assign" and not isinstance(binding.value, (ast.Constant, ast.JoinedStr))


def _place(module: Module, span: tuple[int, int]) -> Place:
    source = module.source
    return Place(shown(module.path), source.cell(span[0]), source.position(span[0]), source.position(span[1]))


def _module(decisions: Decisions, module: Module, found: list[Reference]) -> tuple[list[Finding], list[Edit]]:
    from rehandle_codemods import edits, imports, rules
    from rehandle_codemods.nodes import inside_fstring
    from rehandle_codemods.plan import Plan

    if not found:
        return [], []
    plan = Plan(decisions, module)
    findings: list[Finding] = []
    changes: list[Edit] = []
    to_result = False
    for reference in found:
        for rule in rules.load().values():
            claim = rule.claim(reference, plan)
            # Python before 3.12 doesn't say where the parts of an f-string are.
            if claim is not None and not (claim.edits and reference.node and inside_fstring(module, reference.node)):
                break
        else:
            continue  # the sums won't add up
        if claim.status == RUNTIME and not decisions.options.runtime:
            reason = claim.message.rpartition("converted when the code runs: ")[2]
            claim = rules.Claim(LEFT, f"nothing is to be converted when the code runs: {reason}. Write it by hand")
        findings.append(Finding(*_place(module, reference.span), rule.code, claim.status, claim.message))
        for span, code, message in claim.notes:
            findings.append(Finding(*_place(module, span), code, NOTE, message, remark=True))
        changes += claim.edits
        to_result = to_result or claim.to_result
    if not any(finding.status in (REWRITTEN, RUNTIME) for finding in findings):
        return findings, []
    changes += imports.replace(module, plan.replacements())
    changes += plan.exports()
    wanted = [*plan.statements, *imports.statements(plan.extra)]
    if to_result and plan.to_result_missing:
        wanted.append(plan.to_result_import())
    changes += imports.insertions(module, wanted, changes)
    same = edits.apply(module.source.data, changes) == module.source.data
    return findings, [] if same else changes


def failed(filename: str, findings: Sequence[Finding], reason: str) -> Iterator[Finding]:
    """The findings of a run where one file could not be rewritten or written."""
    for finding in findings:
        mine = finding.filename == filename and finding.status in (REWRITTEN, RUNTIME)
        yield finding._replace(status=LEFT) if mine else finding
    yield Finding(filename, 0, (1, 1), (1, 1), "RH901", ERROR, reason)


def _error(path: str, place: tuple[int, int], message: str, cell: int = 0) -> Finding:
    return Finding(shown(path), cell, place, place, "RH901", ERROR, message)
