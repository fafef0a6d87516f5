"""What has nothing to do with handlers is with rehandle what it is without: some 290 rows about Prefect's engine.

Prefect's sdists have no tests. These rows go through what its tests go through: Results, serializers, states, the
steps of the task runner, triggers, signals, caches, mapping, control flow, executors, and flows as JSON.
"""

import feature_tables
import pytest
import releases

FOLDER = feature_tables.FLOWS / "engine"
RELEASES = ("0.13.19", "1.4.1")
# What rows that test nothing would end with.
BROKEN = ("raises NameError", "raises ImportError", "raises ModuleNotFoundError")
FEWEST = 280


@pytest.fixture(scope="module", params=RELEASES)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def plain(release, tmp_path_factory):
    """What comes of each row without rehandle."""
    return outcomes(release, tmp_path_factory.mktemp("plain"))


def outcomes(release, folder, *options):
    return feature_tables.run_features(releases.python(release), FOLDER, folder, *options).outcomes


def test_they_run(plain):
    assert len(plain) >= FEWEST
    assert [title for title, each in plain.items() if str(each).startswith(BROKEN) or isinstance(each, dict)] == []


@pytest.mark.parametrize("way", ["import", "environment", "late"])
def test_with_rehandle(way, release, plain, tmp_path):
    different = feature_tables.differences(outcomes(release, tmp_path, f"--shim={way}"), plain)
    assert not different, feature_tables.shown(different)
