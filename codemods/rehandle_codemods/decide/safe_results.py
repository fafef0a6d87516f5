"""`Result` and `SafeResult` as Prefect 0.4 to 0.10 had them: a value beside a handler, and what the handler stored.

A Result of the handler's own kind takes the place of both: `X(value=...)` and `X(location=...)`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple, Sequence

from rehandle.mapping import HANDLERS
from rehandle_codemods.classes.methods import is_text
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring, is_none
from rehandle_codemods.index.targets import Entity
from rehandle_codemods.rewrite.appending import last_argument
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.imports import joiner, suite_of

if TYPE_CHECKING:
    from rehandle_codemods.decide.decisions import Decisions
    from rehandle_codemods.flow.places import Places

SAFE_RESULTS = ("prefect.engine.result.SafeResult", "prefect.engine.result.base.SafeResult")
NO_RESULTS = ("prefect.engine.result.NoResult", "prefect.engine.result.base.NoResult")
_STATES = "prefect.engine.state."
_PARAMETERS = ("value", "result_handler")
_SHOWN = {"print", "debug", "info", "warning", "error", "critical", "log"}


class Made(NamedTuple):
    """A call of `Result` or `SafeResult` that has a handler.

    Attributes:
        call: the call.
        safe: whether it is a SafeResult, whose value is a location.
        value: the value.
        handler: the handler: a call of its class, or a variable.
    """

    call: ast.Call
    safe: bool
    value: ast.expr
    handler: ast.expr


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


def made(facts: Places, module: Module, call: ast.Call) -> Made | None:
    """Tell whether a call makes a Result of old that can be written as one of the handler's kind.

    Args:
        facts: what is known of the project.
        module: where the call is.
        call: any call.

    Returns:
        Its parts; None where it is something else, or can't be rewritten.
    """
    target = facts.project.external(module, call.func)
    safe = target in SAFE_RESULTS
    if not safe and target != prefect_names.RESULT:
        return None
    given = _given(call)
    if set(given) != set(_PARAMETERS) or len(call.args) + len(call.keywords) != len(_PARAMETERS):
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args) or inside_fstring(module, call):
        return None
    value, handler = given["value"], given["result_handler"]
    plain = isinstance(handler, ast.Call) and facts.handler_of(module, handler) in HANDLERS
    variable = isinstance(handler, ast.Name) and facts.entity_of(module, handler) in facts.carriers
    if not plain and (safe or not variable):
        return None
    start, end = module.span(call)
    if b"#" in module.source.data[start:end]:
        return None
    if not (is_text(value) and _flows_plainly(facts, module, call) if safe else _is_asked_plainly(facts, module, call)):
        return None
    return Made(call, safe, value, handler)


def _given(call: ast.Call) -> dict[str | None, ast.expr]:
    given: dict[str | None, ast.expr] = dict(zip(_PARAMETERS, call.args))
    given.update({keyword.arg: keyword.value for keyword in call.keywords})
    return given


def _is_asked_plainly(facts: Places, module: Module, call: ast.Call) -> bool:
    """Whether nothing is asked of a Result, where it is a variable, that is rewritten only elsewhere."""
    entity = _assigned_entity(facts, module, call)
    for user, use in facts.uses.get(entity, ()) if entity is not None else ():
        attribute = user.analysis.parents.get(use)
        asked = attribute.attr if isinstance(attribute, ast.Attribute) and attribute.value is use else ""
        if asked in ("to_result", "result_handler"):
            return False
        stores = isinstance(attribute, ast.Attribute) and asked == "store_safe_value"
        if stores and isinstance(attribute, ast.Attribute) and plain_store(facts, user, attribute) is None:
            return False
        if isinstance(attribute, ast.Attribute) and asked == "safe_value" and not _form(facts, user, attribute):
            return False
    return True


def _flows_plainly(facts: Places, module: Module, call: ast.expr) -> bool:
    """Whether a SafeResult goes where a Result that has nothing but a location does the same."""
    if is_cached_input(facts, module, call):
        return True
    entity = _assigned_entity(facts, module, call)
    if entity is None or len(entity[0].bindings[entity[1]]) != 1:
        return False
    return all(
        user is module and (is_cached_input(facts, module, use) or _asked(module, use) in ("value", "to_result"))
        for user, use in facts.uses.get(entity, ())
    )


def is_cached_input(facts: Places, module: Module, node: ast.expr) -> bool:
    """Whether an expression is a value of the dict that a state takes as `cached_inputs=`."""
    parents = module.analysis.parents
    holder = parents.get(node)
    keyword = parents.get(holder) if isinstance(holder, ast.Dict) and node in holder.values else None
    call = parents.get(keyword) if isinstance(keyword, ast.keyword) and keyword.arg == "cached_inputs" else None
    return isinstance(call, ast.Call) and facts.project.external(module, call.func).startswith(_STATES)


def _assigned_entity(facts: Places, module: Module, value: ast.expr) -> Entity | None:
    statement = module.analysis.parents.get(value)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return None
    scope = module.analysis.scope_of[target].lookup(target.id)
    return (scope, target.id) if scope is not None and scope.kind != "class" else None


def _asked(module: Module, use: ast.AST) -> str:
    """The attribute that a use of a variable asks for; of `to_result`, only its call without arguments counts."""
    parent = module.analysis.parents.get(use)
    if not isinstance(parent, ast.Attribute) or not isinstance(parent.ctx, ast.Load):
        return ""
    call = module.analysis.parents.get(parent)
    called = isinstance(call, ast.Call) and call.func is parent
    if parent.attr == "to_result":
        return "to_result" if called and isinstance(call, ast.Call) and not call.args and not call.keywords else ""
    return parent.attr


def _form(facts: Places, module: Module, node: ast.Attribute) -> str:
    """How a safe value is used: its value, compared with NoResult, kept for its value, shown, or (empty) otherwise."""
    parent = module.analysis.parents.get(node)
    end = module.span(node)[1]
    if isinstance(parent, ast.Attribute) and parent.attr == "value" and isinstance(parent.ctx, ast.Load):
        return "value" if b"#" not in module.source.data[end : module.span(parent)[1]] else ""
    if isinstance(parent, ast.Compare) and parent.left is node and len(parent.ops) == 1:
        other = parent.comparators[0]
        between = module.source.data[end : module.span(other)[0]]
        plain = isinstance(parent.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)) and not set(b"#()") & set(between)
        return "compared" if plain and facts.project.external(module, other) in NO_RESULTS else ""
    if isinstance(parent, ast.Assign):
        entity = _assigned_entity(facts, module, node)
        if entity is None or len(entity[0].bindings[entity[1]]) != 1 or entity[0].parent is None:
            return ""
        uses = facts.uses.get(entity, ())
        plain = all(user is module and _asked(module, use) == "value" and _alone(module, use) for user, use in uses)
        return "kept" if uses and plain else ""
    return "shown" if _is_shown(facts, module, node) else ""


def _alone(module: Module, use: ast.expr) -> bool:
    """Whether nothing but a dot is between a name and the attribute that it is asked for."""
    end, last = module.span(use)[1], module.span(module.analysis.parents[use])[1]
    return b"#" not in module.source.data[end:last]


def _is_shown(facts: Places, module: Module, node: ast.expr) -> bool:
    """Whether a value is only printed, logged or the value of an example's line."""
    parent = module.analysis.parents.get(node)
    if isinstance(parent, ast.Expr):
        return True
    if not isinstance(parent, ast.Call) or node not in parent.args:
        return False
    if facts.project.external(module, parent.func) == "builtins.print":
        return True
    logger = parent.func.value if isinstance(parent.func, ast.Attribute) else None
    name = getattr(logger, "attr", getattr(logger, "id", ""))
    return isinstance(parent.func, ast.Attribute) and parent.func.attr in _SHOWN and "log" in name.lower()


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
        uses = [node for node, used in self.decisions.module_refs.get(module, ()) if used == name]
        return all(node in self.places(module) for node in uses)

    def _add(self, module: Module, node: ast.AST, span: tuple[int, int], message: str, *edits: Edit) -> None:
        if not inside_fstring(module, node) and module.may_change(node):
            self._places[module][node] = Place(span, node, message, edits)

    def _constructor(self, module: Module, call: ast.Call) -> None:
        found = self.decisions.made(module, call)
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
        entity = _assigned_entity(self.decisions, module, call) if found.safe else None
        for user, use in self.decisions.uses.get(entity, ()) if entity is not None else ():
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
        form = _form(self.decisions, module, node)
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
        entity = _assigned_entity(self.decisions, module, node)
        for _, use in self.decisions.uses.get(entity, ()) if entity is not None else ():
            end, attribute = module.span(use)[1], module.analysis.parents[use]
            last = module.span(attribute)[1]
            self._add(module, attribute, (last - len("value"), last), "use the location itself", Edit(end, last, ""))

    def _is_result(self, module: Module, node: ast.expr) -> bool:
        """Whether an expression is certainly a Result of Prefect's: a state's, or one made here."""
        if isinstance(node, ast.Attribute) and node.attr == "_result":
            return True
        entity = self.decisions.entity_of(module, node) if isinstance(node, ast.Name) else None
        if entity is None:
            return False
        bindings = entity[0].bindings[entity[1]]
        return all(binding.kind == scopes.ASSIGN and self._makes_result(module, binding.value) for binding in bindings)

    def _makes_result(self, module: Module, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Attribute):
            return value.attr == "_result"
        if not isinstance(value, ast.Call):
            return False
        found = self.decisions.made(module, value)
        if found is None or found.safe:
            return False
        if value.func not in self._places[module]:
            self._constructor(module, value)
        return value.func in self._places[module]

    def _store(self, module: Module, node: ast.Attribute) -> None:
        """`r.store_safe_value()` becomes `r = r.write(r.value)`, where nothing else has r by then."""
        statement = plain_store(self.decisions, module, node)
        entity = self.decisions.entity_of(module, node.value)
        value = entity[0].bindings[entity[1]][0].value if entity is not None else None
        if statement is None or not isinstance(value, ast.Call) or not self._makes_result(module, value):
            return
        found = self.decisions.made(module, value)
        name, (start, end) = module.text(node.value), module.span(statement)
        text = f"{name} = {name}.write({name}.value)"
        if found is None or not _is_something(found.value):
            text = f"if {name}.value is not None:{joiner(module, statement)}    {text}"
        last = module.span(node)[1]
        message = "store it by write, which gives the Result that has the location"
        self._add(module, node, (last - len(node.attr), last), message, Edit(start, end, text))


def plain_store(facts: Places, module: Module, node: ast.Attribute) -> ast.Expr | None:
    """The statement `r.store_safe_value()`, where r is made before in the same suite and nothing else has it yet."""
    call = module.analysis.parents.get(node)
    statement = module.analysis.parents.get(call) if isinstance(call, ast.Call) and call.func is node else None
    entity = facts.entity_of(module, node.value) if isinstance(node.value, ast.Name) else None
    scope = module.analysis.scope_of[node]
    if not isinstance(statement, ast.Expr) or not isinstance(call, ast.Call) or call.args or call.keywords:
        return None
    if entity is None or entity[0] is not scope or scope.kind == "class" or len(scope.bindings[entity[1]]) != 1:
        return None
    value = scope.bindings[entity[1]][0].value
    start = module.analysis.parents.get(value) if value is not None else None
    suite = suite_of(module, statement)
    if start not in suite or not _only_asked(module, facts.uses.get(entity, ()), statement, suite):
        return None
    given = _given(value) if isinstance(value, ast.Call) else {}
    surely = "value" in given and _is_something(given["value"])
    return statement if surely or joiner(module, statement) != "; " else None


def _is_something(node: ast.expr) -> bool:
    """Whether a value certainly isn't None."""
    displays = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr, ast.ListComp, ast.DictComp, ast.SetComp)
    return isinstance(node, displays) or (isinstance(node, ast.Constant) and not is_none(node))


def _only_asked(
    module: Module, uses: Sequence[tuple[Module, ast.expr]], statement: ast.stmt, suite: Sequence[ast.stmt]
) -> bool:
    """Whether nothing but attributes of a variable is used up to a statement, and it is stored only once."""
    later = suite[suite.index(statement) + 1 :]
    stores = 0
    for user, use in uses:
        above = set(user.analysis.ancestors(use))
        asked = _asked(user, use)
        stores += asked == "store_safe_value"
        if user is not module or (not asked and not any(part in above for part in later)):
            return False
    return stores == 1
