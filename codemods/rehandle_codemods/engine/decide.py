"""What becomes of each place, and of each file: decisions, rules, edits, verification."""

from __future__ import annotations

import ast
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Callable, Dict, Iterator, NamedTuple, Sequence, Tuple

from rehandle_codemods.files.paths import shown
from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME, Finding, Place
from rehandle_codemods.progress import Report, counted
from rehandle_codemods.rewrite.edits import Edit

if TYPE_CHECKING:
    from rehandle_codemods.decide.collect import Reference
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.plan import Plan
    from rehandle_codemods.decide.suppression import Suppression
    from rehandle_codemods.files.source import SourceError
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.options import Options
    from rehandle_codemods.rules import Claim

_WORDS = re.compile(r"\w+|\s|.")
_EDITING = (REWRITTEN, RUNTIME)
Claims = Dict[Tuple["Module", Tuple[int, int]], Tuple[str, "Claim"]]
"""The code of the rule that claims each place, and what it says."""


class Change(NamedTuple):
    """A file's new content.

    Attributes:
        filename: the path, as it is shown.
        before: the text as it is.
        after: the text as it would be.
        raw: the bytes as they are.
        content: the bytes as they would be.
        write: replaces the file; raises SourceError where it can't.
    """

    filename: str
    before: str
    after: str
    raw: bytes
    content: bytes
    write: Callable[[], None]


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


class Result(NamedTuple):
    """What was found in some files.

    Attributes:
        findings: what is said about their places.
        ignored: what would be said, if it were wanted.
        edits: those of the files that change.
        places: all places.
        unwanted: those that would be edited, and aren't to be.
        claims: what the rules say about each place.
    """

    findings: list[Finding]
    ignored: list[Finding]
    edits: list[tuple[Module, list[Edit]]]
    places: list[Place]
    unwanted: list[Unwanted]
    claims: Claims

    def add(self, other: Result) -> None:
        """Take what was found in further files."""
        self.findings.extend(other.findings)
        self.ignored.extend(other.ignored)
        self.edits.extend(other.edits)
        self.places.extend(other.places)
        self.unwanted.extend(other.unwanted)
        self.claims.update(other.claims)


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
    first = result = _decide(project, options, suppression, report, {})
    unwanted = [*result.unwanted, *declined]
    while unwanted:
        # Imports last: they may stay by themselves once their uses do.
        for place in [place for place in unwanted if not place.is_import] or unwanted:
            place.module.statements.freeze(*place.span, place.why, place.code)
        result = _decide(project, options, suppression, report, first.claims)
        unwanted = result.unwanted
    for (module, span), (code, claim) in first.claims.items() if first is not result else ():
        # Some are places only as long as they are rewritten, such as the uses of a class's old name.
        if (module, span) not in result.claims and suppression.hides(module, span, code):
            result.ignored.append(Finding(*_place(module, span), code, claim.status, claim.message))
            result.places.append(_place(module, span))
    return result


def _decide(project: Project, options: Options, suppression: Suppression, report: Report, first: Claims) -> Result:
    from rehandle_codemods.decide import collect
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.files.source import SourceError

    decisions = Decisions(project, options)
    result = Result([], [], [], [], [], {})
    crashed: dict[str, SourceError] = {}
    relevant = [module for module in project.modules.values() if module.reported]
    for module in counted("Rewriting", relevant, report):
        try:
            collected = collect.collect(decisions, module)
            result.add(_module(decisions, module, collected, suppression, first))
        except Exception as error:
            crashed[module.path] = SourceError.crash(error)
    if crashed:
        raise CrashError(crashed)
    return result


def _place(module: Module, span: tuple[int, int]) -> Place:
    source = module.source
    return Place(shown(module.path), source.cell(span[0]), source.position(span[0]), source.position(span[1]))


def _module(
    decisions: Decisions, module: Module, found: list[Reference], suppression: Suppression, first: Claims
) -> Result:
    from rehandle_codemods import rules
    from rehandle_codemods.decide.collect import IMPORT
    from rehandle_codemods.decide.plan import Plan

    result = Result([], [], [], [_place(module, reference.span) for reference in found], [], {})
    if not found:
        return result
    plan = Plan(decisions, module)
    for reference in found:
        span = reference.span
        code, claim = _claim(reference, plan)
        if claim is None:
            continue  # the sums won't add up
        was = first.get((module, span), (code, claim)) if first else (code, claim)
        why = module.statements.reason(*span, was[0]) if was[1].status in _EDITING else ""
        if why:
            code, claim = was[0], rules.Claim(LEFT, f"{why}, so this is left: {was[1].message}")
        hidden = suppression.hides(module, span, code) or suppression.hides(module, span, was[0])
        if claim.status in _EDITING:
            if hidden:
                why = f"{code} is ignored here"
                result.unwanted.append(Unwanted(module, span, why, code, reference.kind == IMPORT))
            elif first and ((module, span) not in first or (code, claim.status) != (was[0], was[1].status)):
                why = "what belongs to it isn't to be changed"
                result.unwanted.append(Unwanted(module, span, why, is_import=reference.kind == IMPORT))
        result.claims[module, span] = code, claim
        finding = Finding(*_place(module, span), code, claim.status, claim.message)
        (result.ignored if hidden else result.findings).append(finding)
        for remarked, note, message in claim.notes:
            remark = Finding(*_place(module, remarked), note, NOTE, message, remark=True)
            (result.ignored if suppression.hides(module, remarked, note) else result.findings).append(remark)
    if any(claim.status in _EDITING for _, claim in result.claims.values()) and not result.unwanted:
        _edit(module, plan, result)
    return result


def _edit(module: Module, plan: Plan, result: Result) -> None:
    """Add a module's edits to what was found in it."""
    from rehandle_codemods.rewrite import edits, imports, new_imports
    from rehandle_codemods.rewrite.statements import RefusalsError

    claims = [claim for _, claim in result.claims.values()]
    others = [*imports.replace(module, plan.replacements()), *plan.exports()]
    try:
        changes = _claimed(module, claims, others) + others
    except RefusalsError as error:
        for statement, why in error.refusals:
            result.unwanted.append(Unwanted(module, module.span(statement), why))
        return
    if module.statements.frozen and any(module.statements.reason(edit.start, edit.end) for edit in changes):
        # The file as a whole can stay; a part of what belongs together can't.
        why = "what belongs to something in this file isn't to be changed"
        result.unwanted.append(Unwanted(module, module.statements.whole, why))
        return
    wanted = [*dict.fromkeys(text for claim in claims for text in claim.imports), *imports.statements(plan.extra)]
    if any(claim.to_result for claim in claims) and plan.to_result_missing:
        wanted.append(plan.to_result_import())
    changes += new_imports.insertions(module, wanted, changes)
    if edits.apply(module.source.data, changes) != module.source.data:
        result.edits.append((module, changes))


def _claimed(module: Module, claims: Sequence[Claim], others: Sequence[Edit]) -> list[Edit]:
    """What rules do: by libcst in statements where every rule says it so, and nothing else is changed."""
    from rehandle_codemods.rewrite import statements

    text, data = module.source.text, module.source.data
    edits = [edit for claim in claims for edit in claim.edits]
    plain = [*others, *(edit for claim in claims if not claim.rewrites for edit in claim.edits)]
    rewrites = [rewrite for claim in claims for rewrite in claim.rewrites]
    if not rewrites:
        return edits
    changes = []
    for part in statements.changed_parts(text, module.tree, rewrites, module.source.newline):
        start = part.start if data.isascii() else len(text[: part.start].encode("utf-8"))
        before = text[part.start : part.end]
        end = start + len(before.encode("utf-8"))
        if not any(edit.start < end and start < max(edit.end, edit.start) for edit in plain):
            end += part.end == len(text)  # what is inserted at the end of the text is in its last statement
            edits = [edit for edit in edits if not start <= edit.start < end]
            changes += _differences(before, part.text, start)
    return edits + changes


def _differences(before: str, after: str, start: int) -> list[Edit]:
    """The edits that make one text of another, which begins at an offset: line by line, and in a line word by word."""
    edits = []
    for old, new, place in _compared(before.splitlines(keepends=True), after.splitlines(keepends=True), start):
        pairs = zip(old, new) if len(old) == len(new) else [("".join(old), "".join(new))]
        for old_line, new_line in pairs:
            for words, others, where in _compared(_WORDS.findall(old_line), _WORDS.findall(new_line), place):
                gone = "".join(words)
                edits.append(Edit(where, where + len(gone.encode("utf-8")), "".join(others)))
            place += len(old_line.encode("utf-8"))
    return edits


def _compared(before: list[str], after: list[str], start: int) -> Iterator[tuple[list[str], list[str], int]]:
    """Where lists of texts differ, and the offset there in bytes."""
    done = 0
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        start += len("".join(before[done:first]).encode("utf-8"))
        done = first
        if kind != "equal":
            yield before[first:last], after[begin:end], start


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

    parts: dict[str, list[tuple[Module, list[Edit]]]] = {}
    for module, edits in result.edits:
        parts.setdefault(module.path, []).append((module, edits))
    made = []
    crashed: dict[str, SourceError] = {}
    for path in sorted(parts):
        try:
            made.append(_change(path, parts[path]))
        except (SyntaxError, ValueError) as error:
            message = f"the rewritten file would be wrong ({error}): it is left as it is. Please report this as a bug"
            crashed[path] = SourceError(message)
    if crashed:
        raise CrashError(crashed)
    return made


def _change(path: str, parts: list[tuple[Module, list[Edit]]]) -> Change:
    from rehandle_codemods.files.writing import replace
    from rehandle_codemods.rewrite import edits

    file = parts[0][0].source.file
    data = edits.apply(file.data, [edit for module, changes in parts for edit in module.source.in_file(changes)])
    after = data.decode("utf-8")
    if file.python:
        ast.parse(after)
    content = file.encode(data)
    return Change(shown(path), file.text, after, file.raw, content, lambda: replace(file.path, file.raw, content))


def _claim(reference: Reference, plan: Plan) -> tuple[str, Claim | None]:
    """The code of the rule that has something to say about a place, and what it says."""
    from rehandle_codemods import rules
    from rehandle_codemods.index.syntax import inside_fstring

    for rule in rules.load().values():
        claim = rule.claim(reference, plan)
        # Python before 3.12 doesn't say where the parts of an f-string are.
        if claim is None or (claim.edits and reference.node and inside_fstring(plan.module, reference.node)):
            continue
        if claim.status == RUNTIME and not plan.options.runtime:
            reason = claim.message.rpartition("converted when the code runs: ")[2]
            claim = rules.Claim(LEFT, f"nothing is to be converted when the code runs: {reason}. Write it by hand")
        return rule.code, claim
    return "", None
