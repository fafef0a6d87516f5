"""Flows that are written for handlers do on every release what they do on 0.10.7, or what the docs say instead."""

import old_api
import pytest
import releases


def run(release, folder, shim):
    folder.mkdir()
    return old_api.TABLE.outcomes(releases.python(release), folder, shim)


def test_legacy_flows_run(legacy_outcomes):
    assert {title: outcome for title, outcome in legacy_outcomes.items() if is_error(outcome)} == {}


@pytest.mark.parametrize("release", old_api.NATIVE)
def test_releases_with_handlers(release, legacy_outcomes, tmp_path):
    plain = run(release, tmp_path / "plain", shim=False)
    old_api.TABLE.compare(release, plain, legacy_outcomes)
    assert without_tracebacks(run(release, tmp_path / "shim", shim=True)) == without_tracebacks(plain)


def test_rehandle_changes_nothing_on_the_oracle(legacy_outcomes, tmp_path):
    assert run(old_api.TABLE.oracle, tmp_path / "shim", shim=True) == legacy_outcomes


@pytest.mark.parametrize("release", [release for release in old_api.RELEASES if release not in old_api.NATIVE])
def test_releases_with_results(release, legacy_outcomes, tmp_path):
    old_api.TABLE.compare(release, run(release, tmp_path / "shim", shim=True), legacy_outcomes)


def is_error(outcome):
    return isinstance(outcome, dict) and "error" in outcome


def without_tracebacks(outcomes):
    """They show what a call went through."""
    return {title: outcome["error"] if is_error(outcome) else outcome for title, outcome in outcomes.items()}
