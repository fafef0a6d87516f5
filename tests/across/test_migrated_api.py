"""Flows with handlers do after their migration what they did before it on Prefect 0.10.7, and what native ones do."""

import migrated_api
import pytest
import releases
from migrated_features import migrated_features, outcomes
from observing import BLOCKED
from old_api import TABLE as LEGACY

# Flows that are written twice, for handlers and for Results: their titles differ in a few words.
WORDS = {
    "result_handler": "result",
    "A task's handler": "A task's Result",
    "JSONResultHandler": "PrefectResult",
    "Handlers without": "`Result` subclasses without",
    "A handler's `write`": "A `write`",
}
# Of these the two flows differ in more than how they store.
OTHERWISE_DIFFERENT = {
    "`LOOP`",
    "`LocalDaskExecutor` with processes",
    "`LocalDaskExecutor` with threads",
    "`LocalDaskExecutor` with threads, with mapping",
    "`LocalExecutor`",
    "`LocalExecutor`, with mapping",
    "`None` isn't stored",
    "`flow.result_handler = ...`",
    "`flow.save` and `Flow.load`",
    "`task.result_handler = ...`",
    '`task_args={"result_handler": ...}` at a call',
    "A secret refuses `result_handler=`",
    "Pickled tasks and states",
}


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    return migrated_features(LEGACY.api, tmp_path_factory.mktemp("migrated"))


@pytest.mark.parametrize("release", migrated_api.RELEASES)
def test_migrated_flows(release, features, legacy_outcomes, tmp_path):
    migrated_api.TABLE.compare(release, outcomes(features, releases.python(release), tmp_path), legacy_outcomes)


def test_most_flows_need_nothing_of_rehandle(features):
    alone = [title for title, feature in features.items() if feature.needs == BLOCKED]
    assert len(alone) >= len(features) * 2 / 3
    assert [title for title in alone if "rehandle" in features[title].text] == []


def test_native_flows(legacy_outcomes, native_outcomes):
    """The same flow, written for Prefect 1.4.1 by a person, does the same but for the names of stored objects."""
    pairs = {title: translated(title) for title in legacy_outcomes if translated(title) in native_outcomes}
    different = {
        title
        for title, native in pairs.items()
        if without_names(legacy_outcomes[title]) != without_names(native_outcomes[native])
    }
    assert different == OTHERWISE_DIFFERENT
    assert len(pairs) > 2 * len(different)


def translated(title):
    for old, new in WORDS.items():
        title = title.replace(old, new)
    return title


def without_names(outcome):
    """An outcome without locations: of what is stored, the contents alone."""
    if isinstance(outcome, dict):
        contents = list(outcome.values())
        if all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in contents):
            return sorted(text for each in contents for text in each)
        return {name: without_names(each) for name, each in outcome.items() if name != "location"}
    return [without_names(each) for each in outcome] if isinstance(outcome, list) else outcome
