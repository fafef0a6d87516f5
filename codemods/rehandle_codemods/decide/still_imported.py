"""Which legacy names files of the project go on taking from one another, so that these have to go on having them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Callable, Iterator

from rehandle_codemods.flow.legacy_imports import bindings_of, import_target, named_import
from rehandle_codemods.index import scopes

if TYPE_CHECKING:
    from rehandle_codemods.decide.demands import Demands
    from rehandle_codemods.decide.values import Values
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.scopes import Variable


def still_imported(values: Values, demands: Callable[[Module], Demands]) -> set[Variable]:
    """The legacy names that an import in another file, which stays as it is, needs: directly or through more files.

    Args:
        values: what becomes of values.
        demands: what the uses of imported names in a module need.

    Returns:
        The names, each with the scope of the module that they are taken from.
    """
    imported: list[tuple[Module, Variable, list[Variable]]] = []
    found: set[Variable] = set()
    # What resolving loads meanwhile has no name that matters in it.
    for user in list(values.project.modules.values()):
        found.update(_named_by_strings(values, user))
        for binding in bindings_of(user) if user.editable else ():
            sources = values.project.loaded_sources(user, binding) if binding.kind == scopes.FROM else []
            if not sources or not import_target(values.project, user, binding):
                continue
            variables: list[Variable] = [source.root.variable(binding.attribute) for source in sources]
            imported.append((user, binding.variable, variables))
            if demands(user).keeps(binding):
                found.update(variables)
    known = -1
    while known < len(found):
        known = len(found)
        for _, variable, variables in imported:
            if variable in found or values.flow.uses.used_through(variable):
                found.update(variables)
    return found


def _named_by_strings(values: Values, user: Module) -> Iterator[Variable]:
    """The names that strings in statements which aren't to change reach, as those of `mock.patch` do."""
    for node in user.analysis.nodes if values.protection.reaches(user) else ():
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not values.protection.may_change(user, node)
        ):
            named = named_import(values.project, user, node)
            if named is not None:
                yield named[0].root.variable(named[1])
