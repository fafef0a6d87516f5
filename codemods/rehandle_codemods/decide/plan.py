"""How one module changes: the name of each Result in it, and what each legacy import becomes."""

from __future__ import annotations

import ast
from typing import Iterator, Tuple

from rehandle.mapping import HANDLERS, HANDLERS_MODULE
from rehandle_codemods.decide.arguments import loss
from rehandle_codemods.decide.collect import bindings_of, import_target
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.findings import LEFT, REWRITTEN, RUNTIME
from rehandle_codemods.flow.receivers import PARAMETER, YES
from rehandle_codemods.flow.uses import HandlerRef
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.imported_names import ImportedName, free_name, imports_exactly
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.syntax import is_annotation, keyword_of, line_of
from rehandle_codemods.options import PREFECT_1, SHIM

Became = Tuple[str, "list[ImportedName] | None"]
"""The status of an import, and the names that take its place; None where it stays."""


class Demand:
    """What the uses of one imported name need it to be."""

    def __init__(self) -> None:
        self.converted: list[HandlerRef] = []
        self.staying: list[HandlerRef] = []
        self.annotations: list[HandlerRef] = []
        self.comparisons: list[HandlerRef] = []
        self.runtime = False
        self.fixed = False


class Plan:
    """What is decided for one module, for the rules to carry out."""

    def __init__(self, decisions: Decisions, module: Module) -> None:
        """Plan.

        Args:
            decisions: what is decided for the project.
            module: the module.
        """
        self.decisions = decisions
        self.options = decisions.options
        self.module = module
        self.demands: dict[Variable, Demand] = {}
        self._imports: dict[Variable, list[scopes.Binding]] = {}
        for binding in bindings_of(module):
            if import_target(decisions, module, binding):
                self._imports.setdefault(binding.variable, []).append(binding)
                self.demands.setdefault(binding.variable, Demand())
        self._fill()
        self._settle_annotations()
        self._converted = {ref.node for demand in self.demands.values() for ref in demand.converted}
        self._extra = self._extra_names()
        self.to_result, self.to_result_needs = _runtime_name(module)

    def head(self, node: ast.AST) -> Variable | None:
        """The name, and the scope that binds it, that an expression of dotted names begins with."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return self.module.analysis.scope_of[node].find(node.id)

    def _fill(self) -> None:
        for ref in self.decisions.flow.uses.refs_in(self.module):
            variable = self.head(ref.node)
            demand = self.demands.setdefault(variable, Demand()) if variable is not None else Demand()
            if is_annotation(self.module, ref.node):
                demand.annotations.append(ref)
            elif self.decisions.converts(ref):
                compared = isinstance(self.module.analysis.parents.get(ref.node), ast.Compare)
                (demand.comparisons if compared else demand.converted).append(ref)
            else:
                demand.staying.append(ref)
                demand.fixed = demand.fixed or not self.decisions.protection.may_change(self.module, ref.node)
                demand.runtime = demand.runtime or self.stays_at_runtime(ref)
        for demand in self.demands.values():
            if not demand.staying:
                # Else another name is imported beside this one, which `except ImportError` doesn't set to None.
                demand.converted += demand.comparisons
            # Code that isn't to change gets the class that it always got.
            demand.runtime = demand.runtime and not demand.fixed

    def _settle_annotations(self) -> None:
        at_runtime = self._converts_at_runtime() or any(demand.runtime for demand in self.demands.values())
        clean = not any(demand.staying for demand in self.demands.values()) and not at_runtime
        for demand in self.demands.values():
            if clean and all(self.decisions.may_be_named(self.module, ref.node) for ref in demand.annotations):
                demand.converted += demand.annotations
            elif demand.annotations:
                demand.staying += demand.annotations
                demand.runtime = demand.runtime or (self.options.runtime and not demand.fixed and at_runtime)

    def _converts_at_runtime(self) -> bool:
        """Whether a value goes to Prefect, or to the project's own parameter, that isn't certainly a Result."""
        for node in self.module.analysis.nodes:
            keyword = keyword_of(node, prefect_names.KEYWORD) if isinstance(node, ast.Call) else None
            if keyword is not None and isinstance(node, ast.Call):
                answer = self.decisions.flow.receivers.call(self.module, node).answer
                if answer == PARAMETER or (answer == YES and self.decisions.value_problem(self.module, keyword.value)):
                    return True
        return False

    def stays_at_runtime(self, ref: HandlerRef) -> bool:
        """Whether a handler class that stays one is made where rehandle converts its instances."""
        if not self.options.runtime or not self.decisions.protection.may_change(self.module, ref.node):
            return False
        parent = self.module.analysis.parents.get(ref.node)
        if isinstance(parent, ast.ClassDef):
            return self.decisions.protection.may_change(self.module, parent)
        if isinstance(parent, ast.Call) and parent.func is ref.node:
            return self.decisions.reaches_runtime(self.module, parent)
        return bool(isinstance(parent, ast.Attribute) and parent.attr == "__init__")

    def binding_of(self, alias: ast.alias) -> scopes.Binding:
        """What one name of an import statement binds."""
        return next(binding for binding in bindings_of(self.module) if binding.node is alias)

    def first_stay(self, alias: ast.alias) -> str:
        """Where a name is used that keeps an import from changing."""
        binding = self.binding_of(alias)
        demand = self.demands.get(binding.variable, Demand())
        if demand.staying:
            return line_of(self.module, min((ref.node for ref in demand.staying), key=lambda node: node.lineno))
        return "as a module, or by other files"

    def is_converted(self, node: ast.AST | None) -> bool:
        """Whether a name of a handler class becomes the name of its Result."""
        return node in self._converted

    def result_text(self, node: ast.expr, handler: str) -> str | None:
        """What is written for a handler class that becomes its Result; None where the name stays as it is."""
        variable = self.head(node)
        assert variable is not None
        row = HANDLERS[handler]
        if isinstance(node, ast.Name):
            local = self.local_name(variable, handler)
            return None if local == variable.name else local
        home = self._extra_home(node, handler)
        if home:
            return self._extra[home, row.result].local
        bound = self._imports.get(variable)
        if bound is None or bound[0].module == "prefect":
            return f"{self._prefix(node)}.{row.result_module[len('prefect.') :]}.{row.result}"
        return f"{variable.name}.{row.result}"

    def needs(self, node: ast.expr, handler: str) -> tuple[ImportedName, ...]:
        """What has to be imported besides for what `result_text` gives."""
        home = self._extra_home(node, handler)
        wanted = self._extra[home, HANDLERS[handler].result] if home else None
        return (wanted,) if wanted and not imports_exactly(self.module.root, wanted.local, wanted) else ()

    def _extra_home(self, node: ast.expr, handler: str) -> str:
        """The module that a Result has to be imported from by its name, where none is reached as the handler was."""
        variable = self.head(node)
        if isinstance(node, ast.Name) or variable is None:
            return ""
        bound = self._imports.get(variable)
        if bound is None or bound[0].module == "prefect":
            if self.options.target == PREFECT_1:
                return ""
        elif self.module_import_converts(variable):
            return ""
        return self.options.home(handler, legacy=self._is_legacy(node, handler))

    def _extra_names(self) -> dict[tuple[str, str], ImportedName]:
        """The Results that are imported besides, by module and name."""
        found: dict[tuple[str, str], ImportedName] = {}
        for ref in self.decisions.flow.uses.refs_in(self.module):
            home, name = self._extra_home(ref.node, ref.handler), HANDLERS[ref.handler].result
            if not home or (home, name) in found:
                continue
            wanted = ImportedName(home, name)
            taken = {other.local for (module, _), other in found.items() if module != home}
            if wanted.local in taken or not free_name(self.module.analysis.scopes, wanted):
                wanted = ImportedName(home, name, f"_{name}")
            found[home, name] = wanted
        return found

    def _is_legacy(self, node: ast.expr, handler: str) -> bool:
        """Whether a handler is made with what Prefect's Result has no place for."""
        call = self.module.analysis.parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            return False
        return self.options.target == SHIM and bool(loss(call, handler))

    def _wanted(self, variable: Variable, handler: str) -> ImportedName:
        """The Result that takes the place of an imported handler."""
        legacy = any(self._is_legacy(ref.node, ref.handler) for ref in self.demands[variable].converted)
        return ImportedName(self.options.home(handler, legacy=legacy), HANDLERS[handler].result)

    def standard_module(self, name: str) -> tuple[str, tuple[ImportedName, ...]]:
        """The name that a module of the standard library has at the top level, and the import that it needs, if any."""
        found = self.module.root.bindings.get(name, ())
        if found and all(binding.kind == scopes.IMPORT and binding.module == name for binding in found):
            return name, ()
        wanted = ImportedName("", name, f"_{name}" if found else "")
        return wanted.local, (wanted,)

    def _prefix(self, node: ast.AST) -> str:
        while isinstance(node, ast.Attribute):
            node = node.value
        assert isinstance(node, ast.Name)
        return node.id

    def local_name(self, variable: Variable, handler: str) -> str:
        """The name that a Result gets where an import bound its handler's."""
        scope, old = variable.scope, variable.name
        row = HANDLERS[handler]
        demand = self.demands[variable]
        bound = self._imports.get(variable, [])
        # Another binding of the name, such as `except ImportError: X = None`, has to stay its other branch.
        renamed = any(binding.attribute != old for binding in bound) or len(bound) < len(scope.bindings[old])
        if renamed and not demand.staying:
            return old
        wanted = self._wanted(variable, handler)
        ways: set[scopes.Scope] = {scope}
        for ref in demand.converted:
            ways.update(self.module.analysis.scope_of[ref.node].between(scope))
        clash = not free_name(ways, wanted)
        if clash and not demand.staying:
            return old
        return f"_{row.result}" if clash else row.result

    # Imports

    def alias(self, binding: scopes.Binding, target: str) -> Became:
        """What an import of legacy API becomes.

        Args:
            binding: what it binds.
            target: the canonical name of what it imports.

        Returns:
            The status, and the names that take its place (None where it stays).
        """
        variable = binding.variable
        demand = self.demands.get(variable, Demand())
        handler = prefect_names.handler_class(target)
        if not self.decisions.protection.may_change(self.module, binding.node):
            return LEFT, None
        if prefect_names.is_removed(target):
            return (REWRITTEN, []) if self.decisions.safe_results.unused(self.module, target) else (LEFT, None)
        if handler is None or binding.kind != scopes.FROM:
            return self._module_alias(binding, variable, demand)
        users = self.decisions.uses_through(self.module, variable)
        wanted: list[ImportedName] = []
        if demand.converted or not (demand.staying or users):
            wanted.append(self._wanted(variable, handler)._replace(asname=self.local_name(variable, handler)))
        if not demand.staying and not users:
            return REWRITTEN, wanted
        if not demand.runtime:
            return LEFT, [*wanted, self._old(binding)] if wanted else None
        name = target.rsplit(".", 1)[1]
        return RUNTIME, [*wanted, ImportedName(prefect_names.RUNTIME_HANDLERS_MODULE, name, binding.name)]

    def keeps(self, binding: scopes.Binding) -> bool:
        """Whether uses of an imported name in this module need it as it is."""
        demand = self.demands.get(binding.variable, Demand())
        return not self.decisions.protection.may_change(self.module, binding.node) or bool(
            demand.staying and not demand.runtime
        )

    def import_changes(self) -> dict[ast.ImportFrom, tuple[tuple[ImportedName, ...], ...]]:
        """For each `from` import of legacy API that changes, what takes the place of each of its names."""
        found: dict[ast.ImportFrom, dict[ast.AST, list[ImportedName]]] = {}
        for bindings in self._imports.values():
            for binding in bindings:
                node = self.module.analysis.parents[binding.node]
                if isinstance(node, ast.ImportFrom):
                    _, wanted = self.alias(binding, import_target(self.decisions, self.module, binding))
                    if wanted is not None:
                        found.setdefault(node, {})[binding.node] = wanted
        return {
            node: tuple(tuple(new.get(alias, [imported(node, alias)])) for alias in node.names)
            for node, new in found.items()
        }

    def renamed(self) -> dict[Variable, str]:
        """The names that imports bind under another name now, and no longer under their own."""
        renamed = {}
        for variable, bindings in self._imports.items():
            for binding in bindings:
                _, wanted = self.alias(binding, import_target(self.decisions, self.module, binding))
                if wanted and variable.name not in [want.local for want in wanted]:
                    renamed[variable] = wanted[0].local
        return renamed

    def exports(self, statement: ast.ImportFrom) -> Iterator[tuple[ast.Constant, str]]:
        """The names in `__all__` that a statement binds under another name now, and these."""
        bound = {alias.asname or alias.name for alias in statement.names}
        renamed = {old.name: new for old, new in self.renamed().items() if old.scope is self.module.root}
        for binding in self.module.root.bindings.get("__all__", ()):
            for node in ast.walk(binding.value) if binding.value is not None else ():
                if isinstance(node, ast.Constant) and node.value in renamed and node.value in bound:
                    yield node, renamed[node.value]

    def _module_alias(self, binding: scopes.Binding, variable: Variable, demand: Demand) -> Became:
        package, _, name = self.options.home("LocalResultHandler").rpartition(".")
        used = demand.converted or demand.staying or self._module_objects(variable)
        if self.module_import_converts(variable) or not used:
            return REWRITTEN, [ImportedName(package, name, binding.name)]
        if self._module_objects(variable) or self.decisions.uses_through(self.module, variable):
            return LEFT, None
        if not demand.staying:
            return REWRITTEN, []
        if demand.runtime and binding.module != "prefect":
            package, _, name = prefect_names.RUNTIME_HANDLERS_MODULE.rpartition(".")
            return RUNTIME, [ImportedName(package, name, binding.name)]
        return LEFT, None

    def _module_objects(self, variable: Variable) -> bool:
        """Whether an imported handlers' module is itself used as an object."""
        return any(
            self.head(node) == variable and prefect_names.is_handlers_module(name)
            for node, name in self.decisions.flow.uses.module_refs.get(self.module, ())
        )

    def _old(self, binding: scopes.Binding) -> ImportedName:
        return ImportedName("." * binding.level + (binding.module or HANDLERS_MODULE), binding.attribute, binding.name)

    def module_import_converts(self, variable: Variable) -> bool:
        """Whether every use of an imported handlers' module becomes a Result of the one results' module."""
        demand = self.demands.get(variable, Demand())
        base = any(ref.handler == "ResultHandler" for ref in demand.converted) and self.options.target == PREFECT_1
        base = base or any(self._is_legacy(ref.node, ref.handler) for ref in demand.converted)
        if self._module_objects(variable) or self.decisions.uses_through(self.module, variable):
            return False
        return self.module.editable and bool(demand.converted) and not demand.staying and not base


def imported(node: ast.ImportFrom, alias: ast.alias) -> ImportedName:
    """What a statement imports by one of its names."""
    return ImportedName("." * node.level + (node.module or ""), alias.name, alias.asname or "")


def _runtime_name(module: Module) -> tuple[str, tuple[ImportedName, ...]]:
    """The name that `rehandle.to_result` has in a module, and the import that it needs, if any."""
    wanted = ImportedName(prefect_names.RUNTIME_MODULE, prefect_names.RUNTIME_FUNCTION)
    if imports_exactly(module.root, wanted.local, wanted):
        return wanted.local, ()
    for name in (prefect_names.RUNTIME_FUNCTION, "rehandle_to_result"):
        if name not in module.analysis.names:
            return name, (wanted._replace(asname=name),)
    return "_rehandle_to_result", (wanted._replace(asname="_rehandle_to_result"),)
