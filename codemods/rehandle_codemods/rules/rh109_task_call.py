"""Handler given where a task is called.

Prefect's documentation showed `add(1, result_handler=...)`, which no release accepted. What it means is said by
`task_args=dict(result=...)`: the task that this call adds to the flow gets the Result. Only the call of what is
certainly a task is rewritten, and only where its `run` has no such input.

## Example

```diff
 from prefect import Flow, task
-from prefect.engine.result_handlers import JSONResultHandler
+from prefect.engine.results import PrefectResult


 @task
 def add(x, y):
     return x + y


 with Flow("sums") as flow:
-    add(1, 2, result_handler=JSONResultHandler())
+    add(1, 2, task_args=dict(result=PrefectResult()))
```
"""

from __future__ import annotations

from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Keyword
from rehandle_codemods.decide.verdicts import Converted, How, Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rewrite import arguments
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh108_run_time import to_result

_IN_TASK_ARGS = partial(
    arguments.put_into_dict, name=prefect_names.KEYWORD, into="task_args", key=prefect_names.RESULT_KEYWORD
)


@rule
def decide(place: Keyword, decisions: Decisions) -> Verdict | None:
    """Give what a call of a task has as a keyword in `task_args=`."""
    module, keyword, call = place.module, place.node, place.call
    answer = decisions.values.destination(module, keyword.value).receiver
    if keyword.arg != prefect_names.KEYWORD or answer.kind is not Receiver.PREFECT or not answer.in_task_args:
        return None
    if inside_fstring(module, keyword):
        return None
    reason = decisions.values.problem(module, keyword.value)
    rewrites: tuple[Rewrite, ...] = (Rewrite(call, _IN_TASK_ARGS),)
    if reason:
        rewrites = (*rewrites, to_result(module, keyword.value, decisions))
        how = How(short(module, keyword.value), "is converted at run time, in task_args=dict(result=...)")
        needs = decisions.imports.of(module).to_result_needs
        return Converted(reason, how, rewrites, needs)
    return Rewritten("pass task_args=dict(result=...) instead of result_handler=", rewrites)
