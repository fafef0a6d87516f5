"""Everything that is decided for a project, for rules to read."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Mapping

from rehandle_codemods.decide.class_names import ClassNames
from rehandle_codemods.decide.handler_classes import inherited_calls
from rehandle_codemods.decide.imports import Imports
from rehandle_codemods.decide.protected import Protection
from rehandle_codemods.decide.safe_results import SafeResults
from rehandle_codemods.decide.staying import decide_values
from rehandle_codemods.decide.values import Values
from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.options import Options


@dataclass(frozen=True, eq=False)
class Decisions:
    """What becomes of the handlers of a project. Asking changes nothing.

    Attributes:
        project: the index.
        flow: where handlers come from and go to.
        options: the choices of the run.
        protection: what isn't to change.
        values: which handlers stay handlers, and what becomes of the others where they are written and used.
        inherited_calls: the calls of classes that take the constructor of a handler of Prefect's, and that handler.
        names: the new names of classes.
        safe_results: what becomes of `SafeResult` and all that belongs to it.
        imports: what becomes of each import, and the names of Results.
    """

    project: Project
    flow: FlowGraph
    options: Options
    protection: Protection
    values: Values
    inherited_calls: Mapping[Module, list[tuple[ast.Call, str]]]
    names: ClassNames
    safe_results: SafeResults
    imports: Imports


def decided(flow: FlowGraph, options: Options, protection: Protection) -> Decisions:
    """Decide for a project.

    Args:
        flow: where handlers come from and go to in it.
        options: the choices of the run.
        protection: what isn't to change.

    Returns:
        The decisions.

    Raises:
        FileError: something unforeseen happened with a file.
    """
    values = decide_values(flow, options, protection)
    safe_results = SafeResults(values)
    return Decisions(
        flow.project,
        flow,
        options,
        protection,
        values,
        inherited_calls(values),
        ClassNames(values),
        safe_results,
        Imports(values, safe_results),
    )
