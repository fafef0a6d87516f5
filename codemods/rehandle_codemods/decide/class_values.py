"""Handler classes that are kept as values: whether those of Results can take their place, with all that is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.decide.arguments import argument_problem
from rehandle_codemods.decide.handler_classes import instance_problem, renamed_arguments
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.edges import NodeFacts
from rehandle_codemods.flow.nodes import Node
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.locations import reason_at, short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import is_none, is_tested, leaves

if TYPE_CHECKING:
    from rehandle_codemods.decide.values import Values


def class_value_problem(values: Values, holder: Node, facts: NodeFacts) -> Reason | None:
    """Why what has handler classes can't have those of Results instead, as far as is decided.

    Args:
        values: what is decided by now.
        holder: what has them.
        facts: who reads it.

    Returns:
        The reason; None where it can.
    """
    classes = values.flow.class_values
    for module, source in values.flow.edges.sources(holder):
        for leaf in leaves(source):
            further = values.flow.node_of(module, leaf)
            known = further in classes.holders and further is not None
            problem = values.staying.get(further) if known and further else named_class_problem(values, module, leaf)
            if problem is not None:
                return problem
        if values.destination(module, source).node in (None, *values.staying):
            return reason_at(module, source, f"what {holder.name} gets", " can't become a Result", subject="")
    for module, use in facts.reads:
        call = module.analysis.parents.get(use)
        if values.flow.node_of(module, use) != holder:
            return reason_at(module, use, "may be something else", subject=holder.name)
        if isinstance(call, ast.Call) and call.func is use:
            problem = _call_problem(values, holder, module, call)
        elif is_tested(module, use):
            problem = None
        else:
            goes_to = values.destination(module, classes.with_partial(module, use)).node
            unknown = reason_at(module, use, "is used in another way", subject=holder.name)
            problem = values.staying.get(goes_to) if goes_to in classes.holders and goes_to else unknown
        if problem is not None:
            return problem.about(holder.name)
    return None


def named_class_problem(values: Values, module: Module, node: ast.expr) -> Reason | None:
    """Why a handler class that is named as a value can't be that of a Result."""
    if is_none(node):
        return None
    classes = values.flow.class_values
    found = classes.named(module, node)
    named = classes.without_partial(module, node)
    if found is None:
        return Reason(f"{short(module, node)} is known only when the code runs")
    if not values.protection.may_change(module, node) or not values.may_be_named(module, named):
        return reason_at(module, node, "is named", ", which isn't to be changed")
    if isinstance(found, Class):
        blocked = values.staying.get(found.module.analysis.variable(found.node))
    else:
        blocked = values.reach_problem(module, named) or values.flow.uses.changed.get(found)
    if blocked is None and isinstance(node, ast.Call):
        given = ast.Call(func=named, args=node.args[1:], keywords=node.keywords)
        blocked = _argument_problem(values, found, given)
    return blocked


def _call_problem(values: Values, holder: Node, module: Module, call: ast.Call) -> Reason | None:
    """Why what a call makes of one of several classes can't be a Result."""
    if not values.protection.may_change(module, call):
        return reason_at(module, call, "is called", ", which isn't to be changed")
    for user, named in values.flow.class_values.classes(holder):
        found = values.flow.class_values.named(user, named)
        problem = _argument_problem(values, found, call) if found is not None else None
        if isinstance(named, ast.Call) and call.args:  # after those of partial they mean something else
            problem = Reason("gets arguments by position beside those of partial", subject=short(user, named))
        if problem is not None:
            return reason_at(module, call, "is called", f", where {problem.clause}")._replace(advice=problem.advice)
    return values.use_problem(module, call)


def _argument_problem(values: Values, found: str | Class, call: ast.Call) -> Reason | None:
    """Why the Result of a class can't take the arguments of a call as they are written."""
    if isinstance(found, Class):
        cls = values.handler_classes.get(found.node)
        if cls is None or cls.init is not None or cls.bases.constructor is not None:
            return None if cls is None else instance_problem(cls, call)
        problem, handler = instance_problem(cls, call), cls.bases.handler
    else:
        problem, handler = argument_problem(call, found, values.options.target), found
    if problem is None and renamed_arguments(call, handler):
        return Reason(f"the Result of {handler} takes an argument by another name")
    return problem
