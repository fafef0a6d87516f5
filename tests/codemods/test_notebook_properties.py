"""Notebooks and pages made at random: what holds for each of them."""

from __future__ import annotations

import json
import os

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis")

from cells import IMPORT, USE, notebook, sources, without_sources, written
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.files import examples, notebooks, pages
from rehandle_codemods.files.source import Source, SourceError, TextEdit, with_edits
from rehandle_codemods.findings import ERROR, REWRITTEN
from rehandle_codemods.options import Options

pytestmark = [pytest.mark.prefect(None), pytest.mark.once]

# For a long run by hand.
EXAMPLES = int(os.environ.get("REHANDLE_EXAMPLES", "60"))
RULES = settings(
    max_examples=EXAMPLES,
    derandomize="REHANDLE_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)

LINES = [
    IMPORT,
    USE,
    "from prefect.engine.result_handlers import S3ResultHandler, JSONResultHandler as J",
    "from prefect.engine.results import PrefectResult",
    "h = LocalResultHandler('é')  # 😀",
    "flow.result_handler = J()",
    "flow = Flow('x', result_handler=make('\\\\ \\u00e9 \"'))",
    "%matplotlib inline",
    "!ls 'é (",
    "x = !ls",
    "Flow?",
    "%time flow = Flow('t', result_handler=None)",
    "if x:\n    flow = Flow('y',\n                result_handler=h)\n    %cd (",
    's = """\n%no magic\n"""',
    "",
    "   ",
    "y = 1",
]
CODE = st.lists(st.sampled_from(LINES), max_size=5).map("\n".join)
CELL = st.one_of(
    CODE,
    CODE.map(lambda code: f"{code}\n"),
    CODE.map(lambda code: f"%%time\n{code}"),
    CODE.map(lambda code: f"%%bash\n{code}"),
    CODE.map(lambda code: ("markdown", code)),
    st.just(("raw", "result_handler")),
)
LAYOUT = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 4, "\t"]),
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
        "separators": st.sampled_from([None, (",", ":"), (" , ", " : ")]),
    }
)


@RULES
@example(
    cells=[f"from prefect.engine.results import PrefectResult\n{IMPORT}\n"],
    layout={"indent": None},
    strings=False,
    newline="\n",
    bom="",
)
@example(
    cells=[f"from prefect.engine.results import PrefectResult\n\n{IMPORT.splitlines()[1]}"],
    layout={"indent": None},
    strings=False,
    newline="\n",
    bom="",
)
@example(
    cells=[USE, f"{IMPORT}\nflow.result_handler = J()"],
    layout={"indent": None},
    strings=False,
    newline="\n",
    bom="",
)
@example(
    cells=[USE, IMPORT],
    layout={"indent": 1, "separators": (" , ", " : ")},
    strings=False,
    newline="\r\n",
    bom="",
)
@given(
    cells=st.lists(CELL, min_size=1, max_size=6),
    layout=LAYOUT,
    strings=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
    bom=st.sampled_from(["", "\ufeff"]),
)
def test_what_holds_for_every_notebook(cells, layout, strings, newline, bom, tmp_path_factory):
    def laid_out(texts):
        made = notebook(*cells)
        for cell, text in zip(made["cells"], texts):
            cell["source"] = text if strings else text.splitlines(keepends=True)
        return bom + written(made, **layout).replace("\n", newline)

    before = laid_out([cell if isinstance(cell, str) else cell[1] for cell in cells])
    path = tmp_path_factory.mktemp("notebook") / "a.ipynb"
    path.write_bytes(before.encode("utf-8"))
    outcome = run([str(path)])
    assert not [finding for finding in outcome.findings if finding.status == ERROR]
    main(["migrate", str(path), "--quiet"])
    after = path.read_bytes().decode("utf-8")
    assert without_sources(after[len(bom) :]) == without_sources(before[len(bom) :])
    # Written anew with its new code, it is the same to the byte: nothing else has changed.
    assert after == laid_out(sources(after[len(bom) :]))
    again = run([str(path)])
    assert not again.changes, "a second run changes something"
    assert REWRITTEN not in {finding.status for finding in again.findings}


@RULES
@given(data=st.data())
def test_parts_of_a_cell_change_that_text_and_nothing_else(data):
    """Any parts of any code, mapped to the file, are what they are in the code."""
    text = written(
        notebook("a = 1\nb = 'é'\nc = 3", "%%time\nd = 4", ("markdown", "e"), "f = '😀\"'\n"),
        indent=data.draw(st.sampled_from([None, 1])),
        ensure_ascii=data.draw(st.booleans()),
    )
    source = notebooks.read(Source("a.ipynb", text.encode("utf-8"), python=False))
    names = [
        place
        for place, byte in enumerate(source.data)
        if byte in b"abcdf" and source.data[place + 1 : place + 3] == b" ="
    ]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    texts = st.sampled_from(["x", "é", "x\ny", "'\\n'\n\"😀\"\nz", "(\n    1,\n)\nw"])
    parts = [TextEdit(place, place + 1, data.draw(texts)) for place in chosen]
    changed = with_edits(source.file.data, source.in_file(parts))
    again = notebooks.read(Source("a.ipynb", changed, python=False))
    assert again.data == with_edits(source.data, parts)
    assert without_sources(changed) == without_sources(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["code", "result_handler"]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "metadata", "worksheets", "input", "x"]), inner
        )
    ),
    max_leaves=30,
)


@RULES
@given(made=JSON)
@example({"cells": [{"cell_type": "code", "source": None}]})
def test_any_json_is_a_notebook_or_refused(made):
    refused_or_read(json.dumps(made).encode("utf-8"))


@RULES
@given(data=st.data())
def test_a_damaged_notebook_is_read_or_refused(data):
    raw = bytearray(written(notebook(IMPORT, USE, "%%time\nx = !ls")).encode("utf-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    refused_or_read(bytes(raw))


def refused_or_read(raw):
    """Read a notebook; where it can't be, the error says what to do, and nothing else is raised."""
    advice = ""
    try:
        notebooks.read(Source("a.ipynb", raw, python=False))
    except SourceError as error:
        advice = str(error)
    assert not advice or advice.endswith(("leave it out", "or later", "or correct it", "Convert it to UTF-8"))


PAGE_LINES = [
    *IMPORT.splitlines(),
    USE,
    *(f">>> {line}" for line in (*IMPORT.splitlines(), USE, "if x:")),
    "...     flow = Flow('y', result_handler=make())",
    "...",
    "```python",
    "```",
    "~~~py",
    "~~~",
    "> ```pycon",
    "> ```",
    "- ```python",
    ".. code-block:: python",
    ".. code-block:: yaml",
    "   :linenos:",
    "Text::",
    "",
    "",
    "Prefect's result_handler é",
    "\t",
]


@RULES
@example(lines=[f">>> {USE}", ">>> from prefect import Flow"], newline="\n", name="a.py")
@given(
    lines=st.lists(
        st.builds(str.__add__, st.sampled_from(["", "", "    ", "  ", "\t", "> "]), st.sampled_from(PAGE_LINES)),
        max_size=25,
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
    name=st.sampled_from(["a.md", "a.rst", "a.py"]),
)
def test_what_holds_for_every_page(lines, newline, name, tmp_path_factory):
    text = newline.join(lines)
    if name == "a.py":
        text = f'"""{text}"""{newline}import prefect'
    path = tmp_path_factory.mktemp("page") / name
    path.write_bytes(text.encode("utf-8"))
    outcome = run([str(path)], options=Options(docs=True))
    assert not [finding for finding in outcome.findings if finding.status == ERROR]
    main(["migrate", str(path), "--quiet", "--docs"])
    after = path.read_bytes().decode("utf-8")
    kept = [line for line in text.split(newline) if "esult" not in line]
    rest = iter(after.split(newline))
    assert all(line in rest for line in kept), "a line that says nothing of handlers has changed"
    again = run([str(path)], options=Options(docs=True))
    assert not again.changes, "a second run changes something"


@RULES
@given(text=st.text(alphabet=st.sampled_from("`~>.:-*1) \t\r\n\x0cpython{}<é")))
def test_any_text_is_a_page(text):
    for markup in (examples.MARKDOWN, examples.RESTRUCTURED):
        source = pages.read(Source("a.md", text.encode("utf-8"), python=False), markup)
        compile(source.text, "a.md", "exec")
