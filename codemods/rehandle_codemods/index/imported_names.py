"""Names that imports bind: what there is to import, and whether a scope has room for it."""

from __future__ import annotations

from typing import Iterable, NamedTuple

from rehandle_codemods.index.scopes import FROM, Scope


class ImportedName(NamedTuple):
    """A name to import: `from module import name as asname`, or `import name as asname` where there is no module."""

    module: str
    name: str
    asname: str = ""

    @property
    def local(self) -> str:
        """The name that is bound."""
        return self.asname or self.name


def imports_exactly(scope: Scope, name: str, wanted: ImportedName) -> bool:
    """Whether everything that binds a name in a scope imports one certain thing."""
    found = scope.bindings.get(name, [])
    return bool(found) and all(
        binding.kind == FROM
        and not binding.level
        and binding.module == wanted.module
        and binding.attribute == wanted.name
        for binding in found
    )


def free_name(scopes: Iterable[Scope], wanted: ImportedName) -> bool:
    """Whether a name can be bound by an import: no scope on the way binds it to something else."""
    return all(wanted.local not in scope.bindings or imports_exactly(scope, wanted.local, wanted) for scope in scopes)
