"""What has nothing to do with Prefect for certain: objects of other libraries, and values that are no handlers."""

from __future__ import annotations

import ast

from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import leaves
from rehandle_codemods.index.targets import External, Local, Unknown

_OF_TASKS = frozenset(["__init__", "bind", "copy", "map"])
"""The methods that Tasks and Flows have which take any keyword: an object of another library may be one of them."""


def is_other_method(project: Project, module: Module, function: ast.expr) -> bool:
    """Whether what is called is a method of another library's object, and none that a Task or Flow has."""
    if not isinstance(function, ast.Attribute) or function.attr in _OF_TASKS or project.external(module, function):
        return False
    return is_other_object(project, module, function.value)


def is_other_object(project: Project, module: Module, node: ast.AST) -> bool:
    """Whether an expression is an object that a class or function of another library made.

    It may still be a task: another library may derive from Prefect's. What it has beyond that is the library's own.
    """
    seen: set[ast.AST] = set()
    while node not in seen:
        seen.add(node)
        if isinstance(node, ast.Call):
            targets = project.resolve(module, node.func)
            if targets and all(
                isinstance(target, External) and prefect_names.is_third_party(target.name) for target in targets
            ):
                return True
            if not isinstance(node.func, ast.Attribute):
                return False
            node = node.func.value
            continue
        owner = project.classes.of_self(module, node.value) if isinstance(node, ast.Attribute) else None
        if owner is not None and isinstance(node, ast.Attribute):
            values = _set_on_instances(owner, node.attr)
            return bool(values) and all(is_other_object(project, module, value) for value in values)
        targets = project.resolve(module, node)
        if len(targets) != 1:
            return False
        target = targets[0]
        if isinstance(node, ast.Attribute) and isinstance(target, Unknown):
            node = node.value
            continue
        if isinstance(target, External):
            return prefect_names.is_third_party(target.name)
        if not isinstance(target, Local) or target.binding.kind not in (scopes.ASSIGN, scopes.WITH):
            return False
        if target.binding.value is None or not isinstance(target.binding.node, ast.Name):
            return False
        module, node = target.module, target.binding.value
    return False


def is_no_handler(project: Project, module: Module, node: ast.expr) -> bool:
    """Whether a value is certainly no handler: another constant than None, or a function."""
    return all(_is_no_handler(project, module, leaf) for leaf in leaves(node))


def _is_no_handler(project: Project, module: Module, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not None
    if isinstance(node, (ast.Lambda, ast.JoinedStr)):
        return True
    targets = project.resolve(module, node)
    return bool(targets) and all(
        (isinstance(target, External) and target.name.startswith("builtins."))
        or (
            isinstance(target, Local)
            and isinstance(target.binding.node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and not target.binding.node.decorator_list
        )
        for target in targets
    )


def _set_on_instances(owner: Class, name: str) -> list[ast.expr]:
    """What a class sets an attribute of its instances to; nothing where that isn't by plain assignments alone."""
    values = []
    for part in ast.walk(owner.node):
        if not isinstance(part, ast.Attribute) or part.attr != name or isinstance(part.ctx, ast.Load):
            continue
        statement = owner.module.analysis.parents.get(part)
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            return []
        if isinstance(statement, ast.Assign) and part not in statement.targets:
            return []
        values.append(statement.value)
    return values
