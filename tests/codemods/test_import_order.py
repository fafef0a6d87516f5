"""Files that isort or ruff had sorted stay sorted for them, and import nothing that isn't used: told by the tools."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis")
pytest.importorskip("isort", reason="needs isort")

import isort
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR

pytestmark = pytest.mark.prefect(None)
RUFF = shutil.which("ruff", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
EXAMPLES = int(os.environ.get("REHANDLE_EXAMPLES", "60"))

OWN = {
    "common.py": "STORES = {}\nfrom prefect.engine.result_handlers import AzureResultHandler\n",
    "acme/__init__.py": "",
    "acme/tools.py": "def there():\n    return 1\n",
    "acme/near.py": "X = 1\n",
}
HEADS = ["", '"""What this does."""\n', "# What this does.\n", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\n"]
PLAIN = [
    "from __future__ import annotations",
    "import datetime",
    "import json as js",
    "import sys",
    "from pathlib import Path",
    "from typing import Any, Dict, Optional",
    "import prefect",
    "import yaml",
    "from prefect.core import Edge",
    "from prefect.utilities import logging",
    "from prefect.engine.results import LocalResult",
    "from prefect.engine.results import PrefectResult as Inline",
    "from prefect.engine.result import Result",
    "from rehandle.handlers import ConstantResultHandler",
    "from requests import get",
    "import sqlalchemy as sa",
    "from common import STORES",
    "import acme.tools",
    "from acme.tools import there",
    "# Needed by all flows.\nimport acme.near as near",
]
LEGACY = {
    "LocalResultHandler": '{0}(dir="out")',
    "JSONResultHandler": "{0}()",
    "GCSResultHandler": '{0}("bucket")',
    "S3ResultHandler": '{0}("bucket", aws_credentials_secret="KEY")',
    "SecretResultHandler": "{0}(None)",
}
MODULES = {
    "LocalResultHandler": "prefect.engine.result_handlers.local_result_handler",
    "GCSResultHandler": "prefect.engine.result_handlers.gcs_result_handler",
}
TEXT = """
class Text({base}):
    def read(self, path):
        with open(path) as file:
            return file.read()

    def write(self, value):
        with open("value", "w") as file:
            file.write(value)
        return "value"
"""


@st.composite
def sources(draw):
    """A file with imports, not sorted yet, and with uses of all of them."""
    imports = draw(st.lists(st.sampled_from(PLAIN), unique=True, max_size=9))
    lines = ["from prefect import Flow"]
    uses, names = [], []
    chosen = draw(st.lists(st.sampled_from(sorted(LEGACY)), unique=True, min_size=1, max_size=4))
    apart = draw(st.booleans())
    for name in chosen:
        form = draw(st.sampled_from(["name", "name", "name", "as", "module", "deep", "unused"]))
        local = name
        if form == "as":
            local = name.replace("ResultHandler", "Store")
            lines.append(f"from prefect.engine.result_handlers import {name} as {local}")
        elif form == "module":
            lines.append("import prefect.engine.result_handlers as handlers")
            local = f"handlers.{name}"
        elif form == "deep" and name in MODULES:
            lines.append(f"from {MODULES[name]} import {name}")
        elif apart:
            lines.append(f"from prefect.engine.result_handlers import {name}")
        else:
            names.append(name)
        if form != "unused":
            uses.append(f'Flow("f{len(uses)}", result_handler={LEGACY[name].format(local)})')
    if draw(st.booleans()):
        names.append("ResultHandler")
    if names:
        lines.append(f"from prefect.engine.result_handlers import {', '.join(names)}")
    if draw(st.integers(0, 4)) == 0:
        lines.append("from common import AzureResultHandler")
        uses.append('Flow("azure", result_handler=AzureResultHandler("container"))')
    everything = draw(st.permutations([*imports, *dict.fromkeys(lines)]))
    body = [f"made = [{', '.join(uses)}]"]
    if "ResultHandler" in names:
        body.insert(0, TEXT.format(base="ResultHandler"))
        body.append("made.append(Flow('text', result_handler=Text()))")
    for node in ast.walk(ast.parse("\n".join(imports))):
        if isinstance(node, ast.alias) and node.name != "annotations":
            body.append(f"print({node.asname or node.name})")
    code = "\n".join(everything)
    if draw(st.integers(0, 4)) == 0:
        inside = "from prefect.engine.result_handlers import LocalResultHandler as Inner\n"
        inside += draw(st.sampled_from(["", "import sys as system\n", "from prefect import Task as Inner2\n"]))
        body.append(
            "def make():\n" + textwrap.indent(inside, "    ") + '    return Flow("g", result_handler=Inner("out"))'
        )
    return draw(st.sampled_from(HEADS)) + code + "\n" + "\n".join(body) + "\n"


def ruff(text, folder, *options):
    command = [RUFF, "check", "--isolated", "--no-cache", "-q", "--stdin-filename", "flow.py", *options, "-"]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False).stdout


class Ruff:
    """`ruff check --select I` with its defaults."""

    def sort(self, text, folder):
        return ruff(text, folder, "--select", "I", "--fix")


class Isort:
    """`isort` with a profile."""

    def __init__(self, profile, **options):
        self.profile = profile
        self.options = options

    def sort(self, text, folder):
        config = isort.Config(directory=str(folder), settings_path=str(folder), profile=self.profile, **self.options)
        return isort.code(text, config=config)


TOOLS = {"ruff": Ruff(), "isort": Isort(""), "isort for black": Isort("black")}
WIDER = Isort("", line_length=88)
"""A file in which no import has more than one line doesn't show whether a line may have 79 columns or 88."""


def unused(text, folder):
    """The names that ruff says are imported and not used."""
    found = json.loads(ruff(text, folder, "--select", "F401,F811", "--output-format", "json"))
    return sorted(item["message"] for item in found)


def differ(text):
    """Whether a module has several names and one with `as`: isort parts or joins them then, and ruff doesn't."""
    names, renamed = {}, set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            names.setdefault(node.module, []).extend(alias.name for alias in node.names if not alias.asname)
            renamed.update(node.module for alias in node.names if alias.asname)
    return any(len(found) > 1 and module in renamed for module, found in names.items())


def stays_sorted(text, tool, folder):
    """Migrate a file that a tool has sorted, and look at it with the tool again."""
    for name, content in OWN.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    before = tool.sort(text, folder)
    assume(tool.sort(before, folder) == before)  # isort doesn't get there at once where `as` stands between names
    (folder / "flow.py").write_text(before)
    os.chdir(folder)
    outcome = run(["."])
    assert not [finding.message for finding in outcome.findings if finding.status == ERROR]
    for change in outcome.changes:
        change.write()
    after = (folder / "flow.py").read_text()
    assume(isinstance(tool, Ruff) or not differ(after))
    if tool is TOOLS["isort"] and "import (" not in before:
        tool = WIDER if tool.sort(after, folder) != after else tool
    assert tool.sort(after, folder) == after, before
    if RUFF:
        assert len(unused(after, folder)) <= len(unused(before, folder)), (before, after)
    assert not run(["."]).changes, "a second run changes something"


@pytest.mark.parametrize("name", TOOLS)
def test_sorted_stays_sorted(name, tmp_path_factory, monkeypatch):
    if name == "ruff" and RUFF is None:
        pytest.skip("needs ruff")
    monkeypatch.chdir(tmp_path_factory.getbasetemp())

    @settings(
        max_examples=EXAMPLES,
        derandomize="REHANDLE_EXAMPLES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(text=sources())
    def check(text):
        stays_sorted(text, TOOLS[name], tmp_path_factory.mktemp("sorted"))

    check()
