"""What the names of a file mean: Prefect's, and those that are understood."""

from __future__ import annotations

import ast

from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.prefect3.parts import PARAMETER, UNMAPPED
from rehandle_codemods.prefect3.stopped import StoppedError

_CANONICAL = {
    "prefect.core.Parameter": PARAMETER,
    "prefect.core.parameter.Parameter": PARAMETER,
    "prefect.core.task.Parameter": PARAMETER,
    "prefect.utilities.tasks.unmapped": UNMAPPED,
    "prefect.utilities.edges.unmapped": UNMAPPED,
}
_OF_PREFECT_3 = ("prefect.flow", "prefect.filesystems.", "prefect.cache_policies.", "prefect.blocks.")


class Names:
    """Tells what names mean, and remembers which were understood.

    Attributes:
        of_prefect: the canonical names of Prefect's by those that the file has for them.
        stops: imports of Prefect's that don't say each name, and names of several meanings.
        understood: the names that have a place in a flow's file.
    """

    def __init__(self, module: Module) -> None:
        """Read the imports of a file."""
        self.module = module
        self.of_prefect: dict[str, str] = {}
        self.stops: list[StoppedError] = []
        self.understood: set[ast.AST] = set()
        self._ambiguous: set[str] = set()
        self._imports()

    def _imports(self) -> None:
        for node in self.module.analysis.nodes:
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                continue
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [name.name for name in node.names]
            relative = isinstance(node, ast.ImportFrom) and node.level > 0
            if relative or not any(name.split(".")[0] == "prefect" for name in modules):
                continue
            if node not in self.module.tree.body:
                self.stops.append(StoppedError(node, "Prefect is imported inside of something", "Import it at the top"))
            elif isinstance(node, ast.Import) or node.names[0].name == "*":
                advice = "Write from prefect import, and the names"
                self.stops.append(StoppedError(node, "Prefect's names aren't imported one by one", advice))
            else:
                for alias in node.names:
                    dotted = prefect_names.canonical(f"{node.module}.{alias.name}")
                    self.of_prefect[alias.asname or alias.name] = _CANONICAL.get(dotted, dotted)

    @property
    def are_of_prefect_3(self) -> bool:
        """Whether the file imports what Prefect 1.x doesn't have: it is one of Prefect 3's, or was made one."""
        return any(name.startswith(_OF_PREFECT_3) for name in self.of_prefect.values())

    def is_global(self, node: ast.Name) -> bool:
        """Whether a name is the module's, and no parameter's or local variable's."""
        return self.module.analysis.scope_of[node].lookup(node.id) is self.module.root

    def named(self, node: ast.AST | None) -> str:
        """The canonical name of what a name means that is imported from Prefect; it is understood then."""
        if not isinstance(node, ast.Name) or node.id not in self.of_prefect or not self.is_global(node):
            return ""
        self.understood.add(node)
        return self.of_prefect[node.id]

    def bound_once(self, node: ast.AST, name: str) -> None:
        """Note where a name has several meanings, once; what follows is read as if this were its only one."""
        bindings = self.module.root.bindings.get(name, ())
        if len(bindings) == 1 or name in self._ambiguous:
            return
        self._ambiguous.add(name)
        lines = sorted({binding.node.lineno for binding in bindings if hasattr(binding.node, "lineno")})
        where = f": lines {' and '.join(map(str, lines))} bind it" if len(lines) > 1 else ""
        advice = f"Give {name} one meaning{where}"
        self.stops.append(StoppedError(node, "a name of the flow is bound more than once", advice))

    def constant(self, node: ast.expr) -> ast.expr:
        """The plain value of a variable that is bound once; anything else as it is."""
        if isinstance(node, ast.Name) and self.is_global(node):
            bindings = self.module.root.bindings[node.id]
            value = bindings[0].value if len(bindings) == 1 and bindings[0].kind == scopes.ASSIGN else None
            return value if isinstance(value, ast.Constant) else node
        return node


def identifier(node: ast.AST | None) -> str:
    """The name that an expression is; empty where it is none."""
    return node.id if isinstance(node, ast.Name) else ""
