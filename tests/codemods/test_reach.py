"""Which files are read beside those with a trigger word in them: all that the rewrite depends on, and few others."""

from __future__ import annotations

import pytest
from repositories import write_files

from rehandle_codemods.decide.decisions import decided
from rehandle_codemods.decide.protected import Protection
from rehandle_codemods.engine.run import run
from rehandle_codemods.files import discovery
from rehandle_codemods.files.search import Search
from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.flow.nodes import AttributeOf
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.related_files import load_users
from rehandle_codemods.options import DEFAULTS, Options
from rehandle_codemods.progress import silent

pytestmark = pytest.mark.prefect(None)

HANDLERS = """\
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler

{code}
"""


def loaded(folder, files):
    """The files that are parsed, of some files whose first ones have a trigger word in them."""
    write_files(folder, files)
    selection = discovery.select(["."])
    project = Project(selection.chosen, selection.chosen)
    search = Search(selection.indexed)
    matching = search.word_files(selection.chosen, prefect_names.TRIGGERS, set())
    load_users(project, search, matching, silent)
    return sorted(path.rpartition("/")[2] for path in project.modules)


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("def parse(text):\n    return text\n", "from handlers import parse\n\nparse('')\n"),
        ("class Row:\n    pass\n", "import handlers\n\nhandlers.Row()\n"),
        ("ROWS = 3\n", "from handlers import ROWS\n"),
    ],
)
def test_what_has_to_do_with_no_handler_pulls_in_nobody(repository, code, other):
    files = {"handlers.py": HANDLERS.format(code=code), "other.py": other}
    assert loaded(repository, files) == ["handlers.py"]


@pytest.mark.parametrize(
    ("code", "other"),
    [
        pytest.param(
            "class Folder(ResultHandler):\n    pass\n", "from handlers import Folder\n\nFolder()\n", id="a class"
        ),
        pytest.param("HERE = LocalResultHandler()\n", "import handlers\n\nprint(handlers.HERE)\n", id="a variable"),
        pytest.param(
            "HERE = LocalResultHandler()\nTHERE = HERE\n", "from handlers import THERE as x\n", id="another name of it"
        ),
        pytest.param("def make():\n    return LocalResultHandler()\n", "from handlers import make\n", id="a function"),
        pytest.param(
            "def keep(one):\n    return one\n\n\nkeep(LocalResultHandler())\n",
            "from handlers import keep\n\nkeep(3)\n",
            id="a function that is called with one",
        ),
        pytest.param(
            "KNOWN = {}\n\n\ndef setup():\n    KNOWN['here'] = LocalResultHandler()\n",
            "from handlers import KNOWN\n",
            id="a dict that gets one",
        ),
        pytest.param(
            "class Kept:\n    def __init__(self, one):\n        self.one = one\n\n\nKept(LocalResultHandler())\n",
            "from handlers import Kept\n\nKept(3)\n",
            id="a class that is called with one",
        ),
    ],
)
def test_what_may_have_to_do_with_a_handler_pulls_in_its_users(repository, code, other):
    files = {"handlers.py": HANDLERS.format(code=code), "other.py": other, "apart.py": "import handlers\n"}
    assert loaded(repository, files) == ["handlers.py", "other.py"]


def test_what_is_called_with_a_handler_in_another_file(repository):
    files = {
        "flows.py": "from helpers import keep\nfrom prefect.engine.result_handlers import S3ResultHandler\n\n"
        "keep(S3ResultHandler('bucket'))\n",
        "helpers.py": "def keep(one):\n    return one\n\n\nresult_handler = None\n",
        "other.py": "from helpers import keep\n\nkeep(3)\n",
    }
    assert loaded(repository, files) == ["flows.py", "helpers.py", "other.py"]


SHARED_WORDS = """\
from typing import List

from library.settings import option
from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler

HERE = LocalResultHandler(option("dir"))


def start(client, rows: List[str]):
    config = client.get(HERE)
    return client.load(config, rows)
"""
SETTINGS = """\
from library.part_0 import List, load

OPTIONS = {"result_handler": None}
client = load()
config = List()


def option(name):
    return OPTIONS[name]
"""
PART_OF_LIBRARY = """\
from library.part_{next} import config, load as load_next
from library.settings import List, client


class List:
    pass


config = List(client)


def load():
    return load_next(config)
"""


def test_common_words_pull_in_nobody(repository):
    """A name is one of a module: others have the same, and nothing to do with handlers."""
    parts = {f"library/part_{n}.py": PART_OF_LIBRARY.format(next=n + 1) for n in range(30)}
    files = {"flow.py": SHARED_WORDS, "library/__init__.py": "", "library/settings.py": SETTINGS, **parts}
    assert loaded(repository, files) == ["flow.py", "settings.py"]


@pytest.mark.parametrize(
    "making",
    [
        pytest.param("import handlers\n\nSTORE = handlers.Folder()\n", id="an attribute of a module"),
        pytest.param("import pack.own\n\nSTORE = pack.own.Folder()\n", id="an attribute of a module in a package"),
        pytest.param(
            "def make():\n    from handlers import Folder\n\n    return Folder()\n\n\nSTORE = make()\n",
            id="an import in a function",
        ),
        pytest.param("from pack import Kept\n\nSTORE = Kept()\n", id="an import by another name in a package"),
        pytest.param("from pack import own\n\nSTORE = own.Folder()\n", id="a module from a package"),
    ],
)
def test_what_is_made_of_what_another_file_takes(repository, making):
    files = {
        "handlers.py": HANDLERS.format(code="class Folder(ResultHandler):\n    pass\n"),
        "pack/__init__.py": "from .own import Folder as Kept\n",
        "pack/own.py": "from handlers import Folder\n",
        "settings.py": making,
        "flow.py": "from settings import STORE\n\nprint(STORE.dir)\n",
    }
    assert {"settings.py", "flow.py"} <= set(loaded(repository, files))


def test_through_several_files(repository):
    files = {
        "handlers.py": HANDLERS.format(code="class Folder(ResultHandler):\n    pass\n"),
        "settings.py": "from handlers import Folder\n\nSTORE = Folder()\n",
        "pack/__init__.py": "from settings import STORE\n",
        "flow.py": "from pack import STORE\n",
        "apart.py": "from pack import flow\n",
    }
    assert loaded(repository, files) == ["__init__.py", "flow.py", "handlers.py", "settings.py"]


def test_other_meanings_of_a_word_pull_in_nobody(repository):
    files = {
        "quoting.py": "def quote(text):\n    safe_value = text\n    return safe_value\n",
        "notes.py": "import prefect\n\nsafe_value = 3\n\n\ndef note():\n    return safe_value\n",
        "other.py": "from notes import note\nfrom quoting import quote\n\nquote(note())\n",
    }
    assert loaded(repository, files) == ["notes.py"]


def test_modules_of_the_same_name_elsewhere_are_not_read(repository):
    flow = (
        "import json\n\nimport tools.json\nfrom prefect import Flow\n\njson.dumps(3)\nFlow('x', result_handler=None)\n"
    )
    write_files(repository, {"flow.py": flow, "deep/down/json.py": "(", "deep/json.py": "("})
    selection = discovery.select(["."])
    project = Project(selection.chosen, selection.chosen)
    search = Search(selection.indexed)
    load_users(project, search, [path for path in selection.chosen if path.endswith("flow.py")], silent)
    decided(FlowGraph(project), DEFAULTS, Protection())
    assert not project.broken


STARRED = {
    "common.py": "from handlers import *\n",
    "more.py": "from common import \\\n    *\n",
    "job.py": "from more import HERE\n\nprint(HERE)\n",
    "numbers.py": "from math import *\n",
    "handles.py": "import handlers\n",
}


@pytest.mark.parametrize(
    ("code", "through"),
    [
        ("HERE = LocalResultHandler()\n", ["common.py", "job.py", "more.py"]),
        ("HERE = LocalResultHandler()\n__all__ = ['HERE']\n", ["common.py", "job.py", "more.py"]),
        ("HERE = LocalResultHandler()\n__all__ = ['HERE']\n__all__ += []\n", ["common.py", "job.py", "more.py"]),
        ("HERE = LocalResultHandler()\n__all__ = ['other']\n", ["common.py"]),
        ("_HERE = LocalResultHandler()\n__all__ = ['other']\n", ["common.py"]),
    ],
)
def test_star_imports_are_followed(repository, code, through):
    assert loaded(repository, {"handlers.py": HANDLERS.format(code=code), **STARRED}) == sorted(
        ["handlers.py", *through]
    )


def test_nothing_imports_from_a_page(repository):
    page = "```python\n" + HANDLERS.format(code="HERE = LocalResultHandler()") + "```\n"
    write_files(repository, {"page.md": page, "other.py": "HERE = 'page'\n"})
    everything = [str(repository / name) for name in ("page.md", "other.py")]
    project = Project(everything, everything, options=Options(docs=True))
    load_users(project, Search({}), everything[:1], silent)
    assert list(project.modules) == everything[:1]


def test_of_several_reasons_the_first_file_is_named(repository):
    files = {f"user_{number:02}.py": f"import handlers\n\nprint(handlers.HERE, {number})\n" for number in range(20)}
    write_files(repository, {"handlers.py": HANDLERS.format(code="HERE = LocalResultHandler()\n"), **files})
    (kept,) = [finding for finding in run(["."]).findings if finding.code == "RH201"]
    assert "user_00.py:3" in kept.message


def test_a_reason_names_its_place_once(repository):
    code = "class Folder(ResultHandler):\n    pass\n\n\ndef make(handler):\n    Flow('f', result_handler=handler)\n"
    files = {"handlers.py": "from prefect import Flow\n" + HANDLERS.format(code=code)}
    files["other.py"] = "import handlers\n\nhandlers.Folder()\n"
    files["user.py"] = "import handlers\n\nhandlers.make(handlers.Folder())\n"
    write_files(repository, files)
    (found,) = [finding for finding in run(["handlers.py"]).findings if finding.code == "RH108"]
    assert found.message == "handler is made in user.py:3, which isn't to be changed, so it is converted at run time"


BY_NAME = "from importlib import import_module\n\n\ndef start(name):\n    {use}\n"
FLOW = HANDLERS.format(
    code="from prefect import Flow, task\n\nHERE = LocalResultHandler()\n\n\n"
    "@task(result_handler=HERE)\ndef add(x):\n    return x\n\n\n"
    "with Flow('f', result_handler=HERE) as flow:\n    first = add(1)\n"
)


@pytest.mark.parametrize(
    ("use", "pulls"),
    [
        ("import_module(name).HERE", True),
        ("module = import_module(name)\n    print(module.HERE)", True),
        ("getattr(import_module(name), 'HERE')", True),
        # A task needs no handler's name to be used, and the handler's is another's here.
        ("import_module(name).add()", False),
        ("import_module(name).flow.run()", False),
        ("module = import_module(name)\n    start.HERE = module.start", False),
    ],
)
def test_what_a_file_imports_by_a_name_that_is_not_known(repository, use, pulls):
    files = {"flow.py": FLOW, "other.py": BY_NAME.format(use=use)}
    assert loaded(repository, files) == ["flow.py", "other.py"][: 1 + pulls]


def test_what_may_be_used_by_a_name_that_is_not_known_is_followed_no_further(repository):
    """A library that imports plugins would pull in all of itself."""
    library = {
        "library/__init__.py": "",
        "library/plugins.py": BY_NAME.format(
            use="return import_module(name).HERE\n\n\ndef found():\n    return start('x')"
        ),
        "library/use.py": "from library.plugins import start\n\nprint(start('y'))\n",
    }
    assert loaded(repository, {"flow.py": FLOW, **library}) == ["flow.py", "plugins.py"]


KEEPER = """\
import library.part_0
from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler


class Keeper(library.part_0.Part0):
    def __init__(self):
        self.handler = LocalResultHandler('/data')
        self.options = {}


keeper = Keeper()
flow = Flow('f', result_handler=keeper.handler)
"""
PART = """\
from dataclasses import asdict, dataclass

from library.part_{next} import Part{next}, make_{next}


@dataclass
class Part{n}:
    handler: object
    options = {{}}


def make_{n}(part):
    part.handler = make_{next}(part.options)
    getattr(part, part.name)
    return asdict(part), Part{n}(part.handler), make_{next}.handler()
"""


def test_following_attributes_goes_through_no_file_that_only_resolving_reads(repository):
    """A library that has attributes of the same names, and whose files import each other, isn't read as a whole."""
    parts = {f"library/part_{n}.py": PART.format(n=n, next=n + 1) for n in range(40)}
    write_files(repository, {"flow.py": KEEPER, "library/__init__.py": "", **parts})
    selection = discovery.select(["."])
    project = Project(selection.chosen, selection.chosen)
    search = Search(selection.indexed)
    load_users(project, search, search.word_files(selection.chosen, prefect_names.TRIGGERS, set()), silent)
    graph = FlowGraph(project)
    decided(graph, DEFAULTS, Protection())
    assert any(isinstance(holder, AttributeOf) for holder in graph.holders)
    names = sorted(path.rpartition("/")[2] for path in project.modules)
    assert names == ["__init__.py", "flow.py", "part_0.py"]
