"""What an annotation is about: the nodes of the flow graph whose values it describes."""

from __future__ import annotations

import ast
from typing import Iterator

from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.flow.nodes import DictItem, Node, Return
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import FUNCTIONS


def annotated_nodes(flow: FlowGraph, module: Module, node: ast.AST) -> list[Node]:
    """The nodes that are followed and whose values a class in an annotation describes; none where that isn't known.

    Args:
        flow: where values come from and go to.
        module: where the annotation is.
        node: the name of the class in it.
    """
    return [found for found in _described(flow, module, node) if flow.follows(found)]


def _described(flow: FlowGraph, module: Module, node: ast.AST) -> Iterator[Node]:
    below = node
    for above in module.analysis.ancestors(node):
        if isinstance(above, ast.arg):
            function = module.analysis.parents[module.analysis.parents[above]]
            if isinstance(function, FUNCTIONS):
                yield from _of_variable(flow, inner_scope(module, function).variable(above.arg))
            return
        if isinstance(above, FUNCTIONS):
            attribute = flow.attributes.returning(module, above)
            yield attribute or Return(module.analysis.variable(above))
            return
        if isinstance(above, ast.AnnAssign):
            if isinstance(above.target, ast.Name):
                variable = module.analysis.scope_of[above].find(above.target.id)
                yield from _of_variable(flow, variable) if variable is not None and above.annotation is below else ()
            attribute = flow.attributes.of(module, above.target)
            yield from [attribute] if attribute is not None else ()
            return
        below = above


def _of_variable(flow: FlowGraph, variable: Variable) -> Iterator[Node]:
    yield flow.other_name(variable) or variable
    for holder in (*flow.holders, *flow.class_values.holders):
        if isinstance(holder, DictItem) and holder.variable == variable:
            yield holder
