"""The examples in the docs, run as they are printed."""

import doctest
from pathlib import Path

import pytest

import rehandle

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.prefect("0.14", "2")
@pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning")
@pytest.mark.parametrize("page", ["run-old-flows.md"])
def test_examples(page, monkeypatch):
    from rehandle import conversion

    monkeypatch.setattr(conversion, "_converters", {})
    run(page)


@pytest.mark.prefect("0.6.6", "2")
def test_examples_of_new_flows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("run-new-flows.md")


def run(page):
    try:
        with rehandle.installed():
            result = doctest.testfile(str(DOCS / page), module_relative=False, globs={})
    finally:
        rehandle.uninstall()  # the page imports rehandle.auto
    assert result.attempted > 5
    assert result.failed == 0
