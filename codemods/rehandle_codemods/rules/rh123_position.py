"""Handler given by position.

Up to Prefect 0.13 `Task` took a handler as its 13th argument, `Flow` as its 11th or 13th. From 0.14 on these places
mean something else. The handler's Result is given as `result=`, and so are by name all arguments whose place differs
between releases; None for what some releases don't have is left out. A value that isn't known is left.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult

 flow = Flow(
     "sums",
     None,
-    None,
-    None,
-    None,
-    None,
-    None,
-    None,
-    None,
-    None,
-    LocalResultHandler(dir="sums"),
+    storage=None,
+    tasks=None,
+    edges=None,
+    reference_tasks=None,
+    state_handlers=None,
+    on_failure=None,
+    validate=None,
+    result=LocalResult(dir="sums"),
 )
```
"""

from __future__ import annotations

import ast

from rehandle.mapping import MOVED_PARAMETERS, PARAMETERS_OF_SOME
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Positional
from rehandle_codemods.decide.verdicts import Converted, How, Left, Rewrite, Rewritten, Verdict
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow.positional import position_problem
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.syntax import inside_fstring, is_none
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh102_constructor import give
from rehandle_codemods.rules.rh108_run_time import to_result


@rule
def decide(place: Positional, decisions: Decisions) -> Verdict | None:
    """Give by name what is at the position of a handler."""
    module, value, call = place.module, place.node, place.call
    layout = decisions.flow.layout(module, call)
    if layout is None and any(isinstance(argument, ast.Starred) for argument in call.args[: call.args.index(value)]):
        what = f"{short(module, value)} is given by position after *, so Prefect may take it for something else"
        return Left(Reason(what, advice="Give it by name"))
    if layout is None and not is_none(value):
        what = f"{short(module, value)} stands where Prefect took a handler up to 0.13, and may be one"
        return Left(Reason(what, advice="Give it by name, as result="))
    if layout is None:
        what = f"{short(module, value)} and the arguments after it mean something else from Prefect 0.14 on"
        return Left(Reason(what, advice="Give them by name"))
    problem = position_problem(call, layout)
    if problem or inside_fstring(module, call):
        why = problem or Reason("is inside an f-string", subject=IT)
        return Left(
            why._replace(advice=why.advice or "Give it by name, as result="),
            How(short(module, value), "stays by position"),
        )
    rewrites = (_rewrite(call, layout),)
    reason = decisions.values.problem(module, value)
    name = short(module, value)
    if not reason:
        return Rewritten(f"pass {name} by its name, result=, instead of by position", rewrites)
    return Converted(
        reason,
        How(name, "is converted at run time, as result="),
        (*rewrites, to_result(module, value, decisions)),
        needs=decisions.imports.of(module).to_result_needs,
    )


def _rewrite(call: ast.Call, layout: tuple[str, ...]) -> Rewrite:
    """Give by name what comes at or after the first place that differs between releases."""
    first = min(layout.index(name) for name in MOVED_PARAMETERS if name in layout)
    given: dict[ast.AST, str | None] = {}
    for name, value in list(zip(layout, call.args))[first:]:
        left_out = is_none(value) and name in PARAMETERS_OF_SOME
        given[value] = None if left_out else prefect_names.RESULT_KEYWORD if name == prefect_names.KEYWORD else name
    return give(call, given)
