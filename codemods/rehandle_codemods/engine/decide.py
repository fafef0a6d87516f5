"""What becomes of each place, and of each file: decisions, rules, rewrites, verification."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Callable, Dict, NamedTuple, Sequence, Tuple

from rehandle_codemods import findings
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.source import Part, differences, with_parts
from rehandle_codemods.findings import NOTE, Finding, Reason
from rehandle_codemods.progress import Report, counted

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.places import Place
    from rehandle_codemods.decide.suppression import Suppression
    from rehandle_codemods.decide.verdicts import Verdict
    from rehandle_codemods.files.source import SourceError
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.options import Options
    from rehandle_codemods.rewrite.rewriter import LocatedRewrite

Verdicts = Dict[Tuple["Module", Tuple[int, int]], Tuple[str, "Verdict"]]
"""The code of the rule that decides on each place, and what it says."""


class Change(NamedTuple):
    """A file's new content.

    Attributes:
        filename: the path, as it is shown.
        before: the text as it is.
        after: the text as it would be.
        raw: the bytes as they are.
        content: the bytes as they would be.
        write: replaces the file; raises SourceError where it can't.
        rewrites: the same as changes of libcst's nodes; they pickle. Empty for a file that isn't Python as a whole.
    """

    filename: str
    before: str
    after: str
    raw: bytes
    content: bytes
    write: Callable[[], None]
    rewrites: tuple[LocatedRewrite, ...] = ()


class CrashError(Exception):
    """Something unforeseen happened with some files: nothing may be decided that takes them for rewritten.

    Attributes:
        errors: what is said about each file, by its path.
    """

    def __init__(self, errors: dict[str, SourceError]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class Unwanted(NamedTuple):
    """A place that would be edited, and isn't to be.

    Attributes:
        module: where it is.
        span: its offsets.
        why: the reason, as part of a sentence.
        code: the rule that isn't wanted there.
        is_import: whether it is an import.
    """

    module: Module
    span: tuple[int, int]
    why: str
    code: str = ""
    is_import: bool = False


class Changed(NamedTuple):
    """What changes in a module.

    Attributes:
        module: the module.
        parts: by text.
        rewrites: by libcst's nodes; none where the module isn't the whole of a Python file.
    """

    module: Module
    parts: list[Part]
    rewrites: tuple[LocatedRewrite, ...]


class Result(NamedTuple):
    """What was found in some files.

    Attributes:
        findings: what is said about their places.
        ignored: what would be said, if it were wanted.
        parts: what changes in the files that change.
        places: all places.
        unwanted: those that would be edited, and aren't to be.
        verdicts: what the rules say about each place.
    """

    findings: list[Finding]
    ignored: list[Finding]
    parts: list[Changed]
    places: list[findings.Place]
    unwanted: list[Unwanted]
    verdicts: Verdicts

    def add(self, other: Result) -> None:
        """Take what was found in further files."""
        self.findings.extend(other.findings)
        self.ignored.extend(other.ignored)
        self.parts.extend(other.parts)
        self.places.extend(other.places)
        self.unwanted.extend(other.unwanted)
        self.verdicts.update(other.verdicts)


def rewrite(
    project: Project, options: Options, suppression: Suppression, report: Report, declined: Sequence[Unwanted] = ()
) -> Result:
    """Decide what becomes of all places that are reported.

    What isn't wanted stays as it is, and so does all that belongs to it: nothing is rewritten in another way because
    of that.

    Args:
        project: the files.
        options: the choices of the run.
        suppression: which places aren't wanted.
        report: told how far it is.
        declined: further places that aren't to be edited.

    Returns:
        The findings and the new contents.

    Raises:
        CrashError: a rule failed in some files.
    """
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.protected import Protected, Protection, around
    from rehandle_codemods.flow.graph import FlowGraph

    flow = FlowGraph(project)
    protected: list[Protected] = []
    first = result = _decide(Decisions(flow, options), suppression, report, {})
    unwanted = [*result.unwanted, *declined]
    while unwanted:
        # Imports last: they may stay by themselves once their uses do.
        for place in [place for place in unwanted if not place.is_import] or unwanted:
            protected += around(place.module, place.span, place.why, place.code)
        result = _decide(Decisions(flow, options, Protection(protected)), suppression, report, first.verdicts)
        unwanted = result.unwanted
    for (module, span), (code, verdict) in first.verdicts.items() if first is not result else ():
        # Some are places only as long as they are rewritten, such as the uses of a class's old name.
        if (module, span) not in result.verdicts and suppression.hides(module, span, code):
            result.ignored.append(Finding(*_place(module, span), code, verdict.status, verdict.message))
            result.places.append(_place(module, span))
    return result


def _decide(decisions: Decisions, suppression: Suppression, report: Report, first: Verdicts) -> Result:
    from rehandle_codemods.decide import collect
    from rehandle_codemods.files.source import SourceError

    result = Result([], [], [], [], [], {})
    crashed: dict[str, SourceError] = {}
    relevant = [module for module in decisions.project.modules.values() if module.reported]
    for module in counted("Rewriting", relevant, report):
        try:
            collected = collect.collect(decisions, module)
            result.add(_module(decisions, module, collected, suppression, first))
        except Exception as error:
            crashed[module.path] = SourceError.crash(error)
    if crashed:
        raise CrashError(crashed)
    return result


def _place(module: Module, span: tuple[int, int]) -> findings.Place:
    source = module.source
    return findings.Place(shown(module.path), source.cell(span[0]), source.position(span[0]), source.position(span[1]))


def _module(
    decisions: Decisions, module: Module, found: list[Place], suppression: Suppression, first: Verdicts
) -> Result:
    from rehandle_codemods.decide.places import Import
    from rehandle_codemods.decide.verdicts import Changing, Left

    result = Result([], [], [], [_place(module, place.span) for place in found], [], {})
    for place in found:
        span = place.span
        code, verdict = _verdict(place, decisions)
        if verdict is None:
            continue  # the sums won't add up
        was = first.get((module, span), (code, verdict)) if first else (code, verdict)
        why = decisions.protection.reason(module, span, was[0]) if isinstance(was[1], Changing) else ""
        if why:
            code, verdict = was[0], Left(Reason(f"{why}, so this is left: {was[1].message}"))
        hidden = suppression.hides(module, span, code) or suppression.hides(module, span, was[0])
        if isinstance(verdict, Changing):
            is_import = isinstance(place, Import)
            if hidden:
                why = f"{code} is ignored here"
                result.unwanted.append(Unwanted(module, span, why, code, is_import))
            elif first and ((module, span) not in first or (code, type(verdict)) != (was[0], type(was[1]))):
                why = "what belongs to it isn't to be changed"
                result.unwanted.append(Unwanted(module, span, why, is_import=is_import))
        result.verdicts[module, span] = code, verdict
        finding = Finding(*_place(module, span), code, verdict.status, verdict.message)
        (result.ignored if hidden else result.findings).append(finding)
        for remark in getattr(verdict, "remarks", ()):
            noted = Finding(*_place(module, remark.span), remark.code, NOTE, remark.message, remark=True)
            (result.ignored if suppression.hides(module, remark.span, remark.code) else result.findings).append(noted)
    if any(isinstance(verdict, Changing) for _, verdict in result.verdicts.values()) and not result.unwanted:
        _change(module, decisions, result)
    return result


def _change(module: Module, decisions: Decisions, result: Result) -> None:
    """Add what becomes of a module's code to what was found in it."""
    from rehandle_codemods.decide.verdicts import Changing, Noted
    from rehandle_codemods.rewrite import new_imports, statements

    verdicts = [verdict for _, verdict in result.verdicts.values()]
    needs = [(span[0], v.needs) for (_, span), (_, v) in result.verdicts.items() if isinstance(v, Changing)]
    own = [rewrite for verdict in verdicts if not isinstance(verdict, Noted) for rewrite in verdict.rewrites]
    rewrites = [*own, *new_imports.additions(module, needs)]
    protection = decisions.protection
    if protection.reaches(module):
        rewrites += new_imports.kept(module, partial(protection.may_change, module))
    source = module.source
    parts: list[Part] = []
    try:
        for changed in statements.changed_lines(source.text, module.tree, rewrites, source.newline, source.first_rows):
            start = changed.start if source.text.isascii() else len(source.text[: changed.start].encode("utf-8"))
            parts += differences(source.text[changed.start : changed.end], changed.text, start)
    except statements.RefusalsError as error:
        for statement, why in error.refusals:
            result.unwanted.append(Unwanted(module, module.span(statement), why))
        return
    if protection.reaches(module) and any(protection.reason(module, (part.start, part.end)) for part in parts):
        # The file as a whole can stay; a part of what belongs together can't.
        why = "what belongs to something in this file isn't to be changed"
        result.unwanted.append(Unwanted(module, module.statements.whole, why))
    elif parts:
        located = statements.locate(source.text, rewrites) if source.file is source else ()
        result.parts.append(Changed(module, parts, tuple(located)))


def changes(result: Result) -> list[Change]:
    """The new contents of files.

    Args:
        result: what was found.

    Returns:
        The changes, by file.

    Raises:
        CrashError: the new content of some files would be wrong.
    """
    from rehandle_codemods.files.source import SourceError

    files: dict[str, list[Changed]] = {}
    for changed in result.parts:
        files.setdefault(changed.module.path, []).append(changed)
    made = []
    crashed: dict[str, SourceError] = {}
    for path in sorted(files):
        try:
            made.append(_new_content(files[path]))
        except (SyntaxError, ValueError) as error:
            message = f"the rewritten file would be wrong ({error}): it is left as it is. Please report this as a bug"
            crashed[path] = SourceError(message)
    if crashed:
        raise CrashError(crashed)
    return made


def _new_content(changed: list[Changed]) -> Change:
    from rehandle_codemods.files.writing import replace

    file = changed[0].module.source.file
    data = with_parts(file.data, [part for one in changed for part in one.module.source.in_file(one.parts)])
    after = data.decode("utf-8")
    if file.python:
        ast.parse(after)
    content = file.encode(data)
    return Change(
        shown(file.path),
        file.text,
        after,
        file.raw,
        content,
        lambda: replace(file.path, file.raw, content),
        tuple(rewrite for one in changed for rewrite in one.rewrites),
    )


def _verdict(place: Place, decisions: Decisions) -> tuple[str, Verdict | None]:
    """The code of the rule that has something to say about a place, and what it says."""
    from rehandle_codemods import rules
    from rehandle_codemods.decide.verdicts import Changing, Converted, Left
    from rehandle_codemods.index.syntax import inside_fstring

    for code, decide in rules.asked(type(place), in_prefect=bool(place.module.package)):
        verdict = decide(place, decisions)
        if verdict is None:
            continue
        # Python before 3.12 doesn't say where the parts of an f-string are.
        changes = verdict.rewrites if isinstance(verdict, Changing) else ()
        if changes and place.node is not None and inside_fstring(place.module, place.node):
            continue
        if isinstance(verdict, Converted) and not decisions.options.runtime:
            why = f"nothing is to be converted when the code runs: {verdict.reason}"
            verdict = Left(Reason(why, advice="Write it by hand"))
        return code, verdict
    return "", None
