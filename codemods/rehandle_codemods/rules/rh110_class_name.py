"""Name of a handler class that is renamed.

A class that becomes a Result (RH105) and whose name ends in `Handler` gets one that ends in `Result`, with every use
of it in every file: imports, `__all__`, attributes of modules, annotations. No alias is left behind: what imports the
old name from elsewhere expects a handler, and has to be told. The name is kept where the new one is taken, or where
the class may be reached in a way that can't be seen, such as a string, and everywhere with `--keep-names`. Only
Python files are looked at: a name in a configuration file has to be changed by hand.

## Example

```diff
 from prefect import Flow
-from prefect.engine.result_handlers import ResultHandler
+from prefect.engine.result import Result

-__all__ = ["TextHandler", "flow"]
+__all__ = ["TextResult", "flow"]


-class TextHandler(ResultHandler):
-    def read(self, key):
-        return STORE[key]
+class TextResult(Result):
+    def read(self, location):
+        new = self.copy()
+        new.location = location
+        new.value = STORE[location]
+        return new

-    def write(self, value):
+    def exists(self, location, **kwargs):
+        return location.format(**kwargs) in STORE
+
+    def write(self, value_, **kwargs):
+        new = self.copy()
+        new.value = value_
         key = str(len(STORE))
-        STORE[key] = value
-        return key
+        STORE[key] = value_
+        new.location = key
+        return new


 STORE = {}
-flow = Flow("sums", result_handler=TextHandler())
+flow = Flow("sums", result=TextResult())
```
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import ClassUse
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.rewriter import Transform
from rehandle_codemods.rules import rule


@rule
def decide(place: ClassUse, decisions: Decisions) -> Verdict | None:
    """Name the class as it is called now."""
    old = place.module.source.data[slice(*place.span)].decode("utf-8")
    return Rewritten(f"name {place.new} instead of {old}", (Rewrite(place.node, _rename(place, old)),))


def _rename(place: ClassUse, old: str) -> Transform:
    """What becomes of a name, of an attribute, of what an import takes or calls so, or of a string."""
    node, new = place.node, place.new
    if isinstance(node, ast.alias):
        first = place.span[0] == place.module.span(node)[0]
        return partial(code.alias_named if first else code.alias_renamed, name=new)
    if isinstance(node, ast.Attribute):
        return partial(code.attribute_named, name=new)
    if isinstance(node, ast.Constant):
        return partial(code.word_changed, old=old, new=new)
    return partial(code.named, name=new)
