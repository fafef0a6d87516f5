"""What becomes of `Result` and `SafeResult` as Prefect 0.4 to 0.10 had them.

A Result of the handler's own kind takes the place of both: `X(value=...)` and `X(location=...)`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from rehandle_codemods.flow.safe_results import SAFE_RESULTS, assigned_entity, form_of, is_something, plain_store
from rehandle_codemods.index import scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.rewrite.appending import last_argument
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.imports import joiner

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions


class Place(NamedTuple):
    """What becomes of one place.

    Attributes:
        span: its offsets.
        node: its node.
        message: what is done.
        edits: the edits.
    """

    span: tuple[int, int]
    node: ast.AST
    message: str
    edits: tuple[Edit, ...]


class SafeResults:
    """Everything in a project that is to do with safe results, and what becomes of it."""

    def __init__(self, decisions: Decisions) -> None:
        """Decide.

        Args:
            decisions: what becomes of the handlers.
        """
        self.decisions = decisions
        self._places: dict[Module, dict[ast.AST, Place]] = {}

    def places(self, module: Module) -> dict[ast.AST, Place]:
        """The places in a module that are rewritten, by their nodes."""
        if module not in self._places:
            self._places[module] = {}
            if module.editable and self.decisions.project.uses_prefect(module):
                for node in module.analysis.nodes:
                    if isinstance(node, ast.Call):
                        self._constructor(module, node)
                    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                        if node.attr == "safe_value":
                            self._safe_value(module, node)
                        elif node.attr == "store_safe_value":
                            self._store(module, node)
        return self._places[module]

    def unused(self, module: Module, name: str) -> bool:
        """Whether every use of SafeResult in a module is rewritten, and no other module imports it from there."""
        if name not in SAFE_RESULTS or not module.editable:
            return False
        entity = (module.root, name.rsplit(".", 1)[1])
        if any(other is not module for other, _ in self.decisions.project.importers.get(entity, ())):
            return False
        if self.decisions.uses_through(module, entity):
            return False
        uses = [node for node, used in self.decisions.flow.uses.module_refs.get(module, ()) if used == name]
        return all(node in self.places(module) for node in uses)

    def _add(self, module: Module, node: ast.AST, span: tuple[int, int], message: str, *edits: Edit) -> None:
        if not inside_fstring(module, node) and module.may_change(node):
            self._places[module][node] = Place(span, node, message, edits)

    def _constructor(self, module: Module, call: ast.Call) -> None:
        found = self.decisions.flow.made(module, call)
        if found is None:
            return
        (start, end), (first, last) = module.span(call), module.span(found.handler)
        value = module.text(found.value)
        name = found.call.func
        if isinstance(found.handler, ast.Name):
            if self.decisions.value_problem(module, found.handler):
                return
            message = "make it with from_value: a Result stores itself"
            copied = Edit(last, end, f".from_value({value})")
            self._add(module, name, module.span(name), message, Edit(start, first, ""), copied)
            return
        assert isinstance(found.handler, ast.Call)
        if self.decisions.call_problem(module, found.handler):
            return
        keyword = "location" if found.safe else "value"
        edits = (
            Edit(start, first, ""),
            *last_argument(module, found.handler, f"{keyword}={value}"),
            Edit(last, end, ""),
        )
        self._add(module, name, module.span(name), f"make it with {keyword}=: a Result stores itself", *edits)
        entity = assigned_entity(module, call) if found.safe else None
        for user, use in self.decisions.flow.uses.of(entity) if entity is not None else ():
            self._safe_use(user, use)

    def _safe_use(self, module: Module, use: ast.expr) -> None:
        """Rewrite what is asked of a variable that was a SafeResult."""
        attribute = module.analysis.parents[use]
        if not isinstance(attribute, ast.Attribute):
            return
        end = module.span(attribute)[1]
        span = (end - len(attribute.attr), end)
        if attribute.attr == "value":
            self._add(module, attribute, span, "ask for its location", Edit(*span, "location"))
        else:
            call = module.analysis.parents[attribute]
            name = module.text(use)
            edit = Edit(span[0], module.span(call)[1], f"read({name}.location)")
            self._add(module, attribute, span, "read its location", edit)

    def _safe_value(self, module: Module, node: ast.Attribute) -> None:
        """`x.safe_value`, where x is certainly a Result and what is made of it is known."""
        if not self._is_result(module, node.value):
            return
        end = module.span(node)[1]
        span = (end - len(node.attr), end)
        parent = module.analysis.parents.get(node)
        location = Edit(*span, "location")
        form = form_of(self.decisions.flow.uses, module, node)
        if form == "value" and isinstance(parent, ast.Attribute):
            value = Edit(end, module.span(parent)[1], "")
            self._add(module, node, span, "use location instead of safe_value.value", location, value)
        elif form == "compared" and isinstance(parent, ast.Compare):
            negated = isinstance(parent.ops[0], (ast.NotEq, ast.IsNot))
            rest = Edit(end, module.span(parent.comparators[0])[1], " is not None" if negated else " is None")
            self._add(module, node, span, "look whether there is a location", location, rest)
        elif form == "kept":
            self._kept(module, node, span)
        elif form == "shown":
            self._add(module, node, span, "show its location, the text alone", location)

    def _kept(self, module: Module, node: ast.Attribute, span: tuple[int, int]) -> None:
        """A variable that has a safe value, of which nothing but its value is used, has the location instead."""
        self._add(module, node, span, "keep the location", Edit(*span, "location"))
        entity = assigned_entity(module, node)
        for _, use in self.decisions.flow.uses.of(entity) if entity is not None else ():
            end, attribute = module.span(use)[1], module.analysis.parents[use]
            last = module.span(attribute)[1]
            self._add(module, attribute, (last - len("value"), last), "use the location itself", Edit(end, last, ""))

    def _is_result(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is certainly a Result of Prefect's: a state's, or one made here."""
        if isinstance(node, ast.Attribute) and node.attr == "_result":
            return True
        entity = self.decisions.flow.entity_of(module, node) if isinstance(node, ast.Name) else None
        if entity is None:
            return False
        bindings = entity[0].bindings[entity[1]]
        return all(binding.kind == scopes.ASSIGN and self._makes_result(module, binding.value) for binding in bindings)

    def _makes_result(self, module: Module, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Attribute):
            return value.attr == "_result"
        if not isinstance(value, ast.Call):
            return False
        found = self.decisions.flow.made(module, value)
        if found is None or found.safe:
            return False
        if value.func not in self._places[module]:
            self._constructor(module, value)
        return value.func in self._places[module]

    def _store(self, module: Module, node: ast.Attribute) -> None:
        """`r.store_safe_value()` becomes `r = r.write(r.value)`, where nothing else has r by then."""
        statement = plain_store(self.decisions.flow.uses, module, node)
        entity = self.decisions.flow.entity_of(module, node.value)
        value = entity[0].bindings[entity[1]][0].value if entity is not None else None
        if statement is None or not isinstance(value, ast.Call) or not self._makes_result(module, value):
            return
        found = self.decisions.flow.made(module, value)
        name, (start, end) = module.text(node.value), module.span(statement)
        text = f"{name} = {name}.write({name}.value)"
        if found is None or not is_something(found.value):
            text = f"if {name}.value is not None:{joiner(module, statement)}    {text}"
        last = module.span(node)[1]
        message = "store it by write, which gives the Result that has the location"
        self._add(module, node, (last - len(node.attr), last), message, Edit(start, end, text))
