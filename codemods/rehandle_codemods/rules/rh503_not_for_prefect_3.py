"""What keeps a file from Prefect 3.

With `--target prefect-3`, a file is rewritten whole or not at all. It stays where something in it has no form in
Prefect 3 that is certainly the same: triggers, `case` and `merge`, task classes, schedules, storages, state handlers, a
flow that is used for more than `run()`, or what a flow's block binds and something else uses. The last lines of the
report say how many files go by themselves, and what keeps the others, by cause. Notebooks and pages aren't looked at,
nor files that have Prefect 3's names.

## Example

The file stays as it is:

```python
from prefect import Flow, task


@task(trigger=all_finished)
def clean():
    pass


with Flow("sums") as sums:
    clean()
```

## By hand

Do what the message says, and run `rehandle check --target prefect-3` again. What it can't tell about, write by hand.
"""
