"""Objects of the project's own classes: which class an expression is an instance of, and what its attributes are."""

from __future__ import annotations

import ast
import builtins
from functools import cached_property
from typing import Iterator, NamedTuple

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.edges import Edges
from rehandle_codemods.flow.fixtures import Fixtures
from rehandle_codemods.flow.kept_answers import KeptAnswers
from rehandle_codemods.flow.nodes import AttributeOf
from rehandle_codemods.flow.other_libraries import is_other_object
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import scopes
from rehandle_codemods.index.annotations import annotation_of, named_classes
from rehandle_codemods.index.class_hierarchy import Class, class_of
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import FUNCTIONS, assigned_value, constant_text, is_none, leaves
from rehandle_codemods.index.targets import External, Local, ModuleRef

COPIES = {"attr.evolve", "attrs.evolve", "copy.copy", "copy.deepcopy", "copy.replace", "dataclasses.replace"}
"""Functions that make another object of the class that their first argument has."""
_SETTING = ("setattr", "delattr", "object", "__setattr__", "__delattr__")
_PROPERTIES = {"builtins.property", "functools.cached_property"}


class Stores(NamedTuple):
    """What an attribute is set to.

    Attributes:
        values: the expressions, each with its module.
        annotations: what it is said to be, each with its module.
        problem: why there may be others.
    """

    values: list[tuple[Module, ast.expr]]
    annotations: list[tuple[Module, ast.expr]]
    problem: Reason | None


class Instances:
    """Answers, for expressions, which class of the project they are, or are certainly an instance of."""

    def __init__(self, project: Project, uses: Uses, edges: Edges, fixtures: Fixtures) -> None:
        self.project = project
        self.names = uses
        self.edges = edges
        self.fixtures = fixtures
        self._answers = KeptAnswers(lambda: edges.version)
        self._stores: dict[AttributeOf, Stores] = {}

    # Classes that belong together

    @cached_property
    def families(self) -> dict[ast.ClassDef, Variable]:
        """One class for each class of the project: the same one for all that derive from each other."""
        return {node: family for family, members in self.members.items() for _, node in members}

    @cached_property
    def members(self) -> dict[Variable, list[Class]]:
        """The classes that belong together, by the one that stands for them."""
        first: dict[ast.ClassDef, ast.ClassDef] = {}

        def top(node: ast.ClassDef) -> ast.ClassDef:
            while first.setdefault(node, node) is not node:
                node = first[node]
            return node

        modules = {}
        for module in self.names.collected:
            for node in module.analysis.nodes:
                if isinstance(node, ast.ClassDef):
                    modules[node] = module
                    for each in self.project.classes.with_bases(Class(module, node)):
                        modules[each.node] = each.module
                        first[top(node)] = top(each.node)
        found: dict[Variable, list[Class]] = {}
        for node, module in modules.items():
            found.setdefault(modules[top(node)].analysis.variable(top(node)), []).append(Class(module, node))
        return found

    def family(self, owner: Class | None) -> Variable | None:
        """The class that stands for a class and all that belong to it."""
        return self.families.get(owner.node) if owner is not None else None

    def are_plain(self, family: Variable | None) -> bool:
        """Whether classes that belong together are what their code says, and have nothing to do with Prefect."""
        return family is not None and all(map(self.project.classes.is_plain, self.members[family]))

    # What an expression is

    def owner(self, module: Module, node: ast.AST) -> Class | None:
        """The class of the project that an expression certainly is, or is an instance of; or one derived from it."""
        if not isinstance(node, ast.expr):
            return None
        return self._answers.ask(node, lambda: self._one(list(self._owners(module, node))), None, keep=False)

    def _owners(self, module: Module, node: ast.expr) -> Iterator[Class | None]:
        return (self._owner(module, leaf) for leaf in leaves(node) if not is_none(leaf))

    def _one(self, found: list[Class | None]) -> Class | None:
        """The class where all belong together."""
        families = {self.family(each) for each in found}
        return found[0] if len(families) == 1 and None not in families else None

    def _owner(self, module: Module, node: ast.expr) -> Class | None:
        if isinstance(node, ast.Name):
            within = self.project.classes.of_first(module, node)
            if within is not None:
                return within
        if isinstance(node, ast.Call):
            return self._of_call(module, node)
        if isinstance(node, ast.Attribute) and node.attr == "__class__":
            return self.owner(module, node.value)
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return None
        targets = self.project.resolve(module, node)
        if targets and all(isinstance(target, Local) for target in targets):
            return self._one([self._of_binding(target) for target in targets if isinstance(target, Local)])
        attribute = self.attribute(module, node)
        if attribute is None:
            return None
        stores = self.stores(attribute)
        values = [] if stores.problem else [value for value in stores.values if not is_none(value[1])]
        return self._one([self.owner(*value) for value in values])

    def _of_binding(self, target: Local) -> Class | None:
        binding, module = target.binding, target.module
        if binding.kind == scopes.CLASS:
            return class_of(target)
        if binding.kind not in (scopes.ASSIGN, scopes.PARAMETER, scopes.OTHER):
            return None
        return self._answers.ask(binding, lambda: self._of_value(module, binding), None)

    def _of_value(self, module: Module, binding: scopes.Binding) -> Class | None:
        """The class of what a name is given."""
        annotation = annotation_of(module, binding)
        if annotation is not None:
            return self._annotated(module, annotation)
        found: list[Class | None] = []
        if isinstance(binding.node, ast.arg):
            fixture = self.fixtures.of(binding.variable)
            if fixture is not None:
                found = [self.owner(fixture.module, value) for value in self.fixtures.returned(fixture)]
            elif self.edges.is_known(binding.variable):
                given = self.edges.sources(binding.variable)
                found = [self.owner(*value) for value in given if not is_none(value[1])]
        elif binding.value is not None and isinstance(binding.node, ast.Name):
            found = [self.owner(module, binding.value)]
        return self._one(found)

    def _annotated(self, module: Module, annotation: ast.AST) -> Class | None:
        named = named_classes(self.project, module, annotation) or []
        found = [self.project.classes.of(*each) for each in named]
        protocols = [each for each in found if each and "typing.Protocol" in self.project.classes.outside(each)]
        return None if protocols else self._one(found)  # what fits a protocol needn't derive from it

    def _of_call(self, module: Module, call: ast.Call) -> Class | None:
        function = call.func
        name = self.project.external(module, function)
        if name == "builtins.super":
            within = module.analysis.enclosing_class(call)
            return Class(module, within) if within is not None else None
        if call.args and (name in COPIES or name == "builtins.type"):
            return self.owner(module, call.args[0])
        if isinstance(function, ast.Attribute) and function.attr == "_replace":
            return self.owner(module, function.value)
        method = self._method(module, function)
        if method is not None:
            return self._returned(*method)
        targets = self.project.resolve(module, function)
        target = targets[0] if len(targets) == 1 else None
        if isinstance(target, Local) and isinstance(target.binding.node, FUNCTIONS):
            return None if target.binding.node.decorator_list else self._returned(target.module, target.binding.node)
        return self.owner(module, function)

    def _method(self, module: Module, function: ast.expr) -> tuple[Module, ast.FunctionDef] | None:
        """The one method of this name that an object's class has, or a class above or below it."""
        if not isinstance(function, ast.Attribute):
            return None
        family = self.family(self.owner(module, function.value))
        found = [
            (each.module, part)
            for each in (self.members[family] if family is not None else ())
            for part in each.node.body
            if isinstance(part, ast.FunctionDef) and part.name == function.attr
        ]
        return found[0] if len(found) == 1 else None

    def _returned(self, module: Module, function: ast.AST) -> Class | None:
        if not isinstance(function, ast.FunctionDef):
            return None
        if function.returns is not None:
            return self._annotated(module, function.returns)
        values = (value for value in self.returned(function) if not is_none(value))
        return self._answers.ask(function, lambda: self._one([self.owner(module, value) for value in values]), None)

    def is_other(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is certainly no instance of a class of the project, and none of these classes."""
        if isinstance(node, (ast.Constant, ast.JoinedStr, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Lambda)):
            return True
        if isinstance(node, ast.Call):
            name = self.project.external(module, node.func)
            if name.startswith("builtins."):
                return isinstance(getattr(builtins, name[9:], None), type) and name != "builtins.type"
            if name and not node.args and not node.keywords:
                return True
            return name.rpartition(".")[2][:1].isupper()
        targets = self.project.resolve(module, node)
        if targets and all(isinstance(target, (External, ModuleRef)) for target in targets):
            return True
        values = [target for target in targets if isinstance(target, Local)]
        if values and len(values) == len(targets) and all(_is_plain(target) for target in values):
            about = "other", values[0].binding
            if self._answers.ask(about, lambda: all(map(self._is_other_value, values)), True, keep=False):
                return True
        return is_other_object(self.project, module, node) and not _gives_classes(node)

    def _is_other_value(self, target: Local) -> bool:
        return self.is_other(target.module, target.binding.value or target.binding.node)

    # Attributes

    def attribute(self, module: Module, node: ast.AST) -> AttributeOf | None:
        """The attribute of classes of the project that `x.name` certainly is."""
        if not isinstance(node, ast.Attribute):
            return None
        family = self.family(self.owner(module, node.value))
        return AttributeOf(family, node.attr) if family is not None else None

    def uses(self, attribute: AttributeOf) -> Iterator[tuple[Module, ast.Attribute, bool]]:
        """Every `x.name` of the project that is an attribute, or may be it; and whether it certainly is."""
        for module, node in self.names.attributes.get(attribute.attribute, ()):
            owner = self.family(self.owner(module, node.value))
            if owner is attribute.owner:
                yield module, node, True
            elif owner is None and not self.is_other(module, node.value):
                yield module, node, False

    def stores(self, attribute: AttributeOf) -> Stores:
        """What an attribute is set to in its classes and by all who have an instance."""
        if attribute not in self._stores:
            circle = Stores([], [], Reason("is made of itself", subject=attribute.name))
            found = self._answers.ask(attribute, lambda: self._find_stores(attribute), circle, keep=False)
            if found is circle:
                return circle
            self._stores[attribute] = found
        return self._stores[attribute]

    def _find_stores(self, attribute: AttributeOf) -> Stores:
        values: list[tuple[Module, ast.expr]] = []
        annotations: list[tuple[Module, ast.expr]] = []
        problem: Reason | None = None
        places: list[tuple[Module, ast.AST, ast.expr | None]] = []
        for module, binding in self._bound_in_classes(attribute):
            plain = self.is_property(module, binding.node) or attribute.is_called
            if plain and isinstance(binding.node, ast.FunctionDef):
                values += [(module, value) for value in self.returned(binding.node)]
                annotations += [(module, node) for node in [getattr(binding.node, "returns", None)] if node is not None]
            else:
                places.append((module, binding.node, binding.value))
        for module, use, certain in self.uses(attribute):
            if not isinstance(use.ctx, ast.Load):
                places.append((module, use, assigned_value(module, use)))
                if not certain:
                    problem = reason_at(module, use, "may be set", subject=attribute.name)
        for module, node, value in places:
            statement = module.analysis.parents.get(node)
            if isinstance(statement, ast.AnnAssign):
                annotations.append((module, statement.annotation))
            elif value is None or not isinstance(statement, ast.Assign):
                problem = reason_at(module, node, "is also set", subject=attribute.name)
            if value is not None:
                values.append((module, value))
        return Stores(values, annotations, problem or self.by_name(attribute, *_SETTING))

    def _bound_in_classes(self, attribute: AttributeOf) -> Iterator[tuple[Module, scopes.Binding]]:
        for each in self.members.get(attribute.owner, ()):
            inner = each.module.analysis.scope_of[each.node.body[0]]
            for binding in inner.bindings.get(attribute.attribute, ()):
                yield each.module, binding

    def by_name(self, attribute: AttributeOf, *functions: str) -> Reason | None:
        """Where an attribute of this name is reached by a string, as `setattr` does."""
        for module, node, name in self._calls_with_text.get(attribute.attribute, ()):
            if name in functions:
                return reason_at(module, node, "may be reached by its name", subject=attribute.name)
        return None

    @cached_property
    def _calls_with_text(self) -> dict[str, list[tuple[Module, ast.Call, str]]]:
        """The calls that are given a string, by that, each with the name of what is called."""
        found: dict[str, list[tuple[Module, ast.Call, str]]] = {}
        for module in self.names.collected:
            for node in module.analysis.nodes:
                for argument in node.args if isinstance(node, ast.Call) else ():
                    text = constant_text(argument)
                    if text is not None and isinstance(node, ast.Call):
                        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                        found.setdefault(text, []).append((module, node, name))
        return found

    def is_property(self, module: Module, node: ast.AST) -> bool:
        """Whether a function is asked for as an attribute."""
        if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
            return False
        names = {self.project.classes.decorator(module, decorator) for decorator in node.decorator_list}
        return bool(names & _PROPERTIES) and names <= _PROPERTIES | {"abc.abstractmethod"}

    @staticmethod
    def returned(function: ast.AST) -> list[ast.expr]:
        """What a function returns; nothing for another definition."""
        own = list(own_nodes(function)) if isinstance(function, ast.FunctionDef) else []
        if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own):
            return []
        return [part.value for part in own if isinstance(part, ast.Return) and part.value is not None]

    def of_parameter(self, parameter: Variable) -> Class | None:
        """The class whose instances a parameter certainly is."""
        module = self._module_of[parameter.scope.module]
        return self._one([self._of_binding(Local(module, binding)) for binding in parameter.bindings])

    @cached_property
    def _module_of(self) -> dict[scopes.Scope, Module]:
        return {module.root: module for module in self.project.every_module()}


def _is_plain(target: Local) -> bool:
    """Whether a name only has the value that it is assigned, or is a function."""
    binding = target.binding
    if binding.kind == scopes.ASSIGN:
        return binding.value is not None and isinstance(binding.node, ast.Name)
    return False


def _gives_classes(node: ast.AST) -> bool:
    """Whether a call gives something to a function: that may be a class of the project, which is made there."""
    return isinstance(node, ast.Call) and bool(node.args or node.keywords)
