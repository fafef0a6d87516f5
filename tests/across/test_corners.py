"""What flows with handlers seldom do is on every release what it is on 0.10.7, or what the docs say instead."""

import corners
import old_api
import pytest
import releases

TABLE = corners.TABLE


@pytest.fixture(scope="module")
def on_the_oracle(tmp_path_factory):
    return TABLE.outcomes(releases.python(TABLE.oracle), tmp_path_factory.mktemp("oracle"), shim=False)


def test_they_run(on_the_oracle):
    errors = {title for title, each in on_the_oracle.outcomes.items() if isinstance(each, dict) and "error" in each}
    assert errors == set()


@pytest.mark.parametrize("release", [TABLE.oracle, *TABLE.releases])
def test_outcomes(release, on_the_oracle, tmp_path):
    found = TABLE.outcomes(releases.python(release), tmp_path, shim=True)
    TABLE.compare(release, found, on_the_oracle)
    if release in (TABLE.oracle, *old_api.NATIVE):
        TABLE.compare_warnings(release, found.warnings, on_the_oracle.warnings)
