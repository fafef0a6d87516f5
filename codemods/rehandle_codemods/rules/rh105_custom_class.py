"""Custom handler class that becomes a Result.

A regular class (`read(self, loc)` returns the value, `write(self, value)` returns a location on every path) derives
from `Result` and keeps its statements and their order. `write` takes `value_`, because a task's input may be
called `value`, and returns a copy that has the value and the location; `read` returns such a copy too. `exists` is
added where `read` shows which local file it opens.
"""

from __future__ import annotations

import ast
from typing import Sequence

from rehandle_codemods import references
from rehandle_codemods.custom import Shape, opened_path, parameters, returns
from rehandle_codemods.edits import Edit, closing_bracket, last_significant
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.imports import joiner
from rehandle_codemods.nodes import inside_fstring
from rehandle_codemods.plan import Plan
from rehandle_codemods.project import Module
from rehandle_codemods.references import Reference
from rehandle_codemods.rules import Claim

_EXISTS = "read doesn't show how to look for a location. Where target= is used, write exists(self, location, **kwargs)"


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a class that is regular and whose every use is understood."""
    node = reference.node
    if reference.kind != references.CLASS or not isinstance(node, ast.ClassDef):
        return None
    if not plan.decisions.converts_class(plan.module, node):
        return None
    shape = plan.decisions.shapes[node]
    base = node.bases[0]
    assert isinstance(base, (ast.Name, ast.Attribute))
    text = plan.result_text(base, "ResultHandler")
    edits = [] if text is None else [Edit(*plan.module.span(base), text)]
    edits += _read(shape) + _write(shape) + _init(shape, text)
    exists = _exists(shape, plan)
    notes = () if exists else ((reference.span, "RH208", f"{node.name}: {_EXISTS}"),)
    claimed = [*edits, *exists]
    message = f"{node.name} becomes a Result"
    entity = (plan.module.analysis.scope_of[node], node.name)
    new, kept = plan.decisions.renames.names.get(entity), plan.decisions.renames.kept.get(entity)
    if new is not None:
        claimed.append(Edit(*reference.span, new))
        message = f"{node.name} becomes the Result {new}"
    elif kept is not None:
        message += f" and keeps its name: {kept}"
    return Claim(REWRITTEN, message, tuple(claimed), notes=notes)


def _read(shape: Shape) -> list[Edit]:
    method, module = shape.read, shape.module
    old = parameters(method)[1]
    taken = _names(method)
    new = "location" if "location" not in taken - {old.arg} else old.arg
    copy = _fresh("new", taken | {new})
    edits, alias = _rename(module, method, old, new)
    start = [f"{copy} = self.copy()", f"{copy}.location = {new}", *alias]
    edits += _prologue(module, method, start)
    for statement in returns(method):
        edits += _return(module, statement, f"{copy}.value", copy)
    return edits + _annotation(module, method)


def _write(shape: Shape) -> list[Edit]:
    method, module = shape.write, shape.module
    old = parameters(method)[1]
    taken = _names(method)
    new = _fresh("value_", taken - {old.arg})
    copy = _fresh("new", taken | {new})
    edits, alias = _rename(module, method, old, new)
    keywords = _fresh("kwargs", taken)
    edits += _last_parameter(module, method, f"**{keywords}")
    edits += _prologue(module, method, [f"{copy} = self.copy()", f"{copy}.value = {new}", *alias])
    for statement in returns(method):
        edits += _return(module, statement, f"{copy}.location", copy)
    return edits + _annotation(module, method)


def _names(method: ast.FunctionDef) -> set[str]:
    found = {node.id for node in ast.walk(method) if isinstance(node, ast.Name)}
    found |= {node.arg for node in ast.walk(method) if isinstance(node, ast.arg)}
    found |= {
        alias.asname or alias.name
        for node in ast.walk(method)
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    }
    return found | {node.name for node in ast.walk(method) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def _fresh(name: str, taken: set[str]) -> str:
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


def _annotation(module: Module, method: ast.FunctionDef) -> list[Edit]:
    if method.returns is None:
        return []
    return [Edit(*module.span(method.returns), '"Result"')]


def _last_parameter(module: Module, method: ast.FunctionDef, text: str) -> list[Edit]:
    """Add a parameter at the end, laid out as the last one is."""
    data = module.source.data
    row = module.source.offset(method.lineno, method.col_offset)
    opening = data.index(b"(", data.index(method.name.encode(), row + len("def")))
    closing = closing_bracket(data, opening)
    end = last_significant(data, opening + 1, closing)
    comma = data[end - 1 : end] == b","
    after = module.source.line(end)[1]
    commented = data[end:after].lstrip(b" \t").startswith(b"#")
    arguments = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
    last = max(module.source.offset(argument.lineno, argument.col_offset) for argument in arguments)
    line_start, _ = module.source.line(last)
    indent = data[line_start:last]
    alone = not indent.strip() and line_start > opening
    own_line = f"{module.source.newline}{indent.decode()}{text}"
    if alone and commented:
        return [Edit(after, after, own_line + ",")] if comma else [Edit(end, end, ","), Edit(after, after, own_line)]
    if comma:
        end = last_significant(data, opening + 1, end - 1)
    return [Edit(end, end, "," + own_line if alone else ", " + text)]


def _init(shape: Shape, base: str | None) -> list[Edit]:
    method, call, module = shape.init, shape.super_call, shape.module
    if method is None:
        return []
    edits = _last_parameter(module, method, "**kwargs")
    if call is None:
        if len(method.body) == 1 and ast.get_docstring(method) is not None:
            end = module.span(method.body[0])[1]
            return [*edits, Edit(end, end, joiner(module, method.body[0]) + "super().__init__(**kwargs)")]
        return edits + _prologue(module, method, ["super().__init__(**kwargs)"])
    assert isinstance(call.func, ast.Attribute)
    if call.args:
        end = module.span(call.args[-1])[1]
        edits.append(Edit(end, end, ", **kwargs"))
        if base is not None:
            edits.append(Edit(*module.span(call.func.value), base))
    else:
        end = module.span(call)[1] - 1
        edits.append(Edit(end, end, "**kwargs"))
    return edits


def _exists(shape: Shape, plan: Plan) -> list[Edit]:
    """A method `exists` after `read`, where that shows the one local path that it opens."""
    found = opened_path(shape.read)
    module = shape.module
    if found is None or any(inside_fstring(module, node) for node in found[1]):
        return []
    system = plan.standard_module("os")
    path, places = found
    start, end = module.span(path)
    text = module.source.data[start:end]
    for node in sorted(places, key=lambda node: module.span(node), reverse=True):
        first, last = module.span(node)
        text = text[: first - start] + b"location.format(**kwargs)" + text[last - start :]
    if b"\n" in text or b"\r" in text or b"#" in text:
        return []
    line_start, _ = module.source.line(module.source.offset(shape.read.lineno, 0))
    column = module.source.offset(shape.read.lineno, shape.read.col_offset)
    indent = module.source.data[line_start:column].decode("utf-8")
    if indent.strip():
        return []
    body = shape.read.body[0]
    body_start = module.span(body)[0]
    body_indent = module.source.data[module.source.line(body_start)[0] : body_start].decode("utf-8")
    if body_indent.strip():
        body_indent = indent * 2
    newline = module.source.newline
    _, end_of_read = module.source.line(module.span(shape.read)[1])
    method = (
        f"{newline}{newline}{indent}def exists(self, location, **kwargs):"
        f"{newline}{body_indent}return {system}.path.exists({text.decode('utf-8')})"
    )
    return [Edit(end_of_read, end_of_read, method)]
