"""Dicts and lists that hold handlers: what is stored under each key, what is read, and where they go as a whole."""

from __future__ import annotations

import ast
from typing import Callable, Iterator, NamedTuple

from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.nodes import ANY, DictItem, Node
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.analysis import is_items
from rehandle_codemods.index.locations import reason_at, short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import ASSIGN, Scope, Variable
from rehandle_codemods.index.syntax import chooser, constant_text, is_none

_ASKING = ("get", "pop", "setdefault")
_OF_KEYS = {f"builtins.{name}" for name in ("frozenset", "len", "list", "set", "sorted", "tuple")}
"""Functions that make something of the keys of a dict."""


class Passed(NamedTuple):
    """Where a dict goes as a whole.

    Attributes:
        call: the call that takes it as `**` or `task_args=`.
        variable: the one that holds it, or that it is copied into.
    """

    call: ast.Call | None = None
    variable: Variable | None = None


class DictVariable:
    """A variable that holds a dict or list, and everything that is done with it.

    Attributes:
        variable: the variable.
        module: where it is bound.
        stored: the values by key.
        read: the expressions that read a value, by key.
        spelled: the places that spell the key `result_handler`.
        passed: where it is named as a whole, each with the place that it goes to.
        problem: why not everything that is done with it is understood.
    """

    def __init__(self, variable: Variable, module: Module) -> None:
        self.variable = variable
        self.module = module
        self.stored: dict[str, list[tuple[Module, ast.expr]]] = {}
        self.read: dict[str, list[tuple[Module, ast.expr]]] = {}
        self.spelled: list[tuple[Module, ast.AST]] = []
        self.passed: list[tuple[Module, ast.expr, Passed]] = []
        self.problem: Reason | None = None

    def key(self, key: str) -> DictItem:
        """What is stored under a key: one item for all of them where keys aren't known."""
        return DictItem(self.variable, ANY if ANY in self.stored or ANY in self.read else key)

    def is_keyword(self, node: Node) -> bool:
        """Whether a node is what is stored under the key `result_handler`, perhaps beside other keys."""
        item = self.key(prefect_names.KEYWORD)
        return node == item and (bool(self.spelled) or item.key != ANY)

    def is_taken_by_prefect(self, node: Node) -> bool:
        """Whether a node is what Prefect looks for in a dict of options: under `result_handler`, or `result`."""
        return self.is_keyword(node) or node == DictItem(self.variable, prefect_names.RESULT_KEYWORD)

    def keys(self) -> set[str]:
        """The keys under which something is stored."""
        return set(self.stored)

    def values(self, node: Node) -> list[tuple[Module, ast.expr]]:
        """What is stored under the keys of a node."""
        return [value for key, stored in self.stored.items() if self.key(key) == node for value in stored]

    def reads(self, node: Node) -> list[tuple[Module, ast.expr]]:
        """The expressions that read what is stored under the keys of a node."""
        return [value for key, read in self.read.items() if self.key(key) == node for value in read]

    def _store(self, module: Module, key: str, value: ast.expr, spelled: ast.AST | None) -> None:
        self.stored.setdefault(key, []).append((module, value))
        if key == prefect_names.KEYWORD and spelled is not None:
            self.spelled.append((module, spelled))

    def _takes_in_unknown(self, module: Module, node: ast.expr) -> None:
        self.problem = Reason(f"takes in {short(module, node)}, which isn't known", subject=self.variable.name)

    def add(self, dicts: Dicts, module: Module, node: ast.expr) -> None:
        """Add what a dict or list has in it where it is written out."""
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if key is not None:
                    self._store(module, constant_text(key) or ANY, value, key)
                elif not _is_known(dicts, module, value):
                    self._takes_in_unknown(module, value)
        elif isinstance(node, (ast.List, ast.Tuple)):
            for element in node.elts:
                self._store(module, ANY, element, None)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg is not None:
                    self._store(module, keyword.arg, keyword.value, keyword)
                elif not _is_known(dicts, module, keyword.value):
                    self._takes_in_unknown(module, keyword.value)
            for argument in node.args:
                if not _is_known(dicts, module, argument):
                    self._takes_in_unknown(module, argument)

    def use(self, dicts: Dicts, module: Module, node: ast.expr) -> None:
        """Add what is done with the container where it is named."""
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Subscript) and parent.value is node:
            self._subscript(module, parent)
        elif isinstance(parent, ast.Attribute) and isinstance(module.analysis.parents.get(parent), ast.Call):
            self._method(dicts, module, node, parent)
        elif _is_iterated(module, node):
            if not self.is_dict:
                self.read.setdefault(ANY, []).append((module, node))
        elif isinstance(parent, ast.Compare) and _looks_for_key(parent, node) and self._has_keys(parent):
            if constant_text(parent.left) == prefect_names.KEYWORD:
                self.spelled.append((module, parent.left))
        elif (
            not _is_test(parent, node)
            and not is_harmless_binding(module, node)
            and not self._lists_keys(dicts, module, node)
        ):
            self._pass(dicts, module, node)

    @property
    def is_dict(self) -> bool:
        """Whether it is certainly a dict, and neither a list nor a tuple."""
        return all(isinstance(binding.value, (ast.Dict, ast.Call)) for binding in self.variable.bindings)

    def _has_keys(self, compare: ast.Compare) -> bool:
        """Whether a comparison can only be about a key."""
        return self.is_dict or constant_text(compare.left) is not None

    def _lists_keys(self, dicts: Dicts, module: Module, node: ast.expr) -> bool:
        """Whether the keys of a dict are counted or listed, and nothing else is done."""
        call = module.analysis.parents.get(node)
        if not self.is_dict or not isinstance(call, ast.Call) or call.args != [node] or call.keywords:
            return False
        return dicts.project.external(module, call.func) in _OF_KEYS

    def _subscript(self, module: Module, node: ast.Subscript) -> None:
        key = constant_text(node.slice) or ANY
        parent = module.analysis.parents.get(node)
        if isinstance(node.slice, ast.Slice):
            self.problem = reason_at(module, node, "is sliced", subject=self.variable.name)
        elif isinstance(node.ctx, ast.Load):
            self.read.setdefault(key, []).append((module, node))
            if key == prefect_names.KEYWORD:
                self.spelled.append((module, node.slice))
        elif isinstance(parent, ast.Assign) and parent.targets == [node]:
            self._store(module, key, parent.value, node.slice)
        elif isinstance(parent, ast.Delete):
            if key == prefect_names.KEYWORD:
                self.spelled.append((module, node.slice))
        else:
            self.problem = reason_at(module, node, "is changed")

    def _method(self, dicts: Dicts, module: Module, node: ast.expr, function: ast.Attribute) -> None:
        call = module.analysis.parents[function]
        assert isinstance(call, ast.Call)
        if call.func is not function:
            self.problem = reason_at(module, node, "is used in a way that isn't understood")
        elif function.attr in _ASKING and call.args and not call.keywords:
            key = constant_text(call.args[0]) or ANY
            for default in call.args[1:2]:
                if not is_none(default) or function.attr == "setdefault":
                    self._store(module, key, default, None)
            if key == prefect_names.KEYWORD:
                self.spelled.append((module, call.args[0]))
            if not isinstance(module.analysis.parents.get(call), ast.Expr):
                self.read.setdefault(key, []).append((module, call))
        elif function.attr == "update" and isinstance(module.analysis.parents.get(call), ast.Expr):
            for argument in call.args:
                if isinstance(argument, ast.Dict):
                    self.add(dicts, module, argument)
                elif not _is_known(dicts, module, argument):
                    self.problem = reason_at(module, call, "takes in unknown values", subject=self.variable.name)
            self.add(dicts, module, ast.Call(func=function, args=[], keywords=call.keywords))
        elif function.attr == "keys" and not call.args:
            pass
        elif function.attr in ("items", "values") and _is_iterated(module, call):
            self.read.setdefault(ANY, []).append((module, call))
        elif function.attr == "copy" and not call.args:
            self._pass(dicts, module, call)
        else:
            self.problem = reason_at(module, node, "is used in a way that isn't understood")

    def _pass(self, dicts: Dicts, module: Module, node: ast.expr) -> None:
        destination = destination_of(dicts, module, node)
        if destination is None:
            self.problem = reason_at(module, node, "is used in a way that isn't understood")
        else:
            self.passed.append((module, node, destination))


def _is_test(parent: ast.AST | None, node: ast.expr) -> bool:
    if isinstance(parent, (ast.If, ast.While, ast.IfExp, ast.Assert)):
        return parent.test is node
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _is_iterated(module: Module, node: ast.expr) -> bool:
    """Whether a loop goes through something, and keeps each value in a name."""
    return iterating_name(module, node) is not None


def iterating_name(module: Module, node: ast.expr) -> ast.Name | None:
    """The name that has one of the values after the other of what a loop goes through."""
    loop = module.analysis.parents.get(node)
    if not isinstance(loop, (ast.For, ast.comprehension)) or loop.iter is not node:
        return None
    targets = [loop.target]
    if is_items(node):
        targets = loop.target.elts[1:] if isinstance(loop.target, ast.Tuple) and len(loop.target.elts) == 2 else []
    return next((target for target in targets if isinstance(target, ast.Name)), None)


def _looks_for_key(compare: ast.Compare, node: ast.expr) -> bool:
    """Whether a comparison asks if a key is in a dict."""
    return compare.comparators == [node] and isinstance(compare.ops[0], (ast.In, ast.NotIn))


def is_harmless_binding(module: Module, node: ast.expr) -> bool:
    """Whether an expression is assigned to one name, whose uses then are its own."""
    parent = module.analysis.parents.get(node)
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or not isinstance(parent.targets[0], ast.Name):
        return False
    scope = module.analysis.scope_of[parent].lookup(parent.targets[0].id)
    return scope is not None and scope.kind != "class" and len(scope.bindings[parent.targets[0].id]) == 1


def is_display(project: Project, module: Module, node: ast.AST | None) -> bool:
    """Whether an expression is a dict, list or tuple that is written out, or a call of `dict`."""
    if isinstance(node, ast.Call):
        return project.external(module, node.func) == "builtins.dict"
    return isinstance(node, (ast.Dict, ast.List, ast.Tuple))


def _is_known(dicts: Dicts, module: Module, node: ast.expr) -> bool:
    """Whether an expression is a dict that is known as a whole: written out, or a variable that holds such a one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy":
        node = node.func.value
    return is_display(dicts.project, module, node) or dicts.of(module, node) is not None


def display_with(project: Project, module: Module, value: ast.expr) -> tuple[ast.expr, str] | None:
    """The dict or list, written out, that a value is in, and its key."""
    parent = module.analysis.parents.get(value)
    if isinstance(parent, ast.Dict):
        keys = [key for key, item in zip(parent.keys, parent.values) if item is value]
        return (parent, constant_text(keys[0]) or ANY) if keys and keys[0] is not None else None
    if isinstance(parent, (ast.List, ast.Tuple)):
        return parent, ANY
    if isinstance(parent, ast.keyword) and parent.arg is not None:
        call = module.analysis.parents[parent]
        return (call, parent.arg) if isinstance(call, ast.Call) and is_display(project, module, call) else None
    return None


def default_of_asking(module: Module, value: ast.expr) -> str:
    """The call of `get` or `pop` whose default a value is, without its arguments; empty where it isn't one."""
    call = module.analysis.parents.get(value)
    asked = call.func if isinstance(call, ast.Call) and value in call.args[1:2] else None
    asks = isinstance(asked, ast.Attribute) and asked.attr in _ASKING and asked.attr != "setdefault"
    return short(module, asked) if asks and asked is not None else ""


def stored_value(module: Module, key: ast.AST) -> ast.expr | None:
    """What is stored under a key where the key is spelled."""
    if isinstance(key, ast.keyword):
        return key.value
    holder = module.analysis.parents[key]
    if isinstance(holder, ast.Dict):
        return next((value for other, value in zip(holder.keys, holder.values) if other is key), None)
    if isinstance(holder, ast.Call) and holder.args[:1] == [key]:
        return next(iter(holder.args[1:2]), None)
    statement = module.analysis.parents.get(holder)
    return statement.value if isinstance(statement, ast.Assign) and statement.targets == [holder] else None


def destination_of(dicts: Dicts, module: Module, node: ast.expr) -> Passed | None:
    """Where a dict goes as a whole; None where that isn't understood."""
    parents = module.analysis.parents
    choice = chooser(parents, node)
    while isinstance(choice, (ast.IfExp, ast.BoolOp)):
        node, choice = choice, chooser(parents, choice)
    parent = parents.get(node)
    if isinstance(parent, ast.keyword) and parent.arg in (None, "task_args"):
        call = parents[parent]
        if not isinstance(call, ast.Call):
            return None
        if parent.arg is None and is_display(dicts.project, module, call):
            return destination_of(dicts, module, call)
        return Passed(call=call)
    if isinstance(parent, ast.Dict) and any(
        key is None and item is node for key, item in zip(parent.keys, parent.values)
    ):
        return destination_of(dicts, module, parent)
    if isinstance(parent, ast.Call) and parent.args[:1] == [node]:
        if is_display(dicts.project, module, parent):
            return destination_of(dicts, module, parent)
        if isinstance(parent.func, ast.Attribute) and parent.func.attr == "update":
            variable = dicts.project.variable(module, parent.func.value)
            return Passed(variable=variable) if variable is not None else None
    if isinstance(parent, ast.Attribute) and parent.attr == "copy":
        copied = parents.get(parent)
        return destination_of(dicts, module, copied) if isinstance(copied, ast.Call) and not copied.args else None
    if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is node:
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            scope = module.analysis.scope_of[parent].lookup(targets[0].id)
            return Passed(variable=scope.variable(targets[0].id)) if scope is not None else None
    return None


class Dicts:
    """Every variable of a project that holds a dict or list which is written out, and every `**` parameter.

    Attributes:
        project: the index.
        variables: they, by variable.
        attribute: tells the variable, in the body of a class, that `x.name` is; nothing until attributes are known.
    """

    def __init__(self, project: Project, uses: Uses) -> None:
        """Find them.

        Args:
            project: the index.
            uses: the uses of names.
        """
        self.project = project
        self.variables: dict[Variable, DictVariable] = {}
        self.attribute: Callable[[Module, ast.AST], Variable | None] = lambda module, node: None
        displays: list[tuple[DictVariable, Module, ast.expr]] = []
        for module, scope in project.every_scope():
            with working_on(module.path):
                displays += self._of_scope(module, scope)
        for variable, module, value in displays:
            with working_on(module.path):
                variable.add(self, module, _copied(value) or value)
        for variable in self.variables.values():
            for user, node in uses.of(variable.variable):
                with working_on(user.path):
                    variable.use(self, user, node)

    def _of_scope(self, module: Module, scope: Scope) -> Iterator[tuple[DictVariable, Module, ast.expr]]:
        """Find the variables of a scope; what they are assigned where that is written out."""
        for name, bindings in scope.bindings.items():
            values = [binding.value for binding in bindings if binding.kind == ASSIGN]
            keywords = getattr(getattr(scope.node, "args", None), "kwarg", None)
            spread = keywords is not None and [binding.node for binding in bindings] == [keywords]
            copies = [value for value in values if isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.Call))]
            held = len(copies) == len(bindings) and all(_may_hold(self.project, module, value) for value in copies)
            if not spread and not held:
                continue
            variable = self.variables[scope.variable(name)] = DictVariable(scope.variable(name), module)
            yield from ((variable, module, value) for value in copies)

    def of(self, module: Module, node: ast.expr) -> DictVariable | None:
        """The variable that a name, dotted name or attribute means, if it holds such a dict or list."""
        variable = self.project.variable(module, node) or self.attribute(module, node)
        return self.variables.get(variable) if variable is not None else None


def _copied(node: ast.expr) -> ast.expr | None:
    """What a call of `copy` is a method of."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy":
        return node.func.value
    return None


def _may_hold(project: Project, module: Module, node: ast.expr) -> bool:
    copied = _copied(node)
    return is_display(project, module, node) or (copied is not None and project.variable(module, copied) is not None)
