"""Safe result.

Up to Prefect 0.10 a `Result` had a value and a handler, and a `SafeResult` said where the handler had stored it. A
Result of the handler's own kind is both: `X(value=...)`, `r = r.write(value)` in place of `r.store_safe_value()`, and
`X(location=...)`. `safe_value.value` is the `location`. Printed, a safe value showed its class too; a location is the
text alone. Only what is certainly a Result is rewritten, and only where what is made of it is known: a state that has
a SafeResult for its result gave the runner a value, and one that has a location alone doesn't.

## Example

```diff
-from prefect.engine.result import Result, SafeResult
-from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler
+from prefect.engine.results import LocalResult, PrefectResult
 from prefect.engine.state import Pending


 def keep(value):
-    result = Result(value=value, result_handler=LocalResultHandler(dir="/srv/results"))
-    result.store_safe_value()
-    return result.safe_value.value
+    result = LocalResult(dir="/srv/results", value=value)
+    if result.value is not None:
+        result = result.write(result.value)
+    return result.location


 def show(state):
-    print(state._result.safe_value)
+    print(state._result.location)


-waiting = Pending(cached_inputs={"x": SafeResult("10", result_handler=JSONResultHandler())})
+waiting = Pending(cached_inputs={"x": PrefectResult(location="10")})
```
"""

from __future__ import annotations

from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Becomes, SafeResultUse
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.rewrite import code, safe_results
from rehandle_codemods.rewrite.rewriter import Transform
from rehandle_codemods.rewrite.statements import WholeLine
from rehandle_codemods.rules import rule

_CHANGES: dict[Becomes, Transform] = {
    Becomes.WITH_VALUE: partial(safe_results.handler_with, keyword="value"),
    Becomes.WITH_LOCATION: partial(safe_results.handler_with, keyword="location"),
    Becomes.FROM_VALUE: safe_results.from_value,
    Becomes.LOCATION: partial(code.attribute_named, name="location"),
    Becomes.OWNER: code.owner_of,
    Becomes.READ: safe_results.read,
    Becomes.IS_NONE: partial(safe_results.compared, negated=False),
    Becomes.IS_NOT_NONE: partial(safe_results.compared, negated=True),
    Becomes.WRITTEN: safe_results.written,
    Becomes.WRITTEN_UNLESS_NONE: WholeLine(safe_results.written_unless_none),
}


@rule
def decide(place: SafeResultUse, decisions: Decisions) -> Verdict | None:
    """Rewrite what is to do with safe results and understood."""
    rewrites = tuple(Rewrite(node, _CHANGES[becomes]) for node, becomes in place.becomes)
    return Rewritten(place.message, rewrites)
