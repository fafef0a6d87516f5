"""Every case under cases/, and every example of a rule's page: before → after, findings, stability, nothing else."""

from __future__ import annotations

import ast
import sys

import pytest
from edited import assert_only_reported_tokens_change
from repositories import CASES, read_case, write_files
from rule_examples import EXAMPLES

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN, RUNTIME
from rehandle_codemods.options import Options

ALL = sorted(CASES.rglob("*.case"))
if sys.version_info >= (3, 12):
    ALL += sorted(CASES.with_name("cases_from_3.12").rglob("*.case"))
CHECK = Options(other_api=True)
NOTHING = CASES / "nothing"


def case_id(path):
    return f"{path.parent.name}/{path.stem}"


def contents(folder, names):
    return {name: (folder / name).read_bytes().decode("utf-8") for name in names}


@pytest.mark.parametrize("path", ALL, ids=case_id)
def test_case(path, repository, capsys):
    case = read_case(path)
    found = migrate(case.before, case.after, repository)
    reported = [f"{f.filename}:{f.location[0]} {f.code} {f.status}" for f in found]
    if NOTHING in path.parents:
        assert reported == []
    if case.findings:
        assert reported == case.findings


@pytest.mark.parametrize("code", EXAMPLES)
def test_example_of_a_page(code, repository):
    before, after = EXAMPLES[code]
    found = migrate({"example.py": before}, {"example.py": after}, repository)
    assert code in {finding.code for finding in found}


def migrate(before, after, repository):
    """Migrate files, which have to become others; what is found in them."""
    write_files(repository, before)

    before_check = main(["check"])
    assert contents(repository, before) == before, "check changed a file"
    found = run(["."], options=CHECK).findings
    assert not [finding for finding in found if finding.status == ERROR]

    exit_code = main(["migrate"])
    assert contents(repository, before) == after
    left = any(finding.status == LEFT for finding in found)
    changes = any(finding.status in (REWRITTEN, RUNTIME) for finding in found)
    assert exit_code == (1 if left else 0)
    assert before_check == (1 if left or changes else 0)

    for name, text in after.items():
        ast.parse(text)
        findings = [finding for finding in found if finding.filename == name]
        assert_only_reported_tokens_change(before[name], text, findings)

    again = run(["."])
    assert not again.changes, "a second run changes something"
    assert not [finding for finding in again.findings if finding.status == REWRITTEN]
    if not left:
        assert {finding.status for finding in again.findings} <= {NOTE}
    return found


def test_there_are_cases_for_every_rule_that_rewrites():
    from rehandle_codemods import rules

    folders = {path.parent.name for path in ALL}
    assert {code for code in rules.load() if code < "RH300"} - {"RH207", "RH208"} <= folders
