"""Where a value goes, and how a message says what is done with one there."""

from __future__ import annotations

import ast
from typing import NamedTuple

from rehandle.mapping import HANDLERS
from rehandle_codemods.flow.dicts import default_of_asking
from rehandle_codemods.flow.nodes import Node
from rehandle_codemods.flow.receivers import Answer, Receiver
from rehandle_codemods.index.locations import reason_at, short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import plain_call

_SHARED = frozenset().union(*(row.shared_attributes for row in HANDLERS.values()))
"""The attributes that a built-in handler and its Result both have, with the same meaning."""

METHODS = {"read": "value", "write": "location"}
"""The methods of a handler, and the attribute of the Result that a Result's method returns which has their value."""


class Destination(NamedTuple):
    """Where a value goes.

    Attributes:
        receiver: who takes it, as a result handler or Result.
        value: the whole expression that goes there.
        node: what takes it, if that is known.
        otherwise: the same, where the node can't take a Result.
    """

    receiver: Answer
    value: ast.expr | None = None
    node: Node | None = None
    otherwise: Answer | None = None


def is_kept_attribute(module: Module, node: ast.Attribute) -> bool:
    """Whether an attribute of a handler is one that its Result has too, or is a method that is called plainly."""
    if node.attr in METHODS:
        return plain_call(module, node) is not None
    return node.attr in _SHARED and not isinstance(node.ctx, ast.Del)


def elsewhere(module: Module, value: ast.expr, what: str) -> Destination:
    """That a value is used in a way in which a Result isn't known to do."""
    return Destination(Answer(Receiver.OTHER, reason_at(module, value, what)))


def described_use(module: Module, value: ast.expr, parent: ast.AST | None) -> str:
    """What is done with a value, where that isn't understood."""
    default = default_of_asking(module, value)
    if default:
        return f"is the default of {default}()"
    if isinstance(parent, ast.Call) and value in parent.args:
        return f"is passed to {short(module, parent.func)} by position"
    if isinstance(parent, ast.Attribute):
        return f"is asked for its {parent.attr}"
    if isinstance(parent, ast.arguments):
        return "is the default value of a parameter"
    if isinstance(parent, ast.Return):
        return "is returned"
    if isinstance(parent, ast.NamedExpr):
        return f"is assigned to {parent.target.id} by :="
    return "is used in a way that isn't understood"
