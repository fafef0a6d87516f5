"""Class that takes its constructor from a handler of Prefect's.

`class Shared(LocalResultHandler): ...` without a constructor of its own is made with the arguments of
`LocalResultHandler`. Where the class becomes a Result (RH105), they are passed by the names that its Result has.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult


-class Shared(LocalResultHandler):
+class Shared(LocalResult):
     '''Files that all may read.'''


-flow = Flow("sums", result_handler=Shared("/srv/results", validate=False))
+flow = Flow("sums", result=Shared("/srv/results", validate_dir=False))
```
"""

from __future__ import annotations

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import InheritedConstructor
from rehandle_codemods.decide.verdicts import Rewritten, Verdict
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh102_constructor import argument_rewrites


@rule
def decide(place: InheritedConstructor, decisions: Decisions) -> Verdict | None:
    """Pass arguments by the names that they have now."""
    rewrites = argument_rewrites(place.node, place.handler)
    return Rewritten(f"pass arguments to {HANDLERS[place.handler].result} by its names for them", tuple(rewrites))
