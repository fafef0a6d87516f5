"""Says why the tests of the rewriting tool don't run, where they don't."""

from __future__ import annotations

import pytest
from needs import MISSING


def test_what_the_rewriting_tool_needs_is_here():
    if MISSING:
        pytest.skip(MISSING)
