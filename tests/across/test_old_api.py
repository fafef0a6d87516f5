"""Flows that are written for handlers do on every release what they do on 0.10.7, or what the docs say instead."""

import old_api
import pytest
import releases

NEWEST = "1.4.1"


def test_legacy_flows_run(legacy_outcomes):
    assert {title: outcome for title, outcome in legacy_outcomes.outcomes.items() if is_error(outcome)} == {}
    assert {title: warnings for title, warnings in legacy_outcomes.warnings.items() if warnings} == {}


@pytest.mark.parametrize("release", old_api.NATIVE)
def test_releases_with_handlers(release, legacy_outcomes, under_the_shim, tmp_path):
    plain = old_api.TABLE.outcomes(releases.python(release), tmp_path, shim=False)
    old_api.TABLE.compare(release, plain, legacy_outcomes)
    old_api.TABLE.compare_warnings(release, plain.warnings, legacy_outcomes.warnings)
    shim = under_the_shim(release)
    assert without_tracebacks(shim.outcomes) == without_tracebacks(plain.outcomes)
    assert shim.warnings == plain.warnings


def test_rehandle_changes_nothing_on_the_oracle(legacy_outcomes, under_the_shim):
    assert under_the_shim(old_api.TABLE.oracle) == legacy_outcomes


@pytest.mark.parametrize("release", [release for release in old_api.RELEASES if release not in old_api.NATIVE])
def test_releases_with_results(release, legacy_outcomes, under_the_shim):
    found = under_the_shim(release)
    old_api.TABLE.compare(release, found, legacy_outcomes)
    old_api.TABLE.compare_warnings(release, found.warnings, under_the_shim(NEWEST).warnings)


def test_each_handler_is_deprecated(under_the_shim):
    warnings = under_the_shim(NEWEST).warnings
    assert {title for title, found in warnings.items() if not found} == old_api.WITHOUT_HANDLERS
    assert {category for found in warnings.values() for category, _ in found} == {"ResultHandlerDeprecationWarning"}


def is_error(outcome):
    return isinstance(outcome, dict) and "error" in outcome


def without_tracebacks(outcomes):
    """They show what a call went through."""
    return {title: outcome["error"] if is_error(outcome) else outcome for title, outcome in outcomes.items()}
