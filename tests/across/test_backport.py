"""Flows that are written for Results do on every release what they do on 1.4.1, or what the docs say instead."""

import backport
import pytest
import releases


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle")
    outcomes = backport.outcomes(releases.python(backport.ORACLE), backport.ORACLE, folder)
    broken = {title: outcome["traceback"] for title, outcome in outcomes.items() if "error" in outcome}
    assert broken == {}
    return outcomes


@pytest.mark.parametrize("release", backport.RELEASES)
def test_outcomes(release, oracle, tmp_path):
    found = backport.outcomes(releases.python(release), release, tmp_path)
    assert set(found) == set(oracle)
    limited = {title for title in oracle if backport.limit_of(title, release)}
    different = {title: (found[title], oracle[title]) for title in oracle if found[title] != oracle[title]}
    assert {title: pair for title, pair in different.items() if title not in limited} == {}
    assert limited - set(different) == set(), "these work: take them out of the limits"


def test_every_feature_is_on_the_page(oracle):
    titles = [title for section in backport.features().values() for title in section]
    assert titles == list(oracle)


def test_limits_are_about_features():
    titles = {title for section in backport.features().values() for title in section}
    assert {title for limit in backport.LIMITS for title in limit.features} <= titles


def test_page():
    assert backport.PAGE.read_text("utf-8") == backport.page(), "run: python tests/across/backport.py"
