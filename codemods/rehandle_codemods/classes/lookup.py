"""Where a handler's `read` looks for a value, told from its body: an `exists` has to look there too."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Callable, Iterator

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.classes.locations import PATH_CALLS
from rehandle_codemods.classes.methods import (
    LONGEST_CHAIN,
    assigned,
    fresh,
    is_self,
    last_name,
    names_in,
    parameters,
    returns,
)
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import inside_fstring, keyword_of
from rehandle_codemods.index.tree import walk

_OPENING = {f"{module}.open" for module in ("builtins", "io", "codecs", "gzip", "bz2", "lzma")} | {
    "numpy.load",
    "joblib.load",
}
_GOOGLE = {"download_as_string", "download_as_bytes", "download_as_text", "download_to_filename", "download_to_file"}
_PATHS = {"read_text", "read_bytes"}
_DECODING = {"loads", "load", "decode", "b64decode", "deserialize", "deepcopy", "copy"}
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

_FILE = "return {os}.path.exists({path})"
_KEY = "return {key} in {holder}"
_SHELF = "with {shelf} as %(shelf)s:\n    return {key} in %(shelf)s"
_S3 = """\
%(client)s = {client}
try:
    %(client)s.head_object(Bucket={bucket}, Key={key})
except %(client)s.exceptions.ClientError as %(error)s:
    if %(error)s.response["Error"]["Code"] == "404":
        return False
    raise
return True"""
_BLOB = "return {bucket}.blob({name}).exists()"
_CLIENT = "return {container}.get_blob_client({name}).exists()"
_SERVICE = "return {service}.get_blob_client(%s).exists()"
_PATH = "return {path}.exists()"


@dataclass(frozen=True)
class Lookup:
    """Where a `read` looks for a value, in the source of its own expressions.

    Attributes:
        body: what `exists` does, with a slot such as `{path}` for each part, and `{os}` for that module.
        parts: the parts: the slot, and an expression of `read`.
        parameter: what `read` calls the location.
        values: names in those, and the expressions that take their place: what variables of `read` are assigned, none
            of which needs itself.
    """

    body: str
    parts: tuple[tuple[str, str], ...]
    parameter: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def needs_os(self) -> bool:
        """Whether the body has a slot for the module `os`."""
        return "{os}" in self.body


def lookup(project: Project, found: HandlerClass) -> Lookup | None:
    """Where the `read` of a class looks, if it shows the one place that it reads from."""
    read = found.read
    if read is None or any(isinstance(part, (ast.For, ast.While, ast.AsyncFor)) for part in walk(read)):
        return None
    parameter = parameters(read)[1].arg
    stored = [part for part in walk(read) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    if any(name.id == parameter for name in stored):
        return None
    reader = _Reader(project, found, read)
    looks = {look for look in map(reader.look, walk(read)) if look is not None}
    return looks.pop() if len(looks) == 1 else None


class _Reader:
    """Tells of each expression of a `read` whether it reads a value, and from where."""

    def __init__(self, project: Project, found: HandlerClass, read: ast.FunctionDef) -> None:
        self.project = project
        self.found = found
        self.module = found.module
        self.read = read
        self.parameter = parameters(read)[1].arg

    def external(self, node: ast.AST) -> str:
        return self.project.external(self.module, node)

    # Expressions that can stand in another method

    def lookup(self, body: str, *fixed: tuple[str, ast.expr], **located: ast.expr) -> Lookup | None:
        """A lookup of expressions that are made of the argument, and of fixed ones, which aren't; None for others."""
        parts = [*fixed, *located.items()]
        if not all(self.fits(node, located=slot in located) for slot, node in parts):
            return None
        values: dict[str, ast.expr] = {}
        for _, node in parts:
            self._gather(node, values)
        texts = tuple((name, self.module.text(value)) for name, value in values.items())
        return Lookup(body, tuple((slot, self.module.text(node)) for slot, node in parts), self.parameter, texts)

    def fits(self, node: ast.expr, *, located: bool) -> bool:
        """Whether an expression, made of the argument or not, has the same value in another method."""
        return not isinstance(node, ast.Starred) and self._fits(node, located, 0) and self._is_located(node) == located

    def _fits(self, node: ast.expr, located: bool, depth: int) -> bool:
        if depth > LONGEST_CHAIN or set("\r\n") & set(self.module.text(node)):
            return False
        for part in walk(node):
            if not isinstance(part, _PARTS) or (isinstance(part, ast.Call) and located and not _is_plain(part)):
                return False
            if isinstance(part, ast.JoinedStr) and not all(map(self._fits_string, part.values)):
                return False
            if not isinstance(part, ast.Name) or is_self(part) or part.id == self.parameter:
                continue
            values = assigned(self.read, part.id)
            if values:
                if len(values) > 1 or not self._fits(values[0], located, depth + 1):
                    return False
            elif self._is_bound(part) or part.id in ("location", "kwargs"):
                return False
        return True

    def _fits_string(self, node: ast.expr) -> bool:
        """Whether the values of variables in a part of an f-string can be put there: with one kind of quotes."""
        if not isinstance(node, ast.FormattedValue):
            return True
        values: dict[str, ast.expr] = {}
        self._gather(node, values)
        specification = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
        return (
            not any(isinstance(part, ast.JoinedStr) for part in walk(node.value))
            and all(map(self._fits_string, specification))
            and all(map(self._has_plain_strings, values.values()))
        )

    def _has_plain_strings(self, node: ast.expr) -> bool:
        strings = [str(part.value) for part in walk(node) if isinstance(part, ast.Constant)]
        formatted = any(isinstance(part, ast.JoinedStr) for part in walk(node))
        return not formatted and "\\" not in self.module.text(node) and not set("'\"") & set("".join(strings))

    def _is_located(self, node: ast.expr) -> bool:
        values: dict[str, ast.expr] = {}
        self._gather(node, values)
        return any(
            isinstance(name, ast.Name) and name.id == self.parameter
            for part in (node, *values.values())
            for name in walk(part)
        )

    def _gather(self, node: ast.AST, values: dict[str, ast.expr]) -> None:
        """Add the values of the variables in an expression, and of those in these."""
        for part in walk(node):
            if isinstance(part, ast.Name) and part.id not in values and not is_self(part):
                found = assigned(self.read, part.id)
                if found:
                    values[part.id] = found[0]
                    self._gather(found[0], values)

    def _is_bound(self, name: ast.Name) -> bool:
        scope = self.module.analysis.scope_of[name].lookup(name.id)
        return (
            scope is not None
            and scope.node is not self.module.tree
            and scope.kind != "class"
            and (scope.node is self.read or self.read in self.module.analysis.ancestors(scope.node))
        )

    # The kinds of storage

    def look(self, node: ast.AST) -> Lookup | None:
        """What one node looks for; None where it reads nothing, or where that isn't known."""
        if not isinstance(node, (ast.Subscript, ast.Call)) or inside_fstring(self.module, node):
            return None
        if isinstance(node, ast.Subscript):
            return self._in_mapping(node, node.value, node.slice) if isinstance(node.ctx, ast.Load) else None
        if self.external(node.func) in _OPENING and node.args:
            return self.lookup(_FILE, path=node.args[0])
        kind = _KINDS.get(node.func.attr) if isinstance(node.func, ast.Attribute) else None
        return kind(self, node, node.func.value) if kind is not None and isinstance(node.func, ast.Attribute) else None

    def get(self, call: ast.Call, owner: ast.expr) -> Lookup | None:
        return self._in_mapping(call, owner, call.args[0]) if call.args else None

    def s3(self, call: ast.Call, owner: ast.expr) -> Lookup | None:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        given.update(zip(("Bucket", "Key"), call.args if last_name(call.func) != "get_object" else ()))
        if "Bucket" not in given or "Key" not in given or keyword_of(call, "VersionId"):
            return None
        found = self.lookup(_S3, ("client", owner), ("bucket", given["Bucket"]), key=given["Key"])
        if found is None:
            return None
        code = [text for _, text in (*found.parts, *found.values)]
        taken = set().union(*(names_in(ast.parse(text)) for text in code)) - {name for name, _ in found.values}
        return replace(found, body=_S3 % {name: fresh(name, taken) for name in ("client", "error")})

    def google(self, call: ast.Call, owner: ast.expr) -> Lookup | None:
        blob = self._value(owner)
        if not isinstance(blob, ast.Call) or not isinstance(blob.func, ast.Attribute):
            return None
        if blob.func.attr not in ("blob", "get_blob") or len(blob.args) != 1 or blob.keywords:
            return None
        return self.lookup(_BLOB, ("bucket", blob.func.value), name=blob.args[0])

    def azure(self, call: ast.Call, owner: ast.expr) -> Lookup | None:
        if call.args and not call.keywords:
            return self.lookup(_CLIENT, ("container", owner), name=call.args[0])
        client = self._value(owner)
        if not isinstance(client, ast.Call) or last_name(client.func) != "get_blob_client":
            return None
        if not isinstance(client.func, ast.Attribute) or any(keyword.arg is None for keyword in client.keywords):
            return None
        prefixes = [""] * len(client.args) + [f"{keyword.arg}=" for keyword in client.keywords]
        given = [*client.args, *(keyword.value for keyword in client.keywords)]
        slots = [f"argument_{number}" for number in range(len(given))]
        body = _SERVICE % ", ".join(f"{prefix}{{{slot}}}" for prefix, slot in zip(prefixes, slots))
        located = {slot: node for slot, node in zip(slots, given) if self._is_located(node)}
        fixed = [(slot, node) for slot, node in zip(slots, given) if slot not in located]
        return self.lookup(body, ("service", client.func.value), *fixed, **located) if located else None

    def path(self, call: ast.Call, owner: ast.expr) -> Lookup | None:
        return self.lookup(_PATH, path=owner)

    def _in_mapping(self, node: ast.expr, holder: ast.expr, key: ast.expr) -> Lookup | None:
        if not self._is_returned(node):
            return None
        shelf = self._shelf(holder)
        if shelf is not None:
            return self.lookup(_SHELF % {"shelf": last_name(holder)}, ("shelf", shelf), key=key)
        return self.lookup(_KEY, ("holder", holder), key=key) if self._is_dict(holder) else None

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

    def _shelf(self, holder: ast.expr) -> ast.expr | None:
        """The call that opens the shelf that a name of a `with` statement means."""
        for part in walk(self.read) if isinstance(holder, ast.Name) else ():
            for item in part.items if isinstance(part, ast.With) else ():
                named = isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == last_name(holder)
                opened = isinstance(item.context_expr, ast.Call) and self.external(item.context_expr.func)
                if named and opened == "shelve.open":
                    return item.context_expr
        return None

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
        for part in walk(self.found.node):
            if isinstance(part, ast.Attribute) and part.attr == name and isinstance(part.ctx, ast.Store):
                statement = self.module.analysis.parents[part]
                plain = isinstance(statement, (ast.Assign, ast.AnnAssign)) and is_self(part.value)
                yield statement.value if plain else None  # type: ignore[attr-defined]  # assignments have values
            elif isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store):
                statement = self.module.analysis.parents[part]
                yield statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None

    def _value(self, node: ast.expr) -> ast.expr:
        """What a variable is assigned once, or the expression itself."""
        values = assigned(self.read, node.id) if isinstance(node, ast.Name) else None
        return values[0] if values and len(values) == 1 else node


def _is_plain(call: ast.Call) -> bool:
    """Whether a call makes a path or name, by the library or by a method of the class."""
    name = last_name(call.func)
    own = isinstance(call.func, ast.Attribute) and is_self(call.func.value) and name not in ("read", "write")
    return own or name in PATH_CALLS | {"str", "Path"}


_KINDS: dict[str, Callable[[_Reader, ast.Call, ast.expr], Lookup | None]] = {
    "get": _Reader.get,
    "get_object": _Reader.s3,
    "download_fileobj": _Reader.s3,
    "download_file": _Reader.s3,
    "download_blob": _Reader.azure,
    **dict.fromkeys(_GOOGLE, _Reader.google),
    **dict.fromkeys(_PATHS, _Reader.path),
}
"""What looks for a value, by the method that reads it."""
