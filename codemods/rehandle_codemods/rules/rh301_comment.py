"""Legacy name in a comment, docstring or other string.

Prose, commented-out code and code in strings are never changed. The note says where they still name result handlers.
In notebooks and pages, prose is all that isn't Python: text, other cells, and examples that don't parse.

## Example

The file stays as it is:

```python
from prefect import Flow

# flow = Flow("sums", result_handler=LocalResultHandler())
flow = Flow("sums")
```

## By hand

Change the text where it says something about the code that isn't so any more. Or leave it: the code runs. `ignore =
["RH301"]` in [the settings](../configuration.md) switches the notes off.
"""

from __future__ import annotations

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Prose
from rehandle_codemods.decide.verdicts import Noted, Verdict
from rehandle_codemods.rules import rule


@rule(in_prefect_source=True)
def decide(place: Prose, decisions: Decisions) -> Verdict | None:
    """Say where a comment, docstring or other string names it."""
    prose = "a comment or docstring" if place.node is None else "a string"
    where = place.module.source.foreign(place.span[0]) or prose
    return Noted(f"{place.word} is named in {where}")
