"""Code that is written for result handlers, on every release: what works where."""

from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## Flows that are written for result handlers

Flows with the result handlers of Prefect 0.10.7 are run on each release: on 0.6 to 0.9 both without rehandle and after
`import rehandle.auto`, which changes nothing there, and from 0.11 on after it. What comes of them is compared with what
Prefect 0.10.7 does without rehandle. As Prefect 0.6 to 0.8 stores nothing without it, the flows say `checkpoint=True`.
"""

# Where handlers are Prefect's own, and rehandle must not change what they do.
NATIVE = ("0.6.7", "0.7.3", "0.8.1", "0.9.8")
RELEASES = (*NATIVE, "0.11.5", "0.12.6", "0.13.19", "0.14.22", "0.15.13", "1.4.1")

MAPPING_WITH_PROCESSES = "`LocalDaskExecutor` with processes, with mapping"

LIMITS = (
    Limit(
        ("A handler alone is enough", "`ifelse` and `merge`", "Constants and collections as inputs"),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "Prefect 0.6 to 0.8 stores a value only if its task has `checkpoint=True`, which Prefect's own tasks don't",
    ),
    Limit(
        ("`checkpoint=True` without a handler",),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "In Prefect 0.6 to 0.8 such a task fails",
    ),
    Limit(("`None` isn't stored",), "0.6.7", "0.8.1", LIMITED, "Prefect 0.6 to 0.8 stores `None` too"),
    Limit(
        ("Handlers without `write`",),
        "0.6.7",
        "0.8.1",
        LIMITED,
        "In Prefect 0.6 to 0.8 the value is the location of what such a handler doesn't write",
    ),
    Limit(
        ("`result_handler=` on a `Storage`",),
        "0.6.7",
        "0.8.1",
        IMPOSSIBLE,
        "Storages take no handler before Prefect 0.9",
    ),
    Limit(
        (
            "`ConstantResultHandler`",
            "`SecretResultHandler`",
            "The modules of handlers",
            "A secret refuses `result_handler=`",
            "Secrets as inputs",
        ),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "Constants and secrets have no handlers before Prefect 0.7, nor are there tasks for secrets",
    ),
    Limit(
        (MAPPING_WITH_PROCESSES,),
        "0.6.7",
        "0.11.5",
        IMPOSSIBLE,
        "Prefect's executor can't map with processes before 0.12: the mapped task fails with Prefect's own error",
    ),
    Limit(
        ("`flow.save` and `Flow.load`",),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "Flows have no `save` before Prefect 0.7",
    ),
    Limit(
        ("`state._result.result_handler` is the handler",),
        "0.11.5",
        "1.4.1",
        LIMITED,
        "A state has a Result, and `result_handler` there is one that reads and writes through it. A task's and a "
        "flow's is the handler",
    ),
    Limit(
        ("Retries from stored inputs",),
        "0.12.6",
        "1.4.1",
        LIMITED,
        "Prefect 0.12 and later takes inputs from the states of the tasks before, not from a state's `cached_inputs`",
    ),
    Limit(
        ("A loop's last iteration alone is stored",),
        "0.13.19",
        "1.4.1",
        LIMITED,
        "Since 0.13.15 Prefect stores each iteration of a loop",
    ),
    Limit(
        ("What `SUCCESS` is raised with isn't stored",),
        "0.15.13",
        "1.4.1",
        LIMITED,
        "Since 0.15 Prefect stores that value too",
    ),
)

STAND_INS = {MAPPING_WITH_PROCESSES: "`LocalDaskExecutor` with threads, with mapping"}

TABLE = FeatureTable("old_api", "0.10.7", RELEASES, LIMITS, INTRODUCTION, STAND_INS)

# What hands no handler over, and so isn't told under the shim that handlers are deprecated.
WITHOUT_HANDLERS = {
    "`checkpoint=True` without a handler",
    "The interface of handlers",
    "The modules of handlers",
    "A secret refuses `result_handler=`",
}
