"""What each legacy import becomes, what has to be imported besides, and the name of each Result."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Iterator, Tuple

from rehandle.mapping import HANDLERS, HANDLERS_MODULE
from rehandle_codemods.decide.arguments import loss
from rehandle_codemods.decide.demands import Demand, Demands, head
from rehandle_codemods.decide.safe_results import SafeResults
from rehandle_codemods.decide.still_imported import still_imported
from rehandle_codemods.decide.values import Values
from rehandle_codemods.decide.verdicts import Converted, Left, Rewritten
from rehandle_codemods.files.source import working_on
from rehandle_codemods.findings import Reason
from rehandle_codemods.flow.legacy_imports import bindings_of, import_target
from rehandle_codemods.flow.safe_results import SAFE_RESULTS
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.imported_names import ImportedName, free_name, imports_exactly
from rehandle_codemods.index.locations import line_of, where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Variable
from rehandle_codemods.index.targets import External
from rehandle_codemods.options import PREFECT_1, SHIM

_LAST_NAMES = ("NoResult", "Result")
"""What later releases have as well, in `prefect.engine.result`."""

ImportVerdict = Tuple["type[Rewritten] | type[Converted] | type[Left]", "list[ImportedName] | None"]
"""The kind of verdict on an import, and the names that take its place; None where it stays."""


class Imports:
    """What becomes of the imports of a project."""

    def __init__(self, values: Values, safe_results: SafeResults) -> None:
        self.values = values
        self._safe_results = safe_results
        self._demands: dict[Module, Demands] = {}
        self._modules: dict[Module, ModuleImports] = {}
        self._still_imported = still_imported(values, self.demands)

    def of(self, module: Module) -> ModuleImports:
        """The imports of one module."""
        if module not in self._modules:
            self._modules[module] = ModuleImports(self, module)
        return self._modules[module]

    def demands(self, module: Module) -> Demands:
        """What the uses of imported names in a module need."""
        if module not in self._demands:
            with working_on(module.path):
                self._demands[module] = Demands(self.values, module)
        return self._demands[module]

    def uses_through(self, module: Module, variable: Variable) -> bool:
        """Whether other modules use a legacy name through a module that imports it, and go on doing so."""
        return self.values.flow.uses.used_through(variable) or variable in self._still_imported

    def unused(self, module: Module, name: str) -> bool:
        """Whether every use of SafeResult in a module is rewritten, and no other module imports it from there."""
        if name not in SAFE_RESULTS or not module.editable:
            return False
        variable = module.root.variable(name.rsplit(".", 1)[1])
        if any(other is not module for other, _ in self.values.project.importers.get(variable, ())):
            return False
        if self.uses_through(module, variable):
            return False
        uses = [node for node, used in self.values.flow.uses.module_refs.get(module, ()) if used == name]
        return all(node in self._safe_results.places(module) for node in uses)

    def dropped(self, module: Module, binding: scopes.Binding) -> str:
        """The canonical name of an imported `Result` or `NoResult` whose every use is rewritten; else an empty string.

        Prefect still has them: an import that nothing used before stays.
        """
        if binding.kind != scopes.FROM or not module.editable:
            return ""
        targets = self.values.project.imported(module, binding) if binding.attribute in _LAST_NAMES else ()
        target = targets[0] if len(targets) == 1 else None
        if not isinstance(target, External) or not target.name.startswith("prefect.engine.result."):
            return ""
        variable, uses = binding.variable, self.values.flow.uses
        taken = self.values.project.importers.get(variable) or variable.name in uses.attributes
        if len(variable.bindings) != 1 or taken or self.values.project.star_user(module) or uses.by_name(variable.name):
            return ""
        nodes = module.analysis.nodes
        if any(isinstance(node, ast.Constant) and node.value == variable.name for node in nodes):
            return ""  # as in __all__
        found = [node for node in nodes if isinstance(node, ast.Name) and head(module, node) == variable]
        return target.name if found and self._safe_results.names_gone(module).issuperset(found) else ""


class ModuleImports:
    """The names of Results in one module, and what each legacy import in it becomes."""

    def __init__(self, project: Imports, module: Module) -> None:
        """Decide.

        Args:
            project: what is known of the imports of all modules.
            module: the module.
        """
        self.project = project
        self.values = project.values
        self.options = project.values.options
        self.module = module
        needed = project.demands(module)
        self.demands = needed.demands
        self._imports = needed.imports
        self._bindings = {binding.node: binding for binding in bindings_of(module)}
        self._converted = {ref.node for demand in self.demands.values() for ref in demand.converted}
        self._local_names: dict[tuple[Variable, str], str] = {}
        self._extra = self._extra_names()
        self.to_result, self.to_result_needs = _runtime_name(module)

    def demand(self, node: ast.AST) -> Demand | None:
        """What the uses need of the name that an expression of dotted names begins with."""
        variable = head(self.module, node)
        return self.demands.get(variable) if variable is not None else None

    def binding_of(self, alias: ast.alias) -> scopes.Binding:
        """What one name of an import statement binds."""
        return self._bindings[alias]

    def first_stay(self, alias: ast.alias) -> Reason:
        """Where a name is used that keeps an import from changing."""
        variable = self.binding_of(alias).variable
        demand = self.demands.get(variable, Demand())
        nodes: list[ast.AST] = [ref.node for ref in demand.left or demand.staying]
        modules = self.values.flow.uses.module_refs.get(self.module, ())
        nodes = nodes or [node for node, _ in modules if head(self.module, node) == variable]
        if not nodes:
            for user, binding in self.values.project.importers.get(variable, ()):
                if not user.editable:
                    at = where(user, binding.node)
                    text = f"{at.line}, which isn't to be changed, imports it"
                    return Reason(text, at, "Import rehandle.handlers instead")
            return Reason("other files use it, or may use it", advice="Import rehandle.handlers instead")
        first = min(nodes, key=lambda node: getattr(node, "lineno", 0))
        parent = self.module.analysis.parents.get(first)
        cause = where(self.module, parent if isinstance(parent, ast.ClassDef) else first)
        return Reason(f"{line_of(self.module, first)} uses it", because=cause)

    def is_converted(self, node: ast.AST | None) -> bool:
        """Whether a name of a handler class becomes the name of its Result."""
        return node in self._converted

    def result_text(self, node: ast.expr, handler: str) -> str | None:
        """What is written for a handler class that becomes its Result; None where the name stays as it is."""
        variable = head(self.module, node)
        assert variable is not None
        row = HANDLERS[handler]
        if isinstance(node, ast.Name):
            local = self.local_name(variable, handler)
            return None if local == variable.name else local
        result_module = self._extra_module(node, handler)
        if result_module:
            return self._extra[result_module, row.result].local
        bound = self._imports.get(variable)
        if bound is None or bound[0].module == "prefect":
            return f"{self._prefix(node)}.{row.result_module[len('prefect.') :]}.{row.result}"
        return f"{variable.name}.{row.result}"

    def needs(self, node: ast.expr, handler: str) -> tuple[ImportedName, ...]:
        """What has to be imported besides for what `result_text` gives."""
        result_module = self._extra_module(node, handler)
        wanted = self._extra[result_module, HANDLERS[handler].result] if result_module else None
        return (wanted,) if wanted and not imports_exactly(self.module.root, wanted.local, wanted) else ()

    def _extra_module(self, node: ast.expr, handler: str) -> str:
        """The module that a Result has to be imported from by its name, where none is reached as the handler was."""
        variable = head(self.module, node)
        if isinstance(node, ast.Name) or variable is None:
            return ""
        bound = self._imports.get(variable)
        if bound is None or bound[0].module == "prefect":
            if self.options.target == PREFECT_1:
                return ""
        elif self.module_import_converts(variable):
            return ""
        return self.options.result_module(handler, legacy=self._is_legacy(node, handler))

    def _extra_names(self) -> dict[tuple[str, str], ImportedName]:
        """The Results that are imported besides, by module and name."""
        found: dict[tuple[str, str], ImportedName] = {}
        for ref in self.values.flow.uses.refs_in(self.module):
            result_module, name = self._extra_module(ref.node, ref.handler), HANDLERS[ref.handler].result
            if not result_module or (result_module, name) in found:
                continue
            wanted = ImportedName(result_module, name)
            taken = {other.local for (module, _), other in found.items() if module != result_module}
            if wanted.local in taken or not free_name(self.module.analysis.scopes, wanted):
                wanted = ImportedName(result_module, name, f"_{name}")
            found[result_module, name] = wanted
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
        return ImportedName(self.options.result_module(handler, legacy=legacy), HANDLERS[handler].result)

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
        if (variable, handler) not in self._local_names:
            self._local_names[variable, handler] = self._local_name(variable, handler)
        return self._local_names[variable, handler]

    def _local_name(self, variable: Variable, handler: str) -> str:
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

    def alias(self, binding: scopes.Binding, target: str) -> ImportVerdict:
        """What an import of legacy API becomes.

        Args:
            binding: what it binds.
            target: the canonical name of what it imports.

        Returns:
            The kind of verdict, and the names that take its place (None where it stays).
        """
        variable = binding.variable
        demand = self._demand_of(binding)
        handler = prefect_names.handler_class(target)
        if not self.values.protection.may_change(self.module, binding.node):
            return Left, None
        if binding.attribute in _LAST_NAMES:
            return Rewritten, []  # it was asked about as what is dropped
        if prefect_names.is_removed(target):
            return (Rewritten, []) if self.project.unused(self.module, target) else (Left, None)
        if handler is None or binding.kind != scopes.FROM:
            return self._module_alias(binding, variable, demand)
        users = self.project.uses_through(self.module, variable)
        wanted: list[ImportedName] = []
        if demand.converted or not (demand.staying or users):
            wanted.append(self._wanted(variable, handler)._replace(asname=self.local_name(variable, handler)))
        if not demand.staying and not users:
            return Rewritten, wanted
        if not demand.runtime:
            return Left, [*wanted, self._old(binding)] if wanted else None
        name = target.rsplit(".", 1)[1]
        return Converted, [*wanted, ImportedName(prefect_names.RUNTIME_HANDLERS_MODULE, name, binding.name)]

    def _demand_of(self, binding: scopes.Binding) -> Demand:
        """What uses need an imported name to be: on a page that imports it again, those up to there."""
        demand = self.demands.get(binding.variable, Demand())
        source, start = self.module.source, self.module.span(binding.node)[0]
        if not source.embeds(start) or source.cell(start):
            return demand
        starts = [self.module.span(other.node)[0] for other in self._imports.get(binding.variable, ())]
        later = [other for other in starts if other > start]
        return demand.between(start, min(later)) if later else demand.between(start, len(source.data))

    def import_changes(self, statement: ast.Import | ast.ImportFrom) -> tuple[tuple[ImportedName, ...], ...]:
        """What takes the place of each name of a statement that imports legacy API: it itself, where it stays."""
        return tuple(self._instead(statement, alias) for alias in statement.names)

    def _instead(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[ImportedName, ...]:
        binding = self.binding_of(alias)
        target = import_target(self.values.project, self.module, binding)
        if self.project.dropped(self.module, binding):
            return ()
        if isinstance(statement, ast.Import):
            # `import prefect.engine.result_handlers` binds `prefect` alone.
            target = target or prefect_names.canonical(alias.name)
        wanted = self.alias(binding, target)[1] if prefect_names.is_legacy(target) else None
        if wanted is None:
            return (imported(statement, alias),)
        if isinstance(statement, ast.ImportFrom) or (alias.asname and not wanted):
            return tuple(wanted)
        package = f"{wanted[0].module}.{wanted[0].name}" if wanted else self.options.result_module("LocalResultHandler")
        if not alias.asname and not package.startswith("prefect."):
            package = "prefect"  # that is the name that the statement binds
        return (ImportedName("", package, alias.asname or ""),)

    @cached_property
    def renamed(self) -> dict[Variable, str]:
        """The names that imports bind under another name now, and no longer under their own."""
        renamed = {}
        for variable, bindings in self._imports.items():
            for binding in bindings:
                _, wanted = self.alias(binding, import_target(self.values.project, self.module, binding))
                if wanted and variable.name not in [want.local for want in wanted]:
                    renamed[variable] = wanted[0].local
        return renamed

    def exports(self, statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[ast.Constant, str]]:
        """The names in `__all__` that a statement binds under another name now, and these."""
        bound = {alias.asname or alias.name for alias in statement.names}
        renamed = {old.name: new for old, new in self.renamed.items() if old.scope is self.module.root}
        for binding in self.module.root.bindings.get("__all__", ()):
            for node in ast.walk(binding.value) if binding.value is not None else ():
                if isinstance(node, ast.Constant) and node.value in renamed and node.value in bound:
                    yield node, renamed[node.value]

    def own_packages(self) -> frozenset[str]:
        """The top-level names of the project's own modules, among those that the module imports."""
        found: set[str] = set()
        for node in self.module.analysis.nodes:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found.update(name.split(".")[0] for name in names if self.values.project.has(name, self.module))
        return frozenset(found)

    def _module_alias(self, binding: scopes.Binding, variable: Variable, demand: Demand) -> ImportVerdict:
        package, _, name = self.options.result_module("LocalResultHandler").rpartition(".")
        through = self._module_objects(variable) or self.project.uses_through(self.module, variable)
        if self.module_import_converts(variable) or not (demand.converted or demand.staying or through):
            return Rewritten, [ImportedName(package, name, binding.name)]
        if through:
            return Left, None
        if not demand.staying:
            return Rewritten, []
        if demand.runtime and binding.module != "prefect":
            package, _, name = prefect_names.RUNTIME_HANDLERS_MODULE.rpartition(".")
            return Converted, [ImportedName(package, name, binding.name)]
        return Left, None

    def _module_objects(self, variable: Variable) -> bool:
        """Whether an imported handlers' module is itself used as an object."""
        return any(
            head(self.module, node) == variable and prefect_names.is_handlers_module(name)
            for node, name in self.values.flow.uses.module_refs.get(self.module, ())
        )

    def _old(self, binding: scopes.Binding) -> ImportedName:
        return ImportedName("." * binding.level + (binding.module or HANDLERS_MODULE), binding.attribute, binding.name)

    def module_import_converts(self, variable: Variable) -> bool:
        """Whether every use of an imported handlers' module becomes a Result of the one results' module."""
        demand = self.demands.get(variable, Demand())
        base = any(ref.handler == "ResultHandler" for ref in demand.converted) and self.options.target == PREFECT_1
        base = base or any(self._is_legacy(ref.node, ref.handler) for ref in demand.converted)
        if self._module_objects(variable) or self.project.uses_through(self.module, variable):
            return False
        return self.module.editable and bool(demand.converted) and not demand.staying and not base


def imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ImportedName:
    """What a statement imports by one of its names."""
    module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    return ImportedName(module, alias.name, alias.asname or "")


def _runtime_name(module: Module) -> tuple[str, tuple[ImportedName, ...]]:
    """The name that `rehandle.to_result` has in a module, and the import that it needs, if any."""
    wanted = ImportedName(prefect_names.RUNTIME_MODULE, prefect_names.RUNTIME_FUNCTION)
    if imports_exactly(module.root, wanted.local, wanted):
        return wanted.local, ()
    for name in (prefect_names.RUNTIME_FUNCTION, "rehandle_to_result"):
        if name not in module.analysis.names:
            return name, (wanted._replace(asname=name),)
    return "_rehandle_to_result", (wanted._replace(asname="_rehandle_to_result"),)
