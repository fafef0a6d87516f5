"""Import of a result handler.

`prefect.engine.result_handlers` is gone from Prefect 0.14 on: even an unused import of it is an error there. Each
name is imported as its Result instead, in the same scope and layout. A name whose handlers must stay handlers is
imported from `rehandle.handlers`, which has the same classes for every Prefect.

Imports that isort or ruff had sorted, with the defaults of either, are sorted afterwards. Names join an import of
their module that is there already, and comments stay with their names. Where imports weren't sorted, they keep their
places.

## Example

```diff
-from prefect.engine.result_handlers import GCSResultHandler, JSONResultHandler
+from prefect.engine.results import GCSResult, PrefectResult
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.imports import ModuleImports, imported
from rehandle_codemods.decide.places import Import
from rehandle_codemods.decide.verdicts import Converted, How, Left, Rewrite, Rewritten, Verdict
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.imported_names import ImportedName
from rehandle_codemods.rewrite import code, imports
from rehandle_codemods.rules import rule


@rule
def decide(place: Import, decisions: Decisions) -> Verdict | None:
    """Import what takes a name's place. Statements are rewritten as a whole, once every name in them is decided."""
    if prefect_names.is_removed(place.name) and not decisions.imports.unused(place.module, place.name):
        return None
    alias, decided = place.node, decisions.imports.of(place.module)
    kind, wanted = decided.alias(decided.binding_of(alias), place.name)
    names = decided.import_changes(place.statement)
    rewrites = _statement(decided, place, names)
    mine = names[place.statement.names.index(alias)]
    after = (*mine, *(name for others in names for name in others))
    if kind is Left:
        beside = f", beside {wanted[0].name}" if wanted else ""
        why = decided.first_stay(alias)
        why = why._replace(advice=why.advice or "Change that place by hand, then run again")
        return Left(why, How(alias.name, f"is still imported{beside}"), rewrites)
    if kind is Converted:
        beside = f", beside {wanted[0].name}" if wanted and len(wanted) > 1 else ""
        how = How(alias.name, f"is imported from rehandle.handlers{beside}")
        return Converted(decided.first_stay(alias), how, rewrites, imports=(*reversed(mine), *after))
    if not mine:
        return Rewritten(f"drop the import of {alias.name}, which nothing uses", rewrites, imports=after)
    instead = ", ".join(name.name for name in mine)
    return Rewritten(f"import {instead} instead of {alias.name}", rewrites, imports=after)


def _statement(
    decided: ModuleImports, place: Import, names: tuple[tuple[ImportedName, ...], ...]
) -> tuple[Rewrite, ...]:
    """What becomes of a statement: said by the first of its names that changes."""
    statement = place.statement
    changed = [old for old, new in zip(statement.names, names) if new != (imported(statement, old),)]
    if changed[:1] != [place.node]:
        return ()
    exports = (Rewrite(node, partial(code.saying, text=name)) for node, name in decided.exports(statement))
    change = imports.changed_modules if isinstance(statement, ast.Import) else imports.changed
    return (Rewrite(statement, partial(change, names=names)), *exports)
