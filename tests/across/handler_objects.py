"""Handlers as objects: that they change, compute, lack or are something, and what comes of it on every release."""

import old_api
from feature_tables import LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## What a handler is while a flow runs

Prefect 0.10.7 looks at a handler when a flow runs, not when a task gets it: it may change, compute its attributes, have
a client of its own, or be of another class than Prefect's. Under the shim all that is as it was.
"""

LIMITS = (
    Limit(
        (
            "Handlers in the `__dict__` of a task or flow",
            "Attributes of tasks and their classes that Prefect has too",
            "Handlers that are false",
            "Handlers that only read or only write, or fail",
        ),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "Prefect 0.6 to 0.8 fails a task with `checkpoint=True` for which no handler is used, and stores what the base "
        "class of handlers doesn't write",
    ),
    Limit(
        (
            "`handler.dir = ...` once a task or flow has it",
            "Attributes that a handler's class computes",
            "A handler's folder when Prefect's home changes",
        ),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "`LocalResultHandler` of Prefect 0.6 to 0.8 gives absolute locations, knows no home and makes no folder",
    ),
    Limit(
        ("`service_name` for boto3",),
        "0.6.7",
        "0.9.8",
        LIMITED,
        "`S3ResultHandler` takes no `boto3_kwargs` before Prefect 0.10",
    ),
)

TABLE = FeatureTable("handler_objects", old_api.TABLE.oracle, old_api.RELEASES, LIMITS, INTRODUCTION, {})
