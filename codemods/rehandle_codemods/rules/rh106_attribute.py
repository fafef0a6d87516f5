"""Attribute `result_handler` of a flow or task.

The attribute is called `result` from Prefect 0.11 on. It is renamed where the object is certainly a flow or task of
Prefect's and the attribute is set to a Result, or read where a Result can be: compared with None, passed to Prefect,
kept in a variable whose uses are known, asked for what a Result has too (`dir`, `bucket`), or read and written by the
code itself (RH122). `getattr`, `setattr` and `hasattr` with its name count too.

An object is known by what makes it (`Flow(...)`, `Flow.load(...)`, `flow.copy()`), by its annotation (`Flow`, `"Flow"`,
`Optional[Flow]`, `Flow | None`), as `self` in a class of tasks or flows, or as an attribute of the project's own
objects that is set to nothing else (`self.flow = Flow(...)`).

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult

 flow = Flow("sums")
-flow.result_handler = LocalResultHandler()
-place = flow.result_handler.write(3)
+flow.result = LocalResult()
+place = flow.result.write(3).location
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Attribute, NameInString
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import assigned_value
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import AS_RECORDED, rule

_MESSAGE = "use the attribute result instead of result_handler"


@rule
def decide(place: Attribute | NameInString, decisions: Decisions) -> Verdict | None:
    """Rename an attribute that is set to a Result or None, or read where a Result can be."""
    if isinstance(place, NameInString):
        return _named(place, decisions)
    node = place.node
    owner = decisions.flow.owners.of(place.module, node.value)
    if owner.kind is not Receiver.PREFECT:
        return None
    value = assigned_value(place.module, node)
    if value is not None:
        if decisions.values.problem(place.module, value):
            return None
    elif not isinstance(node.ctx, ast.Load) or not decisions.values.takes_result(place.module, node):
        return None
    message = _MESSAGE + (AS_RECORDED if owner.recorded else "")
    rewrite = Rewrite(node, partial(code.attribute_named, name=prefect_names.RESULT_KEYWORD))
    return Rewritten(message, (rewrite,))


def _named(place: NameInString, decisions: Decisions) -> Verdict | None:
    """Rename the name of the attribute in a call of getattr, setattr or hasattr."""
    module = place.module
    call = module.analysis.parents.get(place.node)
    if not isinstance(call, ast.Call) or call.args[1:2] != [place.node]:
        return None
    if not decisions.flow.names_attribute(module, call, "getattr", "setattr", "hasattr"):
        return None
    if decisions.flow.is_attribute(module, call) and not decisions.values.takes_result(module, call):
        return None
    if any(decisions.values.problem(module, value) for value in call.args[2:]):
        return None
    rewrite = Rewrite(place.node, partial(code.saying, text=prefect_names.RESULT_KEYWORD))
    return Rewritten(_MESSAGE, (rewrite,))
