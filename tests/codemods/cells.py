"""Notebooks as tests write them: from the text of their cells."""

from __future__ import annotations

import json

IMPORT = "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler"
IMPORTED = "from prefect import Flow\nfrom prefect.engine.results import LocalResult"
USE = 'flow = Flow("f", result_handler=LocalResultHandler("out"))'
USED = 'flow = Flow("f", result=LocalResult("out"))'


def notebook(*cells, language="python", **others):
    """A notebook of nbformat 4.

    Args:
        cells: the text of a code cell, or the kind of a cell and its text.
        language: that of its kernel.
        others: further members.
    """
    made = []
    for number, cell in enumerate(cells):
        kind, text = ("code", cell) if isinstance(cell, str) else cell
        entry = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        if kind == "code":
            outputs = [{"data": {"text/plain": ["<SafeResult: 'x'>"]}, "metadata": {}, "output_type": "display_data"}]
            entry.update(execution_count=number, outputs=outputs)
        made.append(entry)
    metadata = {
        "kernelspec": {"display_name": "Any", "language": language, "name": "any"},
        "language_info": {"name": language},
    }
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4, **others}


def written(made, **options):
    """A notebook as Jupyter writes it, or as the options for `json.dumps` say."""
    return json.dumps(made, **{"indent": 1, "ensure_ascii": False, **options}) + "\n"


def sources(text):
    """The text of each cell of a notebook."""
    made = json.loads(text)
    cells = made["cells"] if "cells" in made else [cell for sheet in made["worksheets"] for cell in sheet["cells"]]
    return ["".join(cell.get("source", cell.get("input", ""))) for cell in cells]


def without_sources(text):
    """A notebook without the text of its cells."""
    made = json.loads(text)
    cells = made["cells"] if "cells" in made else [cell for sheet in made["worksheets"] for cell in sheet["cells"]]
    for cell in cells:
        cell.pop("source", None)
        cell.pop("input", None)
    return made
