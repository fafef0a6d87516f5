"""Flows with handlers do after their migration what they did before it on Prefect 0.10.7, and what native ones do."""

import migrated_api
import pytest
import releases
from migrated_features import migrated_features, outcomes
from observing import BLOCKED, INSTALLED
from old_api import TABLE as LEGACY

# Flows that are written twice, for handlers and for Results: their titles differ in a few words,
WORDS = {
    "result_handler": "result",
    "A task's handler": "A task's Result",
    "JSONResultHandler": "PrefectResult",
    "A handler's `write`": "A `write`",
    "A handler alone": "A Result alone",
    "without a handler": "without a Result",
}
# or in more of them.
TITLES = {
    "One handler for several tasks": "One Result for several tasks",
    "`LocalResultHandler`": "A `LocalResult` for any value",
    "`AzureResultHandler` is taken": "An `AzureResult` for a flow",
    "Handlers of one's own": "`Result` subclasses that make up locations",
    "Subclasses of built-in handlers": "Subclasses of `LocalResult`",
    "States as JSON and back": "States as JSON and back, and `read`",
    "`LOOP`": "`LOOP` without a location",
    "`flow.save` and `Flow.load`": "`flow.save` and `Flow.load` without a location",
    "Pickled tasks and states": "Pickled tasks and states without a location",
}
# Flows for which there is no such pair, and why.
UNPAIRED = {
    "`ConstantResultHandler`": "A ConstantResult refuses to be written",
    "`SecretResultHandler`": "A SecretResult refuses to be written",
    "Locations that are no texts": "The location of a Result is a text",
    "The interface of handlers": "Results have another",
    "The modules of handlers": "Results have others",
    "Handlers without `write`": "Their location is None; a Result without `write` has none",
    "`state._result.safe_value`": "States with Results have none",
    "`state._result.result_handler` is the handler": "States with Results have none",
    "State handlers see where the value is": "They ask for `safe_value`",
    "Retries from stored inputs": "Prefect 1.4.1 has no `cached_inputs`",
    "A loop's last iteration alone is stored": "Prefect 1.4.1 stores each",
    "What `SUCCESS` is raised with isn't stored": "Prefect 1.4.1 stores it",
}
# What classes are called.
CLASSES = {"LocalResultHandler": "LocalResult", "AzureResultHandler": "AzureResult"}


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    return migrated_features(LEGACY.api, tmp_path_factory.mktemp("migrated"))


@pytest.mark.parametrize("release", migrated_api.RELEASES)
def test_migrated_flows(release, features, legacy_outcomes, tmp_path):
    found = outcomes(features, releases.python(release), tmp_path, shim=release in migrated_api.BACKPORTED)
    migrated_api.TABLE.compare(release, found, legacy_outcomes)
    left = {title for title, feature in features.items() if feature.needs == INSTALLED}
    # Only what is left for a person may say that handlers are deprecated, and nothing says anything else.
    warnings = {
        title: [each for each in warnings if title not in left or each[0] != "ResultHandlerDeprecationWarning"]
        for title, warnings in found.warnings.items()
    }
    migrated_api.TABLE.compare_warnings(release, warnings, legacy_outcomes.warnings)


def test_most_flows_need_nothing_of_rehandle(features):
    alone = [title for title, feature in features.items() if feature.needs == BLOCKED]
    assert len(alone) >= len(features) * 2 / 3
    assert [title for title in alone if "rehandle" in features[title].text] == []


@pytest.mark.parametrize("title", [title for titles in LEGACY.features().values() for title in titles])
def test_native_flow(title, legacy_outcomes, native_outcomes):
    """The same flow, written for Prefect 1.4.1 by a person, does the same but for the names of stored objects."""
    if title in UNPAIRED:
        pytest.skip(UNPAIRED[title])
    legacy = without_names(legacy_outcomes.outcomes[LEGACY.stand_ins.get(title, title)])
    native = without_names(native_outcomes.outcomes[translated(title)])
    # Some natives tell more, at their end.
    assert (native[: len(legacy)] if isinstance(native, list) else native) == legacy


def test_unpaired_flows_are_flows():
    assert {*UNPAIRED, *TITLES} <= {title for titles in LEGACY.features().values() for title in titles}


def translated(title):
    """The title of the flow that is written for Results."""
    for old, new in () if title in TITLES else WORDS.items():
        title = title.replace(old, new)
    return TITLES.get(title, title)


def without_names(outcome):
    """An outcome without locations: of what is stored, the contents alone."""
    if isinstance(outcome, dict):
        contents = list(outcome.values())
        if all(isinstance(each, list) and all(isinstance(text, str) for text in each) for each in contents):
            return sorted(text for each in contents for text in each)
        return {name: without_names(each) for name, each in outcome.items() if name != "location"}
    if isinstance(outcome, list):
        return [without_names(each) for each in outcome]
    return CLASSES.get(outcome, outcome) if isinstance(outcome, str) else outcome
