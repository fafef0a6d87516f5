"""Legacy API without a direct counterpart.

`SafeResult`, `safe_value`, `store_safe_value`, a state's `_result.to_result`, the handlers' schemas and the clients'
old modules are gone. A stored result's string is its `location` now; `X(location=...)` stands for `SafeResult(..., X
handler)`. `ResultHandlerResult(handler)` and its `from_result_handler(handler)` are `rehandle.to_result(handler)`.

## Example

The file stays as it is:

```python
from prefect.engine.result import SafeResult

print(SafeResult)
```

## By hand

Say what the code wants to know by a Result and its location:

```python
from prefect.engine.results import LocalResult

stored = LocalResult(location="/srv/results/2020/sums")
print(stored.location)
```
"""

from __future__ import annotations

import ast

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Import, Name, RemovedAttribute
from rehandle_codemods.decide.verdicts import How, Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.safe_results import SAFE_RESULTS, reading_by_own_handler
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import where
from rehandle_codemods.rules import rule

_HANDLER_RESULT = "ResultHandlerResult"
_ATTRIBUTES = {
    "safe_value": "Write .location, the stored string, instead of .safe_value.value",
    "to_result": "Write state.load_result(result), which reads what was stored",
    "store_safe_value": "Write X(...).write(value), with X the Result class of the handler",
}
_NAMES = {
    "prefect.config": "Give each flow its Result, and delete this",
    "prefect.engine.get_default_result_handler_class": "Give each flow its Result, and delete this",
    "prefect.serialization": "Write prefect.serialization.result.StateResultSchema, which is for Results",
    "prefect.client": "Give the Result of a storage instead, such as GCSResult",
    "prefect.engine.cloud": "Give the Result of a storage instead, such as GCSResult",
}


@rule
def decide(place: Import | Name | RemovedAttribute, decisions: Decisions) -> Verdict | None:
    """Say what stands for names that nothing replaces."""
    if isinstance(place, RemovedAttribute):
        return _attribute(place)
    if not prefect_names.is_removed(place.name):
        return None
    replaced = _HANDLER_RESULT in place.name.split(".")
    gone = f"{place.name} is gone" if replaced else f"{place.name} is gone and has no counterpart"
    if isinstance(place, Import):
        refs = decisions.flow.uses.module_refs.get(place.module, ())
        uses = [where(place.module, node) for node, name in refs if f"{name}.".startswith(f"{place.name}.")]
        if uses:
            line = uses[0].location[0]
            reason = Reason(f"line {line} uses it", advice="Change that place by hand, then run again", because=uses[0])
            return Left(reason, How(place.name, "is still imported"))
    advice = "Write rehandle.to_result(handler), which makes the Result" if replaced else _advice(place)
    return Left(Reason(gone, advice=advice))


def _attribute(place: RemovedAttribute) -> Left:
    """Say what stands for an attribute; the call that reads it by a Result's own handler is one place with that."""
    module, parents = place.module, place.module.analysis.parents
    call = parents.get(parents[place.node])
    method = call.func if isinstance(call, ast.Call) else None
    handler = method.value if isinstance(method, ast.Attribute) else None
    gone = f"{place.node.attr} is gone from Prefect 0.11 on"
    if isinstance(handler, ast.Attribute) and reading_by_own_handler(module, handler) is not None:
        return Left(
            Reason("the call is to be written anew", because=where(module, handler)), How(place.node.attr, "stays")
        )
    return Left(Reason(gone, advice=_ATTRIBUTES[place.node.attr]))


def _advice(place: Import | Name) -> str:
    parent = place.module.analysis.parents.get(place.node)
    if isinstance(parent, ast.ClassDef):
        return f"Derive {parent.name} from Result, and look at what it is compared with"
    if isinstance(parent, ast.Call) and parent.func is place.node and place.name in SAFE_RESULTS:
        return "Write X(location=...), with X the Result class of the handler, and .read(...) where its value is used"
    known = next((advice for name, advice in _NAMES.items() if place.name.startswith(name)), "")
    return known or "Write Result, from prefect.engine.result, and ask it for its location"
