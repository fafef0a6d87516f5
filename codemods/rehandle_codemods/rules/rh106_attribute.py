"""Attribute `result_handler` of a flow or task.

The attribute is called `result` from Prefect 0.11 on. It is renamed where the object is certainly a flow or task of
Prefect's and the attribute is set to a Result, or read where a Result can be: compared with None, passed to Prefect,
kept in a variable whose uses are known, asked for what a Result has too (`dir`, `bucket`), or read and written by the
code itself (RH122). `getattr`, `setattr` and `hasattr` with its name count too.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.receivers import YES
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import AS_RECORDED, Claim

_MESSAGE = "use the attribute result instead of result_handler"


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim an attribute that is set to a Result or None, or read where a Result can be."""
    node = reference.node
    if not plan.module.editable:
        return None
    if reference.kind == collect.STRING:
        return _named(reference, plan)
    if reference.kind != collect.ATTRIBUTE or not isinstance(node, ast.Attribute):
        return None
    owner = plan.decisions.flow.owners.verdict(plan.module, node.value)
    if owner.answer != YES:
        return None
    value = assigned_value(plan.module, node)
    if value is not None:
        if plan.decisions.value_problem(plan.module, value):
            return None
    elif not isinstance(node.ctx, ast.Load) or not plan.decisions.takes_attribute(plan.module, node):
        return None
    message = _MESSAGE + (AS_RECORDED if owner.recorded else "")
    rewrites = ((node, partial(code.attribute_named, name=prefect_names.RESULT_KEYWORD)),)
    return Claim(REWRITTEN, message, (Edit(*reference.span, prefect_names.RESULT_KEYWORD),), rewrites=rewrites)


def _named(reference: Reference, plan: Plan) -> Claim | None:
    """Claim the name of the attribute in a call of getattr, setattr or hasattr."""
    assert reference.node is not None
    call = plan.module.analysis.parents.get(reference.node)
    if not isinstance(call, ast.Call) or call.args[1:2] != [reference.node]:
        return None
    if not plan.decisions.flow.names_attribute(plan.module, call, "getattr", "setattr", "hasattr"):
        return None
    if plan.decisions.flow.is_attribute(plan.module, call) and not plan.decisions.takes_attribute(plan.module, call):
        return None
    if any(plan.decisions.value_problem(plan.module, value) for value in call.args[2:]):
        return None
    place = plan.module.source.data.find(prefect_names.KEYWORD.encode(), *reference.span)
    edit = Edit(place, place + len(prefect_names.KEYWORD), prefect_names.RESULT_KEYWORD)
    rewrites = ((reference.node, partial(code.saying, text=prefect_names.RESULT_KEYWORD)),)
    return Claim(REWRITTEN, _MESSAGE, (edit,), rewrites=rewrites) if place >= 0 else None


def assigned_value(module: Module, node: ast.Attribute) -> ast.expr | None:
    """What a plain assignment sets an attribute to."""
    statement = module.analysis.parents.get(node)
    if isinstance(statement, ast.Assign) and statement.targets == [node]:
        return statement.value
    if isinstance(statement, ast.AnnAssign) and statement.target is node:
        return statement.value
    return None
