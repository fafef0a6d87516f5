"""The project's own handler classes: which are regular enough to become Results, and what that takes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Sequence

from rehandle_codemods.classes import inherited
from rehandle_codemods.classes.bases import Bases, IrregularError, bases
from rehandle_codemods.classes.constructor import base_constructor_call
from rehandle_codemods.classes.locations import Locations
from rehandle_codemods.classes.methods import (
    OwnCall,
    is_abstract,
    is_self,
    own_nodes,
    parameters,
    returns,
    terminates,
)
from rehandle_codemods.findings import Reason
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.targets import Local
from rehandle_codemods.index.tree import walk

RESULT_ATTRIBUTES = frozenset(
    [
        "value",
        "location",
        "serializer",
        "logger",
        "_formatter",
        "copy",
        "format",
        "from_value",
        "default_location",
        "validate",
        "validators",
        "run_validators",
        "cache_for",
        "cache_validator",
        "cache_key",
        "safe_value",
        "store_safe_value",
        "to_result",
        "result_handler",
        "read",
        "write",
        "exists",
        "is_valid",
    ]
)
"""What a Result has itself: a handler that uses such a name for something else can't become one."""

OWN_METHODS = ("read", "write")
_DYNAMIC = {"vars", "locals", "eval", "exec", "setattr", "delattr", "getattr", "hasattr", "__class__"}
_BY_NAME = {"getattr", "hasattr"}
_ABSTRACT = {"abc.abstractmethod"}
_UNUSUAL = frozenset(
    [
        "__new__",
        "__init_subclass__",
        "__eq__",
        "__hash__",
        "__getattr__",
        "__getattribute__",
        "__setattr__",
        "__slots__",
        "__copy__",
        "__deepcopy__",
        "__getstate__",
        "__setstate__",
        "__reduce__",
        "__reduce_ex__",
        "__bool__",
        "__len__",
        "__call__",
        "__del__",
    ]
)


@dataclass(frozen=True)
class HandlerClass:
    """A regular handler class.

    Attributes:
        module: where it is.
        node: the class.
        bases: what it derives from.
        read: its own `read`, if it has one.
        write: its own `write`, if it has one.
        init: its constructor, if it has one.
        super_call: the constructor's call of the base's constructor, if there is one.
        calls: its calls of its own or inherited `read` and `write`.
        complete: whether it can both read and write, so that it isn't only there to be derived from.
        migrated: whether its methods are a Result's already.
    """

    module: Module
    node: ast.ClassDef
    bases: Bases
    read: ast.FunctionDef | None
    write: ast.FunctionDef | None
    init: ast.FunctionDef | None
    super_call: ast.Call | None
    calls: tuple[OwnCall, ...]
    complete: bool
    migrated: bool


def handler_class(project: Project, module: Module, node: ast.ClassDef) -> HandlerClass | Reason:
    """Look whether a handler class can become a Result.

    Args:
        project: the index.
        module: the class's module.
        node: a class that derives from one of Prefect's handlers.

    Returns:
        What there is to rewrite, or why it can't.
    """
    try:
        return _regular(project, module, node)
    except IrregularError as error:
        return Reason(str(error), subject=node.name)


def _regular(project: Project, module: Module, node: ast.ClassDef) -> HandlerClass:
    found = bases(project, module, node)
    if module.analysis.scope_of[node].kind == "class":
        raise IrregularError("is defined inside another class")
    own = _methods(node)
    migrated = all(name in own and _is_migrated(own[name]) for name in OWN_METHODS)
    for name in _names_bound(node) if not migrated else ():
        if name in RESULT_ATTRIBUTES and name not in OWN_METHODS:
            raise IrregularError(f"defines {name}, which a Result has itself")
    for mixin in found.mixins:
        _check_mixin(mixin)
    above: dict[str, ast.FunctionDef] = {}
    for owner in reversed([*found.above, *found.mixins]):
        above.update(_methods(owner.node))
    methods = {**above, **own}
    read, write, init = own.get("read"), own.get("write"), own.get("__init__")
    calls: tuple[OwnCall, ...] = ()
    if not migrated:
        for method in (read, write):
            if method is not None:
                _check_method(project, module, method)
        for name, method in own.items():
            if name != "__init__":
                _check_state(method)
        calls = _own_calls(project, module, node, found, above)
        if write is not None and not is_abstract(write):
            _check_write(write, methods, calls)
    super_call = base_constructor_call(project, module, init, found, above) if init is not None else None
    inherited.check(found.handler, methods, node, calls, read, write)
    pair = [methods.get(name) for name in OWN_METHODS]
    complete = found.handler != "ResultHandler" or all(method and not is_abstract(method) for method in pair)
    return HandlerClass(module, node, found, read, write, init, super_call, calls, complete, migrated)


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    methods: dict[str, ast.FunctionDef] = {}
    for part in node.body:
        for name in _bound_names(part):
            if name in _UNUSUAL:
                raise IrregularError(f"defines {name}, which changes how it is made or copied")
            if name in methods and name in (*OWN_METHODS, "__init__"):
                raise IrregularError(f"defines {name} twice")
        if isinstance(part, ast.FunctionDef):
            methods[part.name] = part
        elif isinstance(part, (ast.If, ast.Try, ast.For, ast.While, ast.With, ast.AsyncFunctionDef)):
            raise IrregularError("has a body that isn't made of plain methods and attributes")
        elif any(name in OWN_METHODS for name in _bound_names(part)):
            raise IrregularError("has a read or write that isn't a method")
    return methods


def _names_bound(node: ast.ClassDef) -> list[str]:
    return [name for part in node.body for name in _bound_names(part)]


def _bound_names(part: ast.stmt) -> list[str]:
    if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [part.name]
    targets: Sequence[ast.AST] = ()
    if isinstance(part, ast.Assign):
        targets = part.targets
    elif isinstance(part, (ast.AnnAssign, ast.AugAssign)):
        targets = [part.target]
    return [name.id for target in targets for name in walk(target) if isinstance(name, ast.Name)]


def _check_mixin(mixin: Class) -> None:
    for part in mixin.node.body:
        for name in _bound_names(part):
            if name in _UNUSUAL or name in RESULT_ATTRIBUTES or name == "__init__":
                raise IrregularError(f"also derives from {mixin.node.name}, which defines {name}")
    for node in walk(mixin.node):
        used = isinstance(node, ast.Attribute) and is_self(node.value) and node.attr != "logger"
        if used and isinstance(node, ast.Attribute) and node.attr in RESULT_ATTRIBUTES:
            raise IrregularError(f"also derives from {mixin.node.name}, which uses self.{node.attr}")
        if isinstance(node, ast.Name) and node.id in _DYNAMIC:
            raise IrregularError(f"also derives from {mixin.node.name}, which uses {node.id}")


def _check_method(project: Project, module: Module, method: ast.FunctionDef) -> None:
    name, arguments = method.name, method.args
    if any(project.external(module, decorator) not in _ABSTRACT for decorator in method.decorator_list):
        raise IrregularError(f"has a {name} that is decorated")
    if len(parameters(method)) < 2 or parameters(method)[0].arg != "self":
        raise IrregularError(f"has a {name} that doesn't take exactly self and one argument")
    optional = len(parameters(method)) - len(arguments.defaults) <= 2 and None not in arguments.kw_defaults
    if not optional:
        raise IrregularError(f"has a {name} that needs more than self and one argument")
    others = [*parameters(method)[2:], *arguments.kwonlyargs]
    if name == "write" and (others or arguments.vararg):
        raise IrregularError("has a write with further parameters, where Prefect passes what a task gets by name")
    if name == "write" and arguments.kwarg is not None:
        keywords = arguments.kwarg.arg
        if any(isinstance(node, ast.Name) and node.id == keywords for node in walk(method)):
            raise IrregularError("has a write that uses its keywords, where Prefect passes what a task gets by name")
    if any(isinstance(part, (ast.Yield, ast.YieldFrom, ast.Await)) for part in own_nodes(method)):
        raise IrregularError(f"has a {name} that is a generator or coroutine")
    parameter = parameters(method)[1].arg
    if any(isinstance(part, (ast.Global, ast.Nonlocal)) and parameter in part.names for part in walk(method)):
        raise IrregularError(f"has a {name} with a parameter that is global or nonlocal further in")


def _is_migrated(method: ast.FunctionDef) -> bool:
    """Whether a method returns a copy of its object, as a Result's does and a handler's can't."""
    copies = {
        target.id
        for part in own_nodes(method)
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call)
        for target in part.targets
        if isinstance(target, ast.Name) and isinstance(part.value.func, ast.Attribute)
        if part.value.func.attr in ("copy", "format") and is_self(part.value.func.value)
    }
    values = [statement.value for statement in returns(method)]
    return bool(values) and all(isinstance(value, ast.Name) and value.id in copies for value in values)


def _check_state(method: ast.FunctionDef) -> None:
    for part in walk(method):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, (ast.Store, ast.Del)) and is_self(part.value):
            # Each task gets a copy of a flow's Result, where all shared one handler.
            raise IrregularError(
                f"sets self.{part.attr} in {method.name}, which each copy of a Result would have for itself"
            )


def _own_calls(
    project: Project, module: Module, node: ast.ClassDef, line: Bases, above: dict[str, ast.FunctionDef]
) -> tuple[OwnCall, ...]:
    calls = []
    for part in walk(node):
        if isinstance(part, ast.Attribute):
            own = is_self(part.value)
            upper = part.attr in OWN_METHODS and _is_above(project, module, part.value, line)
            if part.attr in OWN_METHODS and (own or upper):
                calls.append(_own_call(module, part, upper=upper))
                if upper and line.handler == "ResultHandler" and part.attr not in above:
                    raise IrregularError(f"calls the {part.attr} of ResultHandler, which does nothing")
            elif own and part.attr in RESULT_ATTRIBUTES and part.attr != "logger":
                raise IrregularError(f"uses self.{part.attr}, a name that a Result has itself")
        if isinstance(part, ast.Name) and part.id in _DYNAMIC and not _names_another(module, part):
            raise IrregularError(f"uses {part.id}, which may use any name and attribute")
    return tuple(calls)


def _names_another(module: Module, name: ast.Name) -> bool:
    """Whether a call of `getattr` or `hasattr` asks for an attribute that a Result doesn't have."""
    call = module.analysis.parents.get(name)
    if name.id not in _BY_NAME or not isinstance(call, ast.Call) or call.func is not name or len(call.args) < 2:
        return False
    text = call.args[1]
    return isinstance(text, ast.Constant) and text.value not in RESULT_ATTRIBUTES


def _is_above(project: Project, module: Module, node: ast.expr, line: Bases) -> bool:
    """Whether an expression is `super()` or one of the classes above, whose methods are called by its name."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    if prefect_names.handler_class(project.external(module, node)) is not None:
        raise IrregularError(f"calls methods of its base by its name, {module.text(node)}")
    targets = project.resolve(module, node)
    nodes = [target.binding.node for target in targets if isinstance(target, Local)]
    return len(targets) == 1 and any(owner.node in nodes for owner in line.above)


def _own_call(module: Module, function: ast.Attribute, *, upper: bool) -> OwnCall:
    call = module.analysis.parents.get(function)
    by_name = upper and not isinstance(function.value, ast.Call)
    if not isinstance(call, ast.Call) or call.func is not function:
        raise IrregularError(f"uses its own {function.attr} other than by calling it")
    # A generator without brackets of its own can't have an argument beside it.
    starred = any(isinstance(argument, (ast.Starred, ast.GeneratorExp)) for argument in call.args)
    if call.keywords or starred or len(call.args) != 1 + by_name:
        raise IrregularError(f"calls its own {function.attr} with other than one argument, by position")
    if any(isinstance(outer, ast.JoinedStr) for outer in module.analysis.ancestors(call)):
        raise IrregularError(f"calls its own {function.attr} inside an f-string")
    return OwnCall(call, function.attr, upper)


def _check_write(method: ast.FunctionDef, methods: dict[str, ast.FunctionDef], calls: Sequence[OwnCall]) -> None:
    found = returns(method)
    if not found:
        raise IrregularError("has a write that never returns")
    if not terminates(method.body):
        raise IrregularError("has a write that can end without returning anything")
    locations = Locations(method, methods, {call.node for call in calls if call.method == "write"})
    for statement in found:
        if not locations.certain(statement.value):
            text = ast.unparse(statement.value) if statement.value is not None else "nothing"
            raise IrregularError(f"has a write that returns {text}, which may be no location")
