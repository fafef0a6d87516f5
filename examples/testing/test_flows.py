"""What a team's flows do, on each release of Prefect, before their migration and after it."""

import pytest

FLOWS = "legacy_flows"
SCRIPTS = ["flow_level.py", "mapped.py", "orders.py"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_migration_changes_nothing(legacy_and_migrated, script):
    legacy, migrated, _ = legacy_and_migrated(f"{FLOWS}/{script}")
    assert legacy.state == "Success", legacy.tasks
    assert migrated == legacy


def test_nothing_is_left_by_hand(legacy_and_migrated):
    _, _, findings = legacy_and_migrated(f"{FLOWS}/orders.py")
    assert [finding["message"] for finding in findings if finding["status"] == "left"] == []


def test_the_parameter(flow_runner):
    outcome = flow_runner(f"{FLOWS}/mapped.py", shim=True, parameters={"count": 2})
    (total,) = [task["value"] for task in outcome.tasks if task["task"] == "total"]
    assert total == "5"
