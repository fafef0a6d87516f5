"""The block of a flow: calls of tasks, Parameters, and which task comes before which."""

from __future__ import annotations

import ast
from typing import Mapping

from rehandle_codemods.prefect3.names import Names, identifier
from rehandle_codemods.prefect3.parts import PARAMETER, UNMAPPED, Flow, Task
from rehandle_codemods.prefect3.stopped import StoppedError

_CALLS_ONLY = "Straight calls of tasks can be moved: write this by hand"


class FlowBlock:
    """Reads the statements of a flow's block, and keeps in the flow what they say."""

    def __init__(self, flow: Flow, names: Names, tasks: Mapping[str, Task]) -> None:
        """Make it.

        Args:
            flow: the flow.
            names: what the file's names mean.
            tasks: the file's tasks, by their names.
        """
        self.flow = flow
        self.names = names
        self.tasks = tasks

    def read(self, number: int, statement: ast.stmt) -> None:
        """Read a statement.

        Args:
            number: its place in the block, from 0.
            statement: the statement.

        Raises:
            StoppedError: it is no call of a task, Parameter or order of tasks.
        """
        value = statement.value if isinstance(statement, (ast.Assign, ast.Expr)) else None
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if self._is_parameter(value) and isinstance(target, ast.Name):
                self._parameter(value, target)  # type: ignore[arg-type]  # a call
                self.flow.gone.append(statement)
                return self._bind(number, target)
            if isinstance(value, ast.Constant):
                return self._bind(number, target)
            task = self._call(value)
            several = target.elts if isinstance(target, ast.Tuple) else [target]
            if isinstance(target, ast.Tuple):
                task.taken_apart = target
                if not task.gives_several:
                    raise StoppedError(
                        statement, "what a task returns is taken apart, and it has no nout=", "Give it nout="
                    )
            for name in several:
                self._bind(number, name)
            if isinstance(target, ast.Name):
                self.flow.made_by[target.id] = task
        elif isinstance(statement, ast.Expr) and self._is_order(statement):
            self.flow.gone.append(statement)
        elif isinstance(statement, ast.Expr) and isinstance(value, ast.Constant):
            pass
        elif isinstance(statement, ast.Expr):
            self._call(value)
        else:
            raise StoppedError(statement, "a flow's block has more than calls of tasks", _CALLS_ONLY)
        return None

    def _bind(self, number: int, target: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            raise StoppedError(target, "a flow's block has more than calls of tasks", _CALLS_ONLY)
        self.names.bound_once(target, target.id)
        self.names.understood.add(target)
        self.flow.variables[target.id] = number

    def _is_parameter(self, node: ast.expr | None) -> bool:
        return isinstance(node, ast.Call) and self.names.of_prefect.get(identifier(node.func), "") == PARAMETER

    def _parameter(self, call: ast.Call, target: ast.Name) -> None:
        self.names.named(call.func)
        given = dict(zip(("name", "default"), call.args))
        given.update({keyword.arg or "**": keyword.value for keyword in call.keywords})
        name, default, required = given.pop("name", None), given.pop("default", None), given.pop("required", None)
        if given or not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            raise StoppedError(call, "a Parameter has more than a name and a default", "Write it by hand")
        if default is not None and not isinstance(default, ast.Constant):
            raise StoppedError(default, "the default of a Parameter isn't a plain value", "Write it by hand")
        if name.value != target.id and name.value in self.names.module.root.bindings:
            raise StoppedError(
                call, "a Parameter has the name of something else", f"Call what {name.value} is otherwise"
            )
        optional = default is not None or (isinstance(required, ast.Constant) and required.value is False)
        self.flow.parameters[name.value] = (default or ast.Constant(None)) if optional else None
        self.flow.renamed[target.id] = name.value

    def _call(self, node: ast.expr | None) -> Task:
        """A call of a task, or of its `map`; the task."""
        if not isinstance(node, ast.Call):
            raise StoppedError(node or self.flow.node, "a flow's block has more than calls of tasks", _CALLS_ONLY)
        mapped = isinstance(node.func, ast.Attribute) and node.func.attr == "map"
        called = node.func.value if isinstance(node.func, ast.Attribute) and mapped else node.func
        if not isinstance(called, ast.Name) or called.id not in self.tasks:
            raise StoppedError(node, "a flow's block calls what is no task of this file", _CALLS_ONLY)
        self.names.understood.add(called)
        task = self.tasks[called.id]
        task.in_storing_flow |= self.flow.stored is not None and self.flow.stored.storage is not None
        task.calls += 1 + mapped
        if mapped:
            self.flow.mapped.append(node)
        for argument in node.args:
            self._argument(argument, mapped=mapped)
        for keyword in node.keywords:
            if keyword.arg == "upstream_tasks" and isinstance(keyword.value, (ast.List, ast.Tuple)):
                for each in keyword.value.elts:
                    self._variable(self._whole(each))
                self.flow.upstream.append(node)
            elif keyword.arg in task.inputs:
                self._argument(keyword.value, mapped=mapped)
            else:
                what = f"{keyword.arg or '**'}= in the call of a task has no counterpart"
                raise StoppedError(keyword, what, "Write by hand what it is for")
        return task

    def _argument(self, node: ast.expr, *, mapped: bool = False) -> None:
        if mapped and self._whole(node) is not node:
            return self._argument(self._whole(node))
        if isinstance(node, ast.Call):
            self._call(node)
            return None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            self._variable(node.value)
            if identifier(node.value) in self.flow.made_by:
                self.flow.made_by[identifier(node.value)].taken_apart = node
            return None
        if isinstance(node, (ast.List, ast.Tuple)):
            for each in node.elts:
                self._argument(each)
            return None
        if isinstance(node, ast.Dict) and not mapped:
            for each in [*filter(None, node.keys), *node.values]:
                self._argument(each)
            return None
        if isinstance(node, ast.Constant) and not (mapped and isinstance(node.value, (str, bytes))):
            return None
        return self._variable(node)

    def _whole(self, node: ast.expr) -> ast.expr:
        """What is inside of `unmapped(...)`; anything else as it is."""
        if isinstance(node, ast.Call) and len(node.args) == 1 and self.names.named(node.func) == UNMAPPED:
            return node.args[0]
        return node

    def _variable(self, node: ast.expr) -> None:
        if not isinstance(node, ast.Name) or node.id not in self.flow.variables or not self.names.is_global(node):
            what = "a task is given what isn't a plain value or another task's result"
            raise StoppedError(node, what, "In Prefect 3 it would be made at another time: write it by hand")
        self.names.understood.add(node)

    def _is_order(self, statement: ast.Expr) -> bool:
        """Whether a statement says nothing but which of two tasks comes first, and they do come so."""
        call = statement.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or len(call.args) != 1:
            return False
        if call.func.attr not in ("set_upstream", "set_downstream") or call.keywords:
            return False
        first, second = call.args[0], call.func.value
        if call.func.attr == "set_downstream":
            first, second = second, first
        self._variable(first)
        self._variable(second)
        if self.flow.variables[identifier(first)] >= self.flow.variables[identifier(second)]:
            raise StoppedError(call, "a task comes before one that it has to wait for", "Put them in order")
        return True
