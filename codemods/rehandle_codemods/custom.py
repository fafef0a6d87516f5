"""The project's own handler classes: which are regular enough to become Results, and what that takes."""

from __future__ import annotations

import ast
from typing import Iterator, List, NamedTuple, Sequence, Tuple, Union

from rehandle_codemods import names
from rehandle_codemods.project import Module, Project
from rehandle_codemods.sinks import FunctionDef

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

_DYNAMIC = {"vars", "locals", "eval", "exec", "setattr", "delattr", "getattr", "__class__"}

_OWN_METHODS = {"read", "write"}
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
    ]
)


class Shape(NamedTuple):
    """A regular handler class.

    Attributes:
        module: where it is.
        node: the class.
        read: its `read`.
        write: its `write`.
        init: its constructor, if it has one.
        super_call: the constructor's call of the base's constructor, if there is one.
    """

    module: Module
    node: ast.ClassDef
    read: ast.FunctionDef
    write: ast.FunctionDef
    init: ast.FunctionDef | None
    super_call: ast.Call | None


class IrregularError(Exception):
    """Why a handler class can't become a Result."""


def shape(project: Project, module: Module, node: ast.ClassDef) -> Shape:
    """Look whether a handler class can become a Result.

    Args:
        project: the index.
        module: the class's module.
        node: a class that derives from one of Prefect's handlers.

    Returns:
        What there is to rewrite.

    Raises:
        IrregularError: it can't; the message says why.
    """
    if node.decorator_list or node.keywords or len(node.bases) != 1 or getattr(node, "type_params", None):
        raise IrregularError("has decorators, a metaclass or several bases")
    handler = names.handler_class(project.external(module, node.bases[0]))
    if handler is None:
        raise IrregularError("derives from another class of the project")
    if handler != "ResultHandler":
        raise IrregularError(f"derives from {handler}, whose own read and write it builds on")
    if module.analysis.scope_of[node].kind == "class":
        raise IrregularError("is defined inside another class")
    methods: dict[str, ast.FunctionDef] = {}
    for part in node.body:
        for name in _bound_names(part):
            if name in methods or name in _UNUSUAL or (name in RESULT_ATTRIBUTES and name not in _OWN_METHODS):
                raise IrregularError(f"defines {name}, which a Result has itself or which changes how it is copied")
        if isinstance(part, ast.FunctionDef):
            methods[part.name] = part
        elif isinstance(part, (ast.If, ast.Try, ast.For, ast.While, ast.With, ast.AsyncFunctionDef)):
            raise IrregularError("has a body that isn't made of plain methods and attributes")
    for name in sorted(_OWN_METHODS):
        if name not in methods:
            raise IrregularError(f"has no {name} of its own")
        _check_method(methods[name])
    for name, method in methods.items():
        if name != "__init__":
            _check_state(method)
    _check_uses(node)
    _check_read(methods["read"])
    _check_write(methods["write"])
    init = methods.get("__init__")
    super_call = _check_init(project, module, init) if init is not None else None
    return Shape(module, node, methods["read"], methods["write"], init, super_call)


def _bound_names(part: ast.stmt) -> list[str]:
    if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [part.name]
    targets: Sequence[ast.AST] = ()
    if isinstance(part, ast.Assign):
        targets = part.targets
    elif isinstance(part, (ast.AnnAssign, ast.AugAssign)):
        targets = [part.target]
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def _check_method(method: ast.FunctionDef) -> None:
    arguments = method.args
    plain = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
    if method.decorator_list or not plain or len(arguments.posonlyargs) + len(arguments.args) != 2:
        raise IrregularError(f"has a {method.name} that doesn't take exactly self and one argument")
    if parameters(method)[0].arg != "self":
        raise IrregularError(f"has a {method.name} whose first parameter isn't self")
    if any(isinstance(part, (ast.Yield, ast.YieldFrom, ast.Await)) for part in own_nodes(method)):
        raise IrregularError(f"has a {method.name} that is a generator or coroutine")
    if any(isinstance(part, (ast.Global, ast.Nonlocal)) for part in ast.walk(method)):
        raise IrregularError(f"has a {method.name} with global or nonlocal names")
    if not _terminates(method.body):
        raise IrregularError(f"has a {method.name} that can end without returning anything")


def _check_state(method: ast.FunctionDef) -> None:
    for part in ast.walk(method):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, (ast.Store, ast.Del)) and _is_self(part.value):
            # Each task gets a copy of a flow's Result, where all shared one handler.
            raise IrregularError(f"sets self.{part.attr} in {method.name}, and a Result is copied for each task")


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _check_uses(node: ast.ClassDef) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            on_self = _is_self(part.value)
            stored = isinstance(part.ctx, (ast.Store, ast.Del))
            if part.attr in _OWN_METHODS and (on_self or (isinstance(part.value, ast.Call) and _is_super(part.value))):
                raise IrregularError(f"calls its own {part.attr}")
            if on_self and part.attr in RESULT_ATTRIBUTES and (stored or part.attr != "logger"):
                raise IrregularError(f"uses self.{part.attr}, a name that a Result has itself")
        if isinstance(part, ast.Name) and part.id in _DYNAMIC:
            raise IrregularError(f"uses {part.id}, so that its names and attributes can't be told")


def _check_read(method: ast.FunctionDef) -> None:
    if not returns(method):
        raise IrregularError("has a read that never returns")


def _check_write(method: ast.FunctionDef) -> None:
    found = returns(method)
    if not found:
        raise IrregularError("has a write that never returns")
    parameter = parameters(method)[1].arg
    for statement in found:
        if not _is_location(statement.value, method, parameter):
            text = ast.unparse(statement.value) if statement.value is not None else "nothing"
            raise IrregularError(f"has a write that returns {text}, which can't be told to be a location")


def _check_init(project: Project, module: Module, init: ast.FunctionDef) -> ast.Call | None:
    arguments = init.args
    if init.decorator_list or arguments.kwarg is not None or [p.arg for p in parameters(init)][:1] != ["self"]:
        raise IrregularError("has a constructor that takes **kwargs already, or is decorated")
    for parameter in (*parameters(init)[1:], *arguments.kwonlyargs):
        if parameter.arg in ("value", "location", "serializer", "kwargs", "result_handler"):
            raise IrregularError(f"has a constructor with a parameter {parameter.arg}, which a Result's has too")
    if any(isinstance(part, ast.Name) and part.id == "kwargs" for part in ast.walk(init)):
        raise IrregularError("has a constructor that uses the name kwargs")
    if returns(init):
        raise IrregularError("has a constructor that returns early")
    calls = [part for part in ast.walk(init) if isinstance(part, ast.Call) and _is_base_init(part)]
    if not calls:
        return None
    plain = [part.value for part in init.body if isinstance(part, ast.Expr)]
    if len(calls) > 1 or calls[0] not in plain or calls[0].keywords:
        raise IrregularError("calls the constructor of its base conditionally, repeatedly or with arguments")
    call = calls[0]
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
        if call.args:
            raise IrregularError("calls the constructor of its base with arguments")
    elif len(call.args) != 1 or not isinstance(call.args[0], ast.Name):
        raise IrregularError("calls the constructor of its base with arguments")
    elif names.handler_class(project.external(module, function.value)) is None:  # type: ignore[attr-defined]
        raise IrregularError("calls the constructor of something else")
    return call


def _is_base_init(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "super"


def parameters(method: FunctionDef) -> list[ast.arg]:
    """The positional parameters, `self` included."""
    return [*method.args.posonlyargs, *method.args.args]


def own_nodes(function: FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body without those of functions, lambdas and classes inside."""
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def returns(function: FunctionDef) -> list[ast.Return]:
    """The return statements of a function itself."""
    return [node for node in own_nodes(function) if isinstance(node, ast.Return)]


def _terminates(body: Sequence[ast.stmt]) -> bool:
    """Whether the end of a suite can't be reached."""
    for statement in body:
        if isinstance(statement, (ast.Return, ast.Raise)):
            return True
        if isinstance(statement, ast.If) and statement.orelse:
            if _terminates(statement.body) and _terminates(statement.orelse):
                return True
        elif isinstance(statement, ast.Try):
            if _terminates(statement.finalbody):
                return True
            main = _terminates(statement.body) or (bool(statement.orelse) and _terminates(statement.orelse))
            if main and all(_terminates(handler.body) for handler in statement.handlers):
                return True
        elif isinstance(statement, ast.With) and _terminates(statement.body):
            # A context manager that swallows exceptions lets the code after it run.
            managers = [_last_name(getattr(item.context_expr, "func", item.context_expr)) for item in statement.items]
            return "suppress" not in managers
    return False


_PATH_CALLS = {"join", "format", "abspath", "realpath", "expanduser", "normpath", "fspath", "strftime", "as_posix"}
_TEXT_CALLS = {"str", "mktemp"}


def _is_location(node: ast.expr | None, method: ast.FunctionDef, parameter: str, depth: int = 0) -> bool:
    if node is None or depth > 4 or (isinstance(node, ast.Constant) and not isinstance(node.value, str)):
        return False
    used: set[str] = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    called = {_last_name(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    if parameter in used or called & {"dumps", "to_json", "encode", "b64encode"}:
        return False
    annotated = isinstance(method.returns, ast.Name) and method.returns.id == "str"
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        return True
    if isinstance(node, ast.Call):
        name = _last_name(node.func)
        return name in _PATH_CALLS or name in _TEXT_CALLS or annotated
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Add):
            sides = (node.left, node.right)
            return any(_is_location(side, method, parameter, depth + 1) for side in sides)
        return isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
    if isinstance(node, ast.Name):
        values = assigned(method, node.id)
        if values is None:
            return False
        if values and _is_opened(method, node.id) and all(_is_text(value) for value in values):
            return True
        if len(values) == 1 and isinstance(values[0], (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) and annotated:
            return _derived(values[0], method, parameter)
        return bool(values) and all(_is_location(value, method, parameter, depth + 1) for value in values)
    return annotated and isinstance(node, (ast.Attribute, ast.Subscript))


def _is_opened(method: ast.FunctionDef, name: str) -> bool:
    """Whether a method opens a file by a name."""
    for node in ast.walk(method):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id == "open" and any(
            isinstance(part, ast.Name) and part.id == name for part in ast.walk(node.args[0])
        ):
            return True
    return False


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is certainly a string."""
    if isinstance(node, ast.Call):
        return _last_name(node.func) in _PATH_CALLS | _TEXT_CALLS
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
        return _is_text(node.left) or (isinstance(node.op, ast.Add) and _is_text(node.right))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _derived(node: ast.expr, method: ast.FunctionDef, parameter: str) -> bool:
    """Whether a value that a method annotated `-> str` returns isn't the stored data itself."""
    called = {_last_name(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return not called & {"dumps", "to_json", "encode", "b64encode"} and parameter not in used


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def assigned(method: FunctionDef, name: str) -> list[ast.expr] | None:
    """The values that plain assignments of a method give a name; None where something else binds it too."""
    values: list[ast.expr] = []
    stores = 0
    for node in ast.walk(method):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            stores += 1
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                values.append(node.value)
    if any(parameter.arg == name for parameter in parameters(method)) or stores != len(values):
        return None
    return values


Opened = Union[None, Tuple[ast.expr, List[ast.Name]]]


def opened_path(method: ast.FunctionDef) -> Opened:
    """The one local path that a `read` opens, made of its argument alone.

    Args:
        method: the `read`.

    Returns:
        The path's expression and the places in it that are the argument; None where the body doesn't show it.
    """
    parameter = parameters(method)[1].arg
    calls = [
        node
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open" and node.args
    ]
    rebound = any(
        isinstance(node, ast.Name) and node.id == parameter and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(method)
    )
    if len(calls) != 1 or rebound:
        return None
    path = calls[0].args[0]
    if isinstance(path, ast.Name) and path.id != parameter:
        values = assigned(method, path.id)
        if values is None or len(values) != 1:
            return None
        path = values[0]
    bound = {node.id for node in ast.walk(method) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    used = [node for node in ast.walk(path) if isinstance(node, ast.Name)]
    places = [node for node in used if node.id == parameter]
    simple = all(
        isinstance(node, (ast.Name, ast.Attribute, ast.Constant, ast.expr_context, ast.BinOp, ast.Add))
        or (isinstance(node, ast.Call) and _last_name(node.func) in _PATH_CALLS | {"str"})
        for node in ast.walk(path)
    )
    if not simple or not places or any(node.id in bound for node in used):
        return None
    return path, places
