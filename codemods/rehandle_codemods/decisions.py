"""What becomes of each handler value and class: converted as a whole, with all its uses, or not at all."""

from __future__ import annotations

import ast
import os
from typing import Iterator, NamedTuple

from rehandle.mapping import HANDLERS, lost_parameters
from rehandle_codemods import custom, names, scopes
from rehandle_codemods.project import Entity, External, Local, Module, ModuleRef, Project, Unknown
from rehandle_codemods.scopes import Binding
from rehandle_codemods.sinks import MAYBE, NO, PARAMETER, YES, Sinks, Verdict, keyword_of, task_arguments_call


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


class Place(NamedTuple):
    """Where a value goes.

    Attributes:
        verdict: whether that is a place of Prefect's for a result handler or Result.
        value: the whole expression that goes there.
        entity: the variable that takes it, where it is an assignment.
    """

    verdict: Verdict
    value: ast.expr | None = None
    entity: Entity | None = None


class Decisions:
    """Decides for every handler class and variable of a project, until nothing changes any more."""

    def __init__(self, project: Project) -> None:
        """Collect and decide.

        Args:
            project: the index, with every module that matters loaded.
        """
        self.project = project
        self.sinks = Sinks(project)
        self.handler_refs: list[HandlerRef] = []
        self.module_refs: list[tuple[Module, ast.expr, str]] = []
        self.unsure_refs: list[HandlerRef] = []
        self.uses: dict[Entity, list[tuple[Module, ast.expr]]] = {}
        self.classes: dict[Entity, tuple[Module, ast.ClassDef]] = {}
        self.shapes: dict[ast.ClassDef, custom.Shape] = {}
        self.variables: dict[Entity, list[tuple[Module, Binding]]] = {}
        self.blocked: dict[Entity, str] = {}
        self._legacy_classes: dict[ast.ClassDef, bool] = {}
        self._through: set[Entity] | None = None
        modules = list(project.modules.values())
        done: set[Module] = set()
        while len(done) < len(modules):  # resolving may load more modules
            for module in modules:
                if module not in done:
                    done.add(module)
                    self._collect(module)
            modules = list(project.modules.values())
        self._find_variables()
        self._settle()

    # Collecting

    def _collect(self, module: Module) -> None:
        inner: set[ast.AST] = set()
        for node in module.analysis.nodes:
            if isinstance(node, ast.ClassDef) and self.is_handler_class(module, node):
                scope = module.analysis.scope_of[node]
                self.classes[scope, node.name] = (module, node)
            if not isinstance(node, (ast.Name, ast.Attribute)) or node in inner:
                continue
            if not isinstance(node.ctx, ast.Load):
                continue
            targets = self.project.resolve(module, node)
            unsure = len(targets) > 1
            known = False
            for target in targets:
                if isinstance(target, External):
                    handler = names.handler_class(target.name)
                    if handler is not None:
                        self.handler_refs.append(HandlerRef(module, node, handler))
                        known = True
                    elif names.is_legacy(target.name):
                        self.module_refs.append((module, node, target.name))
                        known = True
                elif isinstance(target, Local):
                    entity = (target.binding.scope, target.binding.name)
                    self.uses.setdefault(entity, []).append((module, node))
                    known = True
            if unsure and any(isinstance(target, Unknown) for target in targets):
                self.unsure_refs += [ref for ref in self.handler_refs[-len(targets) :] if ref.node is node]
            while known and isinstance(node, ast.Attribute):
                node = node.value
                inner.add(node)

    def is_handler_class(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a class of the project certainly derives from one of Prefect's handlers."""
        if node not in self._legacy_classes:
            above = self.project.ancestors(module, node)
            self._legacy_classes[node] = any(
                isinstance(target, External) and names.handler_class(target.name) is not None for target in above
            )
        return self._legacy_classes[node]

    def _is_result(self, module: Module, call: ast.Call) -> bool:
        for target in self.project.resolve(module, call.func):
            if isinstance(target, External) and names.is_result_class(target.name):
                continue
            if isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
                above = self.project.ancestors(target.module, target.binding.node)
                if any(isinstance(base, External) and names.is_result_class(base.name) for base in above):
                    continue
            return False
        return True

    def leaves(self, node: ast.expr) -> Iterator[ast.expr]:
        """The expressions that a value may come from: both branches of a conditional expression."""
        if isinstance(node, ast.IfExp):
            yield from self.leaves(node.body)
            yield from self.leaves(node.orelse)
        else:
            yield node

    def handler_of(self, module: Module, node: ast.expr) -> str | None:
        """The handler class, built-in or the project's, that an expression certainly makes an instance of."""
        if not isinstance(node, ast.Call):
            return None
        targets = self.project.resolve(module, node.func)
        if len(targets) != 1:
            return None
        target = targets[0]
        if isinstance(target, External):
            return names.handler_class(target.name)
        if isinstance(target, Local) and isinstance(target.binding.node, ast.ClassDef):
            return target.binding.name if self.is_handler_class(target.module, target.binding.node) else None
        return None

    def is_handler(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression may be a handler as far as it is understood."""
        for leaf in self.leaves(node):
            if self.handler_of(module, leaf) is not None or self.entity_of(module, leaf) in self.variables:
                return True
        return False

    def entity_of(self, module: Module, node: ast.expr) -> Entity | None:
        """The one variable that an expression names."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        entities = set()
        for target in self.project.resolve(module, node):
            if not isinstance(target, Local):
                return None
            entities.add((target.binding.scope, target.binding.name))
        return entities.pop() if len(entities) == 1 else None

    def _find_variables(self) -> None:
        bindings: dict[Entity, list[tuple[Module, Binding]]] = {}
        for module in self.project.modules.values():
            for scope in {id(scope): scope for scope in module.analysis.scope_of.values()}.values():
                for name, found in scope.bindings.items():
                    bindings[scope, name] = [(module, binding) for binding in found]
        growing = True
        while growing:
            growing = False
            for entity, found_here in bindings.items():
                if entity not in self.variables and any(
                    binding.kind == scopes.ASSIGN
                    and binding.value is not None
                    and self.is_handler(module, binding.value)
                    for module, binding in found_here
                ):
                    self.variables[entity] = found_here
                    growing = True

    # Deciding

    def _settle(self) -> None:
        changed = True
        while changed:
            changed = False
            for entity, (module, node) in self.classes.items():
                if entity not in self.blocked:
                    reason = self._class_problem(entity, module, node)
                    if reason:
                        self.blocked[entity] = reason
                        changed = True
            for entity, bindings in self.variables.items():
                if entity not in self.blocked:
                    reason = self._variable_problem(entity, bindings)
                    if reason:
                        self.blocked[entity] = reason
                        changed = True

    def _class_problem(self, entity: Entity, module: Module, node: ast.ClassDef) -> str:
        if not module.editable:
            return f"{node.name} is defined in {self._where(module, node)}, which isn't to be changed"
        if node not in self.shapes:
            try:
                self.shapes[node] = custom.shape(self.project, module, node)
            except custom.IrregularError as error:
                return f"{node.name} {error}"
        problem = self._unseen(entity, module)
        if problem:
            return f"{node.name} {problem}"
        if len(entity[0].bindings[entity[1]]) > 1:
            return f"{node.name} is bound more than once"
        for user, use in self.uses.get(entity, ()):
            call = user.analysis.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use:
                problem = self.call_problem(user, call, of_class=True)
                if problem:
                    return problem
            elif not self._harmless(user, use, node):
                return f"{node.name} is used in another way in {self._where(user, use)}"
        return ""

    def _harmless(self, module: Module, use: ast.AST, node: ast.ClassDef) -> bool:
        if is_annotation(module, use):
            return True
        parent = module.analysis.parents.get(use)
        if isinstance(parent, ast.Assign) and self._is_alias(module, parent):
            return True
        inside = node in module.analysis.ancestors(use)
        called = parent.func if isinstance(parent, ast.Call) else None
        return inside and isinstance(called, ast.Name) and called.id == "super"

    def _is_alias(self, module: Module, statement: ast.Assign) -> bool:
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            return False
        scope = module.analysis.scope_of[target].lookup(target.id)
        return (
            scope is not None
            and scope.kind != "class"
            and len([b for b in scope.bindings[target.id] if not _none(b.value)]) == 1
        )

    def _variable_problem(self, entity: Entity, bindings: list[tuple[Module, Binding]]) -> str:
        scope, name = entity
        if scope.kind == "class":
            return f"{name} is a class attribute, which may be reached in ways that can't be seen"
        for module, binding in bindings:
            if not module.editable:
                return f"{name} is set in {self._where(module, binding.node)}, which isn't to be changed"
            if binding.kind != scopes.ASSIGN or binding.value is None:
                return f"{name} is also set in {self._where(module, binding.node)} to something that can't be told"
            problem = self.value_problem(module, binding.value)
            if problem:
                return problem
        problem = self._unseen(entity, bindings[0][0])
        if problem:
            return f"{name} {problem}"
        for module, use in self.uses.get(entity, ()):
            if self.entity_of(module, use) != entity:
                return f"{name} may be something else in {self._where(module, use)}"
            problem = self.use_problem(module, use)
            if problem:
                return name + problem[len("it") :] if problem.startswith("it ") else problem
        return ""

    def _unseen(self, entity: Entity, module: Module) -> str:
        """Why uses of a name may exist that aren't understood."""
        scope, name = entity
        if scope.parent is not None:
            return ""
        user = self.project.maybe.get((module.path, name))
        if user is not None:
            return f"may be what {self._where(*user)} imports, which can't be told"
        for other in self.project.modules.values():
            for star in other.root.stars:
                if any(found is module for found in self.project.star_modules(other, star)):
                    return f"may be used through the star import in {self._where(other, star.node)}"
        for path in self.project.broken:
            if name.encode() in self.project.raw(path):
                return f"may be used in {_shown(path)}, which can't be analysed"
        return ""

    # Values and where they go

    def value_problem(self, module: Module, node: ast.expr) -> str:
        """Why a value can't become a Result where it is written; empty where it can, is one, or is None."""
        for leaf in self.leaves(node):
            problem = self._leaf_problem(module, leaf, set())
            if problem:
                return problem
        return ""

    def _leaf_problem(self, module: Module, leaf: ast.expr, seen: set[Entity]) -> str:
        if isinstance(leaf, ast.Constant) and leaf.value is None:
            return ""
        if isinstance(leaf, ast.Call):
            if self.handler_of(module, leaf) is not None:
                return self.call_problem(module, leaf, own=True)
            return "" if self._is_result(module, leaf) else "what this call returns can't be told"
        entity = self.entity_of(module, leaf)
        if entity is None:
            return f"what {_short(module, leaf)} is can't be told"
        if entity in self.blocked:
            return self.blocked[entity]
        if entity in self.variables or entity in seen:
            return ""
        seen.add(entity)
        _scope, name = entity
        for target in self.project.resolve(module, leaf):
            binding = target.binding if isinstance(target, Local) else None
            if binding is None or binding.kind != scopes.ASSIGN or binding.value is None:
                kind = "a parameter" if binding is not None and binding.kind == scopes.PARAMETER else "not known"
                return f"the value of {name} is {kind} here"
            assert isinstance(target, Local)
            for inner in self.leaves(binding.value):
                if self._leaf_problem(target.module, inner, seen):
                    return f"the value of {name} isn't known here"
        return ""

    def call_problem(self, module: Module, call: ast.Call, *, own: bool = False, of_class: bool = False) -> str:
        """Why the instance that a call makes can't become a Result.

        Args:
            module: where the call is.
            call: the call of a handler class.
            own: look only at the call itself, not at where its value goes.
            of_class: the class itself is being decided on.

        Returns:
            The reason, or an empty string.
        """
        if not module.editable:
            return f"it is made in {self._where(module, call)}, which isn't to be changed"
        targets = self.project.resolve(module, call.func)
        if not of_class:
            for target in targets:
                if isinstance(target, Local):
                    blocked = self.blocked.get((target.binding.scope, target.binding.name))
                    if blocked:
                        return blocked
                elif isinstance(target, External):
                    problem = self._reach_problem(module, call.func)
                    problem = problem or self.argument_problem(call, target.name.rsplit(".", 1)[1])
                    if problem:
                        return problem
        if inside_fstring(module, call):
            return "it is written inside an f-string"
        return "" if own else self.use_problem(module, call)

    def _reach_problem(self, module: Module, node: ast.expr) -> str:
        """Why the name that a handler class is reached by can't be changed."""
        head = node
        while isinstance(head, ast.Attribute):
            if any(isinstance(target, ModuleRef) for target in self.project.resolve(module, head.value)):
                return f"its class is reached through another module, as {_short(module, node)}"
            head = head.value
        if isinstance(head, ast.Name):
            scope = module.analysis.scope_of[head].lookup(head.id)
            found = scope.bindings[head.id] if scope is not None else []
            found = [binding for binding in found if not _none(binding.value)]
            if found and all(binding.kind in (scopes.IMPORT, scopes.FROM) for binding in found):
                return ""
        return f"its class goes by another name here, {_short(module, node)}"

    def uses_through(self, module: Module, entity: Entity) -> bool:
        """Whether other modules use a legacy name through a module that imports it, and can't do otherwise."""
        if self._through is None:
            self._through = set()
            for ref in self.handler_refs:
                if isinstance(ref.node, ast.Attribute):
                    for target in self.project.resolve(ref.module, ref.node.value):
                        if isinstance(target, ModuleRef):
                            self._through.add((target.module.root, ref.node.attr))
            for other in self.project.modules.values():
                for star in other.root.stars:
                    for found in self.project.star_modules(other, star):
                        self._through.update((found.root, name) for name in found.root.bindings)
                if not other.editable:
                    self._through.update(self.project.sources(other))
        return entity in self._through

    @staticmethod
    def argument_problem(call: ast.Call, handler: str) -> str:
        """Why the arguments of a built-in handler can't be passed to its Result."""
        row = HANDLERS[handler]
        given: dict[str, object] = {}
        if any(isinstance(argument, ast.Starred) for argument in call.args):
            return f"the arguments of {handler} are a starred list, whose length can't be told"
        if len(call.args) > len(row.parameters):
            return f"{handler} takes fewer arguments than are given here"
        parameters = {parameter.name: parameter for parameter in row.parameters}
        pairs = list(zip(parameters, call.args))
        for keyword in call.keywords:
            if keyword.arg is None:
                return f"the arguments of {handler} are a dict (**), whose keys can't be told"
            if keyword.arg not in parameters:
                return f"{handler} has no parameter {keyword.arg}"
            pairs.append((keyword.arg, keyword.value))
        guards = {parameter.unused_with for parameter in row.parameters if parameter.unused_with}
        for name, value in pairs:
            sure = isinstance(value, (ast.JoinedStr, ast.Subscript)) or (
                isinstance(value, ast.Constant) and value.value is not None
            )
            given[name] = None if _none(value) or (name in guards and not sure) else value
        lost = lost_parameters(row, given)
        if lost:
            return f"{lost[0].name} of {handler} would be lost: {lost[0].trap}"
        return ""

    def place(self, module: Module, node: ast.expr) -> Place:
        """Where an expression's value goes."""
        value = node
        parent = module.analysis.parents.get(value)
        while isinstance(parent, ast.IfExp) and parent.test is not value:
            value, parent = parent, module.analysis.parents.get(parent)
        if isinstance(parent, ast.keyword) and parent.arg in (names.KEYWORD, names.RESULT_KEYWORD):
            return self._keyword_place(module, parent)
        if isinstance(parent, ast.Dict):
            call = task_arguments_call(module, parent)
            for key, _, item in () if call is None else _items(parent):
                if item is value and key in (names.KEYWORD, names.RESULT_KEYWORD):
                    return Place(Verdict(YES), value)
        if isinstance(parent, ast.Compare) and all(_none(side) for side in parent.comparators):
            return Place(Verdict(YES))
        if isinstance(parent, (ast.Assign, ast.AnnAssign)) and parent.value is value:
            return self._assigned_place(module, parent, value)
        return Place(Verdict(NO, f"it is used in another way in {self._where(module, node)}"))

    def _keyword_place(self, module: Module, keyword: ast.keyword) -> Place:
        call = module.analysis.parents[keyword]
        if not isinstance(call, ast.Call):
            return Place(Verdict(NO, f"it is used in another way in {self._where(module, keyword.value)}"))
        if isinstance(call.func, ast.Name) and call.func.id == "dict" and task_arguments_call(module, call):
            return Place(Verdict(YES), keyword.value)
        if keyword_of(call, names.KEYWORD) and keyword_of(call, names.RESULT_KEYWORD):
            return Place(Verdict(MAYBE, f"it is passed beside another one in {self._where(module, call)}"))
        verdict = self.sinks.call(module, call)
        if verdict.answer == NO:
            verdict = Verdict(NO, f"it is passed to something else in {self._where(module, keyword.value)}")
        if keyword.arg == names.RESULT_KEYWORD and verdict.answer == PARAMETER:
            verdict = Verdict(MAYBE, verdict.reason)
        return Place(verdict, keyword.value)

    def _assigned_place(self, module: Module, statement: ast.stmt, value: ast.expr) -> Place:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target  # type: ignore[attr-defined]
        if isinstance(statement, ast.Assign) and len(statement.targets) != 1:
            return Place(Verdict(NO, f"it is assigned to several names in {self._where(module, value)}"))
        if isinstance(target, ast.Name):
            if target.id in module.analysis.scope_of[target].globals:
                scope = module.root
            else:
                scope = next(
                    s for s in module.analysis.scope_of[target].between(module.root) if target.id in s.bindings
                )
            return Place(Verdict(YES), value, (scope, target.id))
        if isinstance(target, ast.Attribute) and target.attr in (names.KEYWORD, names.RESULT_KEYWORD):
            return Place(self.sinks.holder(module, target.value), value)
        return Place(Verdict(NO, f"it is stored in {_short(module, target)} in {self._where(module, value)}"))

    def use_problem(self, module: Module, node: ast.expr) -> str:
        """Why a handler can't become a Result where it is used; empty where it can."""
        if not module.editable:
            return f"it is used in {self._where(module, node)}, which isn't to be changed"
        place = self.place(module, node)
        if place.verdict.answer != YES:
            return place.verdict.reason
        if inside_fstring(module, node):
            return f"it is used inside an f-string in {self._where(module, node)}"
        if place.entity is not None:
            if place.entity in self.blocked:
                return self.blocked[place.entity]
            parent = module.analysis.parents.get(node)
            alias = isinstance(parent, ast.Assign) and self._is_alias(module, parent)
            return "" if alias or place.entity in self.variables else f"it is copied in {self._where(module, node)}"
        return "" if place.value is None else self.value_problem(module, place.value)

    def converts(self, ref: HandlerRef) -> bool:
        """Whether a name of a built-in handler class becomes that of its Result (annotations apart)."""
        module, node, _ = ref
        if not module.editable or ref in self.unsure_refs:
            return False
        parent = module.analysis.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return not self.call_problem(module, parent)
        if isinstance(parent, ast.ClassDef):
            return (module.analysis.scope_of[parent], parent.name) not in self.blocked
        if isinstance(parent, ast.Attribute) and parent.attr == "__init__":
            owner = module.analysis.enclosing_class(node)
            return owner is not None and self.converts_class(module, owner)
        return isinstance(parent, ast.Compare) and all(_none(side) for side in parent.comparators)

    def converts_class(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether a handler class of the project becomes a Result."""
        entity = (module.analysis.scope_of[node], node.name)
        return entity in self.classes and entity not in self.blocked

    def reaches_runtime(self, module: Module, node: ast.expr, seen: set[Entity] | None = None) -> bool:
        """Whether a handler that stays one arrives where it is converted at run time."""
        seen = seen if seen is not None else set()
        place = self.place(module, node)
        if not module.editable:
            return False
        if place.verdict.answer == PARAMETER:
            return True
        returned = self._returning_function(module, node)
        if place.verdict.answer != YES and returned is None:
            return False
        entity = returned or place.entity
        if entity is None:
            return place.value is not None
        if entity in seen:
            return False
        seen.add(entity)
        for user, use in self.uses.get(entity, ()):
            call = user.analysis.parents.get(use)
            called = call if isinstance(call, ast.Call) and call.func is use else None
            value = use if returned is None else called
            if value is not None and self.reaches_runtime(user, value, seen):
                return True
        return False

    def _returning_function(self, module: Module, node: ast.expr) -> Entity | None:
        """The function that returns an expression."""
        above: ast.AST = node
        while isinstance(above, (ast.IfExp, ast.Call, ast.Name, ast.Attribute)) and above in module.analysis.parents:
            parent = module.analysis.parents[above]
            if isinstance(parent, ast.Return):
                scope = module.analysis.scope_of[parent]
                function = scope.node
                if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and scope.parent is not None:
                    return scope.parent, function.name
                return None
            if not isinstance(parent, ast.IfExp):
                return None
            above = parent
        return None

    def _where(self, module: Module, node: ast.AST) -> str:
        return f"{_shown(module.path)}:{getattr(node, 'lineno', 1)}"


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _short(module: Module, node: ast.AST) -> str:
    text = " ".join(module.text(node).split())
    return text if len(text) <= 40 else text[:37] + "..."


def _none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _items(node: ast.Dict) -> Iterator[tuple[str, ast.Constant, ast.expr]]:
    for key, value in zip(node.keys, node.values):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, key, value


def inside_fstring(module: Module, node: ast.AST) -> bool:
    """Whether a node is inside an f-string, where Python before 3.12 doesn't say its position."""
    return any(isinstance(above, ast.JoinedStr) for above in module.analysis.ancestors(node))


def is_annotation(module: Module, node: ast.AST) -> bool:
    """Whether a node is an annotation or a part of one."""
    below = node
    for above in module.analysis.ancestors(node):
        if isinstance(above, ast.arg):
            return True
        if isinstance(above, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return above.returns is below
        if isinstance(above, ast.AnnAssign):
            return above.annotation is below
        if isinstance(above, (ast.stmt, ast.Call, ast.Lambda)):
            return False
        below = above
    return False
