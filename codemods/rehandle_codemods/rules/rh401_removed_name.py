"""Name that Prefect 1.4.1 doesn't have.

Handlers aren't all that has gone since the old releases: environments, the old home of storages, task classes and
methods of flows and clients have gone, too. Such code runs on Prefect 1.4.1 no more than a handler does. The note says
which release came without the name, and what takes its place, where something does. Only `check` looks for it. A
file that names no handler and doesn't parse is noted as such, and `check` doesn't fail by it.

## Example

The file stays as it is:

```python
from prefect import Flow
from prefect.environments.storage import Docker

flow = Flow("sums", storage=Docker(registry_url="registry.example"))
```

## By hand

Write what the note says:

```python
from prefect import Flow
from prefect.storage import Docker

flow = Flow("sums", storage=Docker(registry_url="registry.example"))
```
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import RemovedName
from rehandle_codemods.decide.verdicts import Noted, Verdict
from rehandle_codemods.rules import rule


@rule
def decide(place: RemovedName, decisions: Decisions) -> Verdict | None:
    """Say what takes its place."""
    name, release, advice = place.removed
    return Noted(f"Prefect {release} and later don't have {name}" + (f". {advice}" if advice else ""))
