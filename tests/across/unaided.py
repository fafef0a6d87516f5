"""Code that is written for result handlers on Prefect 0.11 to 0.13 without rehandle: what the shim repairs there."""

import old_api
from feature_tables import IMPOSSIBLE, LIMITED, FeatureTable, Limit

INTRODUCTION = """\
## What Prefect 0.11 to 0.13 does with them by itself

The same flows on the releases that take handlers and convert them, without rehandle: what differs here from Prefect
0.10.7 and is ✓ in the tables above is what `import rehandle.auto` repairs.
"""

FIRST, LAST = "0.11.5", "0.13.19"

LIMITS = (
    Limit(
        (old_api.MAPPING_WITH_PROCESSES,),
        FIRST,
        FIRST,
        IMPOSSIBLE,
        "Prefect's executor can't map with processes before 0.12: the mapped task fails with Prefect's own error",
    ),
    Limit(
        (
            "`task.result_handler` and `flow.result_handler` are read",
            '`task_args={"result_handler": ...}` at a call',
            '`task_args={"result_handler": ...}` with `map`',
            "`AzureResultHandler` is taken",
            "Handlers of one's own",
            "`flow.save` and `Flow.load`",
            "Pickled tasks and states",
            "`result_handler=` on a `Storage`",
        ),
        FIRST,
        LAST,
        LIMITED,
        "Tasks and flows have no attribute `result_handler`, and storage doesn't take it: reading it, and `task_args` "
        "with it, is an error",
    ),
    Limit(
        (
            "`flow.result_handler = ...`",
            "`task.result_handler = ...`",
            "`result_handler=` in `Task` subclasses",
        ),
        FIRST,
        LAST,
        LIMITED,
        "A handler that is set later isn't used: nothing is stored, or at another place",
    ),
    Limit(
        ("`ConstantResultHandler`", "`SecretResultHandler`"),
        FIRST,
        LAST,
        LIMITED,
        "The task fails: the Results that these handlers become refuse to be written",
    ),
    Limit(
        ("Subclasses of built-in handlers",),
        FIRST,
        LAST,
        LIMITED,
        "What a subclass overrides isn't used: its base class's Result stores the value",
    ),
    Limit(("A secret refuses `result_handler=`",), FIRST, LAST, LIMITED, "A secret takes a handler, and ignores it"),
    Limit(
        (
            "`state._result.safe_value`",
            "`state._result.result_handler` is the handler",
            "States as JSON and back",
            "States as JSON and back with a `JSONResultHandler`",
            "Restarting from states that were JSON",
            "Retries from stored inputs",
            "State handlers see where the value is",
        ),
        FIRST,
        LAST,
        LIMITED,
        "A state has neither handler nor safe value: what is stored can't be read from it, nor a run restarted with it",
    ),
    Limit(
        (
            "`ifelse` and `merge`",
            "`switch`",
            "Parameters as inputs",
            "Constants and collections as inputs",
            "Secrets as inputs",
            "A task that times out stores nothing",
            "Mapped tasks that skip and fail",
            "`result_handler=` on `@task`",
            "`result_handler=` on a `Task`",
            "`result_handler=` on a `Flow`",
            "A task's handler comes before the flow's",
            "One handler for several tasks",
            "`checkpoint=False`",
            "A handler alone is enough",
            "Other false values are stored",
            "`LocalExecutor`",
            "`LocalExecutor`, with mapping",
            "`LocalDaskExecutor` with threads",
            "`LocalDaskExecutor` with threads, with mapping",
            "`LocalDaskExecutor` with processes",
            old_api.MAPPING_WITH_PROCESSES,
            "`DaskExecutor` with worker processes, with mapping",
            "`LocalResultHandler`",
            "`JSONResultHandler`",
            "Locations that are no texts",
            "Handlers without `write`",
            "Mapping over a map",
            "Retries",
            "`cache_for`",
            "`cache_key` and validators of inputs",
            "Validators of parameters",
            "Caches of mapped tasks",
            "`LOOP`",
            "A loop's last iteration alone is stored",
            "Retries in a loop",
            "Timeouts",
            "Triggers",
        ),
        FIRST,
        LAST,
        LIMITED,
        "The values are the same, and stored; but no state says where: `state._result.safe_value` is empty",
    ),
)

TABLE = FeatureTable("old_api", old_api.TABLE.oracle, (FIRST, LAST), LIMITS, INTRODUCTION, old_api.STAND_INS)
