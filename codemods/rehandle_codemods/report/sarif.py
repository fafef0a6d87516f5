"""SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Iterator, Sequence
from urllib.parse import quote

from rehandle import __version__
from rehandle_codemods.files.lines import blocks, split, with_ends
from rehandle_codemods.findings import DOCS_URL, REWRITTEN, RUNTIME
from rehandle_codemods.report.fingerprints import fingerprints
from rehandle_codemods.report.severity import FAILURE, OPEN, REMARK, severity

if TYPE_CHECKING:
    from rehandle_codemods.engine.changes import Change
    from rehandle_codemods.findings import Finding
    from rehandle_codemods.report import Report
    from rehandle_codemods.rules import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/rehandle/rehandle"
_ROOT = "%SRCROOT%"
_LEVELS = {"1": OPEN, "2": OPEN, "3": REMARK, "4": REMARK, "5": OPEN, "9": FAILURE}

_Object = dict[str, Any]


def render(report: Report) -> str:
    """One run with all findings, in their order, and every rule."""
    from rehandle_codemods import rules

    outcome = report.outcome
    known = list(rules.load().values())
    results = list(_results(report, {rule.code: index for index, rule in enumerate(known)}))
    failed = any(finding.status == "error" for finding in outcome.findings)
    run = {
        "tool": {
            "driver": {
                "name": "rehandle",
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in known],
            }
        },
        "invocations": [{"executionSuccessful": not failed}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder where rehandle ran."}}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> _Object:
    url = DOCS_URL.format(code=rule.code)
    text = rule.linked
    return {
        "id": rule.code,
        "name": "".join(map(str.capitalize, rule.name.split("_"))),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": text.partition("\n## ")[0].strip()},
        "help": {"text": f"{text}\n\n{url}", "markdown": f"{text}\n\n[{rule.code}]({url})"},
        "helpUri": url,
        "defaultConfiguration": {"level": _LEVELS[rule.code[2]]},
        "properties": {"tags": ["prefect", "migration"]},
    }


def _results(report: Report, indexes: dict[str, int]) -> Iterator[_Object]:
    outcome = report.outcome
    fixes = {} if report.done else {change.filename: change for change in outcome.changes}
    origin = ""
    lines: list[str] = []
    for finding, digest in zip(outcome.findings, fingerprints(outcome)):
        if finding.origin != origin:
            origin, lines = finding.origin, split(outcome.sources.get(finding.origin, ""))
        result = {
            "ruleId": finding.code,
            "ruleIndex": indexes[finding.code],
            "level": severity(finding, done=report.done),
            "message": {"text": finding.message},
            "locations": [_location(finding, lines)],
            "partialFingerprints": {"rehandlePlace/v1": digest},
            "properties": {"status": finding.status},
        }
        # What becomes of one place is right with the rest of its file only: an import goes with its uses.
        if finding.status in (REWRITTEN, RUNTIME) and finding.filename in fixes:
            result["fixes"] = [_fix(fixes.pop(finding.filename))]
        yield result


def _location(finding: Finding, lines: Sequence[str]) -> _Object:
    (row, column), (end_row, end_column) = finding.location, finding.end_location
    physical: _Object = {"artifactLocation": _artifact(finding.filename)}
    if not finding.cell:
        physical["region"] = {"startLine": row, "startColumn": column, "endLine": end_row, "endColumn": end_column}
        if row == end_row <= len(lines):
            code = lines[row - 1]
            physical["region"]["snippet"] = {"text": code[column - 1 : end_column - 1]}
            physical["contextRegion"] = {"startLine": row, "snippet": {"text": code}}
        return {"physicalLocation": physical}
    # The lines of a cell aren't those of the notebook's file.
    return {
        "physicalLocation": {**physical, "region": {"startLine": 1}},
        "logicalLocations": [{"name": f"cell {finding.cell}", "kind": "cell"}],
        "message": {"text": f"Cell {finding.cell}, line {row}, column {column}"},
    }


def _artifact(filename: str) -> _Object:
    if os.path.isabs(filename):
        path = quote(os.fsencode(filename.replace(os.sep, "/")))
        return {"uri": f"file://{path}" if path.startswith("/") else f"file:///{path}"}
    return {"uri": quote(os.fsencode(filename.replace(os.sep, "/"))), "uriBaseId": _ROOT}


def _fix(change: Change) -> _Object:
    before, after = with_ends(change.before), with_ends(change.after)
    replacements = []
    for (start, end), (new_start, new_end) in blocks(before, after):
        region = {"startLine": start + 1, "startColumn": 1, "endLine": end + 1, "endColumn": 1}
        if end == len(before) and before and not before[-1].endswith(("\r", "\n")):  # no line follows
            region.update(endLine=end, endColumn=len(before[-1]) + 1)
        if start == len(before):
            region.update(startLine=region["endLine"], startColumn=region["endColumn"])
        content = {"text": "".join(after[new_start:new_end])}
        replacements.append({"deletedRegion": region, "insertedContent": content})
    return {
        "description": {"text": "Rewrite all of the file's places together, as `rehandle migrate` does"},
        "artifactChanges": [{"artifactLocation": _artifact(change.filename), "replacements": replacements}],
    }
