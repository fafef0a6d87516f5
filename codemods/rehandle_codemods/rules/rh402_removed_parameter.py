"""Parameter that Prefect 1.4.1 doesn't have.

Functions and classes that are still there have lost parameters: a flow its `environment=`, tasks those that named a
secret. With one of them, a call is a TypeError on Prefect 1.4.1. The note says which release came without the
parameter, and what to write, where something takes its place. Only `check` looks for it.

## Example

The file stays as it is:

```python
from prefect.tasks.secrets import EnvVarSecret

password = EnvVarSecret(env_var="DATABASE_PASSWORD")
```

## By hand

Write what the note says:

```python
from prefect.tasks.secrets import EnvVarSecret

password = EnvVarSecret(name="DATABASE_PASSWORD")
```
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import RemovedParameter
from rehandle_codemods.decide.verdicts import Noted, Verdict
from rehandle_codemods.rules import rule


@rule
def decide(place: RemovedParameter, decisions: Decisions) -> Verdict | None:
    """Say what to write instead."""
    name, release, advice = place.removed
    what = f"From Prefect {release} on, {name} takes no {place.node.arg}="
    return Noted(what + (f". {advice}" if advice else ""))
