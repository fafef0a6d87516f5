"""Flows that are written for Results do on every release what they do on 1.4.1, or what the docs say instead."""

import backport
import pytest
import releases

# What rehandle says before Prefect 0.11 as later releases say it.
WORDINGS = {
    "<Task: compute> has a target and its Result a location: the target is used.": (
        "Both `result.location` and `target` were provided. The `target` value will be used."
    )
}


def test_native_flows_run(native_outcomes):
    outcomes = native_outcomes.outcomes
    broken = {title: outcome["traceback"] for title, outcome in outcomes.items() if "error" in outcome}
    assert broken == {}


@pytest.mark.parametrize("release", backport.RELEASES)
def test_outcomes(release, native_outcomes, tmp_path):
    found = backport.TABLE.outcomes(releases.python(release), tmp_path, shim=True)
    backport.TABLE.compare(release, found, native_outcomes)
    worded = {
        title: [(category, WORDINGS.get(message, message)) for category, message in warnings]
        for title, warnings in found.warnings.items()
    }
    backport.TABLE.compare_warnings(release, worded, native_outcomes.warnings)
