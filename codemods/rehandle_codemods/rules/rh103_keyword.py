"""Keyword `result_handler=`.

Task, Flow and task take `result=` from Prefect 0.11 on, and nothing else from 0.14 on. Only the keyword of a call
that is certainly Prefect's is renamed, and only where its value is a Result after the rewrite.

## Example

```diff
 from prefect import task
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult


-@task(result_handler=LocalResultHandler(dir="results"))
+@task(result=LocalResult(dir="results"))
 def add(x, y):
     return x + y
```
"""

from __future__ import annotations

from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Keyword
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import AS_RECORDED, rule


@rule
def decide(place: Keyword, decisions: Decisions) -> Verdict | None:
    """Rename the keyword of Prefect's own call whose value becomes a Result, is one, or is None."""
    value = place.node.value
    answer = decisions.values.destination(place.module, value).receiver
    if place.node.arg != prefect_names.KEYWORD or not answer.takes_result or answer.in_task_args:
        return None
    if decisions.values.problem(place.module, value):
        return None
    seen = AS_RECORDED if answer.recorded else ""
    rewrite = Rewrite(place.node, partial(code.keyword_named, name=prefect_names.RESULT_KEYWORD))
    return Rewritten(f"pass result= instead of result_handler={seen}", (rewrite,))
