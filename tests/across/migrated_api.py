"""Code that was written for result handlers, after `rehandle migrate`, on every release."""

import collections
import tempfile
from pathlib import Path
from typing import Any

import old_api
from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit, numbers
from observing import BLOCKED, IMPORTABLE, INSTALLED

# Where Prefect has no Results, and rehandle brings them.
BACKPORTED = (*old_api.NATIVE, old_api.TABLE.oracle)
RELEASES = (*BACKPORTED, "0.11.5", "0.12.6", "0.13.19", "0.14.22", "0.15.13", "1.4.1")

INTRODUCTION = """\
## Flows that were written for result handlers, rewritten

Each of the flows above is a file of its own, which `rehandle migrate` rewrites. The new file is run on each release,
on 0.6 to 0.10 after `import rehandle.auto`, and what comes of it is compared with what Prefect 0.10.7 does with the old
one, without rehandle. None warns that handlers are deprecated unless something is left in it. From 0.11 on,
{counts}
"""
# What a rewritten file needs, and how the page says it.
COUNTED = {
    BLOCKED: "{} of the {} rewritten files run where every import of rehandle fails, and",
    IMPORTABLE: "{} import `to_result`, for what is converted when the code runs.",
    INSTALLED: "In {} something is to be done by hand, which the report says. They run after `import rehandle.auto`.",
}

HANDLER_OF_A_RESULT = (
    "What is left asks a task or flow for its handler, which is one that reads and writes through its Result there"
)

LIMITS = (
    *(limit for limit in old_api.LIMITS if numbers(limit.last) >= numbers("0.11.5")),
    Limit(
        ("The modules of handlers",),
        "0.14.22",
        "1.4.1",
        LIMITED,
        "A module's name that is put together when the code runs isn't rewritten",
    ),
    Limit(
        (
            "`result_handler=` on a `Storage`",
            "`flow.result_handler = ...`",
            "`task.result_handler = ...`",
            "`task.result_handler` and `flow.result_handler` are read",
            "`AzureResultHandler` is taken",
            "`state._result.result_handler` is the handler",
            "Pickled tasks and states",
        ),
        "0.6.7",
        "0.10.7",
        LIMITED,
        HANDLER_OF_A_RESULT,
    ),
    Limit(("`flow.save` and `Flow.load`",), "0.7.3", "0.10.7", LIMITED, HANDLER_OF_A_RESULT),
    Limit(
        ("`state._result.safe_value`",),
        "0.6.7",
        "0.10.7",
        LIMITED,
        "The locations that a Result makes up have folders for the day",
    ),
    Limit(
        ("A loop's last iteration alone is stored", "What `SUCCESS` is raised with isn't stored"),
        "0.6.7",
        "0.10.7",
        LIMITED,
        "The Results that rehandle brings store each iteration of a loop and what `SUCCESS` is raised with",
    ),
    Limit(
        ("`ifelse` and `merge`",),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "Before Prefect 0.9 `ifelse` makes no task for the truth of its condition, so no such value is stored",
    ),
    *(
        limit
        for limit in old_api.LIMITS
        if limit.features in {("`checkpoint=True` without a handler",), ("Handlers without `write`",)}
    ),
    Limit(
        ("The modules of handlers", "A secret refuses `result_handler=`", "Secrets as inputs"),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "Constants and secrets have no handlers before Prefect 0.7, nor are there tasks for secrets",
    ),
    *(limit for limit in old_api.LIMITS if limit.features == ("`flow.save` and `Flow.load`",)),
)

TABLE = old_api.TABLE._replace(releases=RELEASES, limits=LIMITS, introduction=INTRODUCTION)


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
