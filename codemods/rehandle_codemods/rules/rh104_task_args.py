"""Key `result_handler` in `task_args`.

`task_args=dict(result_handler=...)` and `task_args={"result_handler": ...}` set an attribute of the task that no
longer exists from Prefect 0.11 on. The key becomes `result`.

## Example

```diff
 from prefect import Flow, task
-from prefect.engine.result_handlers import JSONResultHandler
+from prefect.engine.results import PrefectResult


 @task
 def add(x, y):
     return x + y


 with Flow("sums") as flow:
-    add(1, 2, task_args=dict(result_handler=JSONResultHandler()))
+    add(1, 2, task_args=dict(result=PrefectResult()))
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import DictKey
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: DictKey, decisions: Decisions) -> Verdict | None:
    """Rename a key of task_args whose value becomes a Result, is one, or is None."""
    value = value_in_task_arguments(place.module, place.node)
    if value is None or not decisions.values.destination(place.module, value).receiver.takes_result:
        return None
    if decisions.values.problem(place.module, value):
        return None
    message = "set result in task_args instead of result_handler"
    return Rewritten(message, (key_renamed(place.node),))


def value_in_task_arguments(module: Module, key: ast.AST) -> ast.expr | None:
    """The value of a key, where its dict is a call's `task_args=` and has no other one for the Result."""
    holder = module.analysis.parents[key]
    if not isinstance(holder, (ast.Dict, ast.Call)) or _task_arguments_call(module, holder) is None:
        return None
    if isinstance(holder, ast.Call):
        if any(keyword.arg == prefect_names.RESULT_KEYWORD for keyword in holder.keywords):
            return None
        return key.value if isinstance(key, ast.keyword) else None
    if any(isinstance(other, ast.Constant) and other.value == prefect_names.RESULT_KEYWORD for other in holder.keys):
        return None
    return next(value for other, value in zip(holder.keys, holder.values) if other is key)


def key_renamed(key: ast.AST) -> Rewrite:
    """Rename the key, a keyword of `dict` or a string, whose quotes are kept."""
    if isinstance(key, ast.keyword):
        return Rewrite(key, partial(code.keyword_named, name=prefect_names.RESULT_KEYWORD))
    return Rewrite(key, partial(code.saying, text=prefect_names.RESULT_KEYWORD))


def _task_arguments_call(module: Module, node: ast.AST) -> ast.Call | None:
    """The call that a dict, written as `{...}` or `dict(...)`, is the `task_args=` of."""
    keyword = module.analysis.parents.get(node)
    if isinstance(keyword, ast.keyword) and keyword.arg == "task_args":
        call = module.analysis.parents.get(keyword)
        return call if isinstance(call, ast.Call) else None
    return None
