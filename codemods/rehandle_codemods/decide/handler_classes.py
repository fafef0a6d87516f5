"""Which of the project's handler classes become Results: those whose shape, bases and uses all allow it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle.mapping import HANDLERS
from rehandle_codemods.classes.handler_class import OWN_METHODS, HandlerClass
from rehandle_codemods.decide.arguments import argument_problem
from rehandle_codemods.findings import Reason
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import is_annotation, is_none

if TYPE_CHECKING:
    from rehandle_codemods.decide.values import Values

_FIXED = ", which isn't to be changed"
_INCOMPLETE = "has no read or no write, and Prefect's do nothing"


def class_problem(values: Values, variable: Variable, module: Module, node: ast.ClassDef) -> Reason | None:
    """Why a handler class of the project can't become a Result.

    Args:
        values: what is decided by now.
        variable: the class.
        module: where it is.
        node: its definition.

    Returns:
        The reason; None where it can as far as is known.
    """
    if not values.protection.may_change(module, node):
        return reason_at(module, node, "is defined", _FIXED, subject=node.name)
    for base in node.bases:
        found = values.project.classes.of(module, base)
        above = found[0].analysis.variable(found[1]) if found is not None else None
        if above is not None and above in values.staying:
            if found is not None and not found[0].editable:
                return reason_at(*found, f"derives from {above.name}", _FIXED, subject=node.name)
            why = values.staying[above]
            return Reason(f"derives from {above.name}, which stays a handler", subject=node.name, because=why.cause)
    if node in values.irregular:
        return values.irregular[node]
    problem = values.unseen(variable, module)
    if problem is not None:
        return problem.about(node.name)
    if len(variable.bindings) > 1:
        return Reason("is bound more than once", subject=node.name)
    cls = values.handler_classes[node]
    problem = _inherited_problem(values, cls)
    if problem is not None:
        return problem
    derived = False
    for user, use in values.flow.uses.of(variable):
        call = user.analysis.parents.get(use)
        if isinstance(call, ast.Call) and call.func is use:
            problem = values.call_problem(user, call, of_class=True) or instance_problem(cls, call)
            if problem:
                return problem
        elif isinstance(call, ast.ClassDef) and use in call.bases:
            derived = True
            below = user.analysis.variable(call)
            if below in values.staying:
                if not user.editable:
                    return reason_at(user, call, f"is the base of {call.name}", _FIXED, subject=node.name)
                why = values.staying[below]
                subject = f"{call.name}, which derives from {node.name},"
                return Reason("stays a handler", subject=subject, because=why.cause)
        elif not _harmless(values, user, use, node):
            kept = values.flow.class_values.taking(user, use)
            if kept is None:
                return reason_at(user, use, "is used in another way", subject=node.name)
            if kept in values.staying:
                return values.staying[kept]
    if not cls.complete and not derived:
        return Reason(_INCOMPLETE, subject=node.name)
    return None


def _inherited_problem(values: Values, cls: HandlerClass) -> Reason | None:
    """Why a class can't build on the Result of the handler that it derives from."""
    name = cls.node.name
    reach = None if cls.bases.above else values.reach_problem(cls.module, cls.bases.node)
    if reach is not None:
        text = f"derives from {cls.bases.handler} and {reach.about('').clause}"
        return Reason(text, subject=name, because=reach.cause)
    if cls.bases.handler in values.flow.uses.changed:
        changed = values.flow.uses.changed[cls.bases.handler]
        return Reason(f"derives from {cls.bases.handler}, and {changed.clause}", subject=name, because=changed.cause)
    call, handler = cls.super_call, cls.bases.handler
    if call is None or handler == "ResultHandler" or cls.bases.constructor is not None:
        return None
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    if not isinstance(owner, ast.Call):
        given = len(call.args) > 1 or call.keywords
        by_name = f"gives arguments to the constructor of {handler} by a class's name"
        return Reason(by_name, subject=name) if given else None
    problem = argument_problem(call, handler)
    removed = any(is_none(value) for value in [*call.args, *(keyword.value for keyword in call.keywords)])
    if problem is not None:
        return problem._replace(subject=name)
    return (
        Reason("gives None to the constructor of its base", advice="Leave that out", subject=name) if removed else None
    )


def instance_problem(cls: HandlerClass, call: ast.Call) -> Reason | None:
    """Why a Result can't be made by the call that makes an instance of a handler class of the project."""
    if not cls.complete:
        return Reason(_INCOMPLETE, subject=cls.node.name)
    if cls.init is not None or cls.bases.constructor is not None:
        return None
    return argument_problem(call, cls.bases.handler)


def inherited_calls(values: Values) -> dict[Module, list[tuple[ast.Call, str]]]:
    """The calls of classes that become Results and take the constructor of a handler of Prefect's: both, by module."""
    found: dict[Module, list[tuple[ast.Call, str]]] = {}
    for variable, (_, node) in values.flow.uses.classes.items():
        if variable in values.staying:
            continue
        cls = values.handler_classes[node]
        if cls.init is None and cls.bases.constructor is None:
            for user, use in values.flow.uses.of(variable):
                call = user.analysis.parents.get(use)
                if isinstance(call, ast.Call) and call.func is use:
                    found.setdefault(user, []).append((call, cls.bases.handler))
    return found


def renamed_arguments(call: ast.Call, handler: str) -> bool:
    """Whether a handler's Result takes an argument of a call by another name."""
    rows = HANDLERS[handler].parameters
    result_names = {row.name: row.result_name for row in rows}
    moved = any(not row.positional for row, _ in zip(rows, call.args))
    return moved or any(result_names.get(keyword.arg or "") != keyword.arg for keyword in call.keywords)


def _harmless(values: Values, module: Module, use: ast.expr, node: ast.ClassDef) -> bool:
    if is_annotation(module, use):
        return True
    parent = module.analysis.parents.get(use)
    if isinstance(parent, ast.Assign) and values.is_alias(module, parent):
        return True
    if values.is_checked_for(module, use):
        return True
    if isinstance(parent, ast.Attribute) and parent.attr in ("__init__", *OWN_METHODS):
        owner = module.analysis.enclosing_class(use)
        return owner is not None and values.flow.uses.is_handler_class(module, owner)
    inside = node in module.analysis.ancestors(use)
    called = parent.func if isinstance(parent, ast.Call) else None
    return inside and isinstance(called, ast.Name) and called.id == "super"
