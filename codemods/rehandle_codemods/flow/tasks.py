"""Which expressions are certainly a task, and which classes are Task, Flow or derived from them."""

from __future__ import annotations

import ast
from typing import Iterable, Sequence

from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.own_results import own_result
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import Class, class_of, methods
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import FUNCTIONS, FunctionDef
from rehandle_codemods.index.targets import External, Local, Target


class Tasks:
    """Answers, for expressions and classes, whether they are tasks."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._own_results: dict[ast.ClassDef, Reason | None] = {}

    def called(self, module: Module, call: ast.Call) -> Target | None:
        """The function or class of the task that is certainly called, or mapped, by a call."""
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "map":
            function = function.value
        return self._of(module, function)

    def copied(self, module: Module, function: ast.expr) -> Target | None:
        """The function or class of a task whose method `copy` is Prefect's, which sets the attributes that it gets."""
        if not isinstance(function, ast.Attribute) or function.attr != "copy":
            return None
        task = self._of(module, function.value)
        owner = class_of(task)
        if owner is not None and self.project.classes.method(module, owner, "copy") is not None:
            return None
        return task

    def _of(self, module: Module, node: ast.expr) -> Target | None:
        """The function or class of what is certainly one task."""
        if isinstance(node, ast.Call):
            return self._class(module, node)
        targets = self.project.resolve(module, node)
        if len(targets) != 1 or not isinstance(targets[0], Local):
            return None
        target, binding = targets[0], targets[0].binding
        if isinstance(binding.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            outermost = binding.node.decorator_list[:1]
            return target if self._decorates(target.module, outermost) else None
        is_assigned = binding.kind == scopes.ASSIGN and isinstance(binding.node, ast.Name)
        call = binding.value if is_assigned and isinstance(binding.value, ast.Call) else None
        return self._class(target.module, call) if call is not None else None

    def _class(self, module: Module, call: ast.Call) -> Target | None:
        kinds = self.project.resolve(module, call.func)
        if len(kinds) != 1 or not self.is_class(kinds[0], (prefect_names.TASK,)):
            return None
        return kinds[0]

    def own_result(self, owner: Class) -> Reason | None:
        """Why a class of tasks or flows can't get a Result: it has another `result`."""
        if owner.node not in self._own_results:
            self._own_results[owner.node] = own_result(self.project, owner)
        return self._own_results[owner.node]

    def problem(self, task: Target) -> Reason | None:
        """Why what is certainly a task can't get a Result."""
        owner = class_of(task)
        return self.own_result(owner) if owner is not None else None

    def run_of(self, task: Target) -> FunctionDef | None:
        """The function that a task runs, if it is in the project."""
        if isinstance(task, Local) and isinstance(task.binding.node, FUNCTIONS):
            return task.binding.node
        owner = class_of(task)
        for each in self.project.classes.single(owner) if owner is not None else ():
            if not isinstance(each, Class) or len(each.node.bases) != 1:
                return None
            for method in methods(each.node):
                if method.name == "run":
                    return None if method.decorator_list else method
        return None

    def is_function(self, module: Module, node: ast.AST) -> bool:
        """Whether a function is decorated with Prefect's task."""
        return self._decorates(module, getattr(node, "decorator_list", ()))

    def _decorates(self, module: Module, decorators: Iterable[ast.expr]) -> bool:
        for decorator in decorators:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.project.external(module, called) == prefect_names.TASK_DECORATOR:
                return True
        return False

    def is_class(self, target: Target, kinds: Sequence[str] = (prefect_names.TASK, prefect_names.FLOW)) -> bool:
        """Whether a target is Task, Flow, or a class derived from one of them; `kinds` names those that count."""
        if isinstance(target, External):
            return (
                prefect_names.is_task_class(target.name)
                if target.name != prefect_names.FLOW
                else prefect_names.FLOW in kinds
            )
        owner = class_of(target)
        above = self.project.classes.outside(owner) if owner is not None else ()
        return any(self.is_class(External(name), kinds) for name in above)
