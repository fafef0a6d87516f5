"""Who calls a function or class of the project, and with what for each parameter."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.dicts import Dicts
from rehandle_codemods.flow.nodes import ANY
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index.binding_arguments import bind_function, default_of
from rehandle_codemods.index.class_hierarchy import Class, class_of, own_method
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Scope, Variable
from rehandle_codemods.index.syntax import FUNCTIONS, FunctionDef, is_annotation, keyword_of
from rehandle_codemods.index.targets import Local


class Called(NamedTuple):
    """A function that a call certainly runs.

    Attributes:
        module: where it is.
        function: the function.
        skipped: how many of its parameters the call doesn't give, as `self` is given by Python.
    """

    module: Module
    function: FunctionDef
    skipped: int


class Site(NamedTuple):
    """One call.

    Attributes:
        module: where it is.
        call: the call.
        skipped: how many of the function's parameters it doesn't give, as `self` is given by Python.
    """

    module: Module
    call: ast.Call
    skipped: int


class Sites(NamedTuple):
    """The calls of a function, and why there may be others."""

    found: list[Site]
    problem: Reason | None = None


class Given(NamedTuple):
    """The values that calls give a parameter, and why there may be others."""

    values: list[tuple[Module, ast.expr]]
    problem: Reason | None = None


class Calls:
    """Answers, for functions of a project, who calls them."""

    def __init__(self, project: Project, uses: Uses, dicts: Dicts) -> None:
        """Make it.

        Args:
            project: the index.
            uses: the uses of names.
            dicts: the dicts that calls take as `**`.
        """
        self.project = project
        self.uses = uses
        self.dicts = dicts
        self._sites: dict[ast.AST, Sites] = {}

    def called(self, module: Module, call: ast.Call) -> Called | None:
        """The function of the project that a call certainly runs."""
        function, classes = call.func, self.project.classes
        if isinstance(function, ast.Attribute) and function.attr == "__init__":
            named = classes.initialised(module, call)
            owner = classes.of(module, named) if named is not None else None
            return self._constructor(owner, 1 if classes.is_super(module, function.value) else 0)
        targets = self.project.resolve(module, function)
        target = targets[0] if len(targets) == 1 else None
        owner = class_of(target)
        if owner is not None:
            return self._constructor(owner, 1)
        node = target.binding.node if isinstance(target, Local) else None
        if isinstance(target, Local) and isinstance(node, FUNCTIONS) and not node.decorator_list:
            return Called(target.module, node, 0) if target.module in self.uses.collected else None
        return None

    def _constructor(self, owner: Class | None, skipped: int) -> Called | None:
        """The constructor, its own or inherited, of a class of the project that is no handler's."""
        if owner is None or self.uses.is_handler_class(*owner):
            return None
        for each in self.project.classes.single(owner):
            if not isinstance(each, Class) or each.module not in self.uses.collected:
                return None
            init = own_method(each.node)
            if init is not None:
                return Called(each.module, init, skipped)
        return None

    def parameter(self, module: Module, call: ast.Call, value: ast.expr) -> Variable | None:
        """The parameter of a function of the project that a call's argument is given to."""
        found = self.called(module, call)
        name = bind_function(call, found.function, found.skipped).parameter(value) if found is not None else ""
        return inner_scope(found.module, found.function).variable(name) if found is not None and name else None

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
        variable = module.analysis.variable(function)
        owner = module.analysis.parents.get(function)
        if isinstance(owner, ast.ClassDef):
            if function.name != "__init__":
                return Sites([], _reason(function, "is a method, which may be called in ways that can't be seen"))
            return self._of_class(module, owner)
        found: list[Site] = []
        problem: Reason | None = None
        if function.decorator_list:
            problem = _reason(function, "is decorated")
        elif len(variable.bindings) > 1:
            problem = _reason(function, "is bound more than once")
        for user, use in self.uses.of(variable):
            call = user.analysis.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use:
                found.append(Site(user, call, 0))
            else:
                problem = problem or reason_at(user, use, "is used in another way", subject=function.name)
        return Sites(found, problem)

    def _of_class(self, module: Module, node: ast.ClassDef) -> Sites:
        variable = module.analysis.variable(node)
        if len(variable.bindings) > 1:
            return Sites([], _reason(node, "is bound more than once"))
        if node.decorator_list or node.keywords:
            return Sites([], _reason(node, "is changed by a decorator or metaclass"))
        own = _calls_of_its_own_class(node)
        if own is not None:
            return Sites([], reason_at(module, own, "may be made", subject=node.name))
        found: list[Site] = []
        for user, use in self.uses.of(variable):
            parent = user.analysis.parents.get(use)
            if isinstance(parent, ast.Call) and parent.func is use:
                found.append(Site(user, parent, 1))
            elif isinstance(parent, ast.ClassDef) and parent.bases == [use]:
                below = self._of_subclass(user, parent)
                if below.problem:
                    return below
                found += below.found
            elif isinstance(parent, ast.Attribute) and parent.attr == "__init__":
                call = user.analysis.parents.get(parent)
                if not isinstance(call, ast.Call):
                    return Sites([], reason_at(user, use, "is used in another way", subject=node.name))
                found.append(Site(user, call, 0))
            elif not (is_annotation(user, use) or _is_check(parent)):
                return Sites([], reason_at(user, use, "is used in another way", subject=node.name))
        return Sites(found)

    def _of_subclass(self, module: Module, node: ast.ClassDef) -> Sites:
        if own_method(node) is None:
            return self._of_class(module, node)
        found = []
        for part in ast.walk(node):
            if isinstance(part, ast.Call) and self._initialises_base(module, part):
                found.append(Site(module, part, 1))
        return Sites(found)

    def _initialises_base(self, module: Module, call: ast.Call) -> bool:
        function = call.func
        initialises = isinstance(function, ast.Attribute) and function.attr == "__init__"
        return initialises and self.project.classes.is_super(module, function.value)  # type: ignore[attr-defined]  # an attribute has one

    def given(self, module: Module, scope: Scope, parameter: ast.arg) -> Given:
        """The values that a function's calls give one of its parameters, and its default."""
        function = scope.node
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Given([], Reason("is a parameter", subject=parameter.arg))
        arguments = function.args
        sites = self.sites(module, function)
        if sites.problem:
            return Given([], sites.problem)
        if not sites.found:
            return Given([], _reason(function, "isn't called in these files, so what it gets can't be told"))
        if parameter in (arguments.vararg, arguments.kwarg):
            return Given([], Reason("takes any arguments", subject=parameter.arg))
        default = default_of(function, parameter)
        values = [(module, default)] if default is not None else []
        for site in sites.found:
            problem = self._argument(site, function, parameter, values, set())
            if problem:
                return Given(values, problem)
        return Given(values)

    def _argument(
        self,
        site: Site,
        function: FunctionDef,
        parameter: ast.arg,
        values: list[tuple[Module, ast.expr]],
        seen: set[ast.AST],
    ) -> Reason | None:
        """Add what one call gives a parameter; why that can't be told."""
        bound = bind_function(site.call, function, site.skipped)
        if parameter.arg in bound.hidden:
            return reason_at(site.module, site.call, "what is given", " can't be told", subject="")
        if parameter.arg in bound.arguments:
            values.append((site.module, bound.arguments[parameter.arg]))
            return None
        for keyword in bound.others:
            if keyword.arg is None:
                problem = self._spread(site, keyword.value, function, parameter, values, seen)
                if problem:
                    return problem
        return None

    def _spread(
        self,
        site: Site,
        value: ast.expr,
        function: FunctionDef,
        parameter: ast.arg,
        values: list[tuple[Module, ast.expr]],
        seen: set[ast.AST],
    ) -> Reason | None:
        """Add what a `**` gives a parameter: nothing, or what the calls of the function round it give."""
        unknown = reason_at(site.module, site.call, "what ** gives", " can't be told", subject="")
        variable = self.dicts.of(site.module, value)
        if variable is None or variable.problem:
            return unknown
        if parameter.arg in variable.stored or ANY in variable.stored:
            return unknown
        scope, name = variable.variable.scope, variable.variable.name
        outer = scope.node
        keywords = outer.args.kwarg if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        if keywords is None or keywords.arg != name or outer in seen:
            return None if keywords is None or keywords.arg != name else unknown
        assert isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef))
        seen.add(outer)
        sites = self.sites(variable.module, outer)
        if sites.problem:
            return sites.problem
        for further in sites.found:
            given = [keyword.value for keyword in further.call.keywords if keyword.arg == parameter.arg]
            values += [(further.module, part) for part in given]
            for keyword in further.call.keywords:
                if keyword.arg is None and not given:
                    problem = self._spread(further, keyword.value, function, parameter, values, seen)
                    if problem:
                        return problem
        return None


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
