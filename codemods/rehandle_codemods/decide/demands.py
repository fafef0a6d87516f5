"""What the uses of imported handlers in a module need their names to be: Results, or handlers as before."""

from __future__ import annotations

import ast

from rehandle_codemods.decide.values import Values
from rehandle_codemods.flow.annotated import annotated_nodes
from rehandle_codemods.flow.legacy_imports import bindings_of, import_target
from rehandle_codemods.flow.nodes import Node
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.flow.uses import HandlerRef
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import is_annotation, keyword_of


class Demand:
    """What the uses of one imported name need it to be."""

    def __init__(self) -> None:
        self.converted: list[HandlerRef] = []
        self.staying: list[HandlerRef] = []
        self.annotations: list[HandlerRef] = []
        self.comparisons: list[HandlerRef] = []
        self.runtime = False
        self.left: list[HandlerRef] = []
        self.fixed = False

    def between(self, start: int, end: int) -> Demand:
        """What the uses in a part of the module need, given by its offsets."""
        found = Demand()
        found.converted = [ref for ref in self.converted if start <= ref.module.span(ref.node)[0] < end]
        found.staying = [ref for ref in self.staying if start <= ref.module.span(ref.node)[0] < end]
        found.runtime, found.fixed = self.runtime, self.fixed
        return found


class Demands:
    """The demands of a module.

    Attributes:
        demands: what uses need, by the names that they begin with.
        imports: what binds these names, where they are imported legacy API.
    """

    def __init__(self, values: Values, module: Module) -> None:
        """Look at the uses.

        Args:
            values: what becomes of values.
            module: the module.
        """
        self.values = values
        self.module = module
        self.demands: dict[Variable, Demand] = {}
        self.imports: dict[Variable, list[scopes.Binding]] = {}
        for binding in bindings_of(module):
            if import_target(values.project, module, binding):
                self.imports.setdefault(binding.variable, []).append(binding)
                self.demands.setdefault(binding.variable, Demand())
        self._fill()
        self._settle_annotations()

    def _fill(self) -> None:
        for ref in self.values.flow.uses.refs_in(self.module):
            variable = head(self.module, ref.node)
            demand = self.demands.setdefault(variable, Demand()) if variable is not None else Demand()
            if is_annotation(self.module, ref.node):
                demand.annotations.append(ref)
            elif self.values.converts(ref):
                compared = isinstance(self.module.analysis.parents.get(ref.node), ast.Compare)
                (demand.comparisons if compared else demand.converted).append(ref)
            else:
                demand.staying.append(ref)
                demand.fixed = demand.fixed or not self.values.protection.may_change(self.module, ref.node)
                if self.stays_at_runtime(ref):
                    demand.runtime = True
                elif not isinstance(self.module.analysis.parents.get(ref.node), ast.Compare):
                    demand.left.append(ref)
        for variable, bindings in self.imports.items():
            if not all(self.values.protection.may_change(self.module, binding.node) for binding in bindings):
                self.demands[variable].fixed = True
        for demand in self.demands.values():
            if not demand.staying:
                # Else another name is imported beside this one, which `except ImportError` doesn't set to None.
                demand.converted += demand.comparisons
            # Code that isn't to change gets the class that it always got; what is left is found again by its import.
            demand.runtime = demand.runtime and not (demand.fixed or demand.left)

    def _settle_annotations(self) -> None:
        at_runtime = self._converts_at_runtime() or any(demand.runtime for demand in self.demands.values())
        clean = not any(demand.staying for demand in self.demands.values()) and not at_runtime
        for demand in self.demands.values():
            named = all(self.values.may_be_named(self.module, ref.node) for ref in demand.annotations)
            for ref in demand.annotations:
                nodes = annotated_nodes(self.values.flow, self.module, ref.node)
                becomes = self.values.staying.keys().isdisjoint(nodes) if nodes else clean
                (demand.converted if becomes and named else demand.staying).append(ref)
                if not becomes:
                    at_runtime = at_runtime or any(map(self._is_converted_later, nodes))
                    demand.runtime = demand.runtime or (self.values.options.runtime and not demand.fixed and at_runtime)

    def _is_converted_later(self, node: Node) -> bool:
        """Whether what stays a handler is converted where it goes to."""
        facts = self.values.flow.holders.get(node)
        return facts is not None and any(self.values.reaches_runtime(*read) for read in facts.reads)

    def _converts_at_runtime(self) -> bool:
        """Whether a value goes to Prefect, or to the project's own parameter, that isn't certainly a Result."""
        return any(isinstance(node, ast.Call) and self._converts(node) for node in self.module.analysis.nodes)

    def _converts(self, call: ast.Call) -> bool:
        if any(self.values.flow.is_converted(self.module, argument) for argument in call.args):
            return True
        keyword = keyword_of(call, prefect_names.KEYWORD)
        if keyword is None:
            return False
        kind = self.values.flow.receivers.call(self.module, call).kind
        return kind is Receiver.PROJECT or (
            kind is Receiver.PREFECT and self.values.problem(self.module, keyword.value) is not None
        )

    def stays_at_runtime(self, ref: HandlerRef) -> bool:
        """Whether a handler class that stays one is made where rehandle converts its instances."""
        if not self.values.options.runtime or not self.values.protection.may_change(self.module, ref.node):
            return False
        parent = self.module.analysis.parents.get(ref.node)
        if isinstance(parent, ast.ClassDef):
            return self.values.protection.may_change(self.module, parent)
        if isinstance(parent, ast.Call) and parent.func is ref.node:
            return self.values.reaches_runtime(self.module, parent)
        taking = self.values.flow.class_values.taking(self.module, ref.node)
        if taking is not None:
            return self.values.class_reaches_runtime(taking)
        return bool(isinstance(parent, ast.Attribute) and parent.attr == "__init__")

    def keeps(self, binding: scopes.Binding) -> bool:
        """Whether uses of an imported name in this module need it as it is."""
        demand = self.demands.get(binding.variable, Demand())
        return not self.values.protection.may_change(self.module, binding.node) or bool(
            demand.staying and not demand.runtime
        )


def head(module: Module, node: ast.AST) -> Variable | None:
    """The name, and the scope that binds it, that an expression of dotted names begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return module.analysis.scope_of[node].find(node.id) if isinstance(node, ast.Name) else None
