"""Options of a task, as Prefect 3 has them.

With `--target prefect-3`, the place of a Result goes into `result_storage=`, the name of a block that reads old results
and stores new ones. A `target=` is `result_storage_key=`, so that what was stored under it is found; a template names
inputs by `parameters[...]` there. [The page on options](../prefect-3-options.md) has the whole table.

## Example

```diff
-from prefect import Flow, task
-from prefect.engine.results import LocalResult
+from prefect import flow, task


-@task(result=LocalResult(dir="/srv/results"), target="{n}.pkl", max_retries=2)
+@task(
+    retries=2,
+    result_storage="old-results/srv-results",
+    persist_result=True,
+    result_storage_key="{parameters[n]}.pkl",
+)
 def double(n):
     return 2 * n


-with Flow("sums") as sums:
+@flow(name="sums")
+def sums():
     double(2)
```

## By hand

Run `prefect_3_blocks.py` once, where Prefect 3 runs: it makes the blocks.
"""
