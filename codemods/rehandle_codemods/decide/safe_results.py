"""What becomes of `Result` and `SafeResult` as Prefect 0.4 to 0.10 had them.

A Result of the handler's own kind takes the place of both: `X(value=...)` and `X(location=...)`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rehandle_codemods.decide.places import Becomes, SafeResultUse
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.flow.safe_results import assigned_variable, form_of, is_something, plain_store
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.locations import short
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring
from rehandle_codemods.index.targets import Local

if TYPE_CHECKING:
    from rehandle_codemods.decide.values import Values

_MAKING = (Becomes.FROM_VALUE, Becomes.WITH_LOCATION, Becomes.WITH_VALUE)
_COMPARING = (Becomes.IS_NONE, Becomes.IS_NOT_NONE)


class SafeResults:
    """Everything in a project that is to do with safe results, and what becomes of it."""

    def __init__(self, values: Values) -> None:
        """Decide.

        Args:
            values: what becomes of values.
        """
        self.values = values
        self._places: dict[Module, dict[ast.AST, SafeResultUse]] = {}

    def places(self, module: Module) -> dict[ast.AST, SafeResultUse]:
        """The places in a module that are rewritten, by their nodes."""
        if module not in self._places:
            self._places[module] = {}
            if module.editable and self.values.project.uses_prefect(module):
                for node in module.analysis.nodes:
                    if isinstance(node, ast.Call):
                        self._constructor(module, node)
                    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                        if node.attr == "safe_value":
                            self._safe_value(module, node)
                        elif node.attr == "store_safe_value":
                            self._store(module, node)
        return self._places[module]

    def names_gone(self, module: Module) -> set[ast.AST]:
        """The names that the rewritten places don't have any more: of what was called, and what was compared with."""
        found: set[ast.AST] = set()
        for node, becomes in (part for place in self.places(module).values() for part in place.becomes):
            if isinstance(node, ast.Call) and becomes in _MAKING:
                found.add(node.func)
            elif isinstance(node, ast.Compare) and becomes in _COMPARING:
                found.update((node.left, *node.comparators))
        return found

    def _add(
        self, module: Module, node: ast.AST, span: tuple[int, int], message: str, *becomes: tuple[ast.AST, Becomes]
    ) -> None:
        if not inside_fstring(module, node) and self.values.protection.may_change(module, node):
            self._places[module][node] = SafeResultUse(module, node, span, message, becomes)

    def _constructor(self, module: Module, call: ast.Call) -> None:
        found = self.values.flow.old_result(module, call)
        if found is None:
            return
        name = found.call.func
        span = module.span(name)
        if isinstance(found.handler, ast.Name):
            if not self.values.problem(module, found.handler):
                message = f"make a Result with from_value instead of {short(module, name)} with a handler"
                self._add(module, name, span, message, (call, Becomes.FROM_VALUE))
            return
        assert isinstance(found.handler, ast.Call)
        if self.values.call_problem(module, found.handler):
            return
        keyword, becomes = ("location", Becomes.WITH_LOCATION) if found.safe else ("value", Becomes.WITH_VALUE)
        message = f"make a Result with {keyword}= instead of {short(module, name)} with a handler"
        self._add(module, name, span, message, (call, becomes))
        variable = assigned_variable(module, call) if found.safe else None
        for user, use in self.values.flow.uses.of(variable) if variable is not None else ():
            self._safe_use(user, use)

    def _safe_use(self, module: Module, use: ast.expr) -> None:
        """Rewrite what is asked of a variable that was a SafeResult."""
        attribute = module.analysis.parents[use]
        if not isinstance(attribute, ast.Attribute):
            return
        span = _attribute_span(module, attribute)
        if attribute.attr == "value":
            self._add(module, attribute, span, "read .location instead of .value", (attribute, Becomes.LOCATION))
        else:
            call = module.analysis.parents[attribute]
            self._add(module, attribute, span, f"read .location instead of {attribute.attr}", (call, Becomes.READ))

    def _safe_value(self, module: Module, node: ast.Attribute) -> None:
        """`x.safe_value`, where x is certainly a Result and what is made of it is known."""
        if not self._is_result(module, node.value):
            return
        parent = module.analysis.parents.get(node)
        call = module.analysis.parents.get(parent) if parent is not None else None
        if isinstance(call, ast.Call) and self._is_left(module, call.func):
            return
        span = _attribute_span(module, node)
        location = (node, Becomes.LOCATION)
        form = form_of(self.values.flow.uses, module, node)
        if form == "value" and isinstance(parent, ast.Attribute):
            message = "use .location instead of .safe_value.value"
            self._add(module, node, span, message, location, (parent, Becomes.OWNER))
        elif form == "compared" and isinstance(parent, ast.Compare):
            negated = isinstance(parent.ops[0], (ast.NotEq, ast.IsNot))
            compared = (parent, Becomes.IS_NOT_NONE if negated else Becomes.IS_NONE)
            self._add(module, node, span, "compare .location instead of .safe_value", location, compared)
        elif form == "kept":
            self._kept(module, node, span)
        elif form == "shown":
            self._add(module, node, span, "show .location, the text alone, instead of .safe_value", location)

    def _is_left(self, module: Module, function: ast.expr) -> bool:
        """Whether a call is `x.result_handler.read`, of what isn't certainly Prefect's: it is left as a whole."""
        handler = function.value if isinstance(function, ast.Attribute) and function.attr == "read" else None
        if not isinstance(handler, ast.Attribute) or handler.attr != prefect_names.KEYWORD:
            return False
        return self.values.flow.owners.of(module, handler.value).kind is not Receiver.PREFECT

    def _kept(self, module: Module, node: ast.Attribute, span: tuple[int, int]) -> None:
        """A variable that has a safe value, of which nothing but its value is used, has the location instead."""
        self._add(module, node, span, "keep .location instead of .safe_value", (node, Becomes.LOCATION))
        variable = assigned_variable(module, node)
        for _, use in self.values.flow.uses.of(variable) if variable is not None else ():
            attribute = module.analysis.parents[use]
            assert isinstance(attribute, ast.Attribute)
            own = _attribute_span(module, attribute)
            self._add(
                module,
                attribute,
                own,
                f"use the location itself instead of its .{attribute.attr}",
                (attribute, Becomes.OWNER),
            )

    def _is_result(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is certainly a Result of Prefect's: a state's, or one made here."""
        if isinstance(node, ast.Attribute) and node.attr == "_result":
            return True
        targets = self.values.project.resolve(module, node) if isinstance(node, ast.Name) else ()
        all_results = all(
            isinstance(target, Local)
            and target.binding.kind == scopes.ASSIGN
            and self._makes_result(target.module, target.binding.value)
            for target in targets
        )
        return bool(targets) and all_results

    def _makes_result(self, module: Module, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Attribute):
            return value.attr == "_result"
        if not isinstance(value, ast.Call):
            return False
        found = self.values.flow.old_result(module, value)
        if found is None or found.safe:
            return False
        places = self.places(module)
        if value.func not in places:
            self._constructor(module, value)
        return value.func in places

    def _store(self, module: Module, node: ast.Attribute) -> None:
        """`r.store_safe_value()` becomes `r = r.write(r.value)`, where nothing else has r by then."""
        statement = plain_store(self.values.flow.uses, module, node)
        variable = self.values.project.variable(module, node.value)
        value = variable.bindings[0].value if variable is not None else None
        if statement is None or not isinstance(value, ast.Call) or not self._makes_result(module, value):
            return
        found = self.values.flow.old_result(module, value)
        surely = found is not None and is_something(found.value)
        becomes = Becomes.WRITTEN if surely else Becomes.WRITTEN_UNLESS_NONE
        message = f"store by write, which gives a Result with a location, instead of by {node.attr}"
        self._add(module, node, _attribute_span(module, node), message, (statement, becomes))


def _attribute_span(module: Module, node: ast.Attribute) -> tuple[int, int]:
    """The offsets of an attribute's name."""
    end = module.span(node)[1]
    return end - len(node.attr), end
