"""Handler passed to something unknown.

The keyword may be Prefect's or not, or a task or class doesn't pass it on. Nothing is changed: say `result=` by hand
where it is Prefect's. A class of tasks that has a method or attribute `result` of its own is left as well: rename
that first, because the name is Prefect's from 0.11 on.

## Example

The file stays as it is:

```python
import prefect

kinds = {"flow": prefect.Flow}
flow = kinds["flow"]("sums", result_handler=None)
```

## By hand

Where it is Prefect's, write `result=` and give it a Result. Or call the class itself, which is known:

```python
import prefect

flow = prefect.Flow("sums", result=None)
```

Where it isn't Prefect's, `# rehandle: ignore[RH202]` keeps it from being reported. Where only a run can tell, [record
one](../rewrite-a-repository.md#what-the-code-doesnt-show).
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Attribute, ClassPattern, DictKey, Keyword, Parameter, SpreadFields
from rehandle_codemods.decide.verdicts import How, Left, Rewrite, Rewritten, Verdict
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow.destinations import METHODS
from rehandle_codemods.flow.dicts import stored_value
from rehandle_codemods.flow.receivers import SEVERAL, UNKNOWN, Receiver
from rehandle_codemods.flow.safe_results import is_result_of_state, reading_by_own_handler
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring, is_none, keyword_of, plain_call
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.statements import Around
from rehandle_codemods.rules import rule
from rehandle_codemods.rules.rh108_run_time import to_result
from rehandle_codemods.rules.rh121_key import is_result_key

_LOST = {part.name for row in HANDLERS.values() for part in row.parameters if part.result_name is None}
"""The attributes of handlers that no Result has."""


@rule
def decide(
    place: Keyword | DictKey | Attribute | ClassPattern | SpreadFields | Parameter, decisions: Decisions
) -> Verdict | None:
    """Say why a keyword, key, attribute or parameter is left."""
    module = place.module
    if isinstance(place, Keyword):
        call = place.call
        if keyword_of(call, prefect_names.KEYWORD) and keyword_of(call, prefect_names.RESULT_KEYWORD):
            return None
        why = Reason("is inside an f-string", subject=IT) if inside_fstring(module, call) else UNKNOWN
        answer = decisions.flow.receivers.call(module, call)
        if answer.kind in (
            Receiver.PROJECT,
            Receiver.PREFECT,
        ):  # but it isn't to change there, or stands beside another one
            answer = decisions.values.destination(module, place.node.value).receiver
        why = answer.reason or why
        if why is UNKNOWN or why is SEVERAL:
            why = why.about(short(module, call.func))
        by_hand = None if why.advice or why.at else _keyword_by_hand(place, decisions)
        advice = why.advice or "Where it is Prefect's, write result= and give it a Result"
        return Left(why._replace(advice=advice), How("result_handler=", "stays"), by_hand=by_hand)
    if isinstance(place, Parameter):
        advice = "Call it flow_result, as TaskRunner does from 0.12 on, and give it a Result"
        return Left((place.problem or UNKNOWN)._replace(advice=advice), How("the parameter result_handler", "stays"))
    if isinstance(place, SpreadFields):
        among = "result_handler may be among these keywords, as the name of a field or variable"
        return Left(Reason(among, advice="Call the field or variable result where it is, and give it a Result"))
    if isinstance(place, ClassPattern):
        advice = "Where the class is Prefect's, write result=, and what is done with a Result"
        return Left(Reason("patterns aren't rewritten", advice=advice), How("result_handler=", "stays"))
    if isinstance(place, DictKey):
        stored = stored_value(module, place.node)
        if stored is not None and is_result_key(place.node) and decisions.flow.is_handler(module, stored):
            unconverted = (
                f"{short(module, stored)} is a handler under the key result, which nothing converts without the shim"
            )
            return Left(Reason(unconverted, advice="Write to_result(...) of it where it goes to a Task or Flow"))
        advice = "Where it goes to a Task or Flow, write result as the key and give it a Result"
        return Left(Reason("its dict may not go to Prefect", advice=advice), How("the key result_handler", "stays"))
    if is_result_of_state(place.node.value):
        return _of_state(module, place.node)
    reason = place.problem or Reason("is used in a way that isn't understood", subject=IT)
    if not place.problem and isinstance(place.node.ctx, ast.Load):
        reason = decisions.values.use_problem(module, place.node) or reason
    if place.problem:
        reason = reason.about(short(module, place.node.value))
    by_hand = None if reason.advice or (place.problem and place.problem.at) else _attribute_by_hand(module, place.node)
    advice = reason.advice or _advice(module, place.node)
    return Left(reason._replace(advice=advice), How(place.node.attr, "stays"), by_hand=by_hand)


def _keyword_by_hand(place: Keyword, decisions: Decisions) -> Rewritten | None:
    """What to write for a keyword: of a value that is made there, has a name, or is None."""
    module, value = place.module, place.node.value
    renamed = Rewrite(place.node, partial(code.keyword_named, name=prefect_names.RESULT_KEYWORD))
    if inside_fstring(module, place.call):
        return None
    if is_none(value):
        return Rewritten("", (renamed,))
    if isinstance(value, ast.Call) and decisions.flow.uses.handler_of(module, value) is not None:
        return None if decisions.values.call_problem(module, value, own=True) else Rewritten("", (renamed,))
    if not isinstance(value, ast.Name):
        return None
    needs = decisions.imports.of(place.module).to_result_needs
    return Rewritten("", (renamed, to_result(place.module, value, decisions)), needs)


def _attribute_by_hand(module: Module, node: ast.Attribute) -> Rewritten | None:
    """What to write for an attribute that is read: with what its methods return, where one is called."""
    parent = module.analysis.parents.get(node)
    if not isinstance(node.ctx, ast.Load) or inside_fstring(module, node):
        return None
    renamed = Rewrite(node, partial(code.attribute_named, name=prefect_names.RESULT_KEYWORD))
    if not isinstance(parent, ast.Attribute):
        return Rewritten("", (renamed,))
    call = plain_call(module, parent)
    if parent.attr not in METHODS or call is None:
        return None
    return Rewritten("", (renamed, Rewrite(call, Around(code.attribute_of, name=METHODS[parent.attr]))))


def _advice(module: Module, node: ast.Attribute) -> str:
    """What to write for an attribute, wherever it leads."""
    parent = module.analysis.parents.get(node)
    if isinstance(parent, ast.Attribute) and parent.attr in _LOST:
        return f"No Result has {parent.attr}: delete this"
    return "Where it is Prefect's, write .result, with .value after read() and .location after write()"


def _of_state(module: Module, node: ast.Attribute) -> Left:
    """Say what the handler of a state's Result did that the Result does by itself."""
    why = "from Prefect 0.11 on a state's Result reads and writes by itself, without result_handler"
    reading = reading_by_own_handler(module, node)
    if reading is None:
        return Left(Reason(why, advice="Ask the Result, with .value after read() and .location after write()"))
    owner, call = reading
    instead = f"{owner}.read({owner}.location).value"
    by_hand = Rewritten("", (Rewrite(call, partial(code.written, text=instead)),))
    return Left(Reason(why, advice=f"Write {instead} instead of {short(module, call)}"), by_hand=by_hand)
