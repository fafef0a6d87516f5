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
+from prefect.engine.result import Result
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
from typing import Callable

import libcst as cst

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Becomes, SafeResultUse
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.safe_results import PARAMETERS
from rehandle_codemods.rewrite import arguments, code
from rehandle_codemods.rewrite.rewriter import Change
from rehandle_codemods.rewrite.statements import WholeLine
from rehandle_codemods.rules import rule


@rule
def decide(place: SafeResultUse, decisions: Decisions) -> Verdict | None:
    """Rewrite what is to do with safe results and understood."""
    rewrites = tuple(Rewrite(node, _CHANGES[becomes]) for node, becomes in place.becomes)
    return Rewritten(place.message, rewrites)


def _given(call: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """The value and the handler that a Result of old is made with."""
    given = {
        arg.keyword.value if arg.keyword is not None else name: arg.value for name, arg in zip(PARAMETERS, call.args)
    }
    value, handler = (given[name] for name in PARAMETERS)
    return value, handler


def _handler_with(call: cst.Call, keyword: str) -> cst.Call:
    """The call of the handler's class, with the value too."""
    value, handler = _given(call)
    assert isinstance(handler, cst.Call)
    added = arguments.add(handler, cst.Arg(value, keyword=cst.Name(keyword)))
    return added.with_changes(lpar=call.lpar, rpar=call.rpar)


def _from_value(call: cst.Call) -> cst.Call:
    value, handler = _given(call)
    return cst.Call(cst.Attribute(handler, cst.Name("from_value")), [cst.Arg(value)], lpar=call.lpar, rpar=call.rpar)


def _read(call: cst.Call) -> cst.Call:
    """Read the location of what `to_result` was asked of."""
    assert isinstance(call.func, cst.Attribute)
    location = code.attribute_of(call.func.value.deep_clone(), "location")
    return call.with_changes(func=code.attribute_named(call.func, "read"), args=[cst.Arg(location)])


def _compared(node: cst.Comparison, operator: Callable[[], cst.BaseCompOp]) -> cst.Comparison:
    return node.with_changes(comparisons=[cst.ComparisonTarget(operator(), cst.Name("None"))])


def _written(statement: cst.Expr) -> cst.Assign:
    """Write the value of what `store_safe_value` was asked of, and keep what that gives."""
    call = statement.value
    assert isinstance(call, cst.Call)
    name = _stored(statement)
    write = call.with_changes(
        func=cst.Attribute(name, cst.Name("write")), args=[cst.Arg(cst.Attribute(name.deep_clone(), cst.Name("value")))]
    )
    return cst.Assign([cst.AssignTarget(name.deep_clone())], write)


def _written_unless_none(line: cst.SimpleStatementLine) -> cst.If:
    (statement,) = line.body
    assert isinstance(statement, cst.Expr)
    value = cst.Attribute(_stored(statement), cst.Name("value"))
    is_there = cst.Comparison(value, [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])
    body = cst.IndentedBlock([line.with_changes(body=[_written(statement)], leading_lines=())])
    return cst.If(is_there, body, leading_lines=line.leading_lines)


def _stored(statement: cst.Expr) -> cst.Name:
    """The variable that `store_safe_value` is asked of."""
    assert isinstance(statement.value, cst.Call)
    assert isinstance(statement.value.func, cst.Attribute)
    return cst.ensure_type(statement.value.func.value, cst.Name).with_changes(lpar=(), rpar=())


_CHANGES: dict[Becomes, Change] = {
    Becomes.WITH_VALUE: partial(_handler_with, keyword="value"),
    Becomes.WITH_LOCATION: partial(_handler_with, keyword="location"),
    Becomes.FROM_VALUE: _from_value,
    Becomes.LOCATION: partial(code.attribute_named, name="location"),
    Becomes.OWNER: code.owner_of,
    Becomes.READ: _read,
    Becomes.IS_NONE: partial(_compared, operator=cst.Is),
    Becomes.IS_NOT_NONE: partial(_compared, operator=cst.IsNot),
    Becomes.WRITTEN: _written,
    Becomes.WRITTEN_UNLESS_NONE: WholeLine(_written_unless_none),
}
