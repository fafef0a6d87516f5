"""Import of a result handler.

`prefect.engine.result_handlers` is gone from Prefect 0.14 on: even an unused import of it is an error there. Each
name is imported as its Result instead, in the same scope and layout. A name whose handlers must stay handlers is
imported from `rehandle.handlers`, which has the same classes for every Prefect.

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
from rehandle_codemods.decide.verdicts import Converted, Left, Rewrite, Rewritten, Verdict
from rehandle_codemods.findings import LEFT, RUNTIME, Reason
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rewrite import code, imports
from rehandle_codemods.rules import rule


@rule
def decide(place: Import, decisions: Decisions) -> Verdict | None:
    """Import what takes a name's place. Statements are rewritten as a whole, once every name in them is decided."""
    if prefect_names.is_removed(place.name) and not decisions.imports.unused(place.module, place.name):
        return None
    alias, decided = place.node, decisions.imports.of(place.module)
    status, wanted = decided.alias(decided.binding_of(alias), place.name)
    statement = place.module.analysis.parents[alias]
    rewrites = _statement(decided, statement, alias) if isinstance(statement, ast.ImportFrom) else ()
    if status == LEFT:
        beside = f"{wanted[0].name} is imported too, but " if wanted else ""
        reason = f"{beside}{alias.name} is still needed ({decided.first_stay(alias)})"
        return Left(Reason(reason, advice="Change that place by hand, then run again"), rewrites)
    if isinstance(statement, ast.Import):
        results = decisions.options.home("LocalResultHandler")
        package = wanted[0].module + "." + wanted[0].name if wanted else results
        if not alias.asname and not package.startswith("prefect."):
            package = "prefect"  # that is the name that the statement binds
        rewrites = (Rewrite(alias, partial(imports.alias_changed, module=package)),)
    if status == RUNTIME:
        beside = f", and {wanted[0].name} where it becomes one" if wanted and len(wanted) > 1 else ""
        reason = f"import {alias.name} from rehandle.handlers, where it stays a handler{beside}"
        return Converted(Reason(reason), rewrites=rewrites)
    instead = ", ".join(want.name for want in wanted or ()) or "nothing"
    return Rewritten(f"import {instead} instead of {alias.name}", rewrites)


def _statement(decided: ModuleImports, statement: ast.ImportFrom, alias: ast.alias) -> tuple[Rewrite, ...]:
    """What becomes of a statement: said by the first of its names that changes."""
    names = decided.import_changes().get(statement, ())
    changed = [old for old, new in zip(statement.names, names) if new != (imported(statement, old),)]
    if changed[:1] != [alias]:
        return ()
    exports = (Rewrite(node, partial(code.saying, text=name)) for node, name in decided.exports(statement))
    return (Rewrite(statement, partial(imports.changed, names=names)), *exports)
