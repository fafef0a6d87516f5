"""Code that was written for result handlers, after `rehandle migrate`, on every release that has Results."""

import collections
import tempfile
from pathlib import Path
from typing import Any

import old_api
from feature_tables import LIMITED, FeatureTable, Limit, numbers
from observing import BLOCKED, IMPORTABLE, INSTALLED

RELEASES = ("0.11.5", "0.12.6", "0.13.19", "0.14.22", "0.15.13", "1.4.1")

INTRODUCTION = """\
## Flows that were written for result handlers, rewritten

Each of the flows above is a file of its own, which `rehandle migrate` rewrites. The new file is run on each release
that has Results, and what comes of it is compared with what Prefect 0.10.7 does with the old one, without rehandle.
{counts}
"""
# What a rewritten file needs, and how the page says it.
COUNTED = {
    BLOCKED: "{} of the {} rewritten files run where every import of rehandle fails.",
    IMPORTABLE: "{} import `to_result`, for what is converted when the code runs.",
    INSTALLED: "In {} something is left for a person, which the report says. They run after `import rehandle.auto`.",
}

LIMITS = (
    *(limit for limit in old_api.LIMITS if numbers(limit.last) >= numbers(RELEASES[0])),
    Limit(
        ("The modules of handlers",),
        "0.14.22",
        "1.4.1",
        LIMITED,
        "A module's name that is put together when the code runs isn't rewritten",
    ),
)

TABLE = FeatureTable("old_api", old_api.TABLE.oracle, RELEASES, LIMITS, INTRODUCTION)


def counted(features: Any) -> str:
    """How many migrated features need what, in words."""
    counts = collections.Counter(feature.needs for feature in features.values())
    return "\n".join(words.format(counts[needs], len(features)) for needs, words in COUNTED.items())


def table() -> FeatureTable:
    """The table, with what the rewriting tool says now."""
    from migrated_features import migrated_features

    with tempfile.TemporaryDirectory() as folder:
        counts = counted(migrated_features(TABLE.api, Path(folder)))
    return TABLE._replace(introduction=INTRODUCTION.format(counts=counts))
