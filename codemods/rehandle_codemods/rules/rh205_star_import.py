"""Star import of result handlers.

The code doesn't show what it binds. Import the names that are used, then run again.

## Example

The file stays as it is:

```python
from prefect.engine.result_handlers import *
```

## By hand

Import by name what the file uses:

```python
from prefect.engine.results import LocalResult
```
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import StarImport
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule


@rule
def decide(place: StarImport, decisions: Decisions) -> Verdict | None:
    """Leave a star import."""
    return Left(Reason(f"import * hides which names of {place.name} are used", advice="Import those, then run again"))
