"""JUnit XML: a test suite for each file, a test case for each finding; what is open fails."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Iterable
from xml.etree import ElementTree

from rehandle_codemods.report.severity import FAILURE, OPEN, severity
from rehandle_codemods.report.text import summary

if TYPE_CHECKING:
    from rehandle_codemods.findings import Finding
    from rehandle_codemods.report import Report

_ELEMENTS = {FAILURE: "error", OPEN: "failure"}
# What XML 1.0 has no way to write.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """All findings, in their order; one case that passes where there are none: an empty report is an error to many."""
    top = ElementTree.Element("testsuites", name="rehandle")
    for origin, found in itertools.groupby(report.outcome.findings, lambda finding: finding.origin):
        top.append(_suite(origin, list(found), done=report.done))
    if not report.outcome.findings:
        suite = ElementTree.SubElement(top, "testsuite", name="rehandle")
        case = ElementTree.SubElement(suite, "testcase", classname="rehandle", name="no findings")
        ElementTree.SubElement(case, "system-out").text = summary(report.outcome, done=report.done)
        _count(suite, [suite])
    _count(top, list(top))
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def _suite(origin: str, findings: Iterable[Finding], *, done: bool) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_xml(origin))
    for finding in findings:
        row, column = finding.location
        name = f"{finding.code} line {row} column {column}"
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(origin), name=name)
        kind = _ELEMENTS.get(severity(finding, done=done))
        if kind is None:
            ElementTree.SubElement(case, "system-out").text = _xml(finding.message)
        else:
            element = ElementTree.SubElement(case, kind, type=finding.status, message=_xml(finding.message))
            element.text = _xml(f"{origin}:{row}:{column}\n{finding.url}")
    _count(suite, [suite])
    return suite


def _count(element: ElementTree.Element, suites: Iterable[ElementTree.Element]) -> None:
    counted = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
    for attribute, path in counted.items():
        element.set(attribute, str(sum(len(suite.findall(path)) for suite in suites)))


def _xml(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
