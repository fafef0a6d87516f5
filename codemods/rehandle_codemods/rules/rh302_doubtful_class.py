"""Handler class that a person should look at.

The class is rewritten as it stands, with what looks wrong in it: a name that nothing binds fails before and after. A
class that fills in a template of its own for the place of a value can often do without, as a Result has `location=`.
A class whose methods are a Result's already gets another base alone, as no release accepted it as a handler.

## Example

```diff
-from prefect.engine.result_handlers import ResultHandler
+from prefect.engine.result import Result


-class Tables(ResultHandler):
+class Tables(Result):
     def __init__(self, **names):
         super().__init__()
         self.names = names

-    def read(self, path):
-        return pandas.read_csv(path)
+    def read(self, location):
+        new = self.copy()
+        new.location = location
+        new.value = pandas.read_csv(location)
+        return new

-    def write(self, table):
+    def write(self, value_, **kwargs):
+        new = self.copy()
+        new.value = value_
         path = "out_{year}.csv".format(**self.names)
-        table.to_csv(path)
-        return path
+        value_.to_csv(path)
+        new.location = path
+        return new
```

## By hand

Look at what the message names. Here it is an import that is missing, and a name that the caller doesn't give; with a
`location=` the Result needs neither a template nor a constructor:

```python
import pandas
from prefect.engine.result import Result


class Tables(Result):
    def read(self, location):
        new = self.copy()
        new.location = location
        new.value = pandas.read_csv(location)
        return new

    def write(self, value_, **kwargs):
        new = self.format(**kwargs)
        new.value = value_
        value_.to_csv(new.location)
        return new


result = Tables(location="out_{year}.csv")
```
"""

from __future__ import annotations

import ast
import builtins
from typing import Iterator

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.tree import walk

_CODE = "RH302"
_ALWAYS_BOUND = {
    *dir(builtins),
    "__class__",
    "__file__",
    "__name__",
    "__doc__",
    "__path__",
    "__module__",
    "__qualname__",
}


def remarks(cls: HandlerClass) -> Iterator[tuple[str, str]]:
    """What is doubtful about a class that becomes a Result.

    Args:
        cls: the class.

    Yields:
        This rule's code, and what there is to see.
    """
    for name in _unbound(cls.module, cls.node):
        yield _CODE, f"nothing binds {name}, which {cls.node.name} uses"
    if cls.migrated:
        yield (
            _CODE,
            f"{cls.node.name} has a Result's read and write already, so its base alone changes. See that it works",
        )
    elif cls.write is not None and any(_fills_template(part) for part in walk(cls.write)):
        yield (
            _CODE,
            f"{cls.node.name}.write fills in a template of its own. Where that is a location, location= may do",
        )


def _unbound(module: Module, node: ast.ClassDef) -> list[str]:
    if module.root.stars:
        return []
    unbound = {
        part.id: None
        for part in walk(node)
        if isinstance(part, ast.Name) and part.id not in _ALWAYS_BOUND
        if module.analysis.scope_of[part].lookup(part.id) is None
    }
    return list(unbound)


def _fills_template(node: ast.AST) -> bool:
    """Whether a node is a call of `format` with a dict."""
    formats = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return formats and isinstance(node, ast.Call) and any(keyword.arg is None for keyword in node.keywords)
