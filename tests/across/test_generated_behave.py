"""Repositories made at random do the same on Prefect 0.10.7 as they are and on 1.4.1 after their migration."""

import os
import sys

import pytest
import releases

pytest.importorskip("hypothesis", reason="needs hypothesis")

import generated
from hypothesis import HealthCheck, Phase, given, seed, settings
from observing import BLOCKED, INSTALLED, Job, comparable, migrated, observed

BEFORE, AFTER = "0.10.7", "1.4.1"
# For a long run by hand.
EXAMPLES = int(os.environ.get("REHANDLE_EXAMPLES", "60"))
SEED = int(os.environ.get("REHANDLE_SEED", "1"))


def examples():
    found = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(files=generated.repositories(runnable=True))
    def collect(files):
        found.append(files)

    collect()
    return found


def test_generated_repositories_do_the_same(tmp_path):
    pythons = {release: releases.python(release) for release in (BEFORE, AFTER)}
    migrations = {}
    for number, files in enumerate(examples()):
        migrations[number] = migrated(files, tmp_path / "made" / str(number))
    legacy = observed(
        pythons[BEFORE], {number: Job(each.before, BLOCKED) for number, each in migrations.items()}, tmp_path / BEFORE
    )
    rewritten = observed(
        pythons[AFTER], {number: Job(each.after, each.needs) for number, each in migrations.items()}, tmp_path / AFTER
    )
    differing = []
    for number, migration in migrations.items():
        assert "error" not in legacy[number], show(migration.before) + legacy[number]["error"]
        found = comparable(rewritten[number], AFTER, migration.needs == INSTALLED)
        if found != legacy[number]:
            differing.append(number)
    for number in differing:
        migration = migrations[number]
        sys.stderr.write(show(migration.before) + show(migration.after) + f"{migration.needs}\n")
        sys.stderr.write(f"{legacy[number]}\n{rewritten[number]}\n")
    assert not differing


def show(files):
    return "".join(f"#### {name}\n{text}\n" for name, text in files.items())
