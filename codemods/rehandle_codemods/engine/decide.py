"""What becomes of each place: rules are asked until nothing that isn't to change would."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Dict, Iterable, Mapping, Tuple

from rehandle_codemods.engine.new_code import RewrittenPlace
from rehandle_codemods.findings import ERROR, NOTE, Finding, Reason, Region
from rehandle_codemods.index.locations import region, text_of
from rehandle_codemods.progress import ProgressCallback, counted

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.decide.places import Place
    from rehandle_codemods.decide.protected import Protected
    from rehandle_codemods.decide.selection import Ignored
    from rehandle_codemods.decide.verdicts import How, Verdict
    from rehandle_codemods.engine.changes import ChangedModule
    from rehandle_codemods.files.source import SourceError
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project
    from rehandle_codemods.options import Options

_Span = Tuple[int, int]
Verdicts = Dict[Tuple["Module", _Span], Tuple[str, "Verdict"]]
"""The code of the rule that decides on each place, and what it says."""
Stays = Dict[Finding, Tuple["How | None", Reason]]
"""What is said of each place that isn't rewritten, and why."""


@dataclass
class Decided:
    """What becomes of the places of a project.

    Attributes:
        findings: what is said about them.
        ignored: what would be said, if it were wanted.
        places: all places.
        changed: the modules that change.
        verdicts: what the rules say about each place.
        refused: what would change, and isn't to.
        refused_imports: those of imports.
        stays: of what isn't rewritten: what is said of it, and why.
        rewritten: where code changes for a place, or would by hand.
        by_hand: the modules as they would be if what can be spelled were done by hand, too.
    """

    findings: list[Finding] = field(default_factory=list)
    ignored: list[Finding] = field(default_factory=list)
    places: list[Region] = field(default_factory=list)
    changed: list[ChangedModule] = field(default_factory=list)
    verdicts: Verdicts = field(default_factory=dict)
    refused: list[Protected] = field(default_factory=list)
    refused_imports: list[Protected] = field(default_factory=list)
    stays: Stays = field(default_factory=dict)
    rewritten: dict[Region, RewrittenPlace] = field(default_factory=dict)
    by_hand: list[ChangedModule] = field(default_factory=list)


def decide(
    project: Project, options: Options, ignored: Ignored, report: ProgressCallback, declined: Iterable[Protected] = ()
) -> Decided:
    """Decide what becomes of all places that are reported.

    What isn't wanted stays as it is, and so does all that belongs to it: nothing is rewritten in another way because
    of that.

    Args:
        project: the files.
        options: the choices of the run.
        ignored: which rules aren't wanted where.
        report: told how far it is.
        declined: what else isn't to change.

    Returns:
        The findings, and what changes.

    Raises:
        FileError: something unforeseen happened with some files.
    """
    from rehandle_codemods.decide.decisions import decided
    from rehandle_codemods.decide.protected import Protection
    from rehandle_codemods.flow.graph import FlowGraph

    flow = FlowGraph(project)
    first = result = _Round(decided(flow, options, Protection()), ignored).run(report)
    protected: list[Protected] = []
    # Imports last: they may stay by themselves once their uses do.
    refused = [*result.refused, *declined] or result.refused_imports
    while refused:
        protected += refused
        result = _Round(decided(flow, options, Protection(protected)), ignored, first.verdicts).run(report)
        refused = result.refused or result.refused_imports
    for (module, span), (code, verdict) in first.verdicts.items() if first is not result else ():
        # Some are places only as long as they are rewritten, such as the uses of a class's old name.
        if (module, span) not in result.verdicts and ignored.hides(module, span, code):
            result.ignored.append(Finding(*region(module, span), code, verdict.status, verdict.message))
            result.places.append(region(module, span))
    return result


class _Round:
    """The rules are asked about every place once, by one set of decisions."""

    def __init__(self, decisions: Decisions, ignored: Ignored, first: Verdicts | None = None) -> None:
        """Make it.

        Args:
            decisions: what is decided for the project.
            ignored: which rules aren't wanted where.
            first: what the rules said before anything was protected.
        """
        self.decisions = decisions
        self.ignored = ignored
        self.first = first
        self.decided = Decided()

    def run(self, report: ProgressCallback) -> Decided:
        """Ask about the places of every module that is reported.

        Raises:
            FileError: something unforeseen happened with some files.
        """
        from rehandle_codemods.files.source import FileError, SourceError

        failed: dict[str, SourceError] = {}
        modules = [module for module in self.decisions.project.modules.values() if module.reported]
        for module in counted("Rewriting", modules, report):
            try:
                self._module(module)
            except FileError as error:
                failed.update(error.errors)
            except Exception as error:
                failed[module.path] = SourceError.crash(error)
        if failed:
            raise FileError(failed)
        return self.decided

    def _module(self, module: Module) -> None:
        from rehandle_codemods.decide import collect
        from rehandle_codemods.decide.verdicts import Changing
        from rehandle_codemods.engine.changes import CantChangeError, changed

        refused = len(self.decided.refused) + len(self.decided.refused_imports)
        verdicts: dict[_Span, Verdict] = {}
        for place in collect.collect(self.decisions, module):
            where = region(module, place.span)
            self.decided.places.append(where)
            code, verdict = self._verdict(place, where)
            if verdict is not None:  # else the sums won't add up
                self.decided.verdicts[module, place.span] = code, verdict
                verdicts[place.span] = verdict
        changes = any(isinstance(verdict, Changing) for verdict in verdicts.values())
        if changes and refused == len(self.decided.refused) + len(self.decided.refused_imports):
            try:
                own = self.decisions.imports.of(module).own_packages()
                new = changed(module, verdicts.items(), self.decisions.protection, own)
            except CantChangeError as error:
                self.decided.refused += error.protected
            else:
                self.decided.changed += [new] if new.edits else []
        self._spell(module, verdicts)

    def _spell(self, module: Module, verdicts: Mapping[_Span, Verdict]) -> None:
        """Keep what the module would be if what can be spelled were done by hand."""
        from rehandle_codemods.decide.verdicts import Left
        from rehandle_codemods.engine.changes import CantChangeError, changed

        by_hand = {span: verdict.by_hand for span, verdict in verdicts.items() if isinstance(verdict, Left)}
        if any(by_hand.values()):
            own = self.decisions.imports.of(module).own_packages()
            done = [(span, by_hand.get(span) or verdict) for span, verdict in verdicts.items()]
            with contextlib.suppress(CantChangeError):
                self.decided.by_hand.append(changed(module, done, self.decisions.protection, own))

    def _verdict(self, place: Place, where: Region) -> tuple[str, Verdict | None]:
        """The rule that decides on a place, and what it says; it is reported, or refused if it isn't to change."""
        from rehandle_codemods.decide.verdicts import Changing, Converted, Left, Rewritten

        module, span = place.module, place.span
        try:
            code, verdict = ask(place, self.decisions)
        except Exception as error:
            return self._crashed(place, error)
        if verdict is None:
            return code, None
        rule, before = (self.first or {}).get((module, span), (code, verdict))
        why = self.decisions.protection.reason(module, span, rule) if isinstance(before, Changing) else ""
        if why:
            advice = before.message[0].upper() + before.message[1:] if isinstance(before, Rewritten) else ""
            code, verdict = rule, Left(Reason(f"{why}, so {text_of(module, span)} stays", advice=advice))
        hidden = self.ignored.hides(module, span, code) or self.ignored.hides(module, span, rule)
        if isinstance(verdict, Changing):
            other = (code, type(verdict)) != (rule, type(before))
            if hidden:
                self._refuse(place, f"{code} is ignored here", code)
            elif self.first is not None and (other or (module, span) not in self.first):
                self._refuse(place, "what belongs to it isn't to be changed")
        finding = Finding(*where, code, verdict.status, verdict.message)
        self._say(hidden, finding)
        if isinstance(verdict, (Left, Converted)):
            self.decided.stays[finding] = verdict.how, verdict.reason
        done = verdict.by_hand if isinstance(verdict, Left) else verdict
        if isinstance(done, Changing):
            ends = [region(module, module.span(rewrite.node)).end_location[0] for rewrite in done.rewrites]
            self.decided.rewritten[where] = RewrittenPlace(max([where.end_location[0], *ends]), done.imports)
        for remark in verdict.remarks if isinstance(verdict, Rewritten) else ():
            hidden = self.ignored.hides(module, remark.span, remark.code)
            beside = region(module, remark.span)
            self._say(hidden, Finding(*beside, remark.code, NOTE, remark.message, remark=True))
        return code, verdict

    def _crashed(self, place: Place, error: Exception) -> tuple[str, Verdict]:
        """What is said of a place that a rule crashes with, by a mistake of ours: it stays, with what belongs to it."""
        from rehandle_codemods.decide.verdicts import Left
        from rehandle_codemods.files.source import SourceError

        module, span = place.module, place.span
        problem = str(SourceError.crash(error))
        if not self.decisions.protection.reason(module, span):
            self._refuse(place, "this can't be analysed")
        self._say(False, Finding(*region(module, span), "RH901", ERROR, problem))
        self.decided.places.pop()  # an error isn't counted among what is said of places
        return "RH901", Left(Reason(problem))

    def _say(self, hidden: bool, finding: Finding) -> None:
        (self.decided.ignored if hidden else self.decided.findings).append(finding)

    def _refuse(self, place: Place, why: str, code: str = "") -> None:
        from rehandle_codemods.decide.places import Import
        from rehandle_codemods.decide.protected import around

        refused = self.decided.refused_imports if isinstance(place, Import) else self.decided.refused
        refused += around(place.module, place.span, why, code)


def ask(place: Place, decisions: Decisions) -> tuple[str, Verdict | None]:
    """The code of the rule that has something to say about a place, and what it says."""
    from rehandle_codemods import rules
    from rehandle_codemods.decide.verdicts import Changing, Converted, How, Left
    from rehandle_codemods.index.syntax import inside_fstring

    for code, decide in rules.asked(type(place), in_prefect_source=bool(place.module.prefect_package)):
        verdict = decide(place, decisions)
        if verdict is None:
            continue
        # Python before 3.12 doesn't say where the parts of an f-string are.
        changes = verdict.rewrites if isinstance(verdict, Changing) else ()
        if changes and place.node is not None and inside_fstring(place.module, place.node):
            continue
        if isinstance(verdict, Converted) and not decisions.options.runtime:
            advice = verdict.reason.advice or "Write it by hand"
            verdict = Left(verdict.reason._replace(advice=advice), How(text_of(place.module, place.span), "stays"))
        return code, verdict
    return "", None
