"""What becomes of `Result` and `SafeResult` as Prefect 0.4 to 0.10 had them.

A Result of the handler's own kind takes the place of both: `X(value=...)` and `X(location=...)`.
"""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, NamedTuple, Sequence

from rehandle_codemods.flow.safe_results import SAFE_RESULTS, assigned_entity, form_of, is_something, plain_store
from rehandle_codemods.index import scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring, joiner
from rehandle_codemods.rewrite.appending import last_argument
from rehandle_codemods.rewrite.edits import Edit

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions


class Becomes(enum.Enum):
    """What becomes of a node: `r` is a Result, `h` a handler, `v` a value."""

    WITH_VALUE = "Result(v, h()): h(value=v)"
    WITH_LOCATION = "SafeResult(v, h()): h(location=v)"
    FROM_VALUE = "Result(v, h): h.from_value(v)"
    LOCATION = "r.safe_value: r.location"
    OWNER = "r.value: r"
    READ = "r.to_result(): r.read(r.location)"
    IS_NONE = "r == NoResult: r is None"
    IS_NOT_NONE = "r != NoResult: r is not None"
    WRITTEN = "r.store_safe_value(): r = r.write(r.value)"
    WRITTEN_UNLESS_NONE = "the same, if r.value is not None"


class Place(NamedTuple):
    """What becomes of one place.

    Attributes:
        span: its offsets.
        node: its node.
        message: what is done.
        edits: the edits.
        becomes: what becomes of which nodes.
    """

    span: tuple[int, int]
    node: ast.AST
    message: str
    edits: tuple[Edit, ...]
    becomes: tuple[tuple[ast.AST, Becomes], ...]


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

    def _add(
        self,
        module: Module,
        node: ast.AST,
        span: tuple[int, int],
        message: str,
        *edits: Edit,
        becomes: Sequence[tuple[ast.AST, Becomes]],
    ) -> None:
        if not inside_fstring(module, node) and self.decisions.protection.may_change(module, node):
            self._places[module][node] = Place(span, node, message, edits, tuple(becomes))

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
            edits: tuple[Edit, ...] = (Edit(start, first, ""), copied)
            self._add(module, name, module.span(name), message, *edits, becomes=[(call, Becomes.FROM_VALUE)])
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
        message = f"make it with {keyword}=: a Result stores itself"
        becomes = Becomes.WITH_LOCATION if found.safe else Becomes.WITH_VALUE
        self._add(module, name, module.span(name), message, *edits, becomes=[(call, becomes)])
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
            location = [(attribute, Becomes.LOCATION)]
            self._add(module, attribute, span, "ask for its location", Edit(*span, "location"), becomes=location)
        else:
            call = module.analysis.parents[attribute]
            name = module.text(use)
            edit = Edit(span[0], module.span(call)[1], f"read({name}.location)")
            self._add(module, attribute, span, "read its location", edit, becomes=[(call, Becomes.READ)])

    def _safe_value(self, module: Module, node: ast.Attribute) -> None:
        """`x.safe_value`, where x is certainly a Result and what is made of it is known."""
        if not self._is_result(module, node.value):
            return
        end = module.span(node)[1]
        span = (end - len(node.attr), end)
        parent = module.analysis.parents.get(node)
        location = Edit(*span, "location")
        becomes: list[tuple[ast.AST, Becomes]]
        form = form_of(self.decisions.flow.uses, module, node)
        if form == "value" and isinstance(parent, ast.Attribute):
            value = Edit(end, module.span(parent)[1], "")
            message = "use location instead of safe_value.value"
            becomes = [(node, Becomes.LOCATION), (parent, Becomes.OWNER)]
            self._add(module, node, span, message, location, value, becomes=becomes)
        elif form == "compared" and isinstance(parent, ast.Compare):
            negated = isinstance(parent.ops[0], (ast.NotEq, ast.IsNot))
            rest = Edit(end, module.span(parent.comparators[0])[1], " is not None" if negated else " is None")
            compared = (parent, Becomes.IS_NOT_NONE if negated else Becomes.IS_NONE)
            becomes = [(node, Becomes.LOCATION), compared]
            self._add(module, node, span, "look whether there is a location", location, rest, becomes=becomes)
        elif form == "kept":
            self._kept(module, node, span)
        elif form == "shown":
            becomes = [(node, Becomes.LOCATION)]
            self._add(module, node, span, "show its location, the text alone", location, becomes=becomes)

    def _kept(self, module: Module, node: ast.Attribute, span: tuple[int, int]) -> None:
        """A variable that has a safe value, of which nothing but its value is used, has the location instead."""
        edit = Edit(*span, "location")
        self._add(module, node, span, "keep the location", edit, becomes=[(node, Becomes.LOCATION)])
        entity = assigned_entity(module, node)
        for _, use in self.decisions.flow.uses.of(entity) if entity is not None else ():
            end, attribute = module.span(use)[1], module.analysis.parents[use]
            last = module.span(attribute)[1]
            own, edit = (last - len("value"), last), Edit(end, last, "")
            self._add(module, attribute, own, "use the location itself", edit, becomes=[(attribute, Becomes.OWNER)])

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
        becomes = Becomes.WRITTEN
        if found is None or not is_something(found.value):
            becomes = Becomes.WRITTEN_UNLESS_NONE
            text = f"if {name}.value is not None:{joiner(module, statement)}    {text}"
        last = module.span(node)[1]
        message = "store it by write, which gives the Result that has the location"
        own, edit = (last - len(node.attr), last), Edit(start, end, text)
        self._add(module, node, own, message, edit, becomes=[(statement, becomes)])
