"""The kinds of places with legacy API in them: one class a kind, which rules are asked for by."""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehandle_codemods.findings import Reason
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.removed_api import Removed


@dataclass(frozen=True)
class Place:
    """One place with legacy API in it.

    Attributes:
        module: where it is.
        node: the node; None in comments and docstrings.
        span: its offsets in bytes.
    """

    module: Module
    node: ast.AST | None
    span: tuple[int, int]


@dataclass(frozen=True)
class Code(Place):
    """A place in code that runs: any but prose."""

    node: ast.AST


@dataclass(frozen=True)
class Import(Code):
    """A name of legacy API in an import; `name` is its canonical one, `handler` the class's, if it is one."""

    node: ast.alias
    statement: ast.Import | ast.ImportFrom
    name: str
    handler: str


@dataclass(frozen=True)
class StarImport(Code):
    """`from prefect.engine.result_handlers import *`; `name` is the module's, as it is written."""

    node: ast.ImportFrom
    name: str


@dataclass(frozen=True)
class Constructor(Code):
    """The name of a built-in handler class where it is called."""

    node: ast.Name | ast.Attribute
    call: ast.Call
    handler: str


@dataclass(frozen=True)
class InheritedConstructor(Code):
    """The arguments of a call of a class that takes the constructor of a built-in handler."""

    node: ast.Call
    handler: str


@dataclass(frozen=True)
class ClassDefinition(Code):
    """The name of a handler class of the project where it is defined."""

    node: ast.ClassDef


@dataclass(frozen=True)
class ClassUse(Code):
    """One use of the old name of a class that gets a new one: a name, an attribute, an import or a string."""

    new: str


@dataclass(frozen=True)
class Keyword(Code):
    """`result_handler=` in a call, or `result=` that has a handler which stays one."""

    node: ast.keyword
    call: ast.Call


@dataclass(frozen=True)
class DictKey(Code):
    """The key `result_handler` of a dict: in quotes, or a keyword of `dict(...)` or `update(...)`."""

    node: ast.expr | ast.keyword


@dataclass(frozen=True)
class Attribute(Code):
    """The attribute `result_handler`; `problem` says why it isn't known what has it."""

    node: ast.Attribute
    problem: Reason | None


@dataclass(frozen=True)
class ClassPattern(Code):
    """The attribute `result_handler` in a `case` with a class."""

    node: ast.MatchClass


@dataclass(frozen=True)
class SpreadFields(Code):
    """Fields of an object, or local variables, that a call of Prefect's takes as `**`: `result_handler` among them."""

    node: ast.expr


@dataclass(frozen=True)
class Annotation(Code):
    """A built-in handler class in an annotation."""

    node: ast.Name | ast.Attribute
    handler: str


@dataclass(frozen=True)
class Name(Code):
    """A name of legacy API that is used in another way; `handler` is the class, if it is one."""

    node: ast.Name | ast.Attribute
    name: str
    handler: str


@dataclass(frozen=True)
class Parameter(Code):
    """A parameter called `result_handler`; `problem` says why it is left."""

    node: ast.arg
    function: ast.FunctionDef | ast.AsyncFunctionDef
    problem: Reason | None


@dataclass(frozen=True)
class Positional(Code):
    """An argument of Task or Flow at the position that a handler had."""

    node: ast.expr
    call: ast.Call


@dataclass(frozen=True)
class MethodCall(Code):
    """`read` or `write` of a handler, where it is called; `node` is `x.read`."""

    node: ast.Attribute
    call: ast.Call


class Becomes(enum.Enum):
    """What becomes of a node: `r` is a Result, `h` a handler, `v` a value."""

    WITH_VALUE = "Result(v, h()): h(value=v)"
    WITH_LOCATION = "SafeResult(v, h()): h(location=v)"
    FROM_VALUE = "Result(v, h): h.from_value(v)"
    LOCATION = "r.safe_value: r.location"
    OWNER = "r.value: r"
    READ = "r.to_result(): r.read(r.location)"
    IS_NONE = "r == NoResult: r is None"
    IS_NOT_NONE = "r != NoResult: r is not None"
    WRITTEN = "r.store_safe_value(): r = r.write(r.value)"
    WRITTEN_UNLESS_NONE = "the same, if r.value is not None"


@dataclass(frozen=True)
class SafeResultUse(Code):
    """Something to do with safe results that is rewritten: what is said of it, and what becomes of which nodes."""

    message: str
    becomes: tuple[tuple[ast.AST, Becomes], ...]


@dataclass(frozen=True)
class RemovedAttribute(Code):
    """An attribute that Prefect's results had up to 0.10 alone."""

    node: ast.Attribute


@dataclass(frozen=True)
class NameInString(Code):
    """A string that is the name of something of the legacy API."""

    node: ast.Constant
    text: str


@dataclass(frozen=True)
class Setting(Code):
    """A string that is the name of the setting of a default handler."""

    node: ast.Constant
    text: str


@dataclass(frozen=True)
class RemovedName(Place):
    """A name that Prefect 1.4.1 doesn't have and that has nothing to do with handlers, in an import or a use."""

    node: ast.AST
    removed: Removed


@dataclass(frozen=True)
class RemovedParameter(Place):
    """A keyword of a call that what is called doesn't take on Prefect 1.4.1."""

    node: ast.keyword
    removed: Removed


@dataclass(frozen=True)
class Prose(Place):
    """A word of the legacy API in a comment or docstring, or in a string that is no name."""

    word: str
