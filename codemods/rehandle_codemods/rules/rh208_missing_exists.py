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
