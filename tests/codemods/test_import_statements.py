"""Which files use a module, told from the text of their imports."""

from __future__ import annotations

import pytest

from rehandle_codemods.files.import_statements import Wanted, WantedModules, imports
from rehandle_codemods.files.search import code_of
from rehandle_codemods.index import prefect_names

pytestmark = pytest.mark.prefect(None)

WANTED = WantedModules(
    [
        Wanted("/repo/src/acme/own.py", frozenset([b"*", b"Text", "größe".encode()])),
        Wanted("/repo/src/acme/deep/__init__.py", frozenset([b"Deep"])),
        Wanted("/repo/jobs/tasks.py", frozenset([b"load"])),
    ]
)

USES = [
    ("a.py", "from acme.own import Text"),
    ("a.py", "from acme.own import Text as T, Other"),
    ("a.py", "from acme.own import (  # all\n    Other,\n    Text,\n)"),
    ("a.py", "from acme.own import \\\n    Text"),
    ("a.py", "from\\\n  acme.own import Text"),
    ("a.py", "if 1: from src.acme.own import Text"),
    ("a.py", "import json, acme.own as o\no.Text()"),
    ("a.py", "import acme\nacme.own.Text()"),
    ("a.py", "from acme import own\nown.Text()"),
    ("a.py", "from acme import (own as o)\no.Text()"),
    ("a.py", "from acme.own import *"),
    ("a.py", "from own import größe"),
    ("a.py", "importlib.import_module('acme.own').Text"),
    ("a.py", "import_module('own').Text"),
    ("a.py", "mock.patch('acme.own.Text.read')"),
    ("a.py", 'LOADED = "acme.own:Text"'),
    ("a.py", "from acme.deep import Deep"),
    ("a.py", "import acme.deep.other\nacme.deep.Deep"),
    ("src/acme/a.py", "from .own import Text"),
    ("src/acme/a.py", "from.own import Text"),
    ("src/acme/a.py", "from . import own\nown.Text"),
    ("src/acme/a.py", "from . import deep\ndeep.Deep"),
    ("src/acme/deep/a.py", "from .. import own\nown.Text"),
    ("src/acme/deep/a.py", "from ..own import Text"),
    ("src/acme/deep/a.py", "from . import Deep"),
    ("src/acme/__init__.py", "from .own import Text"),
    ("jobs/flow.py", "from tasks import load"),
    ("jobs/flow.py", "from jobs.tasks import load"),
    ("n.ipynb", '"from acme.own import Text ",'),
    ("n.ipynb", code_of("n.ipynb", b'"from acme.own import Other, \\\\\\n",\n  "    Text"').decode()),
    ("a.py", "from acme.own import (Other,  # (as ever)\n    Text)"),
    ("page.md", ">>> from acme.own import Text"),
]
USES_NOTHING = [
    ("a.py", "from acme.own import Other"),
    ("a.py", "from acme.own import Other\n\nText = Other"),
    ("a.py", "import acme.own"),
    ("a.py", "import acme\nacme.Text()"),
    ("a.py", "own = tasks = Text = load = 3"),
    ("a.py", "from celery.tasks import load"),
    ("a.py", "from acme.other import own as Text"),
    ("a.py", "from . import own\nown.Text"),
    ("a.py", "names = {'own': 'Text'}"),
    ("a.py", "from tasks import *"),
    ("a.py", "reimport acme.own\nText"),
    ("other/acme/a.py", "from .own import Text"),
    ("src/acme/deep/a.py", "from .own import Text"),
    ("jobs/deep/flow.py", "from .tasks import load"),
]


@pytest.mark.parametrize(("path", "text"), USES)
def test_it_is_used(path, text):
    assert WANTED.used_in(f"/repo/{path}", text.encode()) is True


@pytest.mark.parametrize(("path", "text"), USES_NOTHING)
def test_it_is_not_used(path, text):
    assert WANTED.used_in(f"/repo/{path}", text.encode()) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import prefect", True),
        ("import os, prefect.engine as engine", True),
        ("from prefect.core import Flow", True),
        ("if True: from prefect import task", True),
        ("import_module('prefect')", True),
        ("mock.patch('prefect.Flow')", True),
        ("from rehandle import to_result", True),
        ("from .prefect import Flow", False),
        ("from mine.prefect import Flow", False),
        ("import prefectural", False),
        ("prefect = 'prefect'", False),
        ("# prefect", False),
    ],
)
def test_imports_of_prefect(text, found):
    assert imports(text.encode(), prefect_names.PACKAGES) == found
