"""Result handler made by its constructor.

The Result of the same storage is made instead. Arguments are passed by the names that the Result has for them; one
that the Result has no place for is never dropped: such a handler stays one (RH201).

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler, S3ResultHandler
+from prefect.engine.results import LocalResult, S3Result

-shared = S3ResultHandler("bucket", None, {"region_name": "eu-west-1"})
-first = Flow("first", result_handler=shared)
-second = Flow("second", result_handler=LocalResultHandler("/srv/results", validate=False))
+shared = S3Result("bucket", boto3_kwargs={"region_name": "eu-west-1"})
+first = Flow("first", result=shared)
+second = Flow("second", result=LocalResult("/srv/results", validate_dir=False))
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.arguments import loss
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Constructor
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.options import SHIM
from rehandle_codemods.rewrite import arguments as rewriting
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: Constructor, decisions: Decisions) -> Verdict | None:
    """Make the Result, with the arguments that the handler has."""
    imports = decisions.imports.of(place.module)
    if not imports.is_converted(place.node):
        return None
    keep = decisions.options.target == SHIM
    rewrites = argument_rewrites(place.call, place.handler, keep=keep)
    text = imports.result_text(place.node, place.handler)
    if text is not None:
        rewrites.append(Rewrite(place.node, partial(code.named, name=text)))
    message = f"make {HANDLERS[place.handler].result} instead of {place.handler}"
    return Rewritten(message, tuple(rewrites), imports.needs(place.node, place.handler))


def argument_rewrites(call: ast.Call, handler: str, *, keep: bool = False) -> list[Rewrite]:
    """Pass a handler's arguments to its Result.

    Args:
        call: a call whose arguments can all be passed on, or are None.
        handler: the handler's class.
        keep: whether the Result takes what Prefect's has no place for, by the handler's own names.

    Returns:
        The rewrite of the call, if its arguments are given otherwise.
    """
    parameters = HANDLERS[handler].parameters
    if keep and loss(call, handler):
        parameters = tuple(row._replace(result_name=row.result_name or row.name) for row in parameters)
    by_name = {parameter.name: parameter for parameter in parameters}
    given: dict[ast.AST, str | None] = {}
    shifted = False
    for parameter, value in zip(parameters, call.args):
        if parameter.result_name is None:
            given[value] = None
            shifted = True
        elif shifted or not parameter.positional:
            given[value] = parameter.result_name
    for keyword in call.keywords:
        result_name = by_name[keyword.arg or ""].result_name
        if result_name != keyword.arg:
            given[keyword] = result_name
    return [give(call, given)] if given else []


def give(call: ast.Call, given: dict[ast.AST, str | None]) -> Rewrite:
    """Give some of a call's arguments by other names, or leave them out."""
    items: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    items.sort(key=lambda item: (item.lineno, item.col_offset))
    return Rewrite(call, partial(rewriting.give, names=tuple(given.get(item, "") for item in items)))
