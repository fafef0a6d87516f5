"""Flow that becomes a function of Prefect 3's.

With `--target prefect-3`, a file that holds straight-line flows and nothing else of Prefect's is rewritten whole:
`with Flow(...)` becomes a function with `@flow`, Parameters become its parameters, `flow.run()` calls it, and what was
read by `state.result[...]` is what it returns. `prefect_3_blocks.py` makes the blocks that old results are read by.

What tasks return is the same. What a failure leads to isn't: in Prefect 1.x a failed task left the others running that
don't need it, while in Prefect 3 the call raises, and the flow ends there.

## Example

```diff
-from prefect import Flow, Parameter, task
+from prefect import flow, task


 @task
 def double(n):
     return 2 * n


-with Flow("sums") as sums:
-    n = Parameter("n", default=1)
+@flow(name="sums")
+def sums(n=1):
     doubled = double(n)
+    return doubled


-state = sums.run(parameters={"n": 2})
-print(state.result[doubled].result)
+doubled = sums(n=2)
+print(doubled)
```

## By hand

Look at what a failure leads to. Where other tasks have to run all the same, catch it, or call them before.
"""
