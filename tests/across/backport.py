"""Code that is written for Results, on every release: what works where."""

from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## Flows that are written for Results

Flows with the Results of Prefect 1.4.1 are run on each release after `import rehandle.auto`. What comes of them is
compared with what Prefect 1.4.1 does without rehandle.
"""

RELEASES = (
    "0.6.7",
    "0.7.3",
    "0.8.1",
    "0.9.8",
    "0.10.7",
    "0.11.5",
    "0.12.6",
    "0.13.19",
    "0.14.22",
    "0.15.13",
)

LIMITS = (
    Limit(
        ("`LocalDaskExecutor` with processes, with mapping",),
        "0.6.7",
        "0.11.5",
        IMPOSSIBLE,
        "Prefect's executor can't map with processes before 0.12: the mapped task fails with Prefect's own error",
    ),
    Limit(
        ("`flow.save` and `Flow.load`", "`flow.save` and `Flow.load` without a location"),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "Flows have no `save` before Prefect 0.7. Pickling them with cloudpickle works",
    ),
    Limit(
        ("A secret refuses `result=`", "Secrets as inputs"),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "There are no tasks for secrets before Prefect 0.7",
    ),
    Limit(
        ("`checkpoint=True` without a Result",),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "In Prefect 0.6 to 0.8 such a task fails",
    ),
    Limit(("`case`",), "0.6.7", "0.10.7", IMPOSSIBLE, "There is no `case` before Prefect 0.11"),
    Limit(
        ("`ifelse` and `merge`",),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "Before Prefect 0.9 `ifelse` makes no task for the truth of its condition, so no such value is stored",
    ),
    Limit(
        ("Each iteration of a loop is stored", "Templates with `{task_loop_count}`"),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "Prefect 0.11.0 to 0.13.14 stores the last iteration alone",
    ),
    Limit(
        ("What `SUCCESS` is raised with is stored",),
        "0.11.5",
        "0.14.22",
        LIMITED,
        "Prefect 0.11 to 0.14 stores what a task returns, not what it raises `SUCCESS` with",
    ),
    Limit(
        (
            "`target=` a template with task inputs and parameters",
            "Templates with task inputs",
            "Templates with parameters and their defaults",
        ),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11 fills in templates from the context alone: with any other name the task fails",
    ),
    Limit(
        ("`target=` a function", "A function as a location"),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11 takes no functions: the task fails",
    ),
    Limit(
        ("Task inputs called `value` and `location`",),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "Templates can't use an input called `value` before Prefect 0.13.7: the task fails",
    ),
    Limit(
        ("Task inputs come before the context",),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "In Prefect 0.11 and 0.12 the context comes before the inputs",
    ),
    Limit(
        ("Templates with `{flow_run_id}` and `{task_run_id}`", "`flow_run_id` lasts for a run"),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11.0 to 0.12.1 has no such ids in local runs: the task fails",
    ),
    Limit(
        ("`{flow_run_id}` of one's own",),
        "0.12.6",
        "0.12.6",
        LIMITED,
        "Prefect 0.12 replaces the id that a run is given",
    ),
)

TABLE = FeatureTable("new_api", "1.4.1", RELEASES, LIMITS, INTRODUCTION, stand_ins={})
