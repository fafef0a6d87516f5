"""Uses of names in a project: of handler classes, Prefect's and its own, of their modules, and of what may hold one."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Iterator, NamedTuple, Sequence

from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason, Region
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class, class_of
from rehandle_codemods.index.locations import reason_at, where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.targets import External, Local, ModuleRef, Target


class HandlerRef(NamedTuple):
    """A name that means a built-in handler class.

    Attributes:
        module: where it is used.
        node: the name or dotted name.
        handler: the class's name.
    """

    module: Module
    node: ast.expr
    handler: str


class Uses:
    """All uses of names in a project that may have to do with handlers."""

    def __init__(self, project: Project) -> None:
        """Collect.

        Args:
            project: the index, with every module that matters loaded.
        """
        self.project = project
        self.handler_refs: list[HandlerRef] = []
        self.module_refs: dict[Module, list[tuple[ast.expr, str]]] = {}
        self.unsure_refs: list[HandlerRef] = []
        self._uses: dict[Variable, list[tuple[Module, ast.expr]]] = {}
        self.classes: dict[Variable, tuple[Module, ast.ClassDef]] = {}
        self._legacy_classes: dict[ast.ClassDef, bool] = {}
        self._through: set[Variable] | None = None
        self.elsewhere: dict[Variable, Reason] = {}
        self.changed: dict[str, Reason] = {}
        self._named: dict[str, Region] | None = None
        # What resolving loads beyond these has neither a trigger word nor a name that matters in it.
        self.collected = dict.fromkeys(project.modules.values())
        for module in self.collected:
            with working_on(module.path):
                self._collect(module)

    # Collecting

    def _collect(self, module: Module) -> None:
        inner: set[ast.AST] = set()
        for node in module.analysis.nodes:
            if isinstance(node, ast.ClassDef) and self.is_handler_class(module, node):
                self.classes[module.analysis.variable(node)] = (module, node)
            if not isinstance(node, (ast.Name, ast.Attribute)) or node in inner:
                continue
            if not isinstance(node.ctx, ast.Load):
                if isinstance(node, ast.Attribute):
                    self._note_elsewhere(module, node)
                continue
            targets = self.project.resolve(module, node)
            unsure = len(targets) > 1
            known = False
            for target in targets.kinds:
                if isinstance(target, External):
                    known = self._note_legacy(module, node, target.name) or known
                elif isinstance(target, Local):
                    variable = target.binding.variable
                    self._uses.setdefault(variable, []).append((module, node))
                    known = True
            if unsure and targets.unknown:
                self.unsure_refs += [ref for ref in self.handler_refs[-len(targets.kinds) :] if ref.node is node]
            while known and isinstance(node, ast.Attribute):
                node = node.value
                inner.add(node)

    def _note_legacy(self, module: Module, node: ast.expr, name: str) -> bool:
        """Remember a name outside the project that is a handler class, or belongs to the old API; whether it does."""
        handler = prefect_names.handler_class(name)
        if handler is not None:
            self.handler_refs.append(HandlerRef(module, node, handler))
        elif prefect_names.is_legacy(name):
            self.module_refs.setdefault(module, []).append((node, name))
        else:
            return False
        return True

    def of(self, variable: Variable) -> Sequence[tuple[Module, ast.expr]]:
        """The names and dotted names that mean a variable, function or class, each with its module."""
        return self._uses.get(variable, ())

    def refs_in(self, module: Module) -> list[HandlerRef]:
        """The names in a module that mean a built-in handler class."""
        return self._refs.get(module, [])

    @cached_property
    def _refs(self) -> dict[Module, list[HandlerRef]]:
        refs: dict[Module, list[HandlerRef]] = {}
        for ref in self.handler_refs:
            refs.setdefault(ref.module, []).append(ref)
        return refs

    def classes_in(self, module: Module) -> list[ast.ClassDef]:
        """The handler classes that a module defines."""
        return self._classes.get(module, [])

    @cached_property
    def _classes(self) -> dict[Module, list[ast.ClassDef]]:
        classes: dict[Module, list[ast.ClassDef]] = {}
        for module, node in self.classes.values():
            classes.setdefault(module, []).append(node)
        return classes

    def _note_elsewhere(self, module: Module, node: ast.Attribute) -> None:
        """Remember an attribute of a module, or of Prefect's handlers, that is set or deleted from outside."""
        for target in self.project.resolve(module, node.value):
            if isinstance(target, ModuleRef):
                reason = reason_at(module, node, "is also set")
                self.elsewhere.setdefault(target.module.root.variable(node.attr), reason)
            elif isinstance(target, External):
                handler = prefect_names.handler_class(target.name)
                if handler is not None:
                    reason = reason_at(module, node, "is replaced", subject=f"{handler}.{node.attr}")
                    self.changed.setdefault(handler, reason)

    def by_name(self, name: str) -> Region | None:
        """Where a name is reached as a string, as by `getattr` or `mock.patch`."""
        if self._named is None:
            self._named = {}
            for module in self.project.every_module():
                for node in module.analysis.nodes:
                    if not isinstance(node, (ast.Call, ast.Subscript)):
                        continue
                    for text in _reached_names(node):
                        self._named.setdefault(text.rsplit(".", 1)[-1], where(module, node))
        return self._named.get(name)

    def is_handler_class(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a class of the project certainly derives from one of Prefect's handlers."""
        if node not in self._legacy_classes:
            above = self.project.classes.outside(Class(module, node))
            self._legacy_classes[node] = any(map(prefect_names.handler_class, above))
        return self._legacy_classes[node]

    def is_result(self, module: Module, call: ast.Call) -> bool:
        """Whether a call makes a Result, Prefect's or the project's."""
        for target in self.project.resolve(module, call.func):
            if isinstance(target, External) and prefect_names.is_result_class(target.name):
                continue
            owner = class_of(target)
            if owner is not None and any(map(prefect_names.is_result_class, self.project.classes.outside(owner))):
                continue
            return False
        return True

    def handler_of(self, module: Module, node: ast.expr) -> str | None:
        """The handler class, built-in or the project's, that an expression certainly makes an instance of."""
        if not isinstance(node, ast.Call):
            return None
        targets = self.project.resolve(module, node.func)
        if len(targets) != 1:
            return None
        target = targets[0]
        if isinstance(target, External):
            return prefect_names.handler_class(target.name) or prefect_names.kept_handler(target.name)
        owner = class_of(target)
        if owner is not None and (self.is_handler_class(*owner) or self.is_kept(target)):
            return owner.node.name
        return None

    def is_kept(self, target: Target) -> bool:
        """Whether a class is a handler's that rehandle has, or derives from one: it stays a handler."""
        if isinstance(target, External):
            return prefect_names.kept_handler(target.name) is not None
        owner = class_of(target)
        return owner is not None and any(map(prefect_names.kept_handler, self.project.classes.outside(owner)))

    def used_through(self, variable: Variable) -> bool:
        """Whether a legacy name is used through the module or class that imports it, and can't be otherwise."""
        if self._through is None:
            self._through = set()
            for ref in self.handler_refs:
                part: ast.expr = ref.node
                while isinstance(part, ast.Attribute):
                    for target in self.project.resolve(ref.module, part.value):
                        if isinstance(target, ModuleRef):
                            self._through.add(target.module.root.variable(part.attr))
                    part = part.value
            for other in self.project.every_module():
                for star in other.root.stars:
                    for found in self.project.loaded_sources(other, star):
                        self._through.update(found.root.variable(name) for name in found.root.bindings)
            for taken, users in self.project.importers.items():
                if not all(user.editable for user, _ in users):
                    self._through.add(taken)
        of_class = variable.scope.kind == "class"
        return variable in self._through or (of_class and variable.name in self.attributes)

    @cached_property
    def attributes(self) -> dict[str, list[tuple[Module, ast.Attribute]]]:
        """The attributes that are used in the project, by their names: what a class binds is reached by objects."""
        found: dict[str, list[tuple[Module, ast.Attribute]]] = {}
        for module in self.collected:
            for node in module.analysis.nodes:
                if isinstance(node, ast.Attribute):
                    found.setdefault(node.attr, []).append((module, node))
        return found


_REACHING = {"getattr", "setattr", "delattr", "hasattr", "patch", "object", "attrgetter", "import_string", "locate"}
_NAMESPACES = {"globals", "locals", "vars"}


def _reached_names(node: ast.Call | ast.Subscript) -> Iterator[str]:
    """The strings by which an expression may reach something that has a name."""
    if isinstance(node, ast.Subscript):
        owner = node.value
        called = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id in _NAMESPACES
        arguments = [node.slice] if called or (isinstance(owner, ast.Attribute) and owner.attr == "__dict__") else []
    else:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        own = bool(node.args) and isinstance(node.args[0], ast.Name) and node.args[0].id in ("self", "cls")
        arguments = list(node.args) if name in _REACHING and not own else []
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def reaching_call(module: Module, node: ast.AST) -> ast.Call | None:
    """The call, as of `mock.patch` or `setattr`, that reaches something by a string."""
    call = module.analysis.parents.get(node)
    if not isinstance(call, ast.Call) or node not in call.args:
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return call if name in _REACHING else None
