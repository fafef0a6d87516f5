"""Handler converted at run time.

The place is certainly Prefect's. What arrives there only a run shows, or it must stay a handler. `rehandle.to_result`
turns a handler into its Result when the code runs, and passes a Result and None through. It needs rehandle to be
installed, and Prefect 0.11 or later: code that still has to run on Prefect 0.10 is better left as it is.

## Example

```diff
 from prefect import Task
+from rehandle import to_result


 def build(result_handler=None):
-    return Task(name="built", result_handler=result_handler)
+    return Task(name="built", result=to_result(result_handler))
```

## By hand

Nothing has to be done. To have the code run without rehandle, give the function Results wherever it is called, and
take `to_result` away:

```python
from prefect import Task


def build(result=None):
    return Task(name="built", result=result)
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Attribute, DictKey, Keyword
from rehandle_codemods.decide.verdicts import Converted, How, Rewrite, Verdict
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow import receivers
from rehandle_codemods.flow.dicts import stored_value
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import assigned_value, inside_fstring
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.statements import Around
from rehandle_codemods.rules import AS_RECORDED, rule
from rehandle_codemods.rules.rh104_task_args import key_renamed, value_in_task_arguments


@rule
def decide(place: Keyword | DictKey | Attribute, decisions: Decisions) -> Verdict | None:
    """Convert at a place of Prefect's whose value isn't certainly a Result."""
    module, node = place.module, place.node
    value: ast.expr | None = None
    seen = ""
    if isinstance(place, Keyword):
        answer = decisions.values.destination(module, place.node.value).receiver
        if answer.kind is Receiver.PROJECT and place.node.arg == prefect_names.KEYWORD:
            return _there(answer, module, place.node.value)
        value = place.node.value if answer.takes_result and not answer.in_task_args else None
        seen = AS_RECORDED if answer.recorded else ""
    elif isinstance(place, DictKey):
        stored = stored_value(module, node)
        if stored is not None:
            answer = decisions.values.destination(module, stored).receiver
            if answer.kind is Receiver.PROJECT:
                return _there(answer, module, stored)
        value = value_in_task_arguments(module, node)
        if value is not None and not decisions.values.destination(module, value).receiver.takes_result:
            return None
    else:
        owner = decisions.flow.owners.of(module, place.node.value)
        value = assigned_value(module, place.node) if owner.kind is Receiver.PREFECT else None
        seen = AS_RECORDED if owner.recorded else ""
    reason = decisions.values.problem(module, value) if value is not None else None
    if value is None or reason is None or inside_fstring(module, value):
        return None
    if isinstance(node, ast.Attribute):
        renamed = Rewrite(node, partial(code.attribute_named, name=prefect_names.RESULT_KEYWORD))
    else:
        renamed = key_renamed(node)
    return Converted(
        reason,
        How(short(module, value), f"is converted at run time{seen}"),
        (renamed, to_result(module, value, decisions)),
        needs=decisions.imports.of(module).to_result_needs,
    )


def _there(answer: receivers.Answer, module: Module, value: ast.expr) -> Verdict:
    reason = answer.reason or Reason("is handed on to Prefect", subject=IT)
    return Converted(Reason(reason.clause), How(short(module, value), "is converted there at run time"))


def to_result(module: Module, value: ast.expr, decisions: Decisions) -> Rewrite:
    """Hand a value to `rehandle.to_result`."""
    return Rewrite(value, Around(code.called_with, function=decisions.imports.of(module).to_result))
