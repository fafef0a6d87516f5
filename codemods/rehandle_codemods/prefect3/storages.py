"""Where a Result or handler stores: what of it goes into a block, and what into the options of a task."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Callable, Mapping

from rehandle_codemods.prefect3.stopped import StoppedError

_LITERAL = "Write it as a string"


@dataclass(frozen=True)
class Storage:
    """A place of stored results, for which there is a block.

    Attributes:
        kind: the class of Results that store there.
        place: the folder, bucket or container; empty for what Prefect 3 stores in by default.
    """

    kind: str
    place: str

    @property
    def block(self) -> str:
        """The name of the block, as Prefect allows it."""
        return re.sub(r"[^a-z0-9]+", "-", self.place.lower()).strip("-") or "results"


@dataclass(frozen=True)
class Stored:
    """What a Result or handler says.

    Attributes:
        storage: where it stores; None where it stores nothing.
        serializer: the name of the serializer; empty for the usual one.
        location: the template that it has for itself.
        nodes: what was read for it.
    """

    storage: Storage | None
    serializer: str = ""
    location: ast.expr | None = None
    nodes: tuple[ast.AST, ...] = field(default=(), compare=False)


_STORING = {
    "LocalResult": ("dir", "~/.prefect/results"),
    "LocalResultHandler": ("dir", "~/.prefect/results"),
    "S3Result": ("bucket", ""),
    "S3ResultHandler": ("bucket", ""),
    "GCSResult": ("bucket", ""),
    "GCSResultHandler": ("bucket", ""),
    "AzureResult": ("container", ""),
    "AzureResultHandler": ("container", ""),
}
"""The parameter that says where, which is the first one, too, and its default."""
_NOWHERE = ("SecretResult", "SecretResultHandler", "ConstantResult", "ConstantResultHandler")
_IN_THE_DATABASE = ("PrefectResult", "JSONResultHandler")
_SERIALIZERS = {"PickleSerializer": "", "JSONSerializer": "json"}
_HARMLESS = {"validate_dir", "validate"}


def stored(call: ast.Call, name: str, names: Mapping[str, str], constant: Callable[[ast.expr], ast.expr]) -> Stored:
    """What the call of a Result's or handler's class says.

    Args:
        call: the call.
        name: the class, without its module.
        names: the canonical names of the serializers that are imported, by the names that they have in the file.
        constant: gives what a variable has that is bound once, to a plain value; anything else as it is.

    Raises:
        StoppedError: it has no certain counterpart.
    """
    if name in _NOWHERE:
        return Stored(None)
    if name in _IN_THE_DATABASE:
        return Stored(Storage(name, ""), "json")
    if name not in _STORING:
        raise StoppedError(call, f"{name} is no class of Results whose files are known", "Migrate this file by hand")
    parameter, place = _STORING[name]
    serializer, location = "", None
    given = {keyword.arg or "**": keyword.value for keyword in call.keywords}
    if call.args:
        given.setdefault(parameter, call.args[0])
    for keyword, value in given.items():
        if keyword == parameter:
            value = constant(value)
            if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
                raise StoppedError(value, f"the {parameter} of a Result is known only when the code runs", _LITERAL)
            place = value.value
        elif keyword == "location":
            location = value
        elif keyword == "serializer":
            serializer = _serializer(value, names)
        elif keyword not in _HARMLESS:
            raise StoppedError(
                value, f"{name} has {keyword}=, which blocks say in another way", "Make its block by hand"
            )
    if len(call.args) > 1 or not place:
        raise StoppedError(call, f"{name} has arguments that aren't understood", f"Write {parameter}= with a string")
    kind = name.replace("Handler", "")
    return Stored(Storage(kind, place), serializer, location)


def _serializer(node: ast.expr, names: Mapping[str, str]) -> str:
    plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args and not node.keywords
    name = names.get(node.func.id, "") if plain else ""  # type: ignore[attr-defined]  # plain says so
    short = name.rpartition(".")[2]
    if short not in _SERIALIZERS:
        what = "a serializer has no certain counterpart"
        raise StoppedError(node, what, "PickleSerializer() and JSONSerializer() have: write one of them")
    return _SERIALIZERS[short]
