"""One HTML page that needs nothing else: how far the migration is, and every finding with its code."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import datetime, timezone
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Iterator, Sequence

import click

from rehandle import __version__
from rehandle_codemods.files import git
from rehandle_codemods.findings import MEANINGS, REWRITTEN, RUNTIME, WORDS
from rehandle_codemods.report import causes, migrated, progress
from rehandle_codemods.report.codeowners import CodeOwners
from rehandle_codemods.report.comparison import Comparison
from rehandle_codemods.report.fingerprints import fingerprints

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.findings import Cause
    from rehandle_codemods.report import Report

_ID = 12
"""How many digits of its fingerprint a finding is called by."""
_MOST = 10
_DIGITS_OF_SECONDS = 11
"""Until the year 5138."""
_HOW = (
    "Migrated are the places that use Results already: imports of them, calls that make one, <code>result=</code>, and "
    "classes that derive from one. They are measured against all places that are still to be migrated. "
    + "; ".join(f"<b>{WORDS[status]}</b>: {meaning}" for status, meaning in MEANINGS.items())
    + "."
)


def render(report: Report) -> str:
    """The page."""
    outcome = report.outcome
    owners = CodeOwners(os.getcwd())
    done = migrated.count(
        report.paths, report.options, [*outcome.findings, *outcome.ignored, *outcome.older], report.given
    )
    # What was rewritten is among what uses Results now, unless it came from standard input.
    gone = (REWRITTEN, RUNTIME) if report.done and not report.given else ()
    ignored = sum(finding.accounts for finding in outcome.ignored)
    counted = progress.Progress(outcome.findings, done.places, owners, gone, ignored, outcome.older)
    resource = files(__package__) / "page"
    style, script = ((resource / name).read_text("utf-8") for name in ("page.css", "page.js"))
    title = os.path.basename(os.getcwd()) or "/"
    page = Template((resource / "page.html").read_text("utf-8"))
    return page.substitute(
        policy=escape(_policy(style, script)),
        title=escape(f"{title}: from result handlers to Results"),
        style=style,
        script=script,
        about=" · ".join(
            [f"<b>{escape(title)}</b>", _size(outcome), *_when_and_what(outcome), f"rehandle {__version__}"]
        ),
        summary=counted.summary(),
        how=_HOW + _unknown(done.unknown),
        causes=causes.table(causes.groups(outcome.findings, outcome.older), _cause_ids(outcome), outcome.older),
        tables=counted.tables(),
        data=_json(_data(report, owners, list(counted.folders()))),
    )


def _size(outcome: Outcome) -> str:
    """How many findings there are, and in how many files."""
    found, within = len(outcome.findings), len({finding.filename for finding in outcome.findings})
    return f"{found:,} finding{'s' * (found != 1)} in {within:,} file{'s' * (within != 1)}"


def date() -> datetime:
    """The date of a page that is made now, in UTC; where it says so, that of `SOURCE_DATE_EPOCH`.

    Raises:
        UsageError: the variable is no number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    # As https://reproducible-builds.org/specs/source-date-epoch/ says: seconds, in digits alone.
    if given and not (given.isascii() and given.isdigit() and len(given) <= _DIGITS_OF_SECONDS):
        raise click.UsageError(
            f"SOURCE_DATE_EPOCH is {given!r}, not a number of seconds since 1970. Correct or unset it"
        )
    return datetime.fromtimestamp(int(given), timezone.utc) if given else datetime.now(timezone.utc)


def _when_and_what(outcome: Outcome) -> Iterator[str]:
    """The date, and the commit that was looked at, where git knows of one."""
    when = date()
    yield f'<time datetime="{when:%Y-%m-%dT%H:%MZ}">{when:%Y-%m-%d %H:%M} UTC</time>'
    head = git.output(os.getcwd(), "rev-parse", "--show-toplevel", "HEAD")
    if head is None:
        return
    top, commit = os.fsdecode(head).splitlines()
    changed = git.uncommitted(os.path.realpath(top), [finding.filename for finding in outcome.findings])
    yield f"commit <code>{commit[:_ID]}</code>{' and uncommitted changes' if changed else ''}"


def _cause_ids(outcome: Outcome) -> dict[Cause, str]:
    """What findings that others may follow from are called in the page."""
    pairs = zip([*outcome.findings, *outcome.older], fingerprints(outcome))
    return {finding.cause: digest[:_ID] for finding, digest in pairs if finding.because is None}


def _unknown(filenames: Sequence[str]) -> str:
    if not filenames:
        return ""
    shown = ", ".join(f"<code>{escape(filename)}</code>" for filename in filenames[:_MOST])
    more = ", …" if filenames[_MOST:] else ""
    return f" Files that can't be analysed, of which nothing is known ({len(filenames):,}): {shown}{more}"


def _policy(style: str, script: str) -> str:
    """A policy that lets the browser load nothing at all, and run and apply what is in the page alone."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()

    return (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src 'sha256-{digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _json(value: object) -> str:
    """JSON that can't end the script element that it is in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _data(report: Report, owners: CodeOwners, folders: list[str]) -> dict[str, object]:
    from rehandle_codemods import rules

    outcome = report.outcome
    changes = {change.filename: change for change in outcome.changes}
    comparisons: dict[str, Comparison] = {}
    for finding in outcome.findings:
        origin = finding.origin
        if origin not in comparisons:
            source = outcome.sources.get(origin, "")
            comparisons[origin] = Comparison.of(source, changes.get(finding.filename), finding.cell)
        comparisons[origin].keep(finding)
    ids = _cause_ids(outcome)
    followed = {finding.because for finding in outcome.findings}
    items = [
        {
            "id": digest[:_ID],
            "file": finding.origin,
            "at": [*finding.location, *finding.end_location],
            "code": finding.code,
            "status": finding.status,
            "message": finding.message,
            "because": ids[finding.because] if finding.because else "",
            "lines": comparisons[finding.origin].place(finding),
        }
        for finding, digest in zip(outcome.findings, fingerprints(outcome))
    ]
    names = dict.fromkeys(finding.origin for finding in outcome.findings)
    paths = {finding.origin: finding.filename for finding in outcome.findings}
    return {
        "files": {
            name: {
                "path": paths[name].replace(os.sep, "/"),
                "owners": owners.of(paths[name]),
                "lines": comparisons[name].rows(),
            }
            for name in names
        },
        "findings": items,
        # Their places: the list hasn't them.
        "older": {ids[each.cause]: str(each.cause) for each in outcome.older if each.cause in followed},
        "rules": {code: [rule.summary, _url(code)] for code, rule in rules.load().items()},
        "statuses": WORDS,
        "folders": [folder.replace(os.sep, "/") for folder in folders if folder],
        "nobody": progress.NOBODY if owners else "",
    }


def _url(code: str) -> str:
    from rehandle_codemods.findings import DOCS_URL

    return DOCS_URL.format(code=code)
