"""Legacy API that no rule rewrites.

The place uses a result handler, or its name, in a way that has no certain counterpart. A person changes it by hand.

## Example

The file stays as it is:

```python
from unittest.mock import patch

import prefect

mock = patch("prefect.engine.result_handlers.gcs_result_handler.storage")
```

## By hand

What to write depends on what the code is for. A mock of a client inside Prefect, as above, is often not needed where
a Result with a `dir` of the test's own is:

```python
from prefect import Flow
from prefect.engine.results import LocalResult


def test_sums(tmp_path):
    flow = Flow("sums", result=LocalResult(dir=str(tmp_path)))
    assert flow.run().is_successful()
```
"""

from __future__ import annotations

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Annotation, Code, Constructor, Import, Name, NameInString, Setting
from rehandle_codemods.decide.verdicts import Left, Verdict
from rehandle_codemods.findings import Reason
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rules import rule


@rule
def decide(place: Code, decisions: Decisions) -> Verdict | None:
    """Leave whatever is left over."""
    what = _what(place)
    return Left(Reason(f"{what} is used here in a way that isn't understood", advice=_advice(place, what)))


def _advice(place: Code, what: str) -> str:
    if what in HANDLERS:
        result = HANDLERS[what].result
        return f"Write what does the same with {result}, or import {what} from rehandle.handlers"
    if isinstance(place, NameInString) and what == prefect_names.KEYWORD:
        return "Where it is Prefect's, write result"
    return "Write what does the same with a Result"


def _what(place: Code) -> str:
    if isinstance(place, (Import, Name)):
        return place.handler or place.name
    if isinstance(place, (Annotation, Constructor)):
        return place.handler
    return place.text if isinstance(place, (NameInString, Setting)) else "this"
