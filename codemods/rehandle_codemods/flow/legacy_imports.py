"""Imports of legacy API: what they bind, and the strings that reach it through them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Iterator

from rehandle.mapping import HANDLER_ALIASES, HANDLERS
from rehandle_codemods.flow.uses import reaching_call
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.targets import External, ModuleRef

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.index.project import Project

CLASS_NAMES = frozenset((*HANDLERS, *HANDLER_ALIASES))
"""What the built-in handler classes are called."""


def bindings_of(module: Module) -> Iterator[scopes.Binding]:
    """Every import binding of a module, in whatever scope."""
    for scope in module.analysis.scopes:
        for found in scope.bindings.values():
            for binding in found:
                if binding.kind in (scopes.IMPORT, scopes.FROM):
                    yield binding


def import_target(project: Project, module: Module, binding: scopes.Binding) -> str:
    """The canonical name of legacy API that an import binds, or an empty string."""
    targets = project.imported(module, binding)
    for target in targets:
        if isinstance(target, External) and prefect_names.is_legacy(target.name) and len(targets) == 1:
            return target.name
    return ""


def named_import(project: Project, module: Module, node: ast.Constant) -> tuple[Module, str] | None:
    """The module of the project, and the name of legacy API that it imports, which a call reaches by a string."""
    call = reaching_call(module, node)
    prefix, _, name = str(node.value).rpartition(".")
    if call is None or name not in CLASS_NAMES:
        return None
    owners: list[Module | None] = []
    if prefix:
        owners = [project.find(prefix, module)[0]]
    elif call.args[1:2] == [node]:
        targets = project.resolve(module, call.args[0])
        owners = [target.module if isinstance(target, ModuleRef) else None for target in targets]
    owner = owners[0] if len(owners) == 1 else None
    for binding in owner.root.bindings.get(name, ()) if owner is not None else ():
        if owner is not None and binding.kind == scopes.FROM and import_target(project, owner, binding):
            return owner, name
    return None
