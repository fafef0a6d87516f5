"""Both `result=` and `result_handler=`.

Prefect 0.11 to 0.13 used the handler and ignored the Result. Keep the one that is meant.

## Example

The file stays as it is:

```python
from prefect import Flow
from prefect.engine.results import LocalResult

flow = Flow("sums", result=LocalResult(), result_handler=None)
```

## By hand

Keep what was meant. Prefect 0.11 to 0.13 used the handler, so to keep what the code did, make a Result of that one:

```python
from prefect import Flow
from prefect.engine.results import LocalResult

flow = Flow("sums", result=LocalResult())
```
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Keyword
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule


@rule
def decide(place: Keyword, decisions: Decisions) -> Verdict | None:
    """Leave what RH202 doesn't: a call with both keywords."""
    why = "Prefect 0.11 to 0.13 used result_handler= alone where result= is given too"
    return Left(Reason(why, advice="Delete one of them"))
