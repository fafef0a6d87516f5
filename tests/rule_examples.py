"""The examples on the pages of rules: code before and after."""

from __future__ import annotations

import re

from rehandle_codemods import rules

# RH207 is about Prefect's own files, RH901 about files that can't be read: neither has code to show. RH403 and RH404
# are about files that aren't Python, and `test_outside_python.py` has their examples.
CODES_WITHOUT = ("RH207", "RH403", "RH404", "RH901")
_EXAMPLE = re.compile(r"^## Example\n\n(?:The file stays as it is:\n\n```python|```diff)\n(.*?)^```$", re.M | re.S)


def _sides(lines: list[str]) -> tuple[str, str]:
    before = [line[1:] for line in lines if line[:1] != "+"]
    after = [line[1:] for line in lines if line[:1] != "-"]
    return "".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after)


def _example(page: str) -> tuple[str, str] | None:
    found = _EXAMPLE.search(page)
    if found is None:
        return None
    code = found[1]
    return _sides(code.splitlines()) if "```diff" in found[0] else (code, code)


_ALL = {code: found for code, rule in rules.load().items() for found in [_example(rule.page)] if found}
EXAMPLES = {code: found for code, found in _ALL.items() if not code.startswith("RH5")}
EXAMPLES_FOR_PREFECT_3 = {code: found for code, found in _ALL.items() if code not in EXAMPLES}
