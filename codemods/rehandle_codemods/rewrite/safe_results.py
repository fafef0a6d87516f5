"""What becomes of `Result` and `SafeResult` as Prefect 0.4 to 0.10 had them, node by node."""

from __future__ import annotations

import libcst as cst

from rehandle_codemods.flow.safe_results import PARAMETERS
from rehandle_codemods.rewrite import arguments, code


def _given(call: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """The value and the handler that a Result of old is made with."""
    given = {
        arg.keyword.value if arg.keyword is not None else name: arg.value for name, arg in zip(PARAMETERS, call.args)
    }
    value, handler = (given[name] for name in PARAMETERS)
    return value, handler


def handler_with(call: cst.Call, keyword: str) -> cst.Call:
    """The call of the handler's class, with the value too."""
    value, handler = _given(call)
    assert isinstance(handler, cst.Call)
    added = arguments.add(handler, cst.Arg(value, keyword=cst.Name(keyword)))
    return added.with_changes(lpar=call.lpar, rpar=call.rpar)


def from_value(call: cst.Call) -> cst.Call:
    """The call of `from_value` of the handler, which is a Result by then."""
    value, handler = _given(call)
    return cst.Call(cst.Attribute(handler, cst.Name("from_value")), [cst.Arg(value)], lpar=call.lpar, rpar=call.rpar)


def read(call: cst.Call) -> cst.Call:
    """Read the location of what `to_result` was asked of."""
    assert isinstance(call.func, cst.Attribute)
    location = code.attribute_of(call.func.value.deep_clone(), "location")
    return call.with_changes(func=code.attribute_named(call.func, "read"), args=[cst.Arg(location)])


def compared(node: cst.Comparison, *, negated: bool) -> cst.Comparison:
    """Compare what was compared with NoResult with None."""
    operator = cst.IsNot if negated else cst.Is
    return node.with_changes(comparisons=[cst.ComparisonTarget(operator(), cst.Name("None"))])


def written(statement: cst.Expr) -> cst.Assign:
    """Write the value of what `store_safe_value` was asked of, and keep what that gives."""
    call = statement.value
    assert isinstance(call, cst.Call)
    name = _stored(statement)
    write = call.with_changes(
        func=cst.Attribute(name, cst.Name("write")), args=[cst.Arg(cst.Attribute(name.deep_clone(), cst.Name("value")))]
    )
    return cst.Assign([cst.AssignTarget(name.deep_clone())], write)


def written_unless_none(line: cst.SimpleStatementLine) -> cst.If:
    """The same, where there is a value: `store_safe_value` stored no None."""
    (statement,) = line.body
    assert isinstance(statement, cst.Expr)
    value = cst.Attribute(_stored(statement), cst.Name("value"))
    is_there = cst.Comparison(value, [cst.ComparisonTarget(cst.IsNot(), cst.Name("None"))])
    body = cst.IndentedBlock([line.with_changes(body=[written(statement)], leading_lines=())])
    return cst.If(is_there, body, leading_lines=line.leading_lines)


def _stored(statement: cst.Expr) -> cst.Name:
    """The variable that `store_safe_value` is asked of."""
    assert isinstance(statement.value, cst.Call)
    assert isinstance(statement.value.func, cst.Attribute)
    return cst.ensure_type(statement.value.func.value, cst.Name).with_changes(lpar=(), rpar=())
