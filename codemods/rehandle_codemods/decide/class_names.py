"""New names for classes that become Results: a name that ends in `Handler` would say what the class no longer is.

A class is renamed with every use of its name in every file, or not at all.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Iterator

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.places import ClassUse
from rehandle_codemods.decide.protected import RENAMING
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.index import scopes
from rehandle_codemods.index.locations import reason_at
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Binding, Variable
from rehandle_codemods.index.syntax import inside_fstring, is_annotation, is_none
from rehandle_codemods.index.targets import ModuleRef

if TYPE_CHECKING:
    from rehandle_codemods.decide.values import Values

_SUFFIX = "Handler"
_LEGACY_SUFFIX = "ResultHandler"
_WORD = re.compile(r"\w+")

_FIXED = ", which isn't to be changed"


class KeptError(Exception):
    """A class keeps its name.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def new_name(old: str) -> str:
    """The name that a handler class gets as a Result; the old one where that doesn't say that it is a handler."""
    for suffix in (_LEGACY_SUFFIX, _SUFFIX):
        if old.endswith(suffix):
            return old[: -len(suffix)] + "Result"
    return old


class ClassNames:
    """The new names of a project's classes, and every place that has an old one.

    Attributes:
        names: the new names of the classes that get one.
        kept: why other classes whose name ends in `Handler` keep it.
    """

    def __init__(self, values: Values) -> None:
        """Decide.

        Args:
            values: what becomes of values.
        """
        self.values = values
        self.names: dict[Variable, str] = {}
        self.kept: dict[Variable, Reason] = {}
        self._places: dict[Module, list[ClassUse]] = {}
        self._coming: dict[Module, set[str]] = {}
        self._claimed: set[tuple[Module, str]] = set()
        for variable, (module, _) in values.flow.uses.classes.items():
            new = new_name(variable.name)
            keeps = new == variable.name or values.options.of(module.path).keep_names
            if variable in values.staying or keeps:
                continue
            with working_on(module.path):
                self._decide(variable, module, new)

    def _decide(self, variable: Variable, module: Module, new: str) -> None:
        try:
            found = self._all_places(variable, module, new)
        except KeptError as error:
            self.kept[variable] = error.reason
            return
        self.names[variable] = new
        for place in found:
            self._places.setdefault(place.module, []).append(place)

    def places(self, module: Module) -> list[ClassUse]:
        """The places in a module, apart from the classes' definitions."""
        return self._places.get(module, [])

    def _all_places(self, variable: Variable, module: Module, new: str) -> list[ClassUse]:
        if variable.scope.kind == "class":
            raise KeptError(Reason("may be reached through the class that it is defined in", subject=IT))
        imported = self._imports(variable)
        named = {variable, *(binding.scope.variable(variable.name) for _, binding in imported)}
        places = [
            *self._import_places(imported, variable.name, new),
            *self._use_places(variable, named, new),
            *self._fallback_places(variable, module, imported, new),
            *self._string_places(variable.name, {module, *(user for user, _ in imported)}, named, new),
        ]
        definition = self.values.flow.uses.classes[variable][1]
        for user, node in [(module, definition), *((place.module, place.node) for place in places)]:
            if not self.values.protection.may_change(user, node, RENAMING):
                raise KeptError(self._reason(user, node, "is named", _FIXED))
        affected = dict.fromkeys([module, *(place.module for place in places)])
        for each in affected:
            self._check_free(each, new)
        self._claimed.update((each, new) for each in affected)
        return places

    def _imports(self, variable: Variable) -> list[tuple[Module, Binding]]:
        """The imports, direct or through other modules, that bind a class under its own name or take it by that."""
        found: list[tuple[Module, Binding]] = []
        pending, seen = [variable], {variable}
        while pending:
            for user, binding in self.values.project.importers.get(pending.pop(), ()):
                if user.prefect_package:
                    continue
                found.append((user, binding))
                key = binding.variable
                if binding.name == variable.name and key not in seen:
                    seen.add(key)
                    pending.append(key)
        return found

    def _import_places(self, imported: list[tuple[Module, Binding]], old: str, new: str) -> Iterator[ClassUse]:
        for user, binding in imported:
            if not self.values.protection.may_change(user, binding.node, RENAMING):
                raise KeptError(self._reason(user, binding.node, "is imported", _FIXED))
            start, end = user.span(binding.node)
            yield ClassUse(user, binding.node, (start, start + len(old.encode())), new)
            asname = getattr(binding.node, "asname", None)
            if asname == old:
                yield ClassUse(user, binding.node, (end - len(old.encode()), end), new)

    def _use_places(self, variable: Variable, named: set[Variable], new: str) -> Iterator[ClassUse]:
        old = variable.name
        for user, node in self.values.flow.uses.of(variable):
            start, end = user.span(node)
            if isinstance(node, ast.Attribute):
                if node.attr != old:
                    continue
                owners = self.values.project.resolve(user, node.value)
                found = [owner.module.root.variable(old) for owner in owners if isinstance(owner, ModuleRef)]
                if len(found) < len(owners) or not named.issuperset(found):
                    raise KeptError(self._reason(user, node, "is reached through something unknown"))
                start = end - len(old.encode())
            elif isinstance(node, ast.Name) and user.analysis.scope_of[node].find(node.id) not in named:
                continue
            if inside_fstring(user, node):
                raise KeptError(self._reason(user, node, "is used inside an f-string"))
            yield ClassUse(user, node, (start, end), new)

    def _string_places(self, old: str, binders: set[Module], named: set[Variable], new: str) -> Iterator[ClassUse]:
        """The names in `__all__` and in annotations that are strings; any other string that is the name keeps it."""
        reached = re.compile(rf"(?:[\w.]+[.:])?{re.escape(old)}")
        word = re.compile(rb"(?<![\w.])" + re.escape(old.encode()) + rb"(?!\w)")
        for user, node in self._strings.get(old, ()):
            said = user in binders and (is_annotation(user, node) or is_exported(user, node))
            if said and user.analysis.scope_of[node].find(old) in named and not inside_fstring(user, node):
                first, last = user.span(node)
                for match in word.finditer(user.source.data, first, last):
                    yield ClassUse(user, node, match.span(), new)
                continue
            if reached.fullmatch(str(node.value)):
                raise KeptError(self._reason(user, node, "is named by a string"))

    @cached_property
    def _strings(self) -> dict[str, list[tuple[Module, ast.Constant]]]:
        """The strings that have a word in them, by the word; what annotations say is among the uses."""
        wanted = {variable.name for variable in self.values.flow.uses.classes}
        found: dict[str, list[tuple[Module, ast.Constant]]] = {}
        for user in self.values.project.every_module():
            for node in user.analysis.nodes:
                if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                    continue
                for name in wanted.intersection(_WORD.findall(node.value)) if node not in user.analysis.quoted else ():
                    if name.encode() in user.source.data:
                        found.setdefault(name, []).append((user, node))
        return found

    def _fallback_places(
        self, variable: Variable, module: Module, imported: list[tuple[Module, Binding]], new: str
    ) -> Iterator[ClassUse]:
        """The assignments of None beside an import, as after `except ImportError`; nothing else may bind a name."""
        old = variable.name
        definition = self.values.flow.uses.classes[variable][1]
        binders = {(variable.scope, module): None}
        binders.update({(binding.scope, user): None for user, binding in imported if binding.name == old})
        for scope, user in binders:
            if old in user.analysis.outer_names:
                raise KeptError(Reason(f"is a global or nonlocal name in {user.shown}", subject=old))
            for binding in scope.bindings[old]:
                if binding.kind == scopes.FROM or binding.node is definition:
                    continue
                if binding.kind != scopes.ASSIGN or not is_none(binding.value):
                    raise KeptError(self._reason(user, binding.node, "is also bound to something else", subject=old))
                yield ClassUse(user, binding.node, user.span(binding.node), new)

    def _check_free(self, module: Module, new: str) -> None:
        """Check that a new name isn't used in a module, nor going to be.

        Raises:
            KeptError: it is.
        """
        if module not in self._coming:
            results = (HANDLERS[ref.handler].result for ref in self.values.flow.uses.refs_in(module))
            self._coming[module] = {"Result", *results}
        if (
            new in self._coming[module]
            or new in module.analysis.names
            or (module, new) in self._claimed
            or module.root.stars
        ):
            raise KeptError(Reason(f"means something else in {module.shown}, or may", subject=new))

    def _reason(self, module: Module, node: ast.AST, text: str, rest: str = "", *, subject: str = IT) -> Reason:
        return reason_at(module, node, text, rest, subject=subject)


def is_exported(module: Module, node: ast.AST) -> bool:
    """Whether a string is in `__all__`."""
    statement = next((above for above in module.analysis.ancestors(node) if isinstance(above, ast.stmt)), None)
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
