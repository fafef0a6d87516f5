"""Which legacy names files of the project go on taking from one another, so that these have to go on having them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Iterator

from rehandle_codemods.index import scopes

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.scopes import Variable


def still_imported(decisions: Decisions) -> set[Variable]:
    """The legacy names that an import in another file, which stays as it is, needs: directly or through more files.

    Args:
        decisions: what becomes of each handler.

    Returns:
        The names, each with the scope of the module that they are taken from.
    """
    from rehandle_codemods.decide.collect import bindings_of, import_target
    from rehandle_codemods.decide.plan import Plan

    imported: list[tuple[Module, Variable, list[Variable]]] = []
    found: set[Variable] = set()
    for user in decisions.project.every_module():
        found.update(_named_by_strings(decisions, user))
        plan = None
        for binding in bindings_of(user) if user.editable else ():
            sources = decisions.project.loaded_sources(user, binding) if binding.kind == scopes.FROM else []
            if not sources or not import_target(decisions, user, binding):
                continue
            variables: list[Variable] = [source.root.variable(binding.attribute) for source in sources]
            imported.append((user, binding.variable, variables))
            plan = plan or Plan(decisions, user)
            if plan.keeps(binding):
                found.update(variables)
    known = -1
    while known < len(found):
        known = len(found)
        for user, variable, variables in imported:
            if variable in found or decisions.flow.uses.used_through(user, variable):
                found.update(variables)
    return found


def _named_by_strings(decisions: Decisions, user: Module) -> Iterator[Variable]:
    """The names that strings in statements which aren't to change reach, as those of `mock.patch` do."""
    from rehandle_codemods.decide.collect import named_import

    for node in user.analysis.nodes if decisions.protection.reaches(user) else ():
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not decisions.protection.may_change(user, node)
        ):
            named = named_import(decisions, user, node)
            if named is not None:
                yield named[0].root.variable(named[1])
