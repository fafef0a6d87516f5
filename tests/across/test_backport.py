"""Flows that are written for Results do on every release what they do on 1.4.1, or what the docs say instead."""

import backport
import pytest
import releases


def test_native_flows_run(native_outcomes):
    broken = {title: outcome["traceback"] for title, outcome in native_outcomes.items() if "error" in outcome}
    assert broken == {}


@pytest.mark.parametrize("release", backport.RELEASES)
def test_outcomes(release, native_outcomes, tmp_path):
    found = backport.TABLE.outcomes(releases.python(release), tmp_path, shim=True)
    backport.TABLE.compare(release, found, native_outcomes)
