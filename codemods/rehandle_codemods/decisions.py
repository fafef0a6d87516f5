"""What becomes of each handler value and class: converted as a whole, with all its uses, or not at all."""

from __future__ import annotations

import ast
from functools import cached_property

from rehandle.mapping import HANDLERS, lost_parameters
from rehandle_codemods import custom, names, scopes
from rehandle_codemods.class_decisions import class_problem, inherited_calls
from rehandle_codemods.facts import Facts, HandlerRef
from rehandle_codemods.nodes import alternatives, inside_fstring, is_absolute, is_none, is_true, short, shown
from rehandle_codemods.options import DEFAULTS, Options
from rehandle_codemods.project import Entity, External, Local, Module, ModuleRef, Project
from rehandle_codemods.renames import Renames
from rehandle_codemods.scopes import Binding
from rehandle_codemods.sinks import PARAMETER, YES


class Decisions(Facts):
    """Decides for every handler class and variable of a project, until nothing changes any more."""

    def __init__(self, project: Project, options: Options = DEFAULTS) -> None:
        """Collect and decide.

        Args:
            project: the index, with every module that matters loaded.
            options: the choices of the run.
        """
        super().__init__(project)
        self.options = options
        self.shapes: dict[ast.ClassDef, custom.Shape] = {}
        self.blocked: dict[Entity, str] = {}
        self._settle()

    @cached_property
    def renames(self) -> Renames:
        """The new names of the classes that become Results."""
        return Renames(self)

    @cached_property
    def inherited_calls(self) -> dict[Module, list[tuple[ast.Call, str]]]:
        """The calls of classes that become Results and take the constructor of a handler of Prefect's, by module."""
        return inherited_calls(self)

    # Deciding

    def _settle(self) -> None:
        changed = True
        while changed:
            changed = False
            for entity, (module, node) in self.classes.items():
                if entity not in self.blocked:
                    reason = class_problem(self, entity, module, node)
                    if reason:
                        self.blocked[entity] = reason
                        changed = True
            for entity, bindings in self.variables.items():
                if entity not in self.blocked:
                    reason = self._variable_problem(entity, bindings)
                    if reason:
                        self.blocked[entity] = reason
                        changed = True

    def is_alias(self, module: Module, statement: ast.Assign) -> bool:
        """Whether an assignment only gives something another name."""
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            return False
        scope = module.analysis.scope_of[target].lookup(target.id)
        return (
            scope is not None
            and scope.kind != "class"
            and len([b for b in scope.bindings[target.id] if not is_none(b.value)]) == 1
        )

    def _variable_problem(self, entity: Entity, bindings: list[tuple[Module, Binding]]) -> str:
        scope, name = entity
        if scope.kind == "class":
            return f"{name} is a class attribute, which may be reached in ways that can't be seen"
        for module, binding in bindings:
            if not module.editable:
                return f"{name} is set in {self.where(module, binding.node)}, which isn't to be changed"
            if binding.kind != scopes.ASSIGN or binding.value is None:
                return f"{name} is also set in {self.where(module, binding.node)} to something that can't be told"
            problem = self.value_problem(module, binding.value)
            if problem:
                return problem
        problem = self.unseen(entity, bindings[0][0])
        if problem:
            return f"{name} {problem}"
        for module, use in self.uses.get(entity, ()):
            if self.entity_of(module, use) != entity:
                return f"{name} may be something else in {self.where(module, use)}"
            problem = self.use_problem(module, use)
            if problem:
                return name + problem[len("it") :] if problem.startswith("it ") else problem
        return ""

    def unseen(self, entity: Entity, module: Module) -> str:
        """Why uses of a name may exist that aren't understood."""
        scope, name = entity
        if scope.parent is not None:
            return ""
        if entity in self.elsewhere:
            return self.elsewhere[entity]
        named = self.by_name(name)
        if named:
            return f"may be reached by its name in {named}"
        user = self.project.maybe.get((module.path, name))
        if user is not None:
            return f"may be what {self.where(*user)} imports, which can't be told"
        for other in self.project.modules.values():
            for star in other.root.stars:
                if any(found is module for found in self.project.star_modules(other, star)):
                    return f"may be used through the star import in {self.where(other, star.node)}"
        for path in self.project.broken:
            if name.encode() in self.project.raw(path):
                return f"may be used in {shown(path)}, which can't be analysed"
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
            return "" if self.is_result(module, leaf) else "what this call returns can't be told"
        entity = self.entity_of(module, leaf)
        if entity is None:
            return f"what {short(module, leaf)} is can't be told"
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
            return f"it is made in {self.where(module, call)}, which isn't to be changed"
        targets = self.project.resolve(module, call.func)
        if not of_class:
            for target in targets:
                if isinstance(target, Local):
                    blocked = self.blocked.get((target.binding.scope, target.binding.name))
                    if blocked:
                        return blocked
                elif isinstance(target, External):
                    handler = names.handler_class(target.name)
                    if handler is None:
                        return f"{short(module, call.func)} may be one of several things"
                    problem = self.reach_problem(module, call.func) or self.argument_problem(call, handler)
                    if problem:
                        return problem
        if inside_fstring(module, call):
            return "it is written inside an f-string"
        return "" if own else self.use_problem(module, call)

    def reach_problem(self, module: Module, node: ast.expr) -> str:
        """Why the name that a handler class is reached by can't be changed."""
        head = node
        while isinstance(head, ast.Attribute):
            if any(isinstance(target, ModuleRef) for target in self.project.resolve(module, head.value)):
                return f"its class is reached through another module, as {short(module, node)}"
            head = head.value
        if isinstance(head, ast.Name):
            scope = module.analysis.scope_of[head].lookup(head.id)
            found = scope.bindings[head.id] if scope is not None else []
            found = [binding for binding in found if not is_none(binding.value)]
            if found and all(binding.kind in (scopes.IMPORT, scopes.FROM) for binding in found):
                return ""
        return f"its class goes by another name here, {short(module, node)}"

    @staticmethod
    def argument_problem(call: ast.Call, handler: str) -> str:
        """Why the arguments of a built-in handler can't be passed to its Result."""
        row = HANDLERS[handler]
        if row.trap:
            return row.trap
        given: dict[str, ast.expr | None] = {}
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
            given[name] = None if is_none(value) or (name in guards and not sure) else value
        lost = lost_parameters(row, given)
        if lost:
            return f"{lost[0].name} of {handler} would be lost: {lost[0].trap}"
        folder = given.get("dir")
        if "validate" in given and folder is not None and not (is_true(given["validate"]) or is_absolute(folder)):
            return (
                f"without validate {handler} keeps a relative folder as it is, where LocalResult from 0.12 on doesn't "
                "find what it wrote. Pass an absolute one"
            )
        return ""

    def use_problem(self, module: Module, node: ast.expr) -> str:
        """Why a handler can't become a Result where it is used; empty where it can."""
        if not module.editable:
            return f"it is used in {self.where(module, node)}, which isn't to be changed"
        place = self.place(module, node)
        if place.verdict.answer != YES:
            return place.verdict.reason or f"it is passed to something else in {self.where(module, node)}"
        if inside_fstring(module, node):
            return f"it is used inside an f-string in {self.where(module, node)}"
        if place.entity is not None:
            if place.entity in self.blocked:
                return self.blocked[place.entity]
            parent = module.analysis.parents.get(node)
            alias = isinstance(parent, ast.Assign) and self.is_alias(module, parent)
            return "" if alias or place.entity in self.variables else f"it is copied in {self.where(module, node)}"
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
        return isinstance(parent, ast.Compare) and all(is_none(side) for side in parent.comparators)

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
        kinds = (ast.IfExp, ast.BoolOp, ast.Call, ast.Name, ast.Attribute)
        while isinstance(above, kinds) and above in module.analysis.parents:
            parent = module.analysis.parents[above]
            if isinstance(parent, ast.Return):
                scope = module.analysis.scope_of[parent]
                function = scope.node
                if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and scope.parent is not None:
                    return scope.parent, function.name
                return None
            if above not in alternatives(parent):
                return None
            above = parent
        return None
