"""Repositories in the shapes of public ones: the same on 0.10.7, on 1.4.1 with the shim, and migrated on 1.4.1.

Their code is this repository's own: what they share with others is how it is cut into files, classes and calls.
"""

from pathlib import Path

import pytest
import releases
from observing import BLOCKED, INSTALLED, Job, comparable, migrated, observed
from repositories import read_case

from rehandle_codemods.findings import LEFT

SHAPES = {path.stem: read_case(path).before for path in sorted(Path(__file__).with_name("shapes").glob("*.case"))}
LEGACY, NEW = "0.10.7", "1.4.1"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each of them in the three ways, and their migrations."""
    folder = tmp_path_factory.mktemp("shapes")
    migrations = {name: migrated(files, folder / "migrated" / name) for name, files in SHAPES.items()}
    as_they_are = {name: Job(files, BLOCKED) for name, files in SHAPES.items()}
    shim = {name: Job(files, INSTALLED) for name, files in SHAPES.items()}
    after = {name: Job(migration.after, migration.needs) for name, migration in migrations.items()}
    return (
        observed(releases.python(LEGACY), as_they_are, folder / "legacy"),
        observed(releases.python(NEW), shim, folder / "shim"),
        observed(releases.python(NEW), after, folder / "after"),
        migrations,
    )


@pytest.mark.parametrize("name", SHAPES)
def test_the_three_ways_agree(name, outcomes):
    legacy, shim, after, _ = outcomes
    assert "error" not in legacy[name], legacy[name]["error"]
    assert legacy[name]["configured"]
    expected = comparable(legacy[name], LEGACY, has_handlers=True)
    assert comparable(shim[name], NEW, has_handlers=True) == expected
    assert comparable(after[name], NEW, has_handlers=True) == expected


def test_little_is_left(outcomes):
    findings = [finding for migration in outcomes[3].values() for finding in migration.findings]
    left = [finding for finding in findings if finding.status == LEFT]
    causes = {finding.because or finding.cause for finding in left}
    assert (len(left), len(causes)) == (6, 3)


def test_there_are_ten():
    assert len(SHAPES) == 10
    assert all(len(files) > 1 for files in SHAPES.values())
