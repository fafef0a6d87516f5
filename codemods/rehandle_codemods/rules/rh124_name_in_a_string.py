"""Handler class named by a string.

`mock.patch("prefect.engine.result_handlers.LocalResultHandler")` and its kin reach a class by its dotted name, or by
its name in a module of the project that imports it. The string names the Result where the class does so everywhere. A
string that goes on to `read` or `write`, or into a module of Prefect's, is left: what is put there would have to
return something else.

## Example

```diff
 from unittest.mock import patch

 from prefect import Flow
-from prefect.engine.result_handlers import LocalResultHandler
+from prefect.engine.results import LocalResult

-flow = Flow("sums", result_handler=LocalResultHandler())
-with patch("prefect.engine.result_handlers.LocalResultHandler"):
+flow = Flow("sums", result=LocalResult())
+with patch("prefect.engine.results.LocalResult"):
     pass
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import NameInString
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.legacy_imports import named_import
from rehandle_codemods.flow.uses import reaching_call
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import is_annotation
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: NameInString, decisions: Decisions) -> Verdict | None:
    """Rename in a string that is certainly the name of a class which is called otherwise now."""
    if reaching_call(place.module, place.node) is None:
        return None
    old = place.text
    new = _prefects(old, decisions) or _projects(place, decisions)
    if not new:
        return None
    rewrite = Rewrite(place.node, partial(code.saying, text=new))
    return Rewritten(f"name {new} instead of {old}", (rewrite,))


def _prefects(dotted: str, decisions: Decisions) -> str:
    """The dotted name of the Result for that of a handler, where no such handler stays one in the project."""
    handler = prefect_names.handler_class(prefect_names.canonical(dotted))
    if handler is None:
        return ""
    for ref in decisions.flow.uses.handler_refs:
        if ref.handler == handler and not is_annotation(ref.module, ref.node) and not decisions.values.converts(ref):
            return ""
    if any(_has_rehandles(module, handler, decisions) for module in decisions.project.every_module()):
        return ""
    return f"{decisions.options.result_module(handler)}.{HANDLERS[handler].result}"


def _has_rehandles(module: Module, handler: str, decisions: Decisions) -> bool:
    """Whether a module has a handler that stays one."""
    if prefect_names.RUNTIME_MODULE.encode() not in module.source.data or handler.encode() not in module.source.data:
        return False
    name = f"{prefect_names.RUNTIME_HANDLERS_MODULE}.{handler}"
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and decisions.project.external(module, node) == name
        for node in module.analysis.nodes
    )


def _projects(place: NameInString, decisions: Decisions) -> str:
    """The new name of what a module of the project imports."""
    found = named_import(decisions.project, place.module, place.node)
    if found is None:
        return ""
    owner, name = found
    new = decisions.imports.of(owner).renamed.get(owner.root.variable(name), "")
    return f"{place.text[: -len(name)]}{new}" if new else ""
