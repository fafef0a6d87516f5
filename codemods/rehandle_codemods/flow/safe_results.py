"""`Result` and `SafeResult` as Prefect 0.4 to 0.10 had them: where they are made, and what is asked of them."""

from __future__ import annotations

import ast
from typing import Container, NamedTuple, Sequence

from rehandle.mapping import HANDLERS
from rehandle_codemods.classes.locations import is_text
from rehandle_codemods.flow.nodes import Node
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.binding_arguments import bind
from rehandle_codemods.index.comments import has_comment
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import has_its_lines, inside_fstring, is_none, plain_call, suite_of

SAFE_RESULTS = ("prefect.engine.result.SafeResult", "prefect.engine.result.base.SafeResult")
NO_RESULTS = ("prefect.engine.result.NoResult", "prefect.engine.result.base.NoResult")
_STATES = "prefect.engine.state."
PARAMETERS = ("value", "result_handler")
_SHOWN = {"print", "debug", "info", "warning", "error", "critical", "log"}


class OldResult(NamedTuple):
    """A call of `Result` or `SafeResult` that has a handler.

    Attributes:
        call: the call.
        safe: whether it is a SafeResult, whose value is a location.
        value: the value.
        handler: the handler: a call of its class, or a variable.
    """

    call: ast.Call
    safe: bool
    value: ast.expr
    handler: ast.expr


def is_result_of_state(node: ast.AST) -> bool:
    """Whether an expression is a state's `_result`, or its safe value, which both had the handler."""
    if isinstance(node, ast.Attribute) and node.attr == "safe_value":
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr == "_result"


def reading_by_own_handler(module: Module, handler: ast.Attribute) -> tuple[str, ast.Call] | None:
    """Whether a Result's handler, which no Result has any more, reads what the same Result has stored.

    Args:
        module: where it is.
        handler: the attribute `result_handler`.

    Returns:
        With `r.result_handler.read(r.safe_value.value)`: the code of `r`, and the call. None where it is anything else.
    """
    method = module.analysis.parents.get(handler)
    call = plain_call(module, method) if isinstance(method, ast.Attribute) and method.attr == "read" else None
    stored = call.args[0] if call is not None and len(call.args) == 1 else None
    owner = module.text(handler.value).removesuffix(".safe_value")
    if call is None or stored is None or module.text(stored) != f"{owner}.safe_value.value":
        return None
    return owner, call


def old_result(uses: Uses, holders: Container[Node | None], module: Module, call: ast.Call) -> OldResult | None:
    """Tell whether a call makes a Result of old that can be written as one of the handler's kind.

    Args:
        uses: the uses of names.
        holders: the nodes that may have a handler as their value.
        module: where the call is.
        call: any call.

    Returns:
        Its parts; None where it is something else, or can't be rewritten.
    """
    target = uses.project.external(module, call.func)
    safe = target in SAFE_RESULTS
    if not safe and target != prefect_names.RESULT:
        return None
    given = bind(call, PARAMETERS).arguments
    if set(given) != set(PARAMETERS) or len(call.args) + len(call.keywords) != len(PARAMETERS):
        return None
    if inside_fstring(module, call):
        return None
    value, handler = given["value"], given["result_handler"]
    plain = isinstance(handler, ast.Call) and uses.handler_of(module, handler) in HANDLERS
    variable = isinstance(handler, ast.Name) and uses.project.variable(module, handler) in holders
    if not plain and (safe or not variable):
        return None
    if has_comment(module.source, *module.span(call)):
        return None
    if not (is_text(value) and _flows_plainly(uses, module, call) if safe else _is_asked_plainly(uses, module, call)):
        return None
    return OldResult(call, safe, value, handler)


def _is_asked_plainly(uses: Uses, module: Module, call: ast.Call) -> bool:
    """Whether nothing is asked of a Result, where it is a variable, that is rewritten only elsewhere."""
    variable = assigned_variable(module, call)
    for user, use in uses.of(variable) if variable is not None else ():
        attribute = user.analysis.parents.get(use)
        asked = attribute.attr if isinstance(attribute, ast.Attribute) and attribute.value is use else ""
        if asked in ("to_result", "result_handler"):
            return False
        stores = isinstance(attribute, ast.Attribute) and asked == "store_safe_value"
        if stores and isinstance(attribute, ast.Attribute) and plain_store(uses, user, attribute) is None:
            return False
        if isinstance(attribute, ast.Attribute) and asked == "safe_value" and not form_of(uses, user, attribute):
            return False
    return True


def _flows_plainly(uses: Uses, module: Module, call: ast.expr) -> bool:
    """Whether a SafeResult goes where a Result that has nothing but a location does the same."""
    if is_cached_input(uses, module, call):
        return True
    variable = assigned_variable(module, call)
    if variable is None or len(variable.bindings) != 1:
        return False
    return all(
        user is module and (is_cached_input(uses, module, use) or _asked(module, use) in ("value", "to_result"))
        for user, use in uses.of(variable)
    )


def is_cached_input(uses: Uses, module: Module, node: ast.expr) -> bool:
    """Whether an expression is a value of the dict that a state takes as `cached_inputs=`."""
    parents = module.analysis.parents
    holder = parents.get(node)
    keyword = parents.get(holder) if isinstance(holder, ast.Dict) and node in holder.values else None
    call = parents.get(keyword) if isinstance(keyword, ast.keyword) and keyword.arg == "cached_inputs" else None
    return isinstance(call, ast.Call) and uses.project.external(module, call.func).startswith(_STATES)


def assigned_variable(module: Module, value: ast.expr) -> Variable | None:
    """The variable of a function or module that a value is assigned to, if it is."""
    statement = module.analysis.parents.get(value)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return None
    variable = module.analysis.scope_of[target].find(target.id)
    return variable if variable is not None and variable.scope.kind != "class" else None


def _asked(module: Module, use: ast.AST) -> str:
    """The attribute that a use of a variable asks for; of `to_result`, only its call without arguments counts."""
    parent = module.analysis.parents.get(use)
    if not isinstance(parent, ast.Attribute) or not isinstance(parent.ctx, ast.Load):
        return ""
    call = module.analysis.parents.get(parent)
    called = isinstance(call, ast.Call) and call.func is parent
    if parent.attr == "to_result":
        return "to_result" if called and isinstance(call, ast.Call) and not call.args and not call.keywords else ""
    return parent.attr


def form_of(uses: Uses, module: Module, node: ast.Attribute) -> str:
    """How a safe value is used: its value, compared with NoResult, kept for its value, shown, or (empty) otherwise."""
    parent = module.analysis.parents.get(node)
    end = module.span(node)[1]
    if isinstance(parent, ast.Attribute) and parent.attr == "value" and isinstance(parent.ctx, ast.Load):
        return "" if has_comment(module.source, end, module.span(parent)[1]) else "value"
    if isinstance(parent, ast.Compare) and parent.left is node and len(parent.ops) == 1:
        other = parent.comparators[0]
        plain = isinstance(parent.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot))
        plain = plain and not has_comment(module.source, end, module.span(other)[1])
        return "compared" if plain and uses.project.external(module, other) in NO_RESULTS else ""
    if isinstance(parent, ast.Assign):
        variable = assigned_variable(module, node)
        if variable is None or len(variable.bindings) != 1 or variable.scope.parent is None:
            return ""
        found = uses.of(variable)
        plain = all(user is module and _asked(module, use) == "value" and _alone(module, use) for user, use in found)
        return "kept" if found and plain else ""
    return "shown" if _is_shown(uses, module, node) else ""


def _alone(module: Module, use: ast.expr) -> bool:
    """Whether nothing but a dot is between a name and the attribute that it is asked for."""
    return not has_comment(module.source, module.span(use)[1], module.span(module.analysis.parents[use])[1])


def _is_shown(uses: Uses, module: Module, node: ast.expr) -> bool:
    """Whether a value is only printed, logged or the value of an example's line."""
    parent = module.analysis.parents.get(node)
    if isinstance(parent, ast.Expr):
        return True
    if not isinstance(parent, ast.Call) or node not in parent.args:
        return False
    if uses.project.external(module, parent.func) == "builtins.print":
        return True
    logger = parent.func.value if isinstance(parent.func, ast.Attribute) else None
    name = getattr(logger, "attr", getattr(logger, "id", ""))
    return isinstance(parent.func, ast.Attribute) and parent.func.attr in _SHOWN and "log" in name.lower()


def plain_store(uses: Uses, module: Module, node: ast.Attribute) -> ast.Expr | None:
    """The statement `r.store_safe_value()`, where r is made before in the same suite and nothing else has it yet."""
    call = module.analysis.parents.get(node)
    statement = module.analysis.parents.get(call) if isinstance(call, ast.Call) and call.func is node else None
    variable = uses.project.variable(module, node.value) if isinstance(node.value, ast.Name) else None
    scope = module.analysis.scope_of[node]
    if not isinstance(statement, ast.Expr) or not isinstance(call, ast.Call) or call.args or call.keywords:
        return None
    if variable is None or variable.scope is not scope or scope.kind == "class" or len(variable.bindings) != 1:
        return None
    value = variable.bindings[0].value
    start = module.analysis.parents.get(value) if value is not None else None
    suite = suite_of(module, statement)
    if start not in suite or not _only_asked(module, uses.of(variable), statement, suite):
        return None
    given = bind(value, PARAMETERS).arguments if isinstance(value, ast.Call) else {}
    surely = "value" in given and is_something(given["value"])
    return statement if surely or has_its_lines(module, statement) else None


def is_something(node: ast.expr) -> bool:
    """Whether a value certainly isn't None."""
    displays = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr, ast.ListComp, ast.DictComp, ast.SetComp)
    return isinstance(node, displays) or (isinstance(node, ast.Constant) and not is_none(node))


def _only_asked(
    module: Module, uses: Sequence[tuple[Module, ast.expr]], statement: ast.stmt, suite: Sequence[ast.stmt]
) -> bool:
    """Whether nothing but attributes of a variable is used up to a statement, and it is stored only once."""
    later = suite[suite.index(statement) + 1 :]
    stores = 0
    for user, use in uses:
        above = set(user.analysis.ancestors(use))
        asked = _asked(user, use)
        stores += asked == "store_safe_value"
        if user is not module or (not asked and not any(part in above for part in later)):
            return False
    return stores == 1
