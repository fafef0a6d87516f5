"""Attributes of the project's own objects as holders of handlers: what each gets, and where it is read."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Iterator

from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.dicts import Dicts
from rehandle_codemods.flow.edges import Edges, NodeFacts
from rehandle_codemods.flow.generated_constructors import GeneratedConstructors
from rehandle_codemods.flow.instances import COPIES, Instances
from rehandle_codemods.flow.nodes import AttributeOf, Node, Return
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import Class, is_plain_base
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Parameter, Variable
from rehandle_codemods.index.syntax import assigned_value, constant_text, is_annotation
from rehandle_codemods.index.targets import Local

_SPECIAL = {"__getattr__", "__getattribute__", "__new__", "__setattr__", "__delattr__", "__init_subclass__"}
_FIELD_BY_FIELD = {"attr.asdict", "attr.astuple", "attrs.asdict", "attrs.astuple", "builtins.vars"}
_FIELD_BY_FIELD |= {"dataclasses.asdict", "dataclasses.astuple", "dataclasses.fields"}
_METHODS_BY_FIELD = {"_asdict", "_make", "construct", "dict", "from_orm", "json", "parse_obj"}
_METHODS_BY_FIELD |= {"model_construct", "model_copy", "model_dump", "model_validate"}
_METHODS = {
    "abc.abstractmethod",
    "builtins.classmethod",
    "builtins.staticmethod",
    "functools.cache",
    "functools.lru_cache",
}
"""Decorators of methods that return what the method returns."""
_READING = ("getattr", "attrgetter", "validator", "field_validator", "__getattribute__")
_KEYWORDS = (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD)


class Attributes:
    """What the attributes of the project's own objects get, and who reads them."""

    def __init__(self, project: Project, uses: Uses, instances: Instances) -> None:
        self.project = project
        self.uses = uses
        self.instances = instances
        self.constructors = GeneratedConstructors(project)
        self._without_handlers: dict[Variable, bool] = {}

    def follow_dicts(self, dicts: Dicts) -> None:
        """Add what is done with the dicts and lists that are attributes of classes."""
        followed: dict[AttributeOf, Variable] = {}
        for variable, held in dicts.variables.items():
            if variable.scope.kind != "class":
                continue
            attribute = self.of_class(variable)
            if attribute is None or len(self.instances.stores(attribute).values) != len(variable.bindings):
                hidden = "is a class attribute, which may be reached in ways that aren't seen"
                held.problem = Reason(hidden, subject=variable.name)
                continue
            followed[attribute] = variable
            problem = self._reach_problem(attribute)
            for module, use, certain in self.instances.uses(attribute):
                if certain and isinstance(use.ctx, ast.Load):
                    held.use(dicts, module, use)
                elif not certain:
                    problem = reason_at(module, use, "may be reached", subject=attribute.name)
            held.problem = held.problem or problem
        dicts.attribute = lambda module, node: _variable_of(followed, self.of(module, node)) if followed else None

    # What each gets

    def add_to(self, edges: Edges) -> None:
        """Add the attributes that are set to something, each with what it gets; who reads them isn't known yet."""
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                for attribute, value in self._stores(module, node):
                    edges.nodes.setdefault(attribute, NodeFacts(module, node))
                    if value is not None:
                        edges.add(module, value, attribute)

    def _stores(self, module: Module, node: ast.AST) -> Iterator[tuple[AttributeOf, ast.expr | None]]:
        if isinstance(node, ast.ClassDef):
            for binding in (each for every in inner(module, node).bindings.values() for each in every):
                attribute = self.of_class(binding.variable)
                if attribute is not None and binding.value is not None and binding.kind == scopes.ASSIGN:
                    for default in self.constructors.defaults(module, binding.value):
                        yield attribute, default.value or default.factory or binding.value
                attribute = self.returning(module, binding.node)
                if attribute is not None:
                    yield from ((attribute, value) for value in self.instances.returned(binding.node))
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            attribute = self.of(module, node)
            if attribute is not None:
                yield attribute, assigned_value(module, node)
        elif isinstance(node, ast.Call):
            yield from self._given(module, node)

    def _known(self, attribute: AttributeOf | None) -> AttributeOf | None:
        """An attribute of classes that are no handlers, whose own are a part of what they do, and none of Prefect's."""
        if attribute is None:
            return None
        if attribute.attribute in _KEYWORDS and not self.instances.are_plain(attribute.owner):
            return None
        if attribute.owner not in self._without_handlers:
            classes = self.instances.members.get(attribute.owner, [])
            self._without_handlers[attribute.owner] = bool(classes) and not any(map(self._keeps_results, classes))
        return attribute if self._without_handlers[attribute.owner] else None

    def _keeps_results(self, owner: Class) -> bool:
        """Whether a class is a handler's or a Result's."""
        outside = self.project.classes.outside(owner)
        return self.uses.is_handler_class(*owner) or any(map(prefect_names.is_result_class, outside))

    def of_class(self, variable: Variable) -> AttributeOf | None:
        """The attribute that a name is which is bound in the body of a class."""
        node = variable.scope.node
        family = self.instances.families.get(node) if isinstance(node, ast.ClassDef) else None
        return self._known(AttributeOf(family, variable.name)) if family is not None else None

    def of(self, module: Module, node: ast.AST) -> AttributeOf | None:
        """The attribute that an expression certainly is."""
        return self._known(self.instances.attribute(module, node))

    def is_property(self, holder: Node) -> bool:
        """Whether what a function returns is what an attribute is, or what a method returns."""
        if not isinstance(holder, Return):
            return False
        attribute = self.of_class(holder.function)
        return attribute is not None and not {attribute, attribute.called()}.isdisjoint(self.instances.edges.nodes)

    def _given(self, module: Module, call: ast.Call) -> Iterator[tuple[AttributeOf, ast.expr]]:
        """The fields that a call gives, to a constructor that is made of fields or to a copy; each with its value."""
        owner = self._class_made(module, call)
        family = self.instances.family(owner)
        if owner is None or family is None or not self.constructors.kind(owner):
            return
        given = [(keyword.arg or "", keyword.value) for keyword in call.keywords]
        if not self._copied(module, call) and not any(isinstance(part, ast.Starred) for part in call.args):
            given += zip(self.constructors.positions(owner) or [], call.args)
        for name, value in given:
            private = f"_{name}"  # attrs has no underscore in the names of its parameters
            bound = any(private in inner(*each).bindings for each in self.project.classes.with_bases(owner))
            attribute = self._known(AttributeOf(family, private if bound else name))
            if name and attribute is not None:
                yield attribute, value

    def _class_made(self, module: Module, call: ast.Call) -> Class | None:
        """The class that a call makes an instance of."""
        copied = self._copied(module, call)
        if copied is not None:
            return self.instances.owner(module, copied)
        function = call.func
        if isinstance(function, ast.Name) and self.project.classes.of_first(module, function) is not None:
            return self.instances.owner(module, function) if function.id == "cls" else None
        if isinstance(function, ast.Call) or (isinstance(function, ast.Attribute) and function.attr == "__class__"):
            return self.instances.owner(module, function)
        return self.project.classes.of(module, function)

    def _copied(self, module: Module, call: ast.Call) -> ast.expr | None:
        """What a call makes another object of, with some fields set anew."""
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "_replace":
            return function.value
        return call.args[0] if call.args and self.project.external(module, function) in COPIES else None

    def returning(self, module: Module, function: ast.AST) -> AttributeOf | None:
        """The attribute that a property is, or what a method is as one that is called."""
        scope = module.analysis.scope_of[function]
        if scope.kind != "class" or not isinstance(function, ast.FunctionDef):
            return None
        attribute = self.of_class(scope.variable(function.name))
        if attribute is None or self.instances.is_property(module, function):
            return attribute
        names = {self.project.classes.decorator(module, decorator) for decorator in function.decorator_list}
        special = function.name.startswith("__") or not names <= _METHODS
        return None if special or not self.instances.are_plain(attribute.owner) else attribute.called()

    def called(self, module: Module, call: ast.Call) -> AttributeOf | None:
        """What a method is that a call certainly runs."""
        attribute = self.of(module, call.func)
        return attribute.called() if attribute is not None else None

    # Who reads it, and why there may be others

    def complete(self, attribute: AttributeOf, facts: NodeFacts) -> None:
        """Find all reads of an attribute that gets handlers, and why there may be others or other values."""
        reads: list[tuple[Module, ast.expr]] = []
        problem: Reason | None = None
        for module, use, certain in self.instances.uses(attribute):
            call = module.analysis.parents.get(use)
            if not certain or (attribute.is_called and not (isinstance(call, ast.Call) and call.func is use)):
                done = "may be reached" if isinstance(use.ctx, ast.Load) else "may be set"
                problem = problem or reason_at(module, use, done, subject=attribute.name)
            elif attribute.is_called and isinstance(call, ast.Call):
                reads.append((module, call))
            elif isinstance(use.ctx, ast.Load):
                reads.append((module, use))
        for each in self.instances.members[attribute.owner]:
            scope = inner(*each)
            if attribute.attribute in scope.bindings:
                reads += self.uses.of(scope.variable(attribute.attribute))
        facts.reads = list(dict.fromkeys(reads))
        facts.problem = problem or self._reach_problem(attribute)

    def _reach_problem(self, attribute: AttributeOf) -> Reason | None:
        """Why an attribute may be reached, or set, in a way that isn't seen."""
        named = self.uses.by_name(attribute.attribute)
        if named is not None:
            return Reason(f"may be reached by its name in {named.line}", named, subject=attribute.name)
        return (
            self._class_problem(attribute)
            or self.instances.stores(attribute).problem
            or self.instances.by_name(attribute, *_READING)
            or self._field_problem(attribute)
        )

    def _class_problem(self, attribute: AttributeOf) -> Reason | None:
        """Why the classes may have other ways to the attribute than those that are seen."""
        for each in self.instances.members[attribute.owner]:
            special = {part.name for part in each.node.body if isinstance(part, ast.FunctionDef)} & _SPECIAL
            if special or each.node.keywords or not self.project.classes.is_decorated_plainly(each):
                changed = f"is an attribute of {each.node.name}, which may have others than are written"
                return Reason(changed, subject=attribute.name)
            for base in self.project.classes.above(each):
                name = getattr(base, "name", "a class that isn't known")
                ours = isinstance(base, Local) or name in (prefect_names.TASK, prefect_names.FLOW)
                if not ours and (not is_plain_base(base) or name.startswith("enum.")):
                    used = f"is an attribute of {each.node.name}, and {name}, which that derives from, may use it"
                    return Reason(used, subject=attribute.name)
        return None

    def _field_problem(self, attribute: AttributeOf) -> Reason | None:
        """Why an object may get or give its fields in a way that isn't seen."""
        for module, annotation in self.instances.stores(attribute).annotations:
            named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
            if self.project.external(module, named) == "dataclasses.InitVar":
                return reason_at(module, annotation, "is given to __post_init__", subject=attribute.name)
        made = {kind for kind in map(self.constructors.kind, self.instances.members[attribute.owner]) if kind}
        for module, node in [*self._opened.get(attribute.owner, ()), *(self._opened.get(None, ()) if made else ())]:
            if self._opens(node, attribute, by_field=bool(made)):
                return reason_at(module, node, "may be reached with other attributes", subject=attribute.name)
        for module, call, owner in self._making.get(attribute.owner, ()):
            problem = self._given_with_others(module, call, owner)
            if problem is not None:
                return problem
        if made:
            for each in self.instances.members[attribute.owner]:
                for module, use in self.uses.of(each.module.analysis.variable(each.node)):
                    if not self._is_plain_use(module, use):
                        return reason_at(module, use, f"{each.node.name} is used in another way", subject="")
        if "NamedTuple" in made:
            return self._used_as_tuple(attribute)
        return None

    @cached_property
    def _opened(self) -> dict[Variable | None, list[tuple[Module, ast.AST]]]:
        """Where all attributes of an object are gone through, or one whose name isn't written, by the object's classes.

        Those of None may be of any class that is made of fields.
        """
        found: dict[Variable | None, list[tuple[Module, ast.AST]]] = {}
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                owner, sure = self._object_opened(module, node)
                family = self.instances.family(self.instances.owner(module, owner)) if owner is not None else None
                if owner is None or (family is None and (sure or self.instances.is_other(module, owner))):
                    continue
                found.setdefault(family, []).append((module, node))
        return found

    def _object_opened(self, module: Module, node: ast.AST) -> tuple[ast.expr | None, bool]:
        """The object whose attributes are gone through; and whether that matters only where its class is certain."""
        if isinstance(node, ast.MatchClass):
            return node.cls, False
        if isinstance(node, ast.Attribute):
            return (node.value if node.attr == "__dict__" else None), True
        if not isinstance(node, ast.Call):
            return None, True
        name = self.project.external(module, node.func)
        if node.args and name in _FIELD_BY_FIELD:
            return node.args[0], name == "builtins.vars"
        if node.args[1:] and name == "builtins.getattr" and constant_text(node.args[1]) is None:
            return node.args[0], True
        if isinstance(node.func, ast.Attribute) and not name:
            changed = node.func.attr == "copy" and (node.args or node.keywords)
            return (node.func.value if changed or node.func.attr in _METHODS_BY_FIELD else None), False
        return None, True

    @staticmethod
    def _opens(node: ast.AST, attribute: AttributeOf, *, by_field: bool) -> bool:
        """Whether an attribute is among those that are gone through."""
        if not isinstance(node, ast.MatchClass):
            return True
        return attribute.attribute in node.kwd_attrs or (by_field and bool(node.patterns))

    @cached_property
    def _making(self) -> dict[Variable, list[tuple[Module, ast.Call, Class]]]:
        """The calls that give fields to constructors that are made of these, by the classes that belong together."""
        found: dict[Variable, list[tuple[Module, ast.Call, Class]]] = {}
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                owner = self._class_made(module, node) if isinstance(node, ast.Call) else None
                family = self.instances.family(owner)
                if isinstance(node, ast.Call) and owner is not None and family and self.constructors.kind(owner):
                    found.setdefault(family, []).append((module, node, owner))
        return found

    def _given_with_others(self, module: Module, call: ast.Call, owner: Class) -> Reason | None:
        """Why an object that is made may get fields that aren't written."""
        spread = any(keyword.arg is None for keyword in call.keywords)
        starred = any(isinstance(part, ast.Starred) for part in call.args)
        by_position = call.args and not self._copied(module, call) and self.constructors.positions(owner) is None
        if spread or starred or by_position:
            return reason_at(module, call, "what is given", " isn't known", subject="")
        return None

    def _is_plain_use(self, module: Module, use: ast.expr) -> bool:
        """Whether a class is called, derived from, asked for an attribute, named in an annotation or checked for."""
        parent = module.analysis.parents.get(use)
        if isinstance(parent, ast.Tuple):
            use, parent = parent, module.analysis.parents.get(parent)
        if isinstance(parent, (ast.ClassDef, ast.Attribute)) or is_annotation(module, use):
            return True
        if not isinstance(parent, ast.Call):
            return False
        return parent.func is use or self.project.external(module, parent.func) in (
            "builtins.isinstance",
            "builtins.issubclass",
            "builtins.super",
        )

    def _used_as_tuple(self, attribute: AttributeOf) -> Reason | None:
        """Where a named tuple isn't only asked for its fields, kept or returned."""
        if attribute.owner not in self._as_tuples:
            return None
        module, node = self._as_tuples[attribute.owner]
        return reason_at(module, node, "is used as a tuple, or given away", subject=attribute.owner.name)

    @cached_property
    def _as_tuples(self) -> dict[Variable, tuple[Module, ast.expr]]:
        """The first place where an object isn't only asked for its attributes, kept or returned, by its classes."""
        found: dict[Variable, tuple[Module, ast.expr]] = {}
        for module in self.uses.collected:
            for node in module.analysis.nodes:
                if not isinstance(node, (ast.Call, ast.Name, ast.Attribute)) or is_annotation(module, node):
                    continue
                if not isinstance(getattr(node, "ctx", None), (ast.Load, type(None))):
                    continue
                if self.project.classes.of(module, node) is not None:
                    continue  # the class
                family = self.instances.family(self.instances.owner(module, node))
                if family is not None and family not in found and not self._stays_whole(module, node):
                    found[family] = (module, node)
        return found

    def _stays_whole(self, module: Module, node: ast.expr) -> bool:
        parent = module.analysis.parents.get(node)
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            return parent.value is node and not any(isinstance(each, (ast.Tuple, ast.List)) for each in targets)
        call = module.analysis.parents.get(parent) if isinstance(parent, ast.keyword) else parent
        if isinstance(call, ast.Call) and call.func is not node:
            taking = self.instances.edges.destinations(node)
            parameter = taking[0] if len(taking) == 1 else None
            return isinstance(parameter, Parameter) and self.instances.of_parameter(parameter) is not None
        return isinstance(parent, (ast.Attribute, ast.Expr, ast.Return, ast.Call))


def inner(module: Module, node: ast.ClassDef) -> scopes.Scope:
    """The scope of a class's body."""
    return module.analysis.scope_of[node.body[0]]


def _variable_of(variables: dict[AttributeOf, Variable], attribute: AttributeOf | None) -> Variable | None:
    return variables.get(attribute) if attribute is not None else None
