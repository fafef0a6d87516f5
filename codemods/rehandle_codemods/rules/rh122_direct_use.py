"""Handler that is read or written by the code itself.

`read` and `write` of a Result return a Result. The value that a handler's `read` returned is its `value`, the place
that a handler's `write` returned is its `location`. Only the call of something that was a handler, and certainly is a
Result now, is rewritten.

## Example

```diff
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult

-handler = LocalResultHandler()
-place = handler.write([1, 2, 3])
-total = sum(handler.read(place))
+handler = LocalResult()
+place = handler.write([1, 2, 3]).location
+total = sum(handler.read(place).value)
```
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import MethodCall
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.destinations import METHODS
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.statements import Around
from rehandle_codemods.rules import rule


@rule
def decide(place: MethodCall, decisions: Decisions) -> Verdict | None:
    """Take the value or location of what read or write returns now."""
    module, name = place.module, place.node.attr
    attribute = METHODS[name]
    if isinstance(module.analysis.parents.get(place.call), ast.Expr) and not module.embeds(place.call):
        return Rewritten(f"call {name} of the Result, whose .{attribute} isn't used here")
    rewrite = Rewrite(place.call, Around(code.attribute_of, name=attribute))
    message = f"call {name} of the Result, and take .{attribute} of what it returns"
    return Rewritten(message, (rewrite,))
