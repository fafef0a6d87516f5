"""Every case of the codemods: what it does on the Prefect it was written for, and what it does after its migration.

Compared are the states, values, stored bytes and values, and locations of every task of every flow in it, what each
configured handler and its Result do with one more value, all files below the working directory, what is printed, and
warnings, but for those that handlers are deprecated: what still has handlers gives them, and nothing else does.
"""

import collections

import pytest
import releases
from observing import BLOCKED, INSTALLED, Job, comparable, migrated, observed, quiet, write
from repositories import CASES, read_case

from rehandle_codemods.cli.commands import main
from rehandle_codemods.findings import REWRITTEN, RUNTIME

# `rehandle migrate` writes code for Prefect 0.11 to 1.4.
AFTER = ("0.11.5", "0.13.19", "1.4.1")
ALL = {path.relative_to(CASES).with_suffix("").as_posix(): read_case(path) for path in sorted(CASES.rglob("*.case"))}
RELEASE_OF_PARTS = "1.4.1"
# What cases import beside Prefect.
IMPORTED = ("attrs", "pydantic<2", "pytest")
# Cases that can't be compared say why. There may be fewer of them, and not more.
NOT_COMPARED = 10


@pytest.fixture(scope="module")
def pythons():
    """The Pythons with the releases."""
    needed = {*AFTER, *(case.release for case in ALL.values())}
    return {release: releases.python(release, *IMPORTED) for release in needed}


@pytest.fixture(scope="module")
def migrations(pythons, tmp_path_factory):
    """Every case in which something changes, migrated."""
    folder = tmp_path_factory.mktemp("migrated")
    found = {}
    for number, (name, case) in enumerate(ALL.items()):
        migration = migrated(case.before, folder / str(number))
        if migration.changes:
            found[name] = migration
    return found


@pytest.fixture(scope="module")
def legacy(pythons, migrations, tmp_path_factory):
    """What came of each case as it was."""
    jobs = collections.defaultdict(dict)
    for name in migrations:
        case = ALL[name]
        jobs[case.release][name] = Job(case.before, INSTALLED if case.shim else BLOCKED)
    found = {}
    for release, wanted in jobs.items():
        found.update(observed(pythons[release], wanted, tmp_path_factory.mktemp("legacy")))
    return {name: comparable(outcome, ALL[name].release, has_handlers=True) for name, outcome in found.items()}


@pytest.fixture(scope="module", params=AFTER)
def rewritten(request, pythons, migrations, tmp_path_factory):
    """A release, and what came of each migrated case on it."""
    jobs = {name: Job(migration.after, migration.needs) for name, migration in migrations.items()}
    return request.param, observed(pythons[request.param], jobs, tmp_path_factory.mktemp("rewritten"))


def test_the_case_runs_as_it_is(name, legacy):
    if name not in legacy:
        pytest.skip("nothing changes in it")
    assert "error" not in legacy[name] or ALL[name].not_compared, legacy[name]["error"]


def test_the_migrated_case_does_the_same(name, migrations, legacy, rewritten, request):
    if name not in legacy:
        pytest.skip("nothing changes in it")
    case = ALL[name]
    if case.not_compared:
        pytest.skip(case.not_compared)
    release, outcomes = rewritten
    differing, reason = case.differs
    if release in differing:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    # What needs nothing of the shim gives no deprecation of a handler anywhere.
    assert comparable(outcomes[name], release, migrations[name].needs == INSTALLED) == legacy[name]


def test_what_is_left_of_a_case_without_one_of_its_rules_does_the_same(
    pythons, migrations, legacy, tmp_path_factory, monkeypatch
):
    """A migration that leaves out a rule leaves all that belongs to it: nothing is half migrated."""
    folder = tmp_path_factory.mktemp("without")
    jobs = {}
    for name, migration in migrations.items():
        if ALL[name].not_compared or RELEASE_OF_PARTS in ALL[name].differs[0]:
            continue
        for code in sorted({finding.code for finding in migration.findings if finding.status in (REWRITTEN, RUNTIME)}):
            monkeypatch.chdir(folder)
            write(folder, migration.before)
            with quiet():
                main(["migrate", "--ignore", code])
            after = {name: (folder / name).read_bytes().decode("utf-8") for name in migration.before}
            if after != migration.before:
                jobs[name, code] = Job(after, INSTALLED)
            for path in migration.before:
                (folder / path).unlink()
    assert len(jobs) > 150
    outcomes = observed(pythons[RELEASE_OF_PARTS], jobs, tmp_path_factory.mktemp("parts"))
    found = {key: comparable(outcomes[key], RELEASE_OF_PARTS, has_handlers=True) for key in jobs}
    assert [key for key in jobs if found[key] != legacy[key[0]]] == []


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", ALL)


def test_few_cases_are_not_compared():
    assert sum(bool(case.not_compared) for case in ALL.values()) <= NOT_COMPARED


def test_most_rewriting_cases_make_flows_or_tasks(legacy):
    """So that the comparison is about what is stored, and not only about what can be imported."""
    names = [name for name in legacy if name.startswith("RH1")]
    compared = [name for name in names if legacy[name].get("configured")]
    assert len(compared) >= len(names) * 3 / 4, sorted(set(names) - set(compared))
