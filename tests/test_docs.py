"""The examples in the docs, run as they are printed."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest
from installed import PREFECT

import rehandle

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(autouse=True)
def working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def assert_examples_hold(page):
    result = doctest.testfile(str(DOCS / page), module_relative=False, globs={})
    assert result.attempted > 5
    assert result.failed == 0


def assert_examples_hold_with_the_shim(page):
    try:
        with rehandle.installed():
            assert_examples_hold(page)
    finally:
        rehandle.uninstall()  # a page may import rehandle.auto


@pytest.mark.prefect("0.14", "2")
@pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning")
@pytest.mark.parametrize("page", ["run-old-flows.md", "stored-results.md"])
def test_examples(page, monkeypatch):
    from rehandle import conversion

    monkeypatch.setattr(conversion, "_converters", {})
    assert_examples_hold_with_the_shim(page)


@pytest.mark.prefect("0.6.6", "2")
def test_examples_of_new_flows():
    if (0, 11) <= PREFECT < (0, 12):
        pytest.skip("Prefect 0.11 fills templates from the context alone, without the task's inputs")
    assert_examples_hold_with_the_shim("run-new-flows.md")


@pytest.mark.prefect(None)
def test_stored_results_without_prefect():
    assert_examples_hold("stored-results.md")
    if sys.version_info < (3, 8):
        return  # an older pickle is shown otherwise
    text = (DOCS / "stored-results.md").read_text("utf-8")
    console = re.findall(r"```console\n\$ rehandle (.*)\n((?:.*\n)*?)```", text)
    assert console
    for arguments, output in console:
        command = [sys.executable, "-m", "rehandle", *arguments.split()]
        assert subprocess.run(command, capture_output=True, text=True).stdout == output
