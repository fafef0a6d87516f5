"""Key `result_handler` in a dict of options.

Where everything that is done with the dict is known, and it goes to Prefect's Task, Flow or task, the key becomes
`result` in all places: where the dict is written out, where the key is set, asked for or removed.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult

-options = {"result_handler": LocalResultHandler(dir="sums")}
+options = {"result": LocalResult(dir="sums")}
 flow = Flow("sums", **options)
```
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import DictKey
from rehandle_codemods.decide.verdicts import Converted, How, Rewritten, Verdict
from rehandle_codemods.flow.dicts import display_with, stored_value
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh104_task_args import key_renamed
from rehandle_codemods.rules.rh108_run_time import to_result


@rule
def decide(place: DictKey, decisions: Decisions) -> Verdict | None:
    """Rename a key of a dict whose every use is known."""
    module, node = place.module, place.node
    value = stored_value(module, node)
    _, holder = decisions.flow.keys.get(node, (None, None))
    if holder is not None:
        if holder not in decisions.flow.holders or holder in decisions.values.staying:
            return None
    elif (
        value is None
        or not decisions.values.destination(module, value).receiver.takes_result
        or _has_both(place, value, decisions)
        or (is_result_key(node) and not _goes_to_prefect(place, value, decisions))
    ):
        return None
    reason = decisions.values.problem(module, value) if value is not None else None
    if value is None or not reason:
        return Rewritten("write the key result instead of result_handler", (key_renamed(node),))
    if inside_fstring(module, value):
        return None
    return Converted(
        reason,
        How(short(module, value), "is converted at run time, under the key result"),
        (key_renamed(node), to_result(module, value, decisions)),
        needs=decisions.imports.of(module).to_result_needs,
    )


def _goes_to_prefect(place: DictKey, value: ast.expr, decisions: Decisions) -> bool:
    """Whether the dict that a value is in goes to Prefect, and nobody reads the value from it before."""
    destination = decisions.flow.destination(place.module, value)
    if destination.node is None:
        return destination.receiver.kind is Receiver.PREFECT
    return decisions.flow.goes_to_prefect_alone(destination.node)


def is_result_key(node: ast.expr | ast.keyword) -> bool:
    """Whether a key is called result already."""
    return prefect_names.RESULT_KEYWORD in (getattr(node, "arg", None), getattr(node, "value", None))


def _has_both(place: DictKey, value: ast.expr, decisions: Decisions) -> bool:
    """Whether the dict that a value is written in has both the keys `result_handler` and `result`."""
    stored = display_with(decisions.project, place.module, value)
    if stored is None:
        return False
    holder = stored[0]
    keys = [part.arg for part in holder.keywords] if isinstance(holder, ast.Call) else []
    if isinstance(holder, ast.Dict):
        keys = [key.value for key in holder.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return prefect_names.KEYWORD in keys and prefect_names.RESULT_KEYWORD in keys
