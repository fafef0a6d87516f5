"""Who calls a function or class of the project, and with what for each parameter."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.dicts import Dicts
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index.class_hierarchy import own_method
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import FUNCTIONS, FunctionDef, is_annotation, keyword_of


class Site(NamedTuple):
    """One call.

    Attributes:
        module: where it is.
        call: the call.
        skipped: how many of the function's parameters it doesn't give, as `self` is given by Python.
        certain: whether it certainly runs the function, with the arguments as they are.
    """

    module: Module
    call: ast.Call
    skipped: int
    certain: bool


class Sites(NamedTuple):
    """The calls of a function, and why there may be others."""

    found: list[Site]
    problem: Reason | None = None


class Calls:
    """Answers, for functions of a project, who calls them."""

    def __init__(self, project: Project, uses: Uses, dicts: Dicts) -> None:
        self.project = project
        self.uses = uses
        self.dicts = dicts
        self._sites: dict[ast.AST, Sites] = {}

    def brings(self, module: Module, call: ast.Call, key: str) -> bool:
        """Whether the `**` of a call certainly brings a key, perhaps from one of the calls of the function it is in."""
        for keyword in call.keywords:
            if keyword.arg is not None or not isinstance(keyword.value, ast.Name):
                continue
            held = self.dicts.of(module, keyword.value)
            if held is not None and key in held.stored:
                return True
            scope = module.analysis.scope_of[keyword.value].lookup(keyword.value.id)
            function = scope.node if scope is not None else None
            own = isinstance(function, FUNCTIONS) and function.args.kwarg
            if not isinstance(function, FUNCTIONS) or not own or own.arg != keyword.value.id:
                continue
            if any(keyword_of(site.call, key) for site in self.sites(module, function).found):
                return True
        return False

    def sites(self, module: Module, function: FunctionDef) -> Sites:
        """Every call of a function; of its class where it is a constructor."""
        if function not in self._sites:
            self._sites[function] = Sites([], _reason(function, "calls itself in a way that isn't understood"))
            self._sites[function] = self._find(module, function)
        return self._sites[function]

    def _find(self, module: Module, function: FunctionDef) -> Sites:
        owner = module.analysis.parents.get(function)
        constructs = isinstance(owner, ast.ClassDef) and function.name == "__init__"
        variable = module.analysis.variable(function)
        found: list[Site] = []
        problem: Reason | None = None
        if isinstance(owner, ast.ClassDef) and constructs:
            found, problem = self._of_class(module, owner)
        elif isinstance(owner, ast.ClassDef):
            problem = _reason(function, "is a method, which may be called in ways that can't be seen")
        elif function.decorator_list:
            problem = _reason(function, "is decorated")
        elif len(variable.bindings) > 1:
            problem = _reason(function, "is bound more than once")
        runs = module in self.uses.collected and not function.decorator_list
        for user, use in self.uses.of(variable):
            call = user.analysis.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use:
                found.append(Site(user, call, 0, runs and self._means_one(user, use)))
            elif not constructs:
                problem = problem or reason_at(user, use, "is used in another way", subject=function.name)
        return Sites(found, problem)

    def _of_class(self, module: Module, node: ast.ClassDef) -> Sites:
        variable = module.analysis.variable(node)
        own = _calls_of_its_own_class(node)
        problem: Reason | None = None
        if len(variable.bindings) > 1:
            problem = _reason(node, "is bound more than once")
        elif node.decorator_list or node.keywords:
            problem = _reason(node, "is changed by a decorator or metaclass")
        elif own is not None:
            problem = reason_at(module, own, "may be made", subject=node.name)
        runs = module in self.uses.collected and not self.uses.is_handler_class(module, node)
        found: list[Site] = []
        for user, use in self.uses.of(variable):
            certain = runs and self._means_one(user, use)
            parent = user.analysis.parents.get(use)
            call = user.analysis.parents.get(parent) if isinstance(parent, ast.Attribute) else None
            if isinstance(parent, ast.Call) and parent.func is use:
                found.append(Site(user, parent, 1, certain))
            elif isinstance(parent, ast.ClassDef) and parent.bases == [use]:
                below = self._of_subclass(user, parent)
                problem = problem or below.problem
                found += [site._replace(certain=certain and site.certain) for site in below.found]
            elif isinstance(parent, ast.Attribute) and parent.attr == "__init__" and isinstance(call, ast.Call):
                found.append(Site(user, call, 0, certain))
            elif not (is_annotation(user, use) or _is_check(parent)):
                problem = problem or reason_at(user, use, "is used in another way", subject=node.name)
        return Sites(found, problem)

    def _means_one(self, module: Module, node: ast.expr) -> bool:
        """Whether a name can only mean one thing."""
        return len(self.project.resolve(module, node)) == 1

    def _of_subclass(self, module: Module, node: ast.ClassDef) -> Sites:
        if own_method(node) is None:
            return self._of_class(module, node)
        found = []
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and self._initialises_base(module, part):
                found.append(Site(module, part, 1, certain=True))
        return Sites(found)

    def _initialises_base(self, module: Module, call: ast.Call) -> bool:
        function = call.func
        initialises = isinstance(function, ast.Attribute) and function.attr == "__init__"
        return initialises and self.project.classes.is_super(module, function.value)  # type: ignore[attr-defined]  # an attribute has one


def _reason(node: FunctionDef | ast.ClassDef, text: str) -> Reason:
    return Reason(text, subject=node.name)


def inner_scope(module: Module, function: FunctionDef) -> Scope:
    """The scope of a function's body."""
    return module.analysis.scope_of[function.body[0]]


def _is_check(parent: ast.AST | None) -> bool:
    """Whether a class is only looked at: an argument of isinstance, issubclass or super."""
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id in ("isinstance", "issubclass", "super")
    )


def _calls_of_its_own_class(node: ast.ClassDef) -> ast.AST | None:
    """A call in a class's body that makes an instance of whatever class it is then."""
    for part in ast.walk(node):
        if not isinstance(part, ast.Call):
            continue
        function = part.func
        if isinstance(function, ast.Name) and function.id == "cls":
            return part
        if isinstance(function, ast.Attribute) and function.attr == "__class__":
            return part
        if isinstance(function, ast.Call) and isinstance(function.func, ast.Name) and function.func.id == "type":
            return part
    return None
