"""Examples in Markdown, reStructuredText and docstrings, which --docs rewrites: which are Python, and their layout."""

from __future__ import annotations

import pytest
from cells import IMPORT, IMPORTED, USE, USED
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, NOTE
from rehandle_codemods.options import Options

pytestmark = pytest.mark.prefect(None)

CODE, CODED = f"{IMPORT}\n{USE}\n", f"{IMPORTED}\n{USED}\n"


def indented(text, prefix):
    return "".join(prefix + line for line in text.splitlines(keepends=True))


def prompted(text, prefix=""):
    return indented(text, f"{prefix}>>> ")


@pytest.fixture
def migrated(repository, capsys):
    """Rewrites a file with --docs, and checks what holds for each."""

    def migrate(name, text, code=0):
        path = repository / name
        path.write_bytes(text.encode("utf-8"))
        found = run(["."], options=Options(docs=True)).findings
        assert not [finding for finding in found if finding.status == ERROR]
        assert main(["migrate", "--docs"]) == code, capsys.readouterr().out
        assert not run(["."], options=Options(docs=True)).changes, "a second run changes something"
        return path.read_bytes().decode("utf-8")

    return migrate


def notes():
    found = run(["."], options=Options(docs=True)).findings
    return [
        (finding.location, finding.message.split(" is named in ")[1]) for finding in found if finding.status == NOTE
    ]


# Markdown

FENCES = {
    "backticks": "# A\n\n```python\n{}```\n\ntext\n",
    "tildes": "~~~python\n{}~~~\n",
    "py": "```py\n{}```\n",
    "python3": "``` python3\n{}```\n",
    "capitals": "```Python\n{}```\n",
    "longer": "`````python\n{}``````\n",
    "other fence inside": "````python\n{}# ```\n````\n",
    "attributes": '```python title="x.py" hl_lines="1"\n{}```\n',
    "braces": "```{{.python .numberLines}}\n{}```\n",
    "quarto": "```{{python}}\n{}```\n",
    "myst": "```{{code-block}} python\n:linenos:\n:caption: a\n{}```\n",
    "not closed": "```python\n{}",
    "no newline": "```python\n{}```",
    "after shell": "```sh\n$ x '\n```\n\n```python\n{}```\n",
}


@pytest.mark.parametrize("form", FENCES.values(), ids=FENCES)
def test_fences(form, migrated):
    assert migrated("a.md", form.format(CODE)) == form.format(CODED)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("opening", "prefix", "closing"),
    [
        ("  ```python", "  ", "  ```"),
        ("1. item\n\n   ```python", "   ", "   ```"),
        ("- ```python", "  ", "  ```"),
        ("10) - a\n\n      ~~~py", "      ", "      ~~~"),
        ("> ```python", "> ", "> ```"),
        ("> > ```python", "> > ", "> > ```"),
        ("> - ```python", ">   ", ">   ```"),
        (">```python", ">", ">```"),
        ("\t```python", "\t", "\t```"),
        ("```python", "        ", "```"),
    ],
)
def test_fences_inside_something(opening, prefix, closing, newline, migrated):
    code = CODE.replace(USE, "flow = Flow('f', result_handler=make())")
    after = "from prefect import Flow\nfrom prefect.engine.results import LocalResult\nfrom rehandle import to_result\n"
    after += "flow = Flow('f', result=to_result(make()))\n"
    text = f"{opening}\n{{}}{closing}\n\nend\n"
    result = migrated("a.markdown", text.format(indented(code, prefix)).replace("\n", newline))
    assert result == text.format(indented(after, prefix)).replace("\n", newline)


@pytest.mark.parametrize(
    "form",
    ["```pycon\n{}```\n", "```python\n{}```\n", "```\n{}<Flow: x>\n```\n", "```{{doctest}}\n{}```\n"],
)
def test_prompts_in_fences(form, migrated):
    code = prompted(CODE) + ">>> x = Flow(\n...     'f',\n...     result_handler=None,\n... )\n"
    after = prompted(CODED) + ">>> x = Flow(\n...     'f',\n...     result=None,\n... )\n"
    assert migrated("a.md", form.format(code)) == form.format(after)


def test_prompts_in_indented_code(migrated):
    form = "text\n\n{}    <Flow>\n\n>>> {}\n"
    quoted = USE  # three levels of quotes, in Markdown
    assert migrated("a.md", form.format(prompted(CODE, "    "), quoted)) == form.format(prompted(CODED, "    "), quoted)


@pytest.mark.parametrize(
    "form",
    ["```sh\n{}```\n", "```\n{}```\n", "````md\n```python\n{}```\n````\n", "{}", "```python-like\n{}```\n"],
)
def test_what_is_not_python(form, migrated):
    text = "Prefect\n\n" + form.format(CODE)
    assert migrated("a.md", text) == text
    assert {where for _, where in notes()} == {"the text"}


# reStructuredText

BLOCKS = {
    "code-block": ".. code-block:: python\n\n{}\ntext\n",
    "code": ".. code:: python3\n\n{}",
    "sourcecode": ".. sourcecode:: pycon\n   :linenos:\n   :emphasize-lines: 1\n\n{}\n",
    "no language": ".. code-block::\n\n{}",
    "highlight": ".. highlight:: python\n\nText::\n\n{}\n",
    "literal": "Text::\n\n{}\nMore.\n",
    "alone": "::\n\n{}",
    "testcode": ".. testcode:: group\n   :hide:\n\n{}",
    "nested": ".. note::\n\n  .. code-block:: python\n\n{}",
}


@pytest.mark.parametrize("prefix", ["   ", "        ", "\t"])
@pytest.mark.parametrize("form", BLOCKS.values(), ids=BLOCKS)
def test_blocks(form, prefix, migrated):
    before, after = indented(CODE, prefix), indented(CODED, prefix)
    assert migrated("a.rst", form.format(before)) == form.format(after)


@pytest.mark.parametrize("form", ["{}", "Text\n\n{}\nText\n", "* item\n\n{}<Flow>\n", ".. doctest::\n\n{}"])
def test_prompts(form, migrated):
    before, after = prompted(CODE, "  "), prompted(CODED, "  ")
    assert migrated("a.rst", form.format(before)) == form.format(after)


@pytest.mark.parametrize(
    "form",
    [
        ".. code-block:: yaml\n\n{}",
        ".. highlight:: console\n\nText::\n\n{}",
        ".. unknown::\n\n{}",
        ".. code-block:: python\n{}",
        "Text:\n\n{}",
        "Text::\n\n   $ x\n{}",
    ],
)
def test_blocks_that_are_not_python(form, migrated):
    text = "Prefect\n\n" + form.format(indented(CODE, "   "))
    assert migrated("a.rst", text) == text


# The examples of a page together


def test_examples_that_need_one_another(migrated):
    form = "```python\n{}```\nand\n```python\n{}```\n"
    before = (f"{IMPORT}\n", "h = LocalResultHandler()\nflow = Flow('f', result_handler=h)\n")
    after = (f"{IMPORTED}\n", "h = LocalResult()\nflow = Flow('f', result=h)\n")
    assert migrated("a.md", form.format(*before)) == form.format(*after)


def test_examples_that_import_again(migrated):
    form = "```python\n{0}```\nand\n```python\n{0}```\n"
    assert migrated("a.md", form.format(CODE)) == form.format(CODED)


def test_a_new_import_is_in_the_first_example_that_changes(migrated):
    form = "```python\nimport os\n```\n```python\n{}flow = Flow('f', {})\n```\n"
    before = form.format("from prefect import Flow\n", "result_handler=make()")
    after = form.format("from prefect import Flow\nfrom rehandle import to_result\n", "result=to_result(make())")
    assert migrated("a.md", before) == after


KEPT = "from prefect.engine.result_handlers import GCSResultHandler"
KEPT_USE = "flow = Flow('f', result_handler=GCSResultHandler('b', credentials_secret='S'))"
RUNTIME_USE = "flow = Flow('f', result=to_result(GCSResultHandler('b', credentials_secret='S')))"
RUNTIME = "from rehandle import to_result\nfrom rehandle.handlers import GCSResultHandler"


def test_each_example_that_stands_for_itself_gets_what_it_needs(migrated):
    form = "```python\nfrom prefect import Flow\n{}\n\n{}\n```\n"
    more = "```python\n{}\n```\n"
    before = form.format(KEPT, KEPT_USE) + more.format(KEPT_USE) + form.format(KEPT, KEPT_USE)
    after = form.format(RUNTIME, RUNTIME_USE) + more.format(RUNTIME_USE) + form.format(RUNTIME, RUNTIME_USE)
    assert migrated("a.md", before) == after


def test_each_example_imports_what_it_uses_alone(migrated):
    form = "```python\nfrom prefect import Flow\n{}\n\n{}\n```\n"
    before = form.format(KEPT, "flow = Flow('f', result_handler=GCSResultHandler('b'))")
    before += form.format(KEPT, KEPT_USE)
    after = form.format("from prefect.engine.results import GCSResult", "flow = Flow('f', result=GCSResult('b'))")
    after += form.format(RUNTIME, RUNTIME_USE)
    assert migrated("a.md", before) == after


def test_a_docstring_with_a_class_that_gets_a_method(migrated):
    text = '''"""Own.

>>> from prefect import Flow
>>> from prefect.engine.result_handlers import ResultHandler
>>> class Text(ResultHandler):
...     def read(self, path):
...         with open(path) as file:
...             return file.read()
...
...     def write(self, value):
...         with open("x", "w") as file:
...             file.write(value)
...         return "x"
>>> flow = Flow("f", result_handler=Text())
"""
'''
    after = migrated("own.py", text)
    assert ">>> import os\n" in after
    assert "...     def exists(self, location, **kwargs):\n" in after


def test_an_example_that_does_not_parse_is_noted(migrated):
    form = "```python\n{}```\n```python\nflow = Flow(result_handler=\n```\n"
    assert migrated("a.md", form.format(CODE)) == form.format(CODED)
    assert notes() == [((7, 13), "an example that doesn't parse")]


def test_prose_is_noted_only_where_it_is_about_prefect(migrated):
    migrated("a.md", "The `result_handler` of the bus.\n")
    assert notes() == []
    migrated("a.md", "The `result_handler` of a Prefect flow.\n")
    assert notes() == [((1, 6), "the text")]


def test_names_that_the_page_does_not_bind(migrated):
    """Nothing says whose `Flow` it is."""
    text = "Prefect:\n```python\nflow = Flow('f', result_handler=x)\n```\n"
    assert migrated("a.md", text, code=1) == text
    (finding,) = run(["."], options=Options(docs=True)).findings
    assert (finding.status, finding.location) == (LEFT, (3, 18))


def test_a_class_of_the_project(migrated, repository):
    handler = "from prefect.engine.result_handlers import ResultHandler\n\n\nclass OwnHandler(ResultHandler):\n"
    handler += "    def read(self, path):\n        return open(path).read()\n\n"
    handler += "    def write(self, value):\n        open('x', 'w').write(value)\n        return 'x'\n"
    write_files(repository, {"own.py": handler})
    form = "```python\nfrom own import {0}\nkey = {0}().write(1){1}\n```\n"
    assert migrated("a.md", form.format("OwnHandler", "")) == form.format("OwnResult", ".location")


def test_a_class_with_prompts(migrated):
    before = """>>> from prefect.engine.result_handlers import ResultHandler
>>> class Own(ResultHandler):
...     def read(self, path):
...         return DATA[path]
...
...     def write(self, value):
...         DATA["x"] = value
...         return "x"
>>> Own().write(1)
'x'
"""
    after = migrated("a.rst", before)
    assert all(line.startswith((">>> ", "... ", "...", "'x'")) for line in after.splitlines())
    assert ">>> Own().write(1).location\n'x'\n" in after
    assert "...         new.location" in after
    assert not [line for line in after.splitlines() if line != line.rstrip()]


# Docstrings

MODULE = '''"""About result_handler.

    >>> from prefect import Flow
    >>> flow = Flow("f", result_handler=STORE)
    >>> flow  # result_handler
    <Flow result_handler>
"""
from prefect.engine.result_handlers import LocalResultHandler

STORE = LocalResultHandler("é")


class A:
    """A.

    Example::

        from prefect import Flow
        flow = Flow("f", result_handler=STORE)

    ```python
    flow = Flow("f",
                result_handler=STORE)
    ```
    """

    def f(self):
        r"""F \\.

        >>> from prefect import Flow
        >>> flow = Flow("f", result_handler=make())
        """
        flow = 1


def g():
    """>>> STORE = LocalResultHandler("g")"""
'''


def test_docstrings(migrated):
    after = MODULE.replace("result_handler=STORE", "result=STORE").replace("result_handlers import", "results import")
    after = after.replace("import LocalResultHandler", "import LocalResult")
    after = after.replace('LocalResultHandler("', 'LocalResult("')
    after = after.replace(
        '        >>> flow = Flow("f", result_handler=make())',
        '        >>> from rehandle import to_result\n        >>> flow = Flow("f", result=to_result(make()))',
    )
    assert migrated("a.py", MODULE, code=0) == after
    assert [location for location, _ in notes()] == [(1, 10), (5, 17)]


def test_docstrings_without_the_option(repository):
    write_files(repository, {"a.py": MODULE, "a.md": f"```python\n{CODE}```\n", "a.rst": prompted(CODE)})
    (change,) = run(["."]).changes
    assert change.filename == "a.py"
    assert change.after.count("result_handler=STORE") == 3


def test_docstrings_do_not_change_what_is_known_of_the_code(migrated):
    """A name that an example binds is the example's."""
    before = f'''def f():
    """
    >>> flow = 1
    >>> LocalResultHandler = 2
    """


{CODE}flow.result_handler = None
'''
    after = before.replace(CODE, CODED).replace("flow.result_handler", "flow.result")
    assert migrated("a.py", before) == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_docstrings_in_another_encoding(newline, repository):
    text = f'# -*- coding: latin-1 -*-\n"""é\n\n{prompted(CODE, "    ")}"""\n'.replace("\n", newline)
    path = repository / "a.py"
    path.write_bytes(text.encode("latin-1"))
    assert main(["migrate", "--docs"]) == 0
    assert path.read_bytes() == text.replace(CODE, CODED).replace(
        prompted(CODE, "    ").replace("\n", newline), prompted(CODED, "    ").replace("\n", newline)
    ).encode("latin-1")


def test_docstrings_with_escapes_are_left(migrated):
    text = f'"""\\x41\n\n{prompted(CODE, "    ")}"""\nimport prefect\n'
    assert migrated("a.py", text) == text
    assert [location for location, _ in notes()] == [(4, 29)]


def test_a_docstring_that_begins_with_a_joined_line(migrated):
    form = '"""\\\n{}"""\n'
    assert migrated("a.py", form.format(prompted(CODE))) == form.format(prompted(CODED))


def test_broken_files_are_still_reported(repository):
    write_files(repository, {"a.py": '"""\n>>> result_handler\n"""\nimport prefect\nx = (\n'})
    (error,) = run(["."], options=Options(docs=True)).findings
    assert (error.code, error.status) == ("RH901", ERROR)


def test_pages_in_other_encodings(repository):
    (repository / "a.md").write_bytes(b"# coding: latin-1\nPrefect \xe9 result_handler\n")
    (error,) = run(["."], options=Options(docs=True)).findings
    assert "Convert it to UTF-8" in error.message
    (repository / "a.md").write_bytes("# coding: latin-1\nPrefect é result_handler\n".encode())
    (note,) = run(["."], options=Options(docs=True)).findings
    assert note.location == (2, 11)


def test_a_page_that_is_named(repository):
    write_files(repository, {"a.md": f"```python\n{CODE}```\n"})
    assert main(["migrate", "a.md"]) == 0
    assert (repository / "a.md").read_text() == f"```python\n{CODED}```\n"


def test_comments_that_ignore_rules_count_in_examples_alone(migrated):
    text = f"Write `# rehandle: ignore[WHAT]` to Prefect.\n```python\n{CODE.rstrip()}  # rehandle: ignore\n```\n"
    assert migrated("a.md", text, code=1) == text


def test_setting(repository):
    write_files(repository, {"a.md": f"```python\n{CODE}```\n", "pyproject.toml": "[tool.rehandle]\ndocs = true\n"})
    assert main(["migrate"]) == 0
    assert (repository / "a.md").read_text() == f"```python\n{CODED}```\n"
    write_files(repository, {"b.md": f"```python\n{CODE}```\n", "a.py": ""})
    assert main(["migrate", "--no-docs"]) == 0
    assert (repository / "b.md").read_text() == f"```python\n{CODE}```\n"
