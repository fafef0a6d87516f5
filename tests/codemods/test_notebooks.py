"""Notebooks: which cells are Python, what changes in them, and that nothing else does."""

from __future__ import annotations

import io
import json

import pytest
from cells import IMPORT, IMPORTED, USE, USED, notebook, sources, without_sources, written
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME

pytestmark = pytest.mark.prefect(None)

HANDLERS = """from prefect.engine.result_handlers import ResultHandler


class CsvResultHandler(ResultHandler):
    def read(self, path):
        return open(path).read()

    def write(self, value):
        open("x.csv", "w").write(value)
        return "x.csv"
"""


@pytest.fixture
def migrated(repository, capsys):
    """Rewrites a notebook that is given as text, and checks what holds for each."""

    def migrate(text, code=0, **others):
        write_files(repository, {"a.ipynb": text, **others})
        assert main(["migrate"]) == code, capsys.readouterr().out
        after = (repository / "a.ipynb").read_bytes().decode("utf-8")
        assert without_sources(after) == without_sources(text)
        if after != text:
            nbformat = pytest.importorskip("nbformat")
            nbformat.validate(nbformat.reads(after, as_version=nbformat.NO_CONVERT))
        assert not run(["."]).changes, "a second run changes something"
        return after

    return migrate


def found():
    return [(f"{f.cell}:{f.location[0]}:{f.location[1]}", f.code, f.status) for f in run(["."]).findings]


# What changes


def test_only_the_lines_that_change(migrated):
    before = written(notebook(("markdown", "# é"), f"import os\n{IMPORT}", USE))
    after = migrated(before)
    assert after == before.replace(
        "prefect.engine.result_handlers import LocalResultHandler", "prefect.engine.results import LocalResult"
    ).replace(r"result_handler=LocalResultHandler(\"out\")", r"result=LocalResult(\"out\")")


@pytest.mark.parametrize(
    "options",
    [
        {"indent": 1},
        {"indent": 4},
        {"indent": "\t"},
        {"indent": None},
        {"indent": None, "separators": (",", ":")},
        {"ensure_ascii": True},
        {"sort_keys": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_layout_of_the_file(options, newline, repository):
    def text(*cells):
        return written(notebook(*cells), **options).replace("\n", newline).encode("utf-8")

    path = repository / "a.ipynb"
    path.write_bytes(text("# é \U0001f600", IMPORT, f"x = 'é'\n{USE}\ny = 1"))
    assert main(["migrate"]) == 0
    assert path.read_bytes() == text("# é \U0001f600", IMPORTED, f"x = 'é'\n{USED}\ny = 1")


@pytest.mark.parametrize("final", ["", "\n", "\n\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_ends_of_the_file(final, bom, repository):
    path = repository / "a.ipynb"
    text = bom + written(notebook(IMPORT, USE)).rstrip("\n") + final
    path.write_bytes(text.encode("utf-8"))
    assert main(["migrate"]) == 0
    after = path.read_bytes().decode("utf-8")
    assert after == bom + written(notebook(IMPORTED, USED)).rstrip("\n") + final


def test_source_that_is_one_string(migrated):
    made = notebook(IMPORT, f"{USE}\n", "result = make(result_handler=flow)")
    for cell in made["cells"]:
        cell["source"] = "".join(cell["source"])
    after = json.loads(migrated(written(made), code=1))
    assert [cell["source"] for cell in after["cells"]] == [IMPORTED, f"{USED}\n", made["cells"][2]["source"]]


def test_source_in_other_pieces_than_lines(migrated):
    made = notebook("")
    made["cells"][0]["source"] = [
        "from pre",
        "fect import Flow\nfrom prefect.engine.result_",
        "handlers import LocalResult",
        "Handler\n" + USE,
    ]
    after = json.loads(migrated(written(made)))
    assert after["cells"][0]["source"][0] == "from pre"
    assert "".join(after["cells"][0]["source"]) == f"{IMPORTED}\n{USED}"


def test_format_3(migrated):
    def made(*cells):
        entries = [
            {
                "cell_type": "code",
                "collapsed": False,
                "input": cell.splitlines(True),
                "language": "python",
                "metadata": {},
                "outputs": [],
            }
            for cell in cells
        ]
        heading = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["result_handler"]}
        return {
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [{"cells": [heading, *entries[:1]], "metadata": {}}, {"cells": entries[1:], "metadata": {}}],
        }

    assert migrated(written(made(IMPORT, USE))) == written(made(IMPORTED, USED))
    assert found() == [("1:1:1", "RH301", NOTE)]


def test_escapes_stay(migrated):
    text = written(notebook(IMPORT, "x = '\\/ \u00e9 \U0001f600'\n" + USE), ensure_ascii=True)
    text = text.replace("\\\\/", "\\/").replace("\\u00e9", "\\u00E9")
    after = migrated(text)
    for part in (r"x = '\/ \u00E9 \ud83d\ude00'", "LocalResult("):
        assert part in after


def test_duplicate_names_count_as_in_json(migrated):
    text = written(notebook(IMPORT, USE), indent=None)
    text = text.replace('"source": ["flow', '"source": ["result_handler = 1"], "source": ["flow')
    after = migrated(text)
    assert '"source": ["result_handler = 1"], "source": ["flow' in after
    assert sources(after) == [IMPORTED, USED]


# Where new imports go


def test_an_import_is_added_in_the_cell_that_needs_it(migrated):
    cells = [
        "!pip install rehandle",
        "import os\nfrom prefect import Flow",
        "x = 1",
        "flow = Flow('f', result_handler=make())",
    ]
    after = migrated(written(notebook(*cells)))
    assert sources(after) == [*cells[:3], "from rehandle import to_result\nflow = Flow('f', result=to_result(make()))"]


def test_an_import_is_added_after_those_of_its_cell(migrated):
    cell = f"%load_ext autoreload\n!pip list\nimport os\n{IMPORT}\nflow = Flow('f', result_handler=make())"
    after = migrated(written(notebook(cell, USE)))
    assert sources(after)[0].splitlines() == [
        "%load_ext autoreload",
        "!pip list",
        "import os",
        *IMPORTED.splitlines(),
        "from rehandle import to_result",
        "flow = Flow('f', result=to_result(make()))",
    ]
    assert json.loads(after)["cells"][0]["source"] == sources(after)[0].splitlines(keepends=True)


def test_an_import_is_added_below_a_cell_magic(migrated):
    cell = "%%time\nflow = Flow('f', result_handler=make())"
    after = migrated(written(notebook("from prefect import Flow", cell)))
    assert sources(after)[1] == "%%time\nfrom rehandle import to_result\nflow = Flow('f', result=to_result(make()))"


def test_imports_of_other_cells_are_not_merged_with(migrated):
    """A cell may be run without the one before it."""
    after = migrated(written(notebook("from prefect.engine.results import S3Result", IMPORT, USE)))
    assert sources(after) == ["from prefect.engine.results import S3Result", IMPORTED, USED]


def test_a_deleted_line(migrated):
    dead = "from prefect.engine.result_handlers import S3ResultHandler"
    merged = "from prefect.engine.results import LocalResult"
    for cell, expected in (
        (f"{merged}\n{IMPORT}", f"{merged}\nfrom prefect import Flow"),
        (f"{merged}\n{IMPORT}\n\nx = 1", f"{merged}\nfrom prefect import Flow\n\nx = 1"),
    ):
        after = migrated(written(notebook(cell, USE, dead)))
        assert sources(after)[0] == expected
        assert json.loads(after)["cells"][0]["source"] == expected.splitlines(keepends=True)


def test_a_custom_class(migrated):
    cell = """class Store(ResultHandler):
    def read(self, key):
        return STORE[key]

    def write(self, value):
        STORE["key"] = value
        return "key"
"""
    imports = "from prefect import Flow\nfrom prefect.engine.result_handlers import ResultHandler\nSTORE = {}"
    after = migrated(written(notebook(imports, cell, "flow = Flow('f', result_handler=Store())")))
    compile("\n".join(sources(after)), "a.ipynb", "exec")
    assert "class Store(Result):" in sources(after)[1]
    assert json.loads(after)["cells"][1]["source"] == sources(after)[1].splitlines(keepends=True)


def test_names_of_other_files(migrated, repository):
    files = {
        "handlers.py": "from prefect.engine.result_handlers import LocalResultHandler\nHANDLER = LocalResultHandler()\n"
    }
    after = migrated(
        written(
            notebook(
                "from prefect import Flow\nfrom handlers import HANDLER", "flow = Flow('f', result_handler=HANDLER)"
            )
        ),
        **files,
    )
    assert sources(after)[1] == "flow = Flow('f', result=HANDLER)"
    assert "LocalResult()" in (repository / "handlers.py").read_text()


@pytest.mark.parametrize("as_string", [False, True])
def test_a_notebook_without_a_trigger_word(migrated, as_string, repository):
    """It uses a class of another file that gets another name."""
    made = notebook("x = 1\nimport handlers", "made = handlers.CsvResultHandler().write('x')")
    if as_string:
        made["cells"][0]["source"] = "x = 1\nimport handlers"
        made["cells"][1]["source"] = "import os\nmade = handlers.CsvResultHandler().write('x')"
    after = migrated(written(made), **{"handlers.py": HANDLERS})
    assert sources(after)[1].endswith("made = handlers.CsvResult().write('x').location")


# Cells that aren't Python, and lines that aren't


@pytest.mark.parametrize(
    "magic", ["%%time", "%%timeit -n 1", "%%capture out", "%%prun", "\n%%time", "%%capture\n%%time"]
)
def test_cell_magics_that_run_python(magic, migrated):
    after = migrated(written(notebook(IMPORT, f"{magic}\n{USE}")))
    assert sources(after)[1] == f"{magic}\n{USED}"


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%writefile flow.py", "%%python3", "%%javascript", "%%sql x", "%%unknown"]
)
def test_cell_magics_that_run_something_else(magic, migrated):
    after = migrated(written(notebook(IMPORT, f"{magic}\n{USE}", USE)))
    assert sources(after) == [IMPORTED, f"{magic}\n{USE}", USED]
    assert found() == [("2:2:18", "RH301", NOTE)]


@pytest.mark.parametrize("first", ["%sql", "%md # It's", "%md-sandbox", "%scala ", "%sh\r", "%r"])
def test_cells_of_databricks_that_are_not_python(first, migrated):
    after = migrated(written(notebook(IMPORT, f"{first}\nSELECT 'result_handler", f"%python\n{USE}")))
    assert sources(after) == [IMPORTED, f"{first}\nSELECT 'result_handler", f"%python\n{USED}"]


@pytest.mark.parametrize("line", ["%sql select 1", "%run other", "%r2 = 1", "%shell ls"])
def test_line_magics_of_like_names(line, migrated):
    assert sources(migrated(written(notebook(f"{line}\n{IMPORT}\n{USE}")))) == [f"{line}\n{IMPORTED}\n{USED}"]


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!ls (",
        "!!ls '",
        "!ls \\\n  -l \\\n  [",
        "?Flow",
        "Flow?",
        "Flow.run??",
        "*int*?",
        "%time",
        "%timeit -n 10 -r 3 f(1)",
        "%timeit 1 + 1",
        "%time y = f(1)",
        "%lprun -f f f(1)",
        "/f 1 2",
        ", f a b",
        "; f a b",
        "files = !ls *.py",
        "a, b = %who_ls str (",
        "x = %sql SELECT * FROM t",
        "%",
        "!é'",
        "x = !é'",
        "if True:\n    !ls (\n    %cd x",
        "for x in y:\n  %time f(x)",
    ],
)
def test_lines_of_ipython(line, migrated):
    before = f"x = (1\n% 2)  # what?\ns = '''\n%no\n!no ?\n'''\n{line}\n{USE}"
    after = migrated(written(notebook(IMPORT, before)))
    assert sources(after)[1] == before.replace(USE, USED)


def test_python_in_a_line_magic(migrated):
    after = migrated(written(notebook(IMPORT, f"%time {USE}", f"if True:\n    %timeit -n 1 -r1 {USE}")))
    assert sources(after)[1:] == [f"%time {USED}", f"if True:\n    %timeit -n 1 -r1 {USED}"]


def test_words_in_lines_of_ipython_are_noted(migrated):
    cells = ["!grep result_handler x", "x = !f result_handler", "%lprun -f f f(result_handler=1)"]
    migrated(written(notebook("import prefect", *cells)))
    assert found() == [(f"{row}", "RH301", NOTE) for row in ("2:1:7", "3:1:8", "4:1:15")]


def test_what_a_magic_gives_is_not_known(migrated):
    after = migrated(written(notebook("from prefect import Flow", "h = %store\nflow = Flow('f', result_handler=h)")))
    assert sources(after)[1] == "from rehandle import to_result\nh = %store\nflow = Flow('f', result=to_result(h))"


def test_an_indented_cell(migrated):
    before = f"    x = 1\n\n    {USE}\n"
    after = migrated(written(notebook(IMPORT, before)))
    assert sources(after)[1] == before.replace(USE, USED)
    before = "  x = 1\n  flow = Flow('f', result_handler=make())\n"
    after = migrated(written(notebook("from prefect import Flow", before)))
    assert sources(after)[1] == (
        "  from rehandle import to_result\n  x = 1\n  flow = Flow('f', result=to_result(make()))\n"
    )


def test_columns_in_an_indented_cell(repository):
    write_files(repository, {"a.ipynb": written(notebook(IMPORT, f"    x = 1\n    {USE}\n"))})
    assert ("2:2:22", "RH103", REWRITTEN) in found()


def test_other_cells(migrated):
    cells = [("raw", USE), ("markdown", USE), IMPORT, "", USE, "   \n\n", "# nothing"]
    after = migrated(written(notebook(*cells)))
    assert sources(after) == [USE, USE, IMPORTED, "", USED, "   \n\n", "# nothing"]


def test_a_cell_in_another_language(migrated):
    made = notebook(IMPORT, USE, USE)
    made["cells"][1]["metadata"]["vscode"] = {"languageId": "sql"}
    assert sources(migrated(written(made))) == [IMPORTED, USE, USED]


def test_top_level_await(migrated):
    after = migrated(written(notebook(IMPORT, f"{USE}\nawait x\nasync for y in z:\n    pass")))
    assert sources(after)[1].startswith(USED)


@pytest.mark.parametrize("language", ["R", "julia", "javascript"])
def test_other_kernels(language, repository, capsys):
    write_files(repository, {"a.ipynb": written(notebook("x <- result_handler", language=language))})
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "Nothing to migrate in 1 file.\nNext: rehandle check --target prefect-3\n"


def test_a_kernel_that_runs_python_by_another_name(migrated):
    metadata = {
        "kernelspec": {"display_name": "PySpark", "language": "", "name": "pysparkkernel"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "pyspark"},
    }
    after = migrated(written(notebook(IMPORT, "%%sql\nselect", USE, metadata=metadata)))
    assert sources(after) == [IMPORTED, "%%sql\nselect", USED]


def test_a_notebook_that_does_not_say_its_language(migrated):
    assert sources(migrated(written(notebook(IMPORT, USE, metadata={})))) == [IMPORTED, USED]


# What nothing shows


def test_names_that_nothing_binds_may_be_bound_by_a_cell_that_is_gone(repository):
    cells = ["import prefect", "make(result_handler=store)", "flow = prefect.Flow('f', result_handler=handler)"]
    write_files(repository, {"a.ipynb": written(notebook(*cells))})
    assert found() == [("2:1:6", "RH202", LEFT), ("3:1:26", "RH108", RUNTIME)]


def test_a_name_with_two_meanings(repository):
    """Nothing shows which cell ran last."""
    cells = [
        IMPORT,
        "handler = LocalResultHandler()",
        "handler = open('x')",
        "flow = Flow('f', result_handler=handler)",
    ]
    write_files(repository, {"a.ipynb": written(notebook(*cells))})
    statuses = [(place, status) for place, _, status in found()]
    assert ("4:1:18", RUNTIME) in statuses
    assert ("2:1:11", REWRITTEN) not in statuses


def test_other_libraries(repository):
    write_files(
        repository, {"a.ipynb": written(notebook("from dbus import proxy", "proxy.call(result_handler=print)"))}
    )
    assert found() == []


def test_a_comment_that_ignores_a_rule(migrated):
    other = USE.replace('"f"', '"g"')
    after = migrated(written(notebook(IMPORT, f"{USE}  # rehandle: ignore", other)), code=1)
    assert sources(after)[1] == f"{USE}  # rehandle: ignore"


def test_standard_input(repository, monkeypatch, capsysbinary):
    text = written(notebook(IMPORT, USE)).encode("utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["migrate", "--stdin-filename", "a.ipynb", "-"]) == 0
    assert sources(capsysbinary.readouterr().out) == [IMPORTED, USED]


# Beside other files


def test_a_broken_cell_keeps_what_it_may_use(repository):
    """The notebook isn't rewritten, so the class that it uses keeps its name, and what it does."""
    write_files(repository, {"handlers.py": HANDLERS, "a.ipynb": written(notebook("x = CsvResultHandler("))})
    (change,) = run(["."]).changes
    assert "class CsvResultHandler(ResultHandler):" in change.after


def test_a_file_that_is_named_is_taken(repository):
    write_files(repository, {"a.ipynb": written(notebook(IMPORT, USE))})
    assert main(["migrate", "a.ipynb"]) == 0
    assert sources((repository / "a.ipynb").read_text()) == [IMPORTED, USED]


def test_a_notebook_is_no_module(repository):
    """Nothing can import it, so a name that it shares with a module means the module."""
    files = {
        "store.py": "from prefect.engine.result_handlers import LocalResultHandler\nHANDLER = LocalResultHandler()\n",
        "store.ipynb": written(notebook("HANDLER = 1  # result_handler")),
        "flow.py": "from prefect import Flow\nfrom store import HANDLER\nFlow('f', result_handler=HANDLER)\n",
    }
    write_files(repository, files)
    assert main(["migrate"]) == 0
    assert "result=HANDLER" in (repository / "flow.py").read_text()


def test_a_thousand_cells(migrated):
    cells = [IMPORT]
    for number in range(1000):
        cells.append(USE.replace('"f"', f'"{number}"'))
    after = migrated(written(notebook(*cells)))
    assert sources(after)[1000] == USED.replace('"f"', '"999"')
