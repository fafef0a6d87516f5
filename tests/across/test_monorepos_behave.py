"""A distribution's handlers and a file elsewhere that uses them: they do the same after the migration, or it is said.

"Nothing to migrate" is a promise about files that use what another one exports, too, however they find it.
"""

import os
import sys

import monorepos
import releases
from observing import BLOCKED, INSTALLED, Job, comparable, migrated, observed

from rehandle_codemods.findings import LEFT

BEFORE, AFTER = "0.10.7", "1.4.1"
# For a long run by hand.
NUMBER = int(os.environ.get("REHANDLE_MONOREPOS", "150"))
SEED = int(os.environ.get("REHANDLE_SEED", "1"))


def test_monorepos_do_the_same_or_it_is_said(tmp_path):
    pythons = {release: releases.python(release) for release in (BEFORE, AFTER)}
    chosen = {each.name: each for each in monorepos.some_repositories(NUMBER, SEED)}
    migrations = {name: migrated(each.files, tmp_path / "made" / name) for name, each in chosen.items()}

    def job(name, files, rehandle):
        each = chosen[name]
        return Job(files, rehandle, each.paths, each.modules, each.links)

    legacy = observed(
        pythons[BEFORE], {name: job(name, each.before, BLOCKED) for name, each in migrations.items()}, tmp_path / BEFORE
    )
    rewritten = observed(
        pythons[AFTER], {name: job(name, each.after, each.needs) for name, each in migrations.items()}, tmp_path / AFTER
    )
    differing = []
    for name, migration in migrations.items():
        assert "error" not in legacy[name], show(migration.before) + legacy[name]["error"]
        found = comparable(rewritten[name], AFTER, migration.needs == INSTALLED)
        said = any(finding.status == LEFT and finding.filename == chosen[name].user for finding in migration.findings)
        if found != legacy[name] and not said:
            differing.append(name)
            sys.stderr.write(show(migration.before) + show(migration.after) + f"{migration.needs}\n")
            sys.stderr.write(f"{legacy[name]}\n{found}\n")
    assert not differing


def show(files):
    return "".join(f"#### {name}\n{text}\n" for name, text in files.items())
