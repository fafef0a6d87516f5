"""The examples of docs/results.md, run as they are printed."""

import doctest
from pathlib import Path

import pytest
from interfaces import NATIVE

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


@pytest.mark.skipif(NATIVE, reason="the page shows the errors of rehandle's own Results, and Prefect has its own here")
def test_examples(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(PAGE), module_relative=False, globs={}, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 20
    assert result.failed == 0
