"""Attribute `result_handler` of a flow or task.

The attribute is called `result` from Prefect 0.11 on. It is renamed where the object is certainly a flow or task of
Prefect's and the attribute is set, or compared with None.
"""

from __future__ import annotations

import ast

from rehandle_codemods import names, references
from rehandle_codemods.edits import Edit
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.plan import Plan
from rehandle_codemods.project import Module
from rehandle_codemods.references import Reference
from rehandle_codemods.rules import Claim
from rehandle_codemods.sinks import YES


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim an attribute that is set to a Result or None, or compared with None."""
    node = reference.node
    if reference.kind != references.ATTRIBUTE or not isinstance(node, ast.Attribute) or not plan.module.editable:
        return None
    if plan.decisions.sinks.holder(plan.module, node.value).answer != YES:
        return None
    value = assigned_value(plan.module, node)
    if value is not None and plan.decisions.value_problem(plan.module, value):
        return None
    if value is None and not compared_with_none(plan.module, node):
        return None
    return Claim(
        REWRITTEN, "use the attribute result instead of result_handler", (Edit(*reference.span, names.RESULT_KEYWORD),)
    )


def assigned_value(module: Module, node: ast.Attribute) -> ast.expr | None:
    """What a plain assignment sets an attribute to."""
    statement = module.analysis.parents.get(node)
    if isinstance(statement, ast.Assign) and statement.targets == [node]:
        return statement.value
    if isinstance(statement, ast.AnnAssign) and statement.target is node:
        return statement.value
    return None


def compared_with_none(module: Module, node: ast.Attribute) -> bool:
    """Whether an attribute is only compared with None."""
    parent = module.analysis.parents.get(node)
    return (
        isinstance(parent, ast.Compare)
        and parent.left is node
        and all(isinstance(side, ast.Constant) and side.value is None for side in parent.comparators)
    )
