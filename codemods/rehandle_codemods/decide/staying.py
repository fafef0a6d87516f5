"""Which handlers stay handlers: variables, keys and classes, until nothing changes any more.

Each becomes a Result as a whole, with all its uses, or not at all.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import Callable

from rehandle_codemods.decide.class_values import class_value_problem, named_class_problem
from rehandle_codemods.decide.handler_classes import class_problem
from rehandle_codemods.decide.protected import Protection
from rehandle_codemods.decide.spelling import key_problem, parameter_problem
from rehandle_codemods.decide.values import FIXED, Values
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.destinations import METHODS
from rehandle_codemods.flow.edges import NodeFacts
from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.flow.nodes import AttributeOf, DictItem, Node, Return
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.locations import reason_at, where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Parameter, Variable
from rehandle_codemods.index.syntax import leaves
from rehandle_codemods.options import Options


def decide_values(flow: FlowGraph, options: Options, protection: Protection) -> Values:
    """Decide for every handler class, variable and key of a project.

    Args:
        flow: where handlers come from and go to.
        options: the choices of the run.
        protection: what isn't to change.

    Returns:
        What becomes of values, now that it is known what stays a handler.
    """
    values = Values(flow, options, protection)
    asked: list[tuple[Node, Module, ast.AST, Callable[[], Reason | None]]] = [
        (variable, module, node, partial(class_problem, values, variable, module, node))
        for variable, (module, node) in flow.uses.classes.items()
    ]
    asked += [
        (holder, facts.module, facts.node, partial(_node_problem, values, holder, facts))
        for holder, facts in flow.holders.items()
    ]
    asked += [
        (holder, facts.module, facts.node, partial(_class_node_problem, values, holder, facts))
        for holder, facts in flow.class_values.holders.items()
    ]
    changed = True
    while changed:
        changed = False
        for holder, module, node, problem in asked:
            if holder in values.staying:
                continue
            with working_on(module.path):
                reason = problem()
            if reason is not None:
                is_class = isinstance(node, ast.ClassDef)  # one is a place itself, which says why it stays
                because = reason.because or (where(module, node) if is_class or reason.at is None else None)
                values.staying[holder] = reason._replace(because=because)
                changed = True
    return values


def _reach_problem(values: Values, holder: Node, facts: NodeFacts) -> Reason | None:
    """Why not all that happens with a node's values is known, or may be changed."""
    name = holder.name
    if not values.protection.may_change(facts.module, facts.node):
        return reason_at(facts.module, facts.node, "is set", FIXED, subject=name)
    if facts.problem:
        return facts.problem
    for owner, module in _reached_by(values, holder, facts):
        problem = values.unseen(owner, module)
        if problem is not None:
            return problem.about(owner.name)
    return None


def _class_node_problem(values: Values, holder: Node, facts: NodeFacts) -> Reason | None:
    return _reach_problem(values, holder, facts) or class_value_problem(values, holder, facts)


def _node_problem(values: Values, holder: Node, facts: NodeFacts) -> Reason | None:
    name = holder.name
    reach = _reach_problem(values, holder, facts)
    if reach is not None:
        return reach
    container = facts.container
    is_key = container is not None and container.is_taken_by_prefect(holder)
    problem = None
    if is_key and container is not None and isinstance(holder, DictItem):
        problem = key_problem(values, container, holder.key)
    if not problem and isinstance(holder, Parameter) and name == prefect_names.KEYWORD:
        problem = parameter_problem(holder, facts)
    # A key that nobody reads goes to Prefect, where each value is converted by itself.
    if not problem and (facts.reads or not is_key or not values.options.runtime):
        problem = next(
            filter(None, (_source_problem(values, *source) for source in values.flow.edges.sources(holder))), None
        )
    if problem:
        return problem
    for module, source in values.flow.edges.sources(holder):
        destination = values.destination(module, source)
        if not values.protection.may_change(module, source):
            return reason_at(module, source, "is set", FIXED, subject=name)
        if not destination.receiver.takes_result or destination.node is None or destination.node in values.staying:
            return reason_at(module, source, f"what {name} gets", " can't become a Result", subject="")
    gets_result = any(
        _is_result(values, module, leaf)
        for module, value in values.flow.edges.sources(holder)
        for leaf in leaves(value)
    )
    for module, use in facts.reads:
        parent = module.analysis.parents.get(use)
        if gets_result and isinstance(parent, ast.Attribute) and parent.attr in METHODS:
            return reason_at(module, use, "may be a Result already", subject=name)
        if values.flow.node_of(module, use) != holder:
            return reason_at(module, use, "may be something else", subject=name)
        problem = values.use_problem(module, use)
        if problem is not None:
            located = problem.at is not None or problem in values.staying.values()
            return (problem if located else _elsewhere(module, use, problem)).about(name)
    return None


def _source_problem(values: Values, module: Module, node: ast.expr) -> Reason | None:
    """Why what a node gets can't become a Result: for readers of other places, so it says where that is."""
    made_by = [leaf for leaf in leaves(node) if values.flow.class_values.is_factory(module, leaf)]
    problem = next(filter(None, (named_class_problem(values, module, leaf) for leaf in made_by)), None)
    problem = problem or values.problem(module, node)
    if problem is None or problem in values.staying.values():
        return problem
    if problem.at is not None and problem.at.line == where(module, node).line:
        return problem
    return _elsewhere(module, node, problem)


def _elsewhere(module: Module, node: ast.AST, problem: Reason) -> Reason:
    """A reason that is about one place, for readers of another one."""
    at = where(module, node)
    return Reason(f"in {at.line} {problem.clause}", at, problem.advice, because=problem.cause)


def _is_result(values: Values, module: Module, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and values.flow.uses.is_result(module, node)


def _reached_by(values: Values, holder: Node, facts: NodeFacts) -> list[tuple[Variable, Module]]:
    """The names that a value is reached by, each with its module; those of classes for an attribute."""
    if isinstance(holder, AttributeOf):
        classes = values.flow.instances.members[holder.owner]
        return [(each.module.analysis.variable(each.node), each.module) for each in classes]
    return [(_owner_of(holder), facts.module)]


def _owner_of(holder: Variable | DictItem | Return) -> Variable:
    """The name that a value is reached by: that of its function, of its dict, or of its variable."""
    if isinstance(holder, DictItem):
        return holder.variable
    if isinstance(holder, Return):
        return holder.function
    owner = holder.scope.parent
    if isinstance(holder, Parameter) and owner is not None:
        if owner.kind == "class" and owner.parent is not None:
            return owner.parent.variable(owner.node.name)  # type: ignore[attr-defined]  # a class has a name
        return owner.variable(getattr(holder.scope.node, "name", ""))
    return holder
