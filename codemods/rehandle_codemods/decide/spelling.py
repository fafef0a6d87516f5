"""Whether what is called `result_handler`, a parameter or the key of a dict, can be called `result` instead."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.nodes import ANY
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.syntax import inside_fstring, node_name

if TYPE_CHECKING:
    from rehandle_codemods.decide.values import Values
    from rehandle_codemods.flow.dicts import DictVariable
    from rehandle_codemods.flow.edges import NodeFacts
    from rehandle_codemods.index.scopes import Variable


def key_problem(values: Values, container: DictVariable, key: str) -> Reason | None:
    """Why the key `result_handler` of a dict can't become `result`, or what is under `result` a Result."""
    name = container.variable.name
    if ANY in container.stored or ANY in container.read:
        return Reason("has keys that are known only when the code runs", subject=name)
    if container.spelled and (
        prefect_names.RESULT_KEYWORD in container.stored or prefect_names.RESULT_KEYWORD in container.read
    ):
        return Reason(f"has the key {prefect_names.RESULT_KEYWORD} too", subject=name)
    for module, node, destination in container.passed:
        if not values.protection.may_change(module, node):
            return reason_at(module, node, "is used", ", which isn't to be changed", subject=name)
        if destination.call is None:
            into = values.flow.dicts.variables.get(destination.variable) if destination.variable is not None else None
            further = None if into is None else into.key(key)
            understood = further in values.flow.holders and further not in values.staying
        else:
            answer = values.flow.passed(module, node, destination)
            through = answer.through
            understood = answer.kind is Receiver.PREFECT and through is None
            understood = understood or (through in values.flow.holders and through not in values.staying)
        if not understood:
            return reason_at(module, node, "goes to something unknown", subject=name)
    return None


def parameter_problem(parameter: Variable, facts: NodeFacts) -> Reason | None:
    """Why a parameter `result_handler` can't be called `result`."""
    function = parameter.scope.node
    for node in ast.walk(function):
        called = node_name(node) if node is not function else ""
        if called == prefect_names.RESULT_KEYWORD:
            what = "is the name of something else"
            return reason_at(facts.module, node, what, subject=prefect_names.RESULT_KEYWORD)
        if called in ("locals", "vars", "eval", "exec"):
            return reason_at(facts.module, node, "may be reached by its name")
        if called == prefect_names.KEYWORD and inside_fstring(facts.module, node):
            return reason_at(facts.module, node, "is used inside an f-string")
        if isinstance(node, (ast.Global, ast.Nonlocal)) and {prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD} & set(
            node.names
        ):
            return reason_at(facts.module, node, "is declared")
    return None
