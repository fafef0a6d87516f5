"""Handler class in an annotation, in a table of classes, or compared with None.

An annotation names the Result where the values that it describes become Results, also inside `Optional[...]`,
`Dict[...]`, `Type[...]` and quotes, and stays where one of them stays a handler. Where these values aren't known, it
follows the handlers of its file: all of them have to become Results. A comparison of the class with None, as after
`except ImportError`, stays a comparison of whatever is imported by that name now.

Classes that are kept as values, as `HANDLERS = {"local": LocalResultHandler}` or `field(default_factory=...)`, become
those of Results where all that is made of them can be one: the arguments of each call mean the same for each class that
it may be.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler, ResultHandler
+from prefect.engine.result import Result
+from prefect.engine.results import LocalResult

-store: ResultHandler = LocalResultHandler()
-flow = Flow("sums", result_handler=store)
+store: Result = LocalResult()
+flow = Flow("sums", result=store)
```
"""

from __future__ import annotations

from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Annotation, Name
from rehandle_codemods.decide.verdicts import Converted, How, Rewrite, Rewritten, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: Annotation | Name, decisions: Decisions) -> Verdict | None:
    """Name the Result in an annotation, or what the class is compared with, in a file that changes."""
    if not place.handler:
        return None
    imports, node = decisions.imports.of(place.module), place.node
    if not imports.is_converted(node):
        demand = imports.demand(node)
        if demand is None or not demand.runtime:
            return None
        if isinstance(place, Annotation) or any(ref.node is node for ref in demand.comparisons):
            return Converted(Reason("handlers of this file are converted at run time"), How(place.handler, "stays"))
        return None
    text = imports.result_text(node, place.handler)
    rewrites = () if text is None else (Rewrite(node, partial(code.named, name=text)),)
    message = f"name {HANDLERS[place.handler].result} instead of {place.handler}"
    return Rewritten(message, rewrites, imports.needs(node, place.handler))
