"""Flows that are written for Results do on every release what they do on 1.4.1, or what the docs say instead."""

import backport
import pytest
import releases


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    table = backport.TABLE
    outcomes = table.outcomes(releases.python(table.oracle), tmp_path_factory.mktemp("oracle"), shim=False)
    broken = {title: outcome["traceback"] for title, outcome in outcomes.items() if "error" in outcome}
    assert broken == {}
    return outcomes


@pytest.mark.parametrize("release", backport.RELEASES)
def test_outcomes(release, oracle, tmp_path):
    found = backport.TABLE.outcomes(releases.python(release), tmp_path, shim=True)
    backport.TABLE.compare(release, found, oracle)
