"""The edits that turn a regular handler class into a Result."""

from __future__ import annotations

import ast
from typing import Sequence

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.classes.methods import OwnCall, is_abstract, parameters, returns, terminates
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring, joiner, node_name
from rehandle_codemods.rewrite.appending import last_argument, last_parameter
from rehandle_codemods.rewrite.edits import Edit


def method_edits(shape: HandlerClass, base: str) -> list[Edit]:
    """The edits of a class's `read` and `write`, and of its calls of them.

    Args:
        shape: the class.
        base: the name that its base has now.

    Returns:
        The edits.
    """
    if shape.migrated:
        return []
    keywords = ""
    if shape.write is not None:
        own = shape.write.args.kwarg
        keywords = own.arg if own is not None else fresh("kwargs", _names(shape.write))
    edits = []
    # Insertions at one offset keep their order: what belongs to an inner expression comes first.
    for call in sorted(shape.calls, key=lambda call: len(shape.module.text(call.node))):
        inside = shape.write is not None and shape.write in shape.module.analysis.ancestors(call.node)
        edits += _own_call(shape.module, call, keywords if inside else "")
    if shape.read is not None:
        edits += _read(shape.module, shape.read, base)
    if shape.write is not None:
        edits += _write(shape.module, shape.write, keywords, base)
    return edits


def _own_call(module: Module, call: OwnCall, keywords: str) -> list[Edit]:
    """Take the value or location of what a call of `read` or `write` gives now."""
    end = module.span(call.node)[1]
    edits = (
        last_argument(module, call.node, f"**{keywords}") if call.above and call.method == "write" and keywords else []
    )
    if not isinstance(module.analysis.parents[call.node], ast.Expr):
        edits.append(Edit(end, end, ".value" if call.method == "read" else ".location"))
    return edits


def _read(module: Module, method: ast.FunctionDef, base: str) -> list[Edit]:
    old = parameters(method)[1]
    taken = _names(method)
    new = "location" if "location" not in taken - {old.arg} else old.arg
    edits, alias = _rename(module, method, old, new)
    edits += _annotation(module, method, base)
    if is_abstract(method):
        return edits
    copy = fresh("new", taken | {new})
    start = [f"{copy} = self.copy()", f"{copy}.location = {new}"]
    ends = not terminates(method.body, certainly=True)
    if ends:
        start.append(f"{copy}.value = None")
    edits += _prologue(module, method, [*start, *alias])
    for statement in returns(method):
        edits += _return(module, statement, f"{copy}.value", copy)
    return edits + (_at_the_end(module, method, f"return {copy}") if ends else [])


def _write(module: Module, method: ast.FunctionDef, keywords: str, base: str) -> list[Edit]:
    old = parameters(method)[1]
    taken = _names(method)
    new = fresh("value_", taken - {old.arg})
    edits, alias = _rename(module, method, old, new)
    edits += _annotation(module, method, base)
    if method.args.kwarg is None:
        edits += last_parameter(module, method, f"**{keywords}")
    if is_abstract(method):
        return edits
    copy = fresh("new", taken | {new})
    edits += _prologue(module, method, [f"{copy} = self.copy()", f"{copy}.value = {new}", *alias])
    for statement in returns(method):
        edits += _return(module, statement, f"{copy}.location", copy)
    ends = not terminates(method.body, certainly=True)
    return edits + (_at_the_end(module, method, f"return {copy}") if ends else [])


def _names(method: ast.FunctionDef) -> set[str]:
    return {node_name(node) for node in ast.walk(method)}


def fresh(name: str, taken: set[str]) -> str:
    """A name that isn't taken."""
    while name in taken:
        name += "_"
    return name


def _rename(module: Module, method: ast.FunctionDef, old: ast.arg, new: str) -> tuple[list[Edit], list[str]]:
    """Rename a parameter in its function; where Python doesn't say every position, keep the old name as a variable."""
    start = module.source.offset(old.lineno, old.col_offset)
    edits = [Edit(start, start + len(old.arg.encode()), new)]
    if old.arg == new:
        return [], []
    places = [
        node
        for node in ast.walk(method)
        if isinstance(node, ast.Name) and node.id == old.arg and _owner(module, node) is method
    ]
    bindings = module.analysis.scope_of[method.body[0]].bindings[old.arg]
    hidden = any(not isinstance(binding.node, (ast.arg, ast.Name)) for binding in bindings)
    if hidden or any(inside_fstring(module, node) for node in places):
        return edits, [f"{old.arg} = {new}"]
    edits += [Edit(*module.span(node), new) for node in places]
    return edits, []


def _owner(module: Module, node: ast.Name) -> ast.AST | None:
    scope = module.analysis.scope_of[node].lookup(node.id)
    return scope.node if scope is not None else None


def _prologue(module: Module, method: ast.FunctionDef, statements: Sequence[str]) -> list[Edit]:
    """Statements before a function's own first one, its docstring apart."""
    first = method.body[0]
    if ast.get_docstring(method, clean=False) is not None:
        if len(method.body) == 1:
            return [edit for statement in statements for edit in _at_the_end(module, method, statement)]
        first = method.body[1]
    rows = [first.lineno, *(item.lineno for item in getattr(first, "decorator_list", ()))]
    start = module.source.offset(min(rows), first.col_offset)
    separator = _separator(module, first, start)
    return [Edit(start, start, "".join(statement + separator for statement in statements))]


def _separator(module: Module, statement: ast.stmt, start: int) -> str:
    line_start, _ = module.source.line(start)
    before = module.source.data[line_start:start]
    if before.strip(b" \t\f"):
        return "; "
    return module.source.newline + before.decode("utf-8").replace("\f", "")


def _return(module: Module, statement: ast.Return, target: str, copy: str) -> list[Edit]:
    start, end = module.span(statement)
    separator = joiner(module, statement)
    if statement.value is None:
        return [Edit(start, end, f"{target} = None{separator}return {copy}")]
    return [Edit(start, start + len("return"), f"{target} ="), Edit(end, end, f"{separator}return {copy}")]


def _at_the_end(module: Module, method: ast.FunctionDef, statement: str) -> list[Edit]:
    last = method.body[-1]
    end = module.span(last)[1]
    separator = joiner(module, last)
    place = end if separator == "; " else module.source.line(end)[1]
    return [Edit(place, place, separator + statement)]


def _annotation(module: Module, method: ast.FunctionDef, base: str) -> list[Edit]:
    if method.returns is None:
        return []
    return [Edit(*module.span(method.returns), f'"{base}"')]


def constructor_edits(shape: HandlerClass) -> list[Edit]:
    """The edits that make a constructor take a Result's own arguments and hand them on.

    Args:
        shape: the class.

    Returns:
        The edits, without those of the base's name and of arguments that are called otherwise now.
    """
    method, call, module = shape.init, shape.super_call, shape.module
    if method is None:
        return []
    if method.args.kwarg is not None:
        return [] if call is not None else _prologue(module, method, ["super().__init__()"])
    keywords = fresh("kwargs", _names(method))
    edits = last_parameter(module, method, f"**{keywords}")
    if call is not None:
        return edits + last_argument(module, call, f"**{keywords}")
    statement = f"super().__init__(**{keywords})"
    return edits + _prologue(module, method, [statement])
