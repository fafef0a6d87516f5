"""Small repositories made at random from the patterns of real ones: what holds for each of them."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import tokenize
from collections import Counter

import pytest
from repositories import write_files

pytest.importorskip("hypothesis", reason="needs hypothesis")

from hypothesis import HealthCheck, given, settings, strategies

from rehandle_codemods import engine
from rehandle_codemods.cli import main
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN

CLASSES = ("LocalResultHandler", "JSONResultHandler", "ConstantResultHandler", "S3ResultHandler", "ResultHandler")
NAMES = ", ".join(CLASSES)
LINES = "".join(f"    {name},  # {name.lower()}\n" for name in CLASSES)

IMPORTS = {
    # how the handlers are imported, and what comes before the name of a class
    f"from prefect.engine.result_handlers import {NAMES}\n": "",
    f"from prefect.engine.result_handlers import ({NAMES})  # all\n": "",
    f"from prefect.engine.result_handlers import (  # open\n{LINES})\n": "",
    f"from prefect.engine.result_handlers import (\n{LINES}    # end\n)\n": "",
    f"from prefect.engine.results import LocalResult  # new\nfrom prefect.engine.result_handlers import {NAMES}\n": "",
    f"LocalResult = 3\nfrom prefect.engine.result_handlers import {NAMES}\n": "",
    f"try:\n    from prefect.engine.result_handlers import {NAMES}\nexcept ImportError:\n    raise\n": "",
    f"x = 1; from prefect.engine.result_handlers import {NAMES}; y = 2\n": "",
    "import prefect.engine.result_handlers as rh\n": "rh.",
    "from prefect.engine import result_handlers\n": "result_handlers.",
    "import prefect.engine.result_handlers\n": "prefect.engine.result_handlers.",
}
VALUES = (
    "{0}LocalResultHandler()",
    "{0}LocalResultHandler(dir='results')",
    "({0}LocalResultHandler('results', validate=True))",
    "{0}JSONResultHandler()",
    "{0}JSONResultHandler(  # plain\n    )",
    "{0}ConstantResultHandler(3)",
    "{0}S3ResultHandler('bucket', None)",
    "{0}S3ResultHandler('bucket', 'SECRET')",
    "Custom('results')",
    "None",
)
BINDINGS = (
    # {0} is the value, {1} a number; the expression that stands for the value afterwards comes behind the bar
    "|{0}",
    "h{1} = {0}\n|h{1}",
    "h{1}: object = {0}  # typed\n|h{1}",
    "h{1} = None\nif True:\n    h{1} = {0}\n|h{1}",
    "h{1} = {0} if sys.argv else None\n|h{1}",
    "h{1} = None or {0}\nk{1} = h{1}\n|k{1}",
    "h{1} = {0}\nprint(h{1})\n|h{1}",
    "h{1} = [{0}]\n|h{1}[0]",
    "h{1} = dict(a={0})\n|h{1}['a']",
    "def make{1}():\n    return {0}\n\n|make{1}()",
    "def make{1}(h={0}):\n    return h\n\n|make{1}()",
    "class Names{1}:\n    handler = {0}\n\n|Names{1}.handler",
    "[h{1}] = [{0}]\n|h{1}",
)
SINKS = (
    "@task(result_handler={0})\ndef t{1}():\n    pass\n",
    "t{1} = Task(name='t', result_handler={0})  # here\n",
    "f{1} = Flow('f', result_handler={0})\n",
    "f{1} = Flow('f',\n    result_handler = {0},\n)\n",
    "def make_task{1}():\n    handler = {0}\n    return Task(result_handler=handler)\n\n\nmake_task{1}()\n",
    "t{1} = Forwards(result_handler={0})\n",
    "t{1} = Takes(result_handler={0})\n",
    "t{1} = Pops(result_handler={0})\n",
    "with Flow('f') as f{1}:\n    add(1, task_args=dict(result_handler={0}))\n",
    "with Flow('f') as f{1}:\n    add.map([1], task_args={{'result_handler': {0}}})\n",
    "f{1} = Flow('f')\nf{1}.result_handler = {0}\n",
    "other(result_handler={0})\n",
    "t{1} = partial(Task, result_handler={0})()\n",
)
COMMON = """import json
import os
import sys
from functools import partial

import prefect
from prefect import Flow, Task, task
{imports}

class Custom({prefix}ResultHandler):
    def __init__(self, folder):  # where
        self.folder = folder

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return json.load(file)  # JSON

    def write(self, value):
        name = "{{}}.json".format(id(value))
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(value, file)
        return name


class Forwards(Task):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)


class Takes(Task):
    def __init__(self, result_handler=None):
        super().__init__(result_handler=result_handler)


@task
def add(x, y=1):
    return x + y


def other(**kwargs):
    return kwargs


"""

POPS = """class Pops(Task):
    def __init__(self, **kwargs):
        kwargs.pop("result_handler", None)
        super().__init__(**kwargs)


"""
PARTS = strategies.lists(
    strategies.tuples(
        strategies.sampled_from(VALUES), strategies.sampled_from(BINDINGS), strategies.sampled_from(SINKS)
    ),
    min_size=1,
    max_size=4,
)


@strategies.composite
def repositories(draw):
    """One file, or one with the values and another one with what takes them."""
    imports, prefix = draw(strategies.sampled_from(list(IMPORTS.items())))
    values, sinks = "", ""
    for number, (value, binding, sink) in enumerate(draw(PARTS)):
        statements, _, expression = binding.format(value.format(prefix), number).partition("|")
        values += statements
        sinks += sink.format(expression, number)
    head = COMMON.format(imports=imports, prefix=prefix) + (POPS if "Pops" in sinks else "")
    if draw(strategies.booleans()):
        return {"flow.py": head + values + "\n\n" + sinks}
    used = {node.id for node in ast.walk(ast.parse(sinks)) if isinstance(node, ast.Name)}
    wanted = sorted(used & bound(head + values) - {"task", "Task", "Flow", "partial", "prefect", "sys"})
    second = "import sys\nfrom functools import partial\n\nimport prefect\nfrom prefect import Flow, Task, task\n"
    if wanted:
        second += f"from common import {', '.join(wanted)}\n"
    return {"common.py": head + values, "flow.py": second + imports + "\n\n" + sinks}


def bound(text):
    """The names that a module's functions, classes and assignments bind."""
    names = set()
    for part in ast.walk(ast.parse(text)):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            names.add(part.name)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
    return names


def comments(text):
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    # Those of one line may have been joined.
    return Counter(part.strip() for comment in found for part in comment.split("#") if part.strip())


def read_all(folder, files):
    return {name: (folder / name).read_text("utf-8") for name in files}


RELEASE = ()
try:
    import prefect

    RELEASE = tuple(int(part) for part in prefect.__version__.split("+")[0].split(".")[:2])
except ImportError:
    pass


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(files=repositories())
def test_what_holds_for_every_repository(files, tmp_path_factory):
    check_repository(files, tmp_path_factory.mktemp("repository"))


def check_repository(files, folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        write_files(folder, files)
        outcome = engine.run(["."])
        assert not [finding for finding in outcome.findings if finding.status == ERROR]
        assert read_all(folder, files) == files
        main(["migrate"])
        after = read_all(folder, files)
        for name, text in after.items():
            ast.parse(text)
            assert comments(text) == comments(files[name]), "a comment is lost"
        changed = {name for name in files if after[name] != files[name]}
        assert changed == {f.filename for f in outcome.findings if f.status not in (LEFT, NOTE)} & changed
        again = engine.run(["."])
        assert not again.changes
        assert REWRITTEN not in {finding.status for finding in again.findings}
        if not [finding for finding in outcome.findings if finding.status == LEFT]:
            assert {finding.status for finding in again.findings} <= {NOTE}
            assert all("prefect.engine.result_handlers" not in text for text in after.values())
    finally:
        os.chdir(before)


@pytest.mark.skipif(not (0, 14) <= RELEASE < (2, 0), reason="needs Prefect 0.14 to 1.4")
def test_migrated_repositories_can_be_imported(tmp_path):
    examples = []

    @settings(max_examples=200, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(files=repositories())
    def collect(files):
        examples.append(files)

    collect()
    folders = []
    for number, files in enumerate(examples):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_files(folder, files)
        statuses = {finding.status for finding in engine.run([str(folder)]).findings}
        main(["migrate", str(folder)])
        if LEFT not in statuses:
            folders.append(str(folder))
    assert len(folders) > 10
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *folders], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr


IMPORT_ALL = """
import runpy, sys, traceback
failed = 0
for folder in sys.argv[1:]:
    sys.path.insert(0, folder)
    sys.modules.pop("common", None)
    try:
        runpy.run_path(folder + "/flow.py")
    except Exception:
        traceback.print_exc()
        failed += 1
    sys.path.remove(folder)
sys.exit(failed > 0)
"""
