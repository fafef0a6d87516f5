"""Reports that programs read: they hold to their schemas, and lead to the places."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import made_once
import pytest
from repositories import CASES, downloaded, read_case, write_files

from rehandle_codemods import report
from rehandle_codemods.engine.changes import Change
from rehandle_codemods.engine.run import Outcome, run
from rehandle_codemods.files.lines import split
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME, Finding
from rehandle_codemods.report.sarif import _fix

jsonschema = pytest.importorskip("jsonschema", reason="needs the dependency group formats")
xmlschema = pytest.importorskip("xmlschema", reason="needs the dependency group formats")

pytestmark = pytest.mark.once

# What has the official schemas in it.
SARIF_SCHEMA = ("@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json")
JUNIT_SCHEMA = (("--no-binary", "pytest", "pytest==8.3.5"), "pytest-8.3.5/testing/example_scripts/junit-10.xsd")

ODD = [
    Finding("/elsewhere/b.py", 0, (2, 1), (2, 4), "RH202", LEFT, "<look> & \x00 \ud83d"),
    Finding("a b/ü%.py", 0, (1, 1), (1, 1), "RH901", ERROR, "can't be read"),
    Finding("c:d.py", 0, (3, 2), (5, 1), "RH301", NOTE, "]]>"),
    Finding("n.ipynb", 4, (2, 3), (2, 7), "RH103", REWRITTEN, "pass result="),
]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Every case's findings, and some of odd files."""
    folder = tmp_path_factory.mktemp("cases")
    for path in sorted(CASES.rglob("*.case")):
        write_files(folder / path.relative_to(CASES).with_suffix(""), read_case(path).before)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = run(["."])
    assert {finding.status for finding in found.findings} == {REWRITTEN, RUNTIME, LEFT, NOTE}
    return found._replace(findings=[*found.findings, *ODD])


@pytest.fixture(scope="module", params=[False, True], ids=["check", "migrate"])
def done(request):
    return request.param


def extracted(archive, name):
    with tarfile.open(archive) as file:
        return file.extractfile(name).read()


# JSON


@pytest.fixture(scope="module")
def own_schema():
    text = (Path(report.__file__).parent / "findings.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    return jsonschema.Draft202012Validator(json.loads(text))


def test_json_holds_to_its_schema(outcome, done, own_schema):
    document = json.loads(report.render("json", report.Report(outcome, done)))
    own_schema.validate(document)
    assert len(document) == len(outcome.findings)


SPOILED = [
    {"code": "103"},
    {"status": "done"},
    {"message": ""},
    {"location": {"row": 0, "column": 1}},
    {"end_location": {"row": 1}},
    {"cell": 0},
    {"more": 1},
    {"url": None},
]


@pytest.mark.parametrize("change", SPOILED, ids=str)
def test_the_schema_refuses_what_is_not_documented(change, own_schema):
    made = report.Report(Outcome(ODD, [], 1, 1, {}), done=False)
    document = json.loads(report.render("json", made))
    own_schema.validate(document)
    with pytest.raises(jsonschema.ValidationError):
        own_schema.validate([{**document[0], **change}])


# SARIF


@pytest.fixture(scope="module")
def sarif_schema():
    package, name = SARIF_SCHEMA

    def install(folder):
        npm = shutil.which("npm")
        if npm is None:
            raise made_once.UnavailableError("there is no npm on PATH")
        folder.mkdir(parents=True)
        made_once.run(npm, "pack", "--pack-destination", folder, package)

    try:
        folder = made_once.folder(made_once.TOX / "downloads", "sarif-schema", [package], install)
    except made_once.UnavailableError as error:
        pytest.skip(f"the schema of SARIF can't be had from npm: {error}")
    (archive,) = folder.glob("*.tgz")
    return jsonschema.Draft4Validator(json.loads(extracted(archive, name)))


@pytest.fixture(scope="module")
def log(outcome, done):
    return json.loads(report.render("sarif", report.Report(outcome, done)))


def test_sarif_holds_to_the_schema(log, sarif_schema):
    sarif_schema.validate(log)
    log["runs"][0]["results"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        sarif_schema.validate(log)


def test_sarif_leads_to_every_place(log, outcome):
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(outcome.findings)
    for result, finding in zip(run["results"], outcome.findings):
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"] == finding.code
        assert rules[result["ruleIndex"]]["name"].isalnum()
        assert rules[result["ruleIndex"]]["helpUri"] == finding.url
        (location,) = result["locations"]
        artifact, region = location["physicalLocation"]["artifactLocation"], location["physicalLocation"]["region"]
        if "uriBaseId" in artifact:
            assert artifact["uriBaseId"] in run["originalUriBaseIds"]
            assert unquote(artifact["uri"]) == finding.filename
            assert ":" not in artifact["uri"]
        else:
            assert artifact["uri"] == "file://" + finding.filename
        if finding.cell:
            assert region == {"startLine": 1}
            assert location["logicalLocations"][0]["name"] == "cell 4"
        else:
            assert (region["startLine"], region["startColumn"]) == finding.location
            assert (region["endLine"], region["endColumn"]) == finding.end_location
        if "snippet" in region:
            line = location["physicalLocation"]["contextRegion"]["snippet"]["text"]
            assert line == split(outcome.sources[finding.origin])[region["startLine"] - 1]
            assert region["snippet"]["text"] == line[region["startColumn"] - 1 : region["endColumn"] - 1] != ""
    assert sum("contextRegion" in r["locations"][0]["physicalLocation"] for r in run["results"]) > 1000


def test_sarif_tells_findings_apart_and_knows_them_again(log, outcome, done):
    prints = Counter(result["partialFingerprints"]["rehandlePlace/v1"] for result in log["runs"][0]["results"])
    assert set(prints.values()) == {1}
    moved = [f._replace(location=(f.location[0] + 1, f.location[1])) for f in outcome.findings]
    sources = {name: "# a new line\n" + text for name, text in outcome.sources.items()}
    again = report.render("sarif", report.Report(outcome._replace(findings=moved, sources=sources), done))
    assert [
        result["partialFingerprints"]
        for result in json.loads(again)["runs"][0]["results"]
        if result["ruleId"] != "RH901"
    ] == [result["partialFingerprints"] for result in log["runs"][0]["results"] if result["ruleId"] != "RH901"]


def applied(text, fix):
    """A text with a fix applied, the way that SARIF tells."""
    starts = [0]
    for line in split(text):
        starts.append(starts[-1] + len(line))
        for end in ("\r\n", "\n", "\r"):
            if text.startswith(end, starts[-1]):
                starts[-1] += len(end)
                break
    (change,) = fix["artifactChanges"]
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    return text


def test_fixes_of_sarif_make_what_migrate_makes(log, outcome, done):
    fixes = [fix for result in log["runs"][0]["results"] for fix in result.get("fixes", ())]
    if done:
        assert not fixes
        return
    changes = {change.filename: change for change in outcome.changes}
    assert len(fixes) == len(changes) > 100
    for fix in fixes:
        change = changes[unquote(fix["artifactChanges"][0]["artifactLocation"]["uri"])]
        assert applied(change.before, fix) == change.after


@pytest.mark.parametrize("before", ["", "a", "a\n", "a\r\nb", "a\rb\r", "x\ny\nz"])
@pytest.mark.parametrize("after", ["", "b", "b\n", "a\r\nc", "a\rb\rc", "x\nw\nz\n", "w\nx\ny\nz"])
def test_fixes_at_the_edges_of_a_file(before, after):
    change = Change("a.py", before, after, b"", b"", write=lambda: None)
    assert applied(before, _fix(change)) == after


def test_a_run_with_an_error_is_not_successful(outcome):
    def successful(findings):
        made = report.Report(outcome._replace(findings=findings), done=False)
        return json.loads(report.render("sarif", made))["runs"][0]["invocations"][0]["executionSuccessful"]

    assert successful([finding for finding in outcome.findings if finding.status != ERROR])
    assert not successful(outcome.findings)


# JUnit


@pytest.fixture(scope="module")
def junit_schema(tmp_path_factory):
    options, name = JUNIT_SCHEMA
    (archive,) = downloaded("junit-schema", [options]).glob("*.tar.gz")
    path = tmp_path_factory.mktemp("schema") / "junit.xsd"
    path.write_bytes(extracted(archive, name))
    return xmlschema.XMLSchema(str(path))


def test_junit_holds_to_the_schema(outcome, done, junit_schema):
    junit_schema.validate(report.render("junit", report.Report(outcome, done)))
    junit_schema.validate(report.render("junit", report.Report(Outcome([], [], 3, 0, {}), done)))
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        junit_schema.validate("<testsuites><case/></testsuites>")


def test_junit_counts(outcome, done):
    top = ElementTree.fromstring(report.render("junit", report.Report(outcome, done)).encode("utf-8"))
    failing = {LEFT} if done else {LEFT, REWRITTEN, RUNTIME}
    statuses = Counter(finding.status for finding in outcome.findings)
    expected = {
        "tests": len(outcome.findings),
        "failures": sum(statuses[status] for status in failing),
        "errors": statuses[ERROR],
    }
    assert {name: int(top.get(name)) for name in expected} == expected
    for name, number in expected.items():
        assert sum(int(suite.get(name)) for suite in top) == number
    assert len(top.findall("testsuite/testcase/failure")) == expected["failures"]


def test_junit_of_nothing_has_a_test_that_passes(done):
    text = report.render("junit", report.Report(Outcome([], [], 3, 0, {}), done))
    top = ElementTree.fromstring(text.encode("utf-8"))
    assert (top.get("tests"), top.get("failures"), top.get("errors")) == ("1", "0", "0")
    assert top.find("testsuite/testcase/system-out").text == "Nothing to migrate in 3 files."
