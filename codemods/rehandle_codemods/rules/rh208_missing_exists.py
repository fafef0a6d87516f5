"""Migrated handler class without `exists`.

Prefect asks a Result with `target=` whether its location exists. Old handlers had no such method, and where the body
of `read` doesn't show how to look, it has to be written by hand. Without `target=` nothing asks. It shows how where
it opens one file, takes a value from a dict or shelf, or downloads an object of S3, Google Cloud Storage or Azure.

## Example

```diff
-from prefect.engine.result_handlers import ResultHandler
+from prefect.engine.result import Result


-class Cached(ResultHandler):
-    def __init__(self, redis):
-        super().__init__()
+class Cached(Result):
+    def __init__(self, redis, **kwargs):
+        super().__init__(**kwargs)
         self.redis = redis

-    def read(self, key):
-        return self.redis.get(key).decode()
+    def read(self, location):
+        new = self.copy()
+        new.location = location
+        new.value = self.redis.get(location).decode()
+        return new

-    def write(self, value):
-        key = "value-{}".format(len(value))
-        self.redis.set(key, value)
-        return key
+    def write(self, value_, **kwargs):
+        new = self.copy()
+        new.value = value_
+        key = "value-{}".format(len(value_))
+        self.redis.set(key, value_)
+        new.location = key
+        return new
```

## By hand

Add `exists`, which takes a location that is a template yet:

```python
from prefect.engine.result import Result


class Cached(Result):
    def __init__(self, redis, **kwargs):
        super().__init__(**kwargs)
        self.redis = redis

    def exists(self, location, **kwargs):
        return bool(self.redis.exists(location.format(**kwargs)))
```
"""

from __future__ import annotations

from typing import Iterator

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.classes.methods import is_abstract

_CODE = "RH208"
_EXISTS = "{}.read shows no way to look for a location. Where target= is used, write exists(self, location, **kwargs)"
_INHERITED = "{} has the exists of its base. Where target= is used, see that it looks where read does"


def remarks(cls: HandlerClass, *, looks: bool) -> Iterator[tuple[str, str]]:
    """What there is to say about the `exists` of a class that becomes a Result.

    Args:
        cls: the class.
        looks: whether it gets one that looks where `read` does.

    Yields:
        This rule's code, and what is to be done by hand.
    """
    if looks or cls.read is None or is_abstract(cls.read) or cls.migrated:
        return
    built_in = cls.bases.handler != "ResultHandler"
    if not built_in:
        yield _CODE, _EXISTS.format(cls.node.name)
    elif not any(call.above and call.method == "read" for call in cls.calls):
        yield _CODE, _INHERITED.format(cls.node.name)
