"""Which argument of a call is given to which parameter, as `inspect.Signature.bind` does it for values."""

from __future__ import annotations

import ast
from typing import Mapping, NamedTuple, Sequence

from rehandle_codemods.index.syntax import FunctionDef, is_none


class Bound(NamedTuple):
    """What a call gives a function's parameters.

    Attributes:
        arguments: what each parameter is given that certainly is given something.
        hidden: the parameters by position that a starred argument may give.
        starred: whether there is a starred argument.
        extra: the positional arguments that no parameter takes by position.
        others: the keyword arguments that no parameter takes by name; those whose `arg` is None are given as `**`.
    """

    arguments: Mapping[str, ast.expr]
    hidden: Sequence[str]
    starred: bool
    extra: Sequence[ast.expr]
    others: Sequence[ast.keyword]

    def parameter(self, value: ast.expr) -> str:
        """The parameter that an expression is given to; an empty string where that isn't known."""
        return next((name for name, given in self.arguments.items() if given is value), "")


def bind(call: ast.Call, positional: Sequence[str], by_name: Sequence[str] | None = None) -> Bound:
    """Tell what a call gives each parameter.

    Args:
        call: the call.
        positional: the names of the parameters that are given by position, in order.
        by_name: the names of those that are given by name; None where that is all of `positional`.

    Returns:
        What it gives.
    """
    names = positional if by_name is None else by_name
    certain = next((n for n, given in enumerate(call.args) if isinstance(given, ast.Starred)), len(call.args))
    starred = certain < len(call.args)
    arguments = dict(zip(positional, call.args[:certain]))
    others = []
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg in names:
            arguments.setdefault(keyword.arg, keyword.value)
        else:
            others.append(keyword)
    return Bound(arguments, positional[certain:] if starred else (), starred, call.args[len(positional) :], others)


def bind_function(call: ast.Call, function: FunctionDef, skipped: int = 0) -> Bound:
    """Tell what a call gives a function's parameters, but for the first ones that Python gives, such as `self`."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args][skipped:]
    by_name = [part.arg for part in (*positional, *arguments.kwonlyargs) if part not in arguments.posonlyargs]
    return bind(call, [part.arg for part in positional], by_name)


def default_of(function: FunctionDef, parameter: ast.arg) -> ast.expr | None:
    """The default value of a parameter, if it has one and that isn't None."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[ast.arg, ast.expr | None] = dict(zip(reversed(positional), reversed(arguments.defaults)))
    defaults.update(zip(arguments.kwonlyargs, arguments.kw_defaults))
    found = defaults.get(parameter)
    return None if is_none(found) else found
