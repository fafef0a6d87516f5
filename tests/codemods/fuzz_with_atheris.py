"""Looks for inputs that break the rewriting tool, by what code they reach; needs atheris.

    python tests/codemods/fuzz_with_atheris.py (python|scanner|notebook) FOLDER [libFuzzer options]

It runs until it finds one, or as often as `-runs=N` says. What it has found interesting is kept in FOLDER.
"""

import json
import os
import sys
import tempfile
import warnings

import atheris

with atheris.instrument_imports(include=["rehandle_codemods"]):
    from rehandle_codemods.engine.run import run
    from rehandle_codemods.files import source

warnings.simplefilter("ignore")
FOLDER = os.path.realpath(tempfile.mkdtemp())
HEAD = b"from prefect import Flow\nf = Flow('f', result_handler=None)\n"


def migrate(name, data):
    """The file's new content; an error of our own is raised."""
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(data)
    outcome = run([path])
    ours = [finding.message for finding in outcome.findings if "report this" in finding.message]
    assert not ours, ours
    for change in outcome.changes:
        change.write()
    return outcome


def python(data):
    """A file of any bytes, below code that is rewritten."""
    migrate("a.py", HEAD + data)
    migrate("b.py", b"result_handler" + data)


def scanner(data):
    """The part that looks at bytes: encodings and lines."""
    try:
        text = source.Source("a.py", data)
    except source.SourceError:
        return
    assert text.encode(text.data) == data
    for offset in range(0, len(text.data), 7):
        row, column = text.position(offset)
        assert row >= 1
        assert column >= 1
        start, end = text.line_span(offset)
        assert start <= end


def notebook(data):
    """A notebook of any JSON, and one whose cell is any text."""
    migrate("a.ipynb", data)
    cell = {
        "cell_type": "code",
        "source": [HEAD.decode(), data.decode("utf-8", "replace")],
        "outputs": [],
        "metadata": {},
    }
    migrate("b.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode())


if __name__ == "__main__":
    target = {"python": python, "scanner": scanner, "notebook": notebook}[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
