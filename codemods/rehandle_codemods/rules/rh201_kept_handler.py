"""Handler that stays a handler.

It can't become a Result where it is made: an argument would be lost, a method of its class is replaced, or it is used
in a way that a Result doesn't have. Where it arrives at Prefect it is converted at run time; elsewhere it is left for
a person. So is a handler class in a table, a variable or a field, where not all that is made of it can be a Result.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import GCSResultHandler
+from rehandle import to_result
+from rehandle.handlers import GCSResultHandler

-flow = Flow("sums", result_handler=GCSResultHandler("bucket", credentials_secret="MY_SECRET"))
+flow = Flow("sums", result=to_result(GCSResultHandler("bucket", credentials_secret="MY_SECRET")))
```

## By hand

A secret that a Result can't name: use `--target shim`, which keeps the name, or let the storage's library find the
credentials, as here. Elsewhere make the Result where the message says, once what uses it takes one.

```python
from prefect import Flow
from prefect.engine.results import GCSResult

flow = Flow("sums", result=GCSResult("bucket"))
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Constructor, Name
from rehandle_codemods.decide.verdicts import Converted, How, Left, Rewrite, Rewritten, Verdict
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.imported_names import ImportedName, free_name
from rehandle_codemods.index.locations import where
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh102_constructor import argument_rewrites


@rule
def decide(place: Constructor | Name, decisions: Decisions) -> Verdict | None:
    """Say why a handler stays one, or a handler class that is kept as a value."""
    if isinstance(place, Name):
        return _of_class(place, decisions)
    unknown = Reason("may be of another class", subject=IT)
    reason = decisions.values.call_problem(place.module, place.call) or unknown
    if decisions.values.reaches_runtime(place.module, place.call):
        return Converted(reason, How(place.handler, "is converted at run time"))
    result = HANDLERS[place.handler].result
    advice = f"Make {result} here once its uses take a Result, or import {place.handler} from rehandle.handlers"
    here = where(place.module, place.call)
    if reason.advice and (reason.cause is None or reason.cause.location == here.location):
        advice = reason.advice
    how = How(place.handler, "stays a handler")
    if decisions.values.call_problem(place.module, place.call, own=True):
        instead = f"import {place.handler} from rehandle.handlers, and give Prefect rehandle.to_result(...) of it"
        advice = f"{reason.advice}, or {instead}" if reason.advice else instead[0].upper() + instead[1:]
        return Left(reason._replace(advice=advice), how)
    by_hand = None if reason.advice else _by_hand(place)
    return Left(reason._replace(advice=advice), how, by_hand=by_hand)


def _by_hand(place: Constructor) -> Rewritten | None:
    """Make the Result for a keyword that becomes `result=`, where its name is free."""
    keyword = place.module.analysis.parents.get(place.call)
    if not isinstance(keyword, ast.keyword) or keyword.arg != prefect_names.KEYWORD:
        return None
    row = HANDLERS[place.handler]
    wanted = ImportedName(row.result_module, row.result)
    if not free_name(place.module.analysis.scopes, wanted) or inside_fstring(place.module, place.call):
        return None
    rewrites = (
        *argument_rewrites(place.call, place.handler),
        Rewrite(place.node, partial(code.named, name=row.result)),
    )
    return Rewritten("", rewrites, (wanted,))


def _of_class(place: Name, decisions: Decisions) -> Verdict | None:
    """Say why a class stays one that is in a table, a variable or a field."""
    holder = decisions.flow.class_values.taking(place.module, place.node) if place.handler else None
    reason = decisions.values.staying.get(holder) if holder is not None else None
    if holder is None or reason is None:
        return None
    how = How(place.handler, "stays a handler class")
    if decisions.values.class_reaches_runtime(holder):
        return Converted(reason, How(place.handler, "stays, and what it makes is converted at run time"))
    result = HANDLERS[place.handler].result
    return Left(reason._replace(advice=f"Name {result} here once all that is made of it may be a Result"), how)
