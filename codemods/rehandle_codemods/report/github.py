"""Workflow commands that GitHub Actions shows beside the code of a pull request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rehandle_codemods.report.severity import FAILURE, OPEN, REMARK, severity
from rehandle_codemods.report.text import head, summary

if TYPE_CHECKING:
    from rehandle_codemods.findings import Finding
    from rehandle_codemods.report import Report

_COMMANDS = {FAILURE: "error", OPEN: "warning", REMARK: "notice"}
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def render(report: Report) -> str:
    """One command for each finding, and a line of the log that sums up."""
    lines = [_command(finding, _COMMANDS[severity(finding, done=report.done)]) for finding in report.outcome.findings]
    return "".join(f"{line}\n" for line in [*lines, summary(report.outcome, done=report.done)])


def _command(finding: Finding, command: str) -> str:
    (row, column), (end_row, end_column) = finding.location, finding.end_location
    properties = {"title": f"rehandle {finding.code}", "file": finding.filename.replace(os.sep, "/")}
    if not finding.cell:  # the lines of a cell aren't those of the notebook's file
        properties.update(line=str(row), endLine=str(end_row))
        if row == end_row and column < end_column:  # GitHub takes columns within one line only
            properties.update(col=str(column), endColumn=str(end_column))
    shown = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{command} {shown}::{_escaped(head(finding), _MESSAGE)}"


def _escaped(text: str, replacements: dict[str, str]) -> str:
    return "".join(replacements.get(char, char) for char in text)
