"""What code that is written for result handlers seldom does, on every release. It isn't rewritten here, only run."""

import old_api
from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## Flows that are written for result handlers, in unusual ways

The same comparison for what few flows do, and for restarts from the states that an old release wrote.
"""

LIMITS = (
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
