"""Setting of a default result handler.

Prefect up to 0.8 took a default handler from `[engine.result_handler]` in its configuration, or from
`PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS`. Later releases ignore both: give each flow its Result.

## Example

The file stays as it is:

```python
import os

os.environ["PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS"] = "my_handlers.Mine"
```

## By hand

Give each flow its Result, and take the setting away:

```python
from prefect import Flow
from prefect.engine.results import LocalResult

flow = Flow("sums", result=LocalResult())
```
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Setting
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.rules import rule


@rule
def decide(place: Setting, decisions: Decisions) -> Verdict | None:
    """Leave the name of the setting."""
    advice = "Give each flow its Result, and delete this"
    return Left(Reason(f"Prefect 0.9 and later ignore {place.text}", advice=advice))
