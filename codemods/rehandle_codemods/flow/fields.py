"""Fields of objects that a call takes as `**`: whether one of them may be called result_handler."""

from __future__ import annotations

import ast
from functools import cached_property

from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.targets import Local

_FUNCTIONS = ("attr.asdict", "attrs.asdict", "builtins.vars", "dataclasses.asdict")
_METHODS = ("_asdict", "asdict", "dict", "model_dump", "to_dict")
_MAKERS = ("namedtuple", "make_class", "make_dataclass", "create_model", "NamedTuple")


class Fields:
    """Answers, for what is spread into keywords, whether it may have a handler among them."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def may_be_spread(self, module: Module, node: ast.expr) -> bool:
        """Whether `**` of an expression gives fields or variables, of which one is called result_handler somewhere."""
        if isinstance(node, ast.Name):
            targets = self.project.resolve(module, node)
            target = targets[0] if len(targets) == 1 else None
            if not isinstance(target, Local) or target.binding.kind != scopes.ASSIGN:
                return False
            value = target.binding.value
            return isinstance(value, (ast.Call, ast.Attribute)) and self.may_be_spread(target.module, value)
        if isinstance(node, ast.Attribute):
            return node.attr == "__dict__" and self._declared
        if not isinstance(node, ast.Call):
            return False
        name = self.project.external(module, node.func)
        if name == "builtins.locals":
            return prefect_names.KEYWORD in module.analysis.scope_of[node.func].bindings
        fields = isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
        return (fields or name in _FUNCTIONS) and self._declared

    @cached_property
    def _declared(self) -> bool:
        """Whether a class of the project has an attribute result_handler, as far as can be seen."""
        return any(_declares(module, scope) for module, scope in self.project.every_scope())


def _declares(module: Module, scope: Scope) -> bool:
    if scope.kind == "class":
        return prefect_names.KEYWORD in scope.bindings
    if scope is not module.root or prefect_names.KEYWORD.encode() not in module.source.data:
        return False
    for node in module.analysis.nodes:
        if isinstance(node, ast.Attribute) and node.attr == prefect_names.KEYWORD:
            if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == "self":
                return True
        elif isinstance(node, ast.Call) and _called(node) in _MAKERS:
            given = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            if any(isinstance(text, str) and prefect_names.KEYWORD in text.replace(",", " ").split() for text in given):
                return True
    return False


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
