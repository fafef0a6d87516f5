"""Whether what is called `result_handler`, a parameter or the key of a dict, can be called `result` instead."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.flow.dicts import ANY
from rehandle_codemods.flow.receivers import YES
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.syntax import inside_fstring, node_name, where

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.flow.carriers import Carrier
    from rehandle_codemods.flow.dicts import DictVariable
    from rehandle_codemods.index.targets import Entity


def key_problem(decisions: Decisions, container: DictVariable) -> str:
    """Why the key `result_handler` of a dict can't become `result`."""
    name = container.entity[1]
    if ANY in container.stored or ANY in container.read:
        return f"{name} is used with keys that can't be told"
    if prefect_names.RESULT_KEYWORD in container.stored or prefect_names.RESULT_KEYWORD in container.read:
        return f"{name} has the key {prefect_names.RESULT_KEYWORD} too"
    for module, node, destination in container.passed:
        if not module.may_change(node):
            return f"{name} is used in {where(module, node)}, which isn't to be changed"
        if destination.call is None:
            into = decisions.flow.dicts.variables.get(destination.entity) if destination.entity is not None else None
            further = None if into is None else into.key(prefect_names.KEYWORD)
            understood = further in decisions.flow.carriers and further not in decisions.blocked
        else:
            verdict = decisions.flow.passed_verdict(module, node, destination)
            through = verdict.through
            understood = verdict.answer == YES and through is None
            understood = understood or (through in decisions.flow.carriers and through not in decisions.blocked)
        if not understood:
            return f"where {name} goes in {where(module, node)} can't be told"
    return ""


def parameter_problem(decisions: Decisions, entity: Entity, carrier: Carrier) -> str:
    """Why a parameter `result_handler` can't be called `result`."""
    function = entity[0].node
    for node in ast.walk(function):
        called = node_name(node) if node is not function else ""
        if called == prefect_names.RESULT_KEYWORD:
            at = where(carrier.module, node)
            return f"{prefect_names.RESULT_KEYWORD} is the name of something else in {at}"
        if called in ("locals", "vars", "eval", "exec"):
            return f"it may be reached by its name in {where(carrier.module, node)}"
        if called == prefect_names.KEYWORD and inside_fstring(carrier.module, node):
            return f"it is used inside an f-string in {where(carrier.module, node)}"
        if isinstance(node, (ast.Global, ast.Nonlocal)) and {prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD} & set(
            node.names
        ):
            return f"it is declared in {where(carrier.module, node)}"
    return ""
