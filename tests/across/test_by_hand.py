"""What is left of every case, done by hand to the letter of its advice, does the same, and nothing is left then."""

import pytest
import releases
from by_hand import followed, patched
from observing import BLOCKED, IMPORTABLE, INSTALLED, Job, comparable, observed, quiet, write
from repositories import CASES, read_case

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT

# Code that is finished by hand is for these, on old ones with the shim.
RELEASES = {"1.4.1": IMPORTABLE, "0.10.7": INSTALLED}
# What of an outcome can't be the same, and why.
DIFFERS = {
    "RH103/layout": ({"runs", "files"}, "a task returns the name that it looks up"),
    "RH202/advice_for_the_place": ({"configured", "files"}, "a task stores by what was one of its inputs"),
    "RH202/fields_as_keywords": ({"printed"}, "it prints the names of fields"),
    "RH202/fields_of_objects": ({"printed"}, "it prints the names of fields"),
    "RH202/own_result_of_a_task": ({"warnings"}, "Prefect warns of attributes called result"),
    "RH206/schema_of_a_handler": ({"printed"}, "it prints the name of a class"),
    "RH220/environment": ({"configured", "runs", "files", "printed"}, "the setting was ignored, and the Result isn't"),
}
ALL = {path.relative_to(CASES).with_suffix("").as_posix(): read_case(path) for path in sorted(CASES.rglob("*.case"))}
# Where what is shown isn't what somebody wrote who knows the whole, and why.
NOT_AS_SHOWN = {
    "RH202/files_that_do_not_import_prefect": "what is converted when it runs is a Result already",
    "RH202/inputs_of_tasks": "it isn't Prefect's there",
    "RH205/star_import_of_a_project": "what is converted when it runs becomes a Result by then",
}
# What can't be run where there are no Results but the shim's.
NOT_ON_OLD = {
    "RH201/factory_that_is_not_known": "a Result of S3 wants its client there",
    "RH202/attributes_of_handlers_set": "a Result of S3 wants its client there",
    "RH206/schema_of_a_handler": "Prefect had no schema for Results",
}


def read(folder, names):
    return {name: (folder / name).read_bytes().decode("utf-8") for name in names}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Every case of which something is left: its files when that is done by hand, and what has no data."""
    found, unknown, shown = {}, [], {}
    with pytest.MonkeyPatch.context() as patch:
        for name, case in ALL.items():
            folder = tmp_path_factory.mktemp("by_hand")
            write(folder, case.before)
            patch.chdir(folder)
            with quiet():
                main(["migrate"])
            left = [finding for finding in run(["."]).findings if finding.status == LEFT]
            if not left:
                continue
            files = read(folder, case.before)
            if case.by_hand:
                files = patched(files, case.by_hand)
            else:
                for path, text in files.items():
                    mine = [finding for finding in left if finding.filename == path]
                    files[path], without = followed(text, mine)
                    unknown += [f"{name}: {path}:{message}" for message in without]
            spelled = [(finding.filename, finding.new_code.line) for finding in left if finding.new_code]
            shown[name] = [(line, files[path].splitlines()) for path, line in spelled]
            write(folder, files)
            with quiet():
                main(["migrate"])
            again = [finding for finding in run(["."]).findings if finding.status in (LEFT, ERROR)]
            found[name] = read(folder, files), again
    return found, unknown, shown


def test_all_advice_is_followed(finished):
    """What is no row of FORMS is in the case, below `>>> by hand`."""
    found, unknown, _ = finished
    assert unknown == []
    assert len(found) > 60
    assert [name for name, case in ALL.items() if case.by_hand and name not in found] == []


def test_what_is_shown_as_the_code_to_write_is_written_then(finished):
    """So it does the same, too, on 1.4.1."""
    shown = finished[2]
    missing = {name: [line for line, written in lines if line not in written] for name, lines in shown.items()}
    assert [name for name, lines in missing.items() if lines] == list(NOT_AS_SHOWN)
    assert sum(map(len, shown.values())) > 30


def test_nothing_is_left_then(finished):
    assert {name: again for name, (_, again) in finished[0].items() if again} == {}


@pytest.fixture(scope="module")
def legacy(finished, tmp_path_factory):
    """What came of each case as it is, but for those that can't be compared."""
    names = [name for name in finished[0] if not ALL[name].not_compared]
    found = {}
    for release in sorted({ALL[name].release for name in names}):
        jobs = {
            name: Job(ALL[name].before, INSTALLED if ALL[name].shim else BLOCKED)
            for name in names
            if ALL[name].release == release
        }
        found.update(observed(releases.python(release), jobs, tmp_path_factory.mktemp("legacy")))
    return found


@pytest.mark.parametrize("release", RELEASES)
def test_it_does_the_same(release, finished, legacy, tmp_path):
    """All but what fails as it was written, where nothing but the advice can be looked at."""
    jobs = {}
    for name in legacy:
        files, _ = finished[0][name]
        needs = any("rehandle" in text for text in files.values())
        jobs[name] = Job(files, RELEASES[release] if needs or RELEASES[release] == INSTALLED else BLOCKED)
    outcomes = observed(releases.python(release), jobs, tmp_path)
    differing = {}
    for name, outcome in outcomes.items():
        old = release != "1.4.1"
        if "error" in legacy[name] or (old and (name in NOT_ON_OLD or ALL[name].release != release)):
            continue
        before = comparable(legacy[name], ALL[name].release, has_handlers=True)
        after = comparable(outcome, release, has_handlers=True)
        parts = {part for part in {*before, *after} if before.get(part) != after.get(part)}
        if parts - DIFFERS.get(name, (set(), ""))[0]:
            differing[name] = outcome.get("error", {part: (before.get(part), after.get(part)) for part in parts})
    assert sorted(differing) == [], differing
    compared = sum("error" not in outcome for outcome in legacy.values())
    assert compared > 40
