"""Where a Result or handler stores: what of it goes into a block, and what into the options of a task."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Callable, Mapping

from rehandle.mapping import HANDLERS
from rehandle.prefect_3_options import COMPRESSED, COMPRESSION_LIBRARIES, RESULTS, SERIALIZERS
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
        serializer: the one of Prefect 3, as source; empty for the usual one.
        imports: what that source needs.
        location: the template that it has for itself.
        nodes: what was read for it.
    """

    storage: Storage | None
    serializer: str = ""
    imports: tuple[str, ...] = ()
    location: ast.expr | None = None
    nodes: tuple[ast.AST, ...] = field(default=(), compare=False)


PLACES = {"LocalResult": "dir", "S3Result": "bucket", "GCSResult": "bucket", "AzureResult": "container"}
"""The parameter that says where, which is the first one, too."""
_DEFAULTS = {"LocalResult": "~/.prefect/results"}
_COMPRESSED = "prefect.serializers.CompressedSerializer"
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
    kind = HANDLERS[name].result if name in HANDLERS else name
    options = RESULTS.get(kind)
    if options is None or options.refused:
        raise StoppedError(call, f"{name} is no class of Results whose files are known", "Migrate this file by hand")
    if options.keywords.get("persist_result") != "True":
        return Stored(None)
    if kind not in PLACES:
        return Stored(Storage(kind, ""), options.keywords["result_serializer"])
    parameter, place = PLACES[kind], _DEFAULTS.get(kind, "")
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
    imports = (_COMPRESSED,) if serializer.startswith(_COMPRESSED.rpartition(".")[2]) else ()
    return Stored(Storage(kind, place), serializer, imports, location)


def _serializer(node: ast.expr, names: Mapping[str, str]) -> str:
    made = node if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
    name = names.get(made.func.id, "").rpartition(".")[2] if made is not None else ""  # type: ignore[attr-defined]
    if made is not None and name == "CompressedSerializer":
        given = dict(zip(("serializer", "format"), made.args))
        given.update((keyword.arg or "**", keyword.value) for keyword in made.keywords)
        library = given.get("format")
        by_name = isinstance(library, ast.Constant) and library.value in COMPRESSION_LIBRARIES
        if by_name and set(given) == {"serializer", "format"} and len(made.args) <= len(given):
            inner = _serializer(given["serializer"], names) or '"pickle"'
            return COMPRESSED.format(inner=inner, library=library.value)  # type: ignore[union-attr]  # a constant
        raise StoppedError(node, "a CompressedSerializer has functions or arguments of its own", "Write format=")
    options = SERIALIZERS.get(name)
    if made is None or made.args or made.keywords or options is None or options.refused:
        advice = options.refused if options is not None else "PickleSerializer() and JSONSerializer() have: write one"
        raise StoppedError(node, "a serializer has no certain counterpart", advice[:1].upper() + advice[1:])
    return options.result_serializer


def quoted(text: str) -> str:
    """A text as a string of Python's."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
