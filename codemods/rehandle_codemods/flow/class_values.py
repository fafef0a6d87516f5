"""Handler classes as values: in tables, variables and fields, given to functions; and what is made of them."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Callable, Iterator

from rehandle_codemods.files.source import working_on
from rehandle_codemods.flow.edges import Edges, NodeFacts
from rehandle_codemods.flow.generated_constructors import GeneratedConstructors
from rehandle_codemods.flow.nodes import Node
from rehandle_codemods.flow.uses import Uses
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.class_hierarchy import Class, class_of
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import chooser, leaves
from rehandle_codemods.index.targets import External

_PARTIAL = "functools.partial"


class ClassValues:
    """What has handler classes as its values.

    Attributes:
        holders: the nodes that get one.
    """

    def __init__(
        self,
        project: Project,
        uses: Uses,
        edges: Edges,
        constructors: GeneratedConstructors,
        node_of: Callable[[Module, ast.expr], Node | None],
    ) -> None:
        """Make it.

        Args:
            project: the index.
            uses: the uses of names.
            edges: from where to where values go.
            constructors: knows the fields of classes, and what makes their defaults.
            node_of: tells whose value an expression has.
        """
        self.project = project
        self.uses = uses
        self.edges = edges
        self.constructors = constructors
        self._node_of = node_of
        self.holders: dict[Node, NodeFacts] = {}

    def grow(self, others: dict[Node, NodeFacts]) -> dict[Node, NodeFacts]:
        """Take the nodes that get a handler class, from another one if need be; give the rest."""
        growing = True
        while growing:
            growing = False
            for holder, facts in list(others.items()):
                if not facts.followed or self._is_alias(holder, facts):
                    continue
                with working_on(facts.module.path):
                    if any(self._may_be_class(*source) for source in self.edges.sources(holder)):
                        self.holders[holder] = others.pop(holder)
                        growing = True
        return others

    def _is_alias(self, holder: Node, facts: NodeFacts) -> bool:
        """Whether a variable is another name of a class, which is resolved where it is used."""
        if not isinstance(holder, Variable) or holder.scope.kind == "class":
            return False
        return self.project.name(facts.module, holder.scope, holder.name).variable != holder

    def _may_be_class(self, module: Module, node: ast.expr) -> bool:
        return any(
            self._node_of(module, leaf) in self.holders
            or (self.named(module, leaf) is not None and not self.is_factory(module, leaf))
            for leaf in leaves(node)
        )

    def named(self, module: Module, node: ast.expr) -> str | Class | None:
        """The handler class that an expression names, perhaps by `partial`: Prefect's or the project's."""
        node = self.without_partial(module, node)
        if node not in self._names:
            return None
        targets = self.project.resolve(module, node)
        target = targets[0] if len(targets) == 1 else None
        if isinstance(target, External):
            return prefect_names.handler_class(target.name)
        owner = class_of(target)
        return owner if owner is not None and self.uses.is_handler_class(*owner) else None

    @cached_property
    def _names(self) -> set[ast.expr]:
        """The names of handler classes."""
        found = {ref.node for ref in self.uses.handler_refs}
        return found.union(node for variable in self.uses.classes for _, node in self.uses.of(variable))

    def without_partial(self, module: Module, node: ast.expr) -> ast.expr:
        """The callable that a call of `partial` gives arguments to, or the expression itself."""
        if isinstance(node, ast.Call) and node.args and self.project.external(module, node.func) == _PARTIAL:
            return node.args[0]
        return node

    def with_partial(self, module: Module, node: ast.expr) -> ast.expr:
        """The call of `partial` that gives a callable arguments, or the callable itself."""
        call = module.analysis.parents.get(node)
        return call if isinstance(call, ast.Call) and self.without_partial(module, call) is node else node

    def makes(self, module: Module, call: ast.AST) -> Node | None:
        """What has the class that a call makes a handler of, where that isn't named by the call itself."""
        if not self.holders or not isinstance(call, ast.Call):
            return None
        holder = self._node_of(module, call.func)
        return holder if holder in self.holders else None

    def is_factory(self, module: Module, node: ast.expr) -> bool:
        """Whether a handler class is what makes the default value of a field."""
        whole = self.with_partial(module, node)
        return self.constructors.is_factory(module, whole) and self.named(module, node) is not None

    def taking(self, module: Module, node: ast.expr) -> Node | None:
        """What a handler class goes to that is named as a value."""
        whole = self.with_partial(module, node)
        holder = self.going_to(module, whole)
        return holder if holder in self.holders or self.is_factory(module, node) else None

    def going_to(self, module: Module, value: ast.expr) -> Node | None:
        """The one node that gets a value, perhaps as one of several that are chosen from."""
        choice = chooser(module.analysis.parents, value)
        while choice is not None:
            value, choice = choice, chooser(module.analysis.parents, choice)
        found = self.edges.destinations(value)
        return found[0] if len(found) == 1 else None

    def classes(self, holder: Node) -> Iterator[tuple[Module, ast.expr]]:
        """The expressions that name the classes that something may have as its value."""
        seen = {holder}
        pending = [holder]
        while pending:
            for module, value in self.edges.sources(pending.pop()):
                for leaf in leaves(value):
                    further = self._node_of(module, leaf)
                    if further not in self.holders:
                        yield module, leaf
                    elif further is not None and further not in seen:
                        seen.add(further)
                        pending.append(further)

    def calls(self, holder: Node) -> Iterator[tuple[Module, ast.Call]]:
        """The calls that make handlers of what something has as its value, or gives to something else."""
        seen = {holder}
        pending = [holder]
        while pending:
            for module, use in self.holders[pending.pop()].reads:
                call = module.analysis.parents.get(use)
                further = self.going_to(module, self.with_partial(module, use))
                if isinstance(call, ast.Call) and call.func is use:
                    yield module, call
                elif further in self.holders and further not in seen:
                    seen.add(further)
                    pending.append(further)
