"""Custom handler class that can't become a Result.

Its `read` or `write` isn't regular, other classes or calls build on it, or it may be used in ways that can't be seen.
The class stays a handler, derived from `rehandle.handlers`, and its instances are converted at run time.

## Example

```diff
 import json

 from prefect import Flow
-from prefect.engine.result_handlers import ResultHandler
+from rehandle import to_result
+from rehandle.handlers import ResultHandler


 class Inline(ResultHandler):
     def read(self, text):
         return json.loads(text)

     def write(self, value):
         return json.dumps(value)


-flow = Flow("sums", result_handler=Inline())
+flow = Flow("sums", result=to_result(Inline()))
```

## By hand

The message says what isn't regular. Here what `write` returns may be no location: the text is the
value itself. Written as a Result, by hand, the class needs no rehandle:

```python
import json

from prefect import Flow
from prefect.engine.result import Result


class Inline(Result):
    def read(self, location):
        new = self.copy()
        new.location = location
        new.value = json.loads(location)
        return new

    def write(self, value_, **kwargs):
        new = self.copy()
        new.value = value_
        new.location = json.dumps(value_)
        return new


flow = Flow("sums", result=Inline())
```

[Custom handlers](../custom-handlers.md) has the other ways to go on.
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import ClassDefinition
from rehandle_codemods.decide.verdicts import Converted, How, Left, Verdict
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.rules import rule

_UNKNOWN = Reason("has uses that aren't understood", subject=IT)


@rule
def decide(place: ClassDefinition, decisions: Decisions) -> Verdict | None:
    """Say why a handler class stays one."""
    module, node = place.module, place.node
    reason = decisions.values.staying.get(module.analysis.variable(node), _UNKNOWN)
    fixed = _with_fixed_base(decisions, Class(module, node)) if decisions.options.runtime else None
    if fixed is not None:
        why = Reason("derives from a handler that Prefect 0.14 and later don't have", subject=IT)
        if fixed.module is not module:
            why = reason_at(*fixed, f"derives from {fixed.node.name}", ", which " + why.text)
        return Left(why._replace(advice="Import that from rehandle.handlers"), How(node.name, "stays a handler"))
    if all(len(decisions.project.resolve(module, base)) == 1 for base in node.bases):
        return Converted(reason, How(node.name, "stays a handler"))
    return Left(reason._replace(advice="Write it as a subclass of Result by hand"), How(node.name, "stays a handler"))


def _with_fixed_base(decisions: Decisions, owner: Class, below: tuple[Class, ...] = ()) -> Class | None:
    """Which one of a class and its bases gets Prefect's handler from an import that isn't to change."""
    for base in owner.node.bases:
        above = decisions.project.classes.of(owner.module, base)
        fixed = _with_fixed_base(decisions, above, (*below, above)) if above and above not in below else None
        if fixed is not None:
            return fixed
        demand = decisions.imports.of(owner.module).demand(base)
        if demand is not None and demand.staying and demand.fixed:
            return owner
    return None
