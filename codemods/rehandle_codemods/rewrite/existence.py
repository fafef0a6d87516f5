"""The `exists` of a migrated handler class: generated where its `read` shows where a value is."""

from __future__ import annotations

import ast
import copy
from typing import Callable, Iterator, List, Tuple

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.classes.locations import PATH_CALLS
from rehandle_codemods.classes.methods import assigned, is_self, last_name, parameters, returns
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.index.syntax import keyword_of
from rehandle_codemods.rewrite.edits import Edit

LOCATION = "location.format(**kwargs)"
"""What the argument of `read` is in `exists`: a location may be a template there."""

_OPENING = {f"{module}.open" for module in ("builtins", "io", "codecs", "gzip", "bz2", "lzma")} | {
    "numpy.load",
    "joblib.load",
}
_GOOGLE = {"download_as_string", "download_as_bytes", "download_as_text", "download_to_filename", "download_to_file"}
_PATHS = {"read_text", "read_bytes"}
_DECODING = {"loads", "load", "decode", "b64decode", "deserialize", "deepcopy", "copy"}
_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Constant, ast.JoinedStr, ast.Subscript)
_PARTS = (
    ast.Name,
    ast.Attribute,
    ast.Constant,
    ast.BinOp,
    ast.operator,
    ast.expr_context,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.Call,
    ast.keyword,
    ast.Starred,
    ast.Subscript,
    ast.Dict,
)
"""The nodes of which an expression may be made that is written into another method."""

Lines = List[Tuple[int, str]]
"""The lines of a body, each with the depth of its indentation."""


class _Reader:
    """What a `read` looks for, and the text that looks for it elsewhere."""

    def __init__(self, shape: HandlerClass, plan: Plan, read: ast.FunctionDef) -> None:
        self.shape = shape
        self.plan = plan
        self.module = shape.module
        self.read = read
        self.parameter = parameters(read)[1].arg

    def external(self, node: ast.AST) -> str:
        return self.plan.decisions.project.external(self.module, node)

    def text(self, node: ast.expr, *, located: bool = True) -> str:
        """The source of an expression, with the location for the argument and values for variables.

        Args:
            node: the expression.
            located: whether it has to be made of the argument; else it may not be.

        Returns:
            The text; empty where the expression can't stand in another method.
        """
        text = self._written(node, located, 0)
        return text if (LOCATION in text) == located and not set("\r\n#") & set(text) else ""

    def _written(self, node: ast.expr, located: bool, depth: int) -> str:
        changes: dict[ast.Name, str] = {}
        for part in ast.walk(node):
            if not isinstance(part, _PARTS) or (isinstance(part, ast.Call) and located and not self._is_plain(part)):
                return ""
            if not isinstance(part, ast.Name) or is_self(part):
                continue
            if part.id == self.parameter:
                changes[part] = LOCATION
                continue
            values = assigned(self.read, part.id)
            if values:
                inner = self._written(values[0], located, depth + 1) if len(values) == 1 and depth < 4 else ""
                if not inner:
                    return ""
                changes[part] = inner if isinstance(values[0], _ATOMS) else f"({inner})"
            elif self._is_bound(part) or part.id in ("location", "kwargs"):
                return ""
        return self._replaced(node, changes)

    def _is_plain(self, call: ast.Call) -> bool:
        """Whether a call makes a path or name, by the library or by a method of the class."""
        own = (
            isinstance(call.func, ast.Attribute)
            and is_self(call.func.value)
            and last_name(call.func)
            not in (
                "read",
                "write",
            )
        )
        return own or last_name(call.func) in PATH_CALLS | {"str", "Path"}

    def _is_bound(self, name: ast.Name) -> bool:
        scope = self.module.analysis.scope_of[name].lookup(name.id)
        return (
            scope is not None
            and scope.node is not self.module.tree
            and scope.kind != "class"
            and (scope.node is self.read or self.read in self.module.analysis.ancestors(scope.node))
        )

    def _replaced(self, node: ast.expr, changes: dict[ast.Name, str]) -> str:
        if any(isinstance(part, ast.JoinedStr) for part in ast.walk(node)):
            # Python before 3.12 doesn't say where the parts of an f-string are.
            kept = {id(name): name for name in changes}
            return _with_fstrings(_Replace(changes).visit(copy.deepcopy(node, kept)))
        start, end = self.module.span(node)
        data = self.module.source.data
        parts, done = [], start
        for name, text in sorted(changes.items(), key=lambda item: self.module.span(item[0])):
            first, last = self.module.span(name)
            parts += [data[done:first].decode("utf-8"), text]
            done = last
        return "".join([*parts, data[done:end].decode("utf-8")])

    # The kinds of storage

    def look(self, node: ast.AST) -> Lines:
        """The body of `exists` for one way to read; empty where a node is none."""
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            return self._in_mapping(node, node.value, node.slice)
        if not isinstance(node, ast.Call):
            return []
        if self.external(node.func) in _OPENING and node.args:
            path = self.text(node.args[0])
            return [(0, f"return {self.plan.standard_module('os')[0]}.path.exists({path})")] if path else []
        if not isinstance(node.func, ast.Attribute):
            return []
        kind = _KINDS.get(node.func.attr)
        return kind(self, node, node.func) if kind is not None else []

    def _in_mapping(self, node: ast.expr, holder: ast.expr, key: ast.expr) -> Lines:
        text = self.text(key) if self._is_returned(node) else ""
        opened = self._shelf(holder)
        if not text or not (opened or self._is_dict(holder)):
            return []
        if not opened:
            return [(0, f"return {text} in {self.module.text(holder)}")]
        return [
            (0, f"with {opened} as {self.module.text(holder)}:"),
            (1, f"return {text} in {self.module.text(holder)}"),
        ]

    def _is_returned(self, node: ast.expr) -> bool:
        """Whether an expression is what `read` returns, decoded perhaps."""
        parents = self.module.analysis.parents
        above = parents[node]
        while isinstance(above, ast.Call) and node in above.args and last_name(above.func) in _DECODING:
            node, above = above, parents[above]
        if isinstance(above, ast.Assign) and len(above.targets) == 1:
            found = returns(self.read)
            return any(last_name(part.value) == last_name(above.targets[0]) != "" for part in found if part.value)
        return isinstance(above, ast.Return)

    def _shelf(self, holder: ast.expr) -> str:
        """The call that opens the shelf that a name of a `with` statement means."""
        if not isinstance(holder, ast.Name):
            return ""
        for part in ast.walk(self.read):
            for item in part.items if isinstance(part, ast.With) else ():
                named = isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == holder.id
                opened = isinstance(item.context_expr, ast.Call) and self.external(item.context_expr.func)
                if named and opened == "shelve.open":
                    return self.text(item.context_expr, located=False)
        return ""

    def _is_dict(self, holder: ast.expr) -> bool:
        """Whether an expression is certainly a dict: a variable of the module, or an attribute that is set once."""
        if isinstance(holder, ast.Name):
            scope = self.module.analysis.scope_of[holder].lookup(holder.id)
            bindings = scope.bindings[holder.id] if scope is self.module.root else []
            values = [binding.value for binding in bindings]
        elif isinstance(holder, ast.Attribute) and is_self(holder.value):
            values = list(self._attribute_values(holder.attr))
        else:
            return False
        return bool(values) and all(
            isinstance(value, ast.Dict)
            or (isinstance(value, ast.Call) and self.external(value.func) in ("builtins.dict", "shelve.open"))
            for value in values
        )

    def _attribute_values(self, name: str) -> Iterator[ast.expr | None]:
        for part in ast.walk(self.shape.node):
            if isinstance(part, ast.Attribute) and part.attr == name and isinstance(part.ctx, ast.Store):
                statement = self.module.analysis.parents[part]
                plain = isinstance(statement, (ast.Assign, ast.AnnAssign)) and is_self(part.value)
                yield statement.value if plain else None  # type: ignore[attr-defined]  # assignments have values
            elif isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store):
                statement = self.module.analysis.parents[part]
                yield statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None

    def get(self, call: ast.Call, function: ast.Attribute) -> Lines:
        return self._in_mapping(call, function.value, call.args[0]) if call.args else []

    def s3(self, call: ast.Call, function: ast.Attribute) -> Lines:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        given.update(zip(("Bucket", "Key"), call.args if function.attr != "get_object" else ()))
        if "Bucket" not in given or "Key" not in given or keyword_of(call, "VersionId"):
            return []
        client = self.text(function.value, located=False)
        bucket = self.text(given["Bucket"], located=False)
        key = self.text(given["Key"])
        if not (client and bucket and key):
            return []
        return [
            (0, f"client = {client}"),
            (0, "try:"),
            (1, f"client.head_object(Bucket={bucket}, Key={key})"),
            (0, "except client.exceptions.ClientError as error:"),
            (1, 'if error.response["Error"]["Code"] == "404":'),
            (2, "return False"),
            (1, "raise"),
            (0, "return True"),
        ]

    def google(self, call: ast.Call, function: ast.Attribute) -> Lines:
        blob = self._value(function.value)
        made = blob.func if isinstance(blob, ast.Call) else None
        if not isinstance(blob, ast.Call) or not isinstance(made, ast.Attribute) or len(blob.args) != 1:
            return []
        bucket, name = self.text(made.value, located=False), self.text(blob.args[0])
        if made.attr not in ("blob", "get_blob") or not bucket or not name or blob.keywords:
            return []
        return [(0, f"return {bucket}.blob({name}).exists()")]

    def azure(self, call: ast.Call, function: ast.Attribute) -> Lines:
        client = self._value(function.value)
        made = client.func if isinstance(client, ast.Call) else None
        if call.args and not call.keywords:
            container, name = self.text(function.value, located=False), self.text(call.args[0])
            return [(0, f"return {container}.get_blob_client({name}).exists()")] if container and name else []
        if not isinstance(client, ast.Call) or not isinstance(made, ast.Attribute) or made.attr != "get_blob_client":
            return []
        service = self.text(made.value, located=False)
        arguments = [*client.args, *(keyword.value for keyword in client.keywords)]
        texts = [self.text(part) or self.text(part, located=False) for part in arguments]
        if not service or not all(texts) or not any(LOCATION in text for text in texts):
            return []
        named = [""] * len(client.args) + [f"{keyword.arg}=" for keyword in client.keywords]
        return [(0, f"return {service}.get_blob_client({', '.join(map(''.join, zip(named, texts)))}).exists()")]

    def path(self, call: ast.Call, function: ast.Attribute) -> Lines:
        text = self.text(function.value)
        bare = isinstance(self._value(function.value), (ast.Call, ast.Name))
        return [(0, f"return {text if bare else f'({text})'}.exists()")] if text else []

    def _value(self, node: ast.expr) -> ast.expr:
        """What a variable is assigned once, or the expression itself."""
        values = assigned(self.read, node.id) if isinstance(node, ast.Name) else None
        return values[0] if values and len(values) == 1 else node


class _Replace(ast.NodeTransformer):
    def __init__(self, changes: dict[ast.Name, str]) -> None:
        self.changes = changes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.changes[node], mode="eval").body if node in self.changes else node


class _FStrings(ast.NodeTransformer):
    """Puts a name where an f-string is, and keeps its text by that name."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        name = f"_fstring_{len(self.texts)}_"
        text = _parts(node)
        self.texts[name] = f'f"{text}"' if text and not set('"\\\r\n') & set(text) else ""
        return ast.Name(name, ast.Load())


def _with_fstrings(node: ast.expr) -> str:
    """The text of an expression with f-strings; empty where Python before 3.12 couldn't read it."""
    found = _FStrings()
    # ast.unparse of Python 3.12 and later uses the same quotes inside an f-string as around it.
    text = ast.unparse(found.visit(node))
    if not all(found.texts.values()):
        return ""
    for name, fstring in found.texts.items():
        text = text.replace(name, fstring)
    return text


def _parts(node: ast.JoinedStr) -> str:
    texts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            texts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue):
            if any(isinstance(inner, ast.JoinedStr) for inner in ast.walk(part.value)):
                return ""
            conversion = f"!{chr(part.conversion)}" if part.conversion > 0 else ""
            specification = f":{_parts(part.format_spec)}" if isinstance(part.format_spec, ast.JoinedStr) else ""
            texts.append(f"{{{ast.unparse(part.value)}{conversion}{specification}}}")
    return "".join(texts)


_KINDS: dict[str, Callable[[_Reader, ast.Call, ast.Attribute], Lines]] = {
    "get": _Reader.get,
    "get_object": _Reader.s3,
    "download_fileobj": _Reader.s3,
    "download_file": _Reader.s3,
    "download_blob": _Reader.azure,
    **dict.fromkeys(_GOOGLE, _Reader.google),
    **dict.fromkeys(_PATHS, _Reader.path),
}
"""What looks for a value, by the method that reads it."""


def exists(shape: HandlerClass, plan: Plan) -> list[Edit]:
    """A method `exists` after `read`, where that shows the one place that it reads from.

    Args:
        shape: the class.
        plan: what is decided for its module.

    Returns:
        The insertion, or nothing.
    """
    read, module = shape.read, shape.module
    if read is None or any(isinstance(part, (ast.For, ast.While, ast.AsyncFor)) for part in ast.walk(read)):
        return []
    parameter = parameters(read)[1].arg
    stored = [part for part in ast.walk(read) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    if any(name.id == parameter for name in stored):
        return []
    reader = _Reader(shape, plan, read)
    found = [lines for lines in map(reader.look, ast.walk(read)) if lines]
    if not found or any(lines != found[0] for lines in found):
        return []
    line_start, _ = module.source.line(module.source.offset(read.lineno, 0))
    indent = module.source.data[line_start : module.source.offset(read.lineno, read.col_offset)].decode("utf-8")
    first = module.span(read.body[0])[0]
    inner = module.source.data[module.source.line(first)[0] : first].decode("utf-8")
    if indent.strip():
        return []
    step = indent if inner.strip() else inner[len(indent) :]
    newline = module.source.newline
    body = "".join(f"{newline}{indent}{step * (depth + 1)}{line}" for depth, line in found[0])
    _, end = module.source.line(module.span(read)[1])
    return [Edit(end, end, f"{newline}{newline}{indent}def exists(self, location, **kwargs):{body}")]
