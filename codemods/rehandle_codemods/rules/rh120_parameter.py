"""Parameter called `result_handler`.

A function of the project that is given handlers, and every call of it, are found: the parameter is called `result`
then, and the calls give it Results. Where a call isn't understood, or none is there, the parameter keeps its name and
what it gets is converted at run time (RH108).

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult


-def make_flow(name, result_handler=None):
-    return Flow(name, result_handler=result_handler)
+def make_flow(name, result=None):
+    return Flow(name, result=result)


-flow = make_flow("sums", result_handler=LocalResultHandler(dir="sums"))
+flow = make_flow("sums", result=LocalResult(dir="sums"))
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Parameter
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.tree import walk
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: Parameter, decisions: Decisions) -> Verdict | None:
    """Rename a parameter whose every value is a Result now."""
    if place.problem:
        return None
    analysis, function = place.module.analysis, place.function
    scope = inner_scope(place.module, function)
    rewrites = [Rewrite(place.node, partial(code.name_changed, name=prefect_names.RESULT_KEYWORD))]
    for node in walk(function):
        if isinstance(node, ast.Name) and node.id == prefect_names.KEYWORD:
            used = analysis.scope_of.get(node)
            if used is not None and used.lookup(node.id) is scope:
                rewrites.append(Rewrite(node, partial(code.name_changed, name=prefect_names.RESULT_KEYWORD)))
    message = f"let {function.name} take result instead of result_handler, as its calls do"
    return Rewritten(message, tuple(rewrites))
