"""A handler stays the object that it was: what comes of it is what came of it on 0.10.7, or what the docs say."""

import pytest
import releases
from handler_objects import TABLE


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    return TABLE.outcomes(releases.python(TABLE.oracle), tmp_path_factory.mktemp("oracle"), shim=False)


def test_the_oracle_runs_them_all(oracle):
    errors = {title for title, found in oracle.outcomes.items() if isinstance(found, dict) and "error" in found}
    assert errors == set()


@pytest.mark.parametrize("release", [TABLE.oracle, *TABLE.releases])
def test_under_the_shim(release, oracle, tmp_path):
    TABLE.compare(release, TABLE.outcomes(releases.python(release), tmp_path, shim=True), oracle)
