"""What code that is written for result handlers seldom does, on every release. It isn't rewritten here, only run."""

import old_api
from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## Flows that are written for result handlers, in unusual ways

The same comparison for what few flows do. Prefect 0.10.7 looks at a handler when a flow runs, not when a task gets it:
it may change, compute its attributes, have a client of its own, or be of another class than Prefect's. Under the shim
all that is as it was.
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
    Limit(
        ("An attribute `target` of one's own",),
        "0.11.5",
        "1.4.1",
        IMPOSSIBLE,
        "From 0.11 on `target` is an attribute of Prefect's own tasks: one of your own needs another name",
    ),
    Limit(
        ("Ids of runs aren't in the context",),
        "0.12.6",
        "1.4.1",
        LIMITED,
        "From 0.12.2 on Prefect has ids in the context of local runs too",
    ),
    Limit(
        ("`flow.run` takes no ids",),
        "0.13.19",
        "1.4.1",
        LIMITED,
        "In later releases `flow.run` takes ids",
    ),
)

TABLE = FeatureTable("old_api_corners", "0.10.7", old_api.RELEASES, LIMITS, INTRODUCTION, stand_ins={})
