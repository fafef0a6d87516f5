"""How a handler class is made: its constructor, and how that calls the one of its base."""

from __future__ import annotations

import ast
from typing import Mapping

from rehandle_codemods.classes.bases import Bases, IrregularError
from rehandle_codemods.classes.methods import is_self, last_name, parameters, returns
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import Local
from rehandle_codemods.index.tree import walk


def base_constructor_call(
    project: Project, module: Module, init: ast.FunctionDef, line: Bases, above: Mapping[str, ast.FunctionDef]
) -> ast.Call | None:
    """The call of its base's constructor that a constructor makes, if it makes one.

    Args:
        project: the index.
        module: the class's module.
        init: the class's own constructor.
        line: what the class derives from.
        above: the methods of the project's classes above it.

    Returns:
        The call.

    Raises:
        IrregularError: the constructor isn't one that a Result could have.
    """
    if init.decorator_list or [p.arg for p in parameters(init)][:1] != ["self"]:
        raise IrregularError("has a constructor that is decorated or has no self")
    for parameter in (*parameters(init)[1:], *init.args.kwonlyargs):
        if parameter.arg in ("value", "location", "serializer", "result_handler"):
            raise IrregularError(f"has a constructor with a parameter {parameter.arg}, which a Result's has too")
    calls = [
        part
        for part in walk(init)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "__init__"
    ]
    if not calls:
        if line.handler != "ResultHandler" or "__init__" in above:
            raise IrregularError("doesn't call the constructor of its base")
        return None
    plain = [part.value for part in init.body if isinstance(part, ast.Expr)]
    if len(calls) > 1 or calls[0] not in plain:
        raise IrregularError("calls the constructor of its base conditionally or repeatedly")
    if returns(init):
        raise IrregularError("has a constructor that returns early")
    call = calls[0]
    function = call.func
    assert isinstance(function, ast.Attribute)
    owner = function.value
    by_name = not isinstance(owner, ast.Call)
    if not isinstance(owner, ast.Call):
        itself = bool(call.args) and is_self(call.args[0])
        external = prefect_names.handler_class(project.external(module, owner))
        targets = project.resolve(module, owner)
        local = [target.binding.node for target in targets if isinstance(target, Local)]
        if not itself or not (external or any(upper.node in local for upper in line.above)):
            raise IrregularError("calls the constructor of something else")
        if external and (len(call.args) > 1 or call.keywords):
            raise IrregularError(f"gives arguments to the constructor of {external} by its name")
    elif not (isinstance(owner.func, ast.Name) and owner.func.id == "super"):
        raise IrregularError("calls the constructor of something else")
    if line.handler == "ResultHandler" and "__init__" not in above:
        passed_on = {keyword.value.id for keyword in call.keywords if isinstance(keyword.value, ast.Name)}
        own = {part.arg for part in (init.args.kwarg,) if part is not None}
        starred = [last_name(part.value) for part in call.args if isinstance(part, ast.Starred)]
        own_list = [part.arg for part in (init.args.vararg,) if part is not None]
        if len(call.args) - by_name != len(starred) or starred not in ([], own_list):
            raise IrregularError("calls the constructor of its base with arguments")
        if any(keyword.arg is not None for keyword in call.keywords) or not passed_on <= own:
            raise IrregularError("calls the constructor of its base with arguments")
    return call
