"""Classes that get their constructor made from their fields: dataclasses, attrs, `NamedTuple`, pydantic's models."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.index.class_hierarchy import ATTRS, DATACLASSES, MODELS, NAMED_TUPLE, Class, own_method
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import keyword_of
from rehandle_codemods.index.targets import External

_FIELDS = {
    "attr.attr",
    "attr.attrib",
    "attr.field",
    "attr.ib",
    "attrs.field",
    "dataclasses.field",
    "pydantic.Field",
}
_FACTORIES = {"attr.Factory", "attrs.Factory"}
_HARMLESS = {
    *("default", "default_factory", "factory", "repr", "init", "compare", "hash", "eq", "order", "metadata", "kw_only"),
    *("alias", "description", "env", "exclude", "title"),
}
"""What a field may be given that does nothing to its value."""


class Default(NamedTuple):
    """What a field has where a constructor isn't given it.

    Attributes:
        value: the expression that has the value; None where it isn't understood.
        factory: the class or function that makes the value, instead.
    """

    value: ast.expr | None = None
    factory: ast.expr | None = None


class GeneratedConstructors:
    """Answers, for classes of the project, which parameters their constructor is made with."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def kind(self, owner: Class) -> str:
        """The library that makes a class's constructor; empty where none does, or the class has its own."""
        found = ""
        for each in self.project.classes.with_bases(owner):
            if own_method(each.node) is not None or own_method(each.node, "__new__") is not None:
                return ""
            names = {self.project.classes.decorator(each.module, node) for node in each.node.decorator_list}
            found = found or ("attrs" if names & ATTRS else "dataclasses" if names & DATACLASSES else "")
        above = set(self.project.classes.outside(owner))
        return found or ("pydantic" if above & MODELS else "NamedTuple" if NAMED_TUPLE in above else "")

    def positions(self, owner: Class) -> list[str] | None:
        """The fields in the order that a constructor takes them; none where that isn't plain."""
        names: dict[str, None] = {}
        line = list(self.project.classes.single(owner))
        kind = self.kind(owner)
        if not kind or kind == "pydantic":
            return None
        for each in reversed(line):
            if isinstance(each, External):
                if each.name != NAMED_TUPLE:
                    return None
                continue
            if len(each.node.bases) > 1 or any(_by_keyword(part) for part in each.node.decorator_list):
                return None
            for part in each.node.body:
                name = self._field_name(each.module, part)
                value = getattr(part, "value", None)
                if name and isinstance(value, ast.Call) and (_by_keyword(value) or keyword_of(value, "init")):
                    return None
                if name:
                    names[name] = None
        return list(names)

    def _field_name(self, module: Module, part: ast.stmt) -> str:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            named = part.annotation.value if isinstance(part.annotation, ast.Subscript) else part.annotation
            return "" if self.project.external(module, named) == "typing.ClassVar" else part.target.id
        if isinstance(part, ast.Assign) and self._is_field(module, part.value):
            target = part.targets[0]
            return target.id if len(part.targets) == 1 and isinstance(target, ast.Name) else ""
        return ""

    def _is_field(self, module: Module, node: ast.AST | None) -> bool:
        return isinstance(node, ast.Call) and self.project.external(module, node.func) in _FIELDS

    def defaults(self, module: Module, value: ast.expr) -> list[Default]:
        """What a field's default is, given what is assigned in the body of its class."""
        if not isinstance(value, ast.Call) or not self._is_field(module, value):
            return [Default(value)]
        found = []
        if any(keyword.arg not in _HARMLESS for keyword in value.keywords):
            return [Default()]
        first = [] if self.project.external(module, value.func) == "dataclasses.field" else value.args[:1]
        named = [keyword_of(value, "default"), keyword_of(value, "default_factory"), keyword_of(value, "factory")]
        for given in (*first, named[0].value if named[0] is not None else None):
            if isinstance(given, ast.Call) and self.project.external(module, given.func) in _FACTORIES:
                found += [_of_factory(factory) for factory in given.args[:1]]
            elif given is not None and not (isinstance(given, ast.Constant) and given.value is ...):
                found.append(Default(given))
        return found + [_of_factory(keyword.value) for keyword in named[1:] if keyword is not None]

    def is_factory(self, module: Module, node: ast.AST) -> bool:
        """Whether an expression is called for the default of a field."""
        above = module.analysis.parents.get(node)
        if isinstance(above, ast.Call):
            return self.project.external(module, above.func) in _FACTORIES and above.args[:1] == [node]
        if not isinstance(above, ast.keyword) or above.arg not in ("default_factory", "factory"):
            return False
        return self._is_field(module, module.analysis.parents[above])


def _of_factory(factory: ast.expr) -> Default:
    plain = isinstance(factory, ast.Lambda) and not ast.unparse(factory.args)
    return Default(factory.body) if plain and isinstance(factory, ast.Lambda) else Default(factory=factory)


def _by_keyword(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and keyword_of(node, "kw_only") is not None
