"""A distribution's handlers and a file elsewhere that uses them: it changes together with them, or it is said.

`tests/across/test_monorepos_behave.py` runs a part of these before and after.
"""

from __future__ import annotations

import os

import monorepos
import pytest
from repositories import write_files

from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, REWRITTEN

# For a long run by hand.
NUMBER = int(os.environ.get("REHANDLE_MONOREPOS", "250"))


def test_users_change_together_with_what_they_use(tmp_path, monkeypatch):
    silent = []
    for number, each in enumerate(monorepos.some_repositories(NUMBER)):
        folder = tmp_path / str(number)
        write_files(folder, each.files)
        monkeypatch.chdir(folder)
        found = run(["."]).findings
        assert not [finding for finding in found if finding.status == ERROR], each.name
        changed = any(finding.status == REWRITTEN and finding.code != "RH101" for finding in found)
        if changed and not any(finding.filename == each.user for finding in found):
            silent.append(each.name)
    assert not silent


@pytest.mark.parametrize("name", sorted(monorepos.LAYOUTS.keys() - monorepos.UNCERTAIN))
def test_every_layout_is_followed(name, repository):
    """Nothing is left of what is found for certain."""
    each = monorepos.repository(name, "from_module", "class")
    write_files(repository, each.files)
    found = run(["."]).findings
    assert {finding.status for finding in found} <= {REWRITTEN, "runtime"}
    assert {"RH105", "RH122"} <= {finding.code for finding in found}
