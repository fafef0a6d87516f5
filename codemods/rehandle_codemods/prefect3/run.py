"""From paths to findings and new contents, for Prefect 3."""

from __future__ import annotations

import ast
import os
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Iterator, Mapping, NamedTuple, Sequence

from rehandle_codemods import rules
from rehandle_codemods.decide.selection import Ignored
from rehandle_codemods.engine.changes import Change
from rehandle_codemods.engine.run import Outcome
from rehandle_codemods.files import discovery
from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.search import Search
from rehandle_codemods.files.source import SourceError
from rehandle_codemods.findings import LEFT, REWRITTEN, Finding, failure
from rehandle_codemods.index.project import Project
from rehandle_codemods.options import Options
from rehandle_codemods.prefect3 import blocks_script
from rehandle_codemods.prefect3.rewritten import Rewriting
from rehandle_codemods.prefect3.stopped import StoppedError
from rehandle_codemods.prefect3.storages import Storage
from rehandle_codemods.prefect3.straight_line import File
from rehandle_codemods.progress import ProgressCallback, counted

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

FLOW_RULE, TASK_RULE, STOP_RULE = "RH501", "RH502", "RH503"
_FLOW = "{} becomes a function. Once a task fails, none after it runs, where in 1.x those that don't need it do"
_TASK = "The options of task {} are those of Prefect 3"


def run(paths: Sequence[str], report: ProgressCallback, options: Options, given: Mapping[str, bytes]) -> Outcome:
    """Analyse the files under some paths; nothing is written.

    Args:
        paths: files and folders.
        report: told how far the run is.
        options: the choices of the run: which files are looked at.
        given: what files hold, by their paths without symbolic links, instead of what is on disk.

    Returns:
        The findings and the new contents; the last of these is the script that makes the blocks, if one is needed.
    """
    selection = discovery.select(paths, options, given)
    findings = [failure(shown(path), (1, 1), reason) for path, reason in selection.refused]
    search = Search(selection.indexed, options.jobs, given, selection.walked)
    everything = [*selection.chosen, *selection.around]
    project = Project(everything, selection.chosen, None, selection.links, given)
    importing = [path for path in search.importers(everything, frozenset([b"prefect"])) if is_python(path)]
    changes: list[Change] = []
    sources: dict[str, str] = {}
    blocks: dict[str, Storage] = {}
    stopped: dict[str, set[str]] = {}
    said = _Said([], [], Ignored(options, rules.checked_code))
    for path in counted("Reading", [path for path in importing if path in project.reported], report):
        module = project.load(path)
        if module is None:
            problem = project.broken[path]
            findings.append(failure(shown(path), problem.location, str(problem)))
            continue
        file = File(module)
        if module.prefect_package or file.names.are_of_prefect_3:
            continue
        sources[shown(path)] = module.source.text
        try:
            _check_users(file, search, everything)
            rewriting = Rewriting(file)
            found = _storages(file, blocks)
            change = _change(module, rewriting)
            if said.say(module, list(_rewritten(file, rewriting)), REWRITTEN):
                changes.append(change)
                blocks.update(found)
        except StoppedError as error:
            stops = file.stops or [error]
            stopped[shown(path)] = {stop.reason for stop in stops}
            said.say(module, [(stop.node, STOP_RULE, _message(stop)) for stop in stops], LEFT)
    closing = _closing(len(changes), stopped)
    script = blocks_script.script(blocks.values())
    if script:
        changes.append(_new_file(blocks_script.FILENAME, script))
    return Outcome(
        sorted(findings + said.findings),
        changes,
        len(selection.chosen),
        len(said.findings) + len(said.ignored),
        sources,
        said.ignored,
        selection.unlisted,
        closing,
    )


class _Said(NamedTuple):
    """What is said of files, and what isn't wanted.

    Attributes:
        findings: what is said.
        ignored: what would be.
        rules: which rules aren't wanted where.
    """

    findings: list[Finding]
    ignored: list[Finding]
    rules: Ignored

    def say(self, module: Module, places: Sequence[tuple[ast.AST, str, str]], status: str) -> bool:
        """Say something of places, each with its rule and message; whether all of it is wanted.

        A file changes whole or not at all: where one rule isn't wanted, none is followed.
        """
        hidden = [self.rules.hides(module, module.span(node), code) for node, code, _ in places]
        for (node, code, message), hides in zip(places, hidden):
            whole = status == REWRITTEN and any(hidden)
            (self.ignored if hides or whole else self.findings).append(_finding(module, node, code, status, message))
        return not any(hidden)


def _check_users(file: File, search: Search, paths: Sequence[str]) -> None:
    """Stop where a file stays by itself, or others import what would change.

    Raises:
        StoppedError: so it is.
    """
    from rehandle_codemods.files.import_statements import STAR, Wanted

    if file.stops:
        raise file.stops[0]
    variables = [name for flow in file.flows.values() for name in flow.variables]
    names = {*file.tasks, *file.flows, *file.results, *variables}
    wanted = Wanted(file.module.path, frozenset([STAR, *(name.encode() for name in names)]))
    for user in search.importing_files([path for path in paths if path != file.module.path], [wanted]):
        advice = f"{shown(user)} does. Migrate both by hand"
        raise StoppedError(file.module.tree.body[0], "another file imports what would change here", advice)


def _closing(going: int, stopped: Mapping[str, set[str]]) -> list[str]:
    """How many files go by themselves, and what keeps the others."""
    if not going and not stopped:
        return []
    lines = [f"Prefect 3: {going} of {going + len(stopped)} files with Prefect in them go by themselves."]
    counts = Counter(reason for reasons in stopped.values() for reason in reasons)
    if counts:
        lines.append("What keeps the others, by the number of files:")
        digits = len(str(max(counts.values())))
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"{count:>{digits + 2}}  {reason}" for reason, count in ordered]
    return lines


def _message(stop: StoppedError) -> str:
    first, _, rest = stop.reason.partition(" ")
    said = f"{first.capitalize() if first.isalpha() and first.islower() else first} {rest}"
    return f"{said}. {stop.advice}" if stop.advice else said


def _rewritten(file: File, rewriting: Rewriting) -> Iterator[tuple[ast.AST, str, str]]:
    for flow in file.flows.values():
        yield flow.call, FLOW_RULE, _FLOW.format(flow.name)
    for task in rewriting.changed_tasks:
        yield task.decorator, TASK_RULE, _TASK.format(task.node.name)


def _finding(module: Module, node: ast.AST, code: str, status: str, message: str) -> Finding:
    start, end = module.span(node)
    source = module.source
    return Finding(shown(module.path), 0, source.position(start), source.position(end), code, status, message)


def _change(module: Module, rewriting: Rewriting) -> Change:
    from rehandle_codemods.files.writing import replace
    from rehandle_codemods.rewrite.code import RefusedError
    from rehandle_codemods.rewrite.rewriter import rewrite
    from rehandle_codemods.rewrite.statements import locate

    file = module.source.file
    located = locate(file.text, rewriting.changes)
    try:
        after = rewrite(file.text, located, file.newline)
        ast.parse(after)
    except (RefusedError, SyntaxError) as error:
        raise StoppedError(module.tree.body[0], "something in the file can't be put otherwise", str(error)) from None
    content = file.encode(after.encode("utf-8"))
    return Change(shown(file.path), file.text, after, file.raw, content, partial(replace, file.path, file.raw, content))


def _storages(file: File, known: Mapping[str, Storage]) -> dict[str, Storage]:
    """The places where a file stores, by the names of their blocks.

    Raises:
        StoppedError: a name would stand for two places.
    """
    found: dict[str, Storage] = {}
    for storage, node in file.places.items():
        other = {**known, **found}.setdefault(storage.block, storage)
        if other != storage:
            advice = f"Both would be {storage.block}: {other.place} and {storage.place}"
            raise StoppedError(node, "two places that this file stores in would have one block", advice)
        found[storage.block] = storage
    return found


def _new_file(filename: str, text: str) -> Change:
    content = text.encode("utf-8")
    return Change(filename, "", text, b"", content, partial(_create, os.path.abspath(filename), content))


def _create(path: str, content: bytes) -> None:
    try:
        with open(path, "xb") as file:
            file.write(content)
    except FileExistsError:
        with open(path, "rb") as file:
            if file.read() != content:
                raise SourceError(
                    "is there already, and says something else. Delete it or rename it, and run again"
                ) from None
    except OSError as error:
        raise SourceError(f"can't be written: {error.strerror or error}") from None
