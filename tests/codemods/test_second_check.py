"""What a migration left, the next check reports again, where it is now, and nothing else."""

from __future__ import annotations

import difflib

import generated
import monorepos
import pytest
from hypothesis import HealthCheck, given, settings
from repositories import CASES, read_case, write_files

from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import LEFT, REWRITTEN, RUNTIME

ALL = sorted(CASES.rglob("*.case"))


def check_twice(files, folder):
    """Migrate files: what was left is reported again, and else nothing but what is converted when the code runs."""
    write_files(folder, files)
    first = run(["."])
    for change in first.changes:
        (folder / change.filename).write_bytes(change.content)
    second = run(["."])
    assert not second.changes
    moved = {name: rows(text, (folder / name).read_bytes().decode("utf-8")) for name, text in files.items()}
    assert not [finding for finding in second.findings if finding.status == REWRITTEN]
    again = [finding for finding in second.findings if finding.status in (LEFT, RUNTIME)]
    for status in (LEFT, RUNTIME):
        for finding in first.findings:
            if finding.status == status:
                where = moved[finding.filename][finding.location[0]]
                same = [
                    each
                    for each in again
                    if (each.filename, each.code) == (finding.filename, finding.code) and each.location[0] in where
                ]
                assert same or status == RUNTIME, f"{finding} isn't reported again"
                again = [each for each in again if each not in same[:1]]
    assert not again, "something new is reported"
    if not [finding for finding in first.findings if finding.status == LEFT]:
        assert not [finding for finding in second.findings if finding.status == RUNTIME]


def rows(before, after):
    """For each row of a text, those that it may be in another one."""
    found = {}
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        for row in range(start, end):
            same = {new_start + row - start + 1}
            found[row + 1] = same if tag == "equal" else {*range(new_start + 1, new_end + 1)} or {new_start, *same}
    return found


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_of_a_case(path, repository):
    check_twice(read_case(path).before, repository)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(files=generated.repositories())
def test_of_a_generated_repository(files, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("generated")
    monkeypatch.chdir(folder)
    check_twice(files, folder)


def test_of_monorepos(tmp_path, monkeypatch):
    for each in monorepos.some_repositories(100, seed=2):
        folder = tmp_path / each.name
        folder.mkdir()
        monkeypatch.chdir(folder)
        check_twice(each.files, folder)
