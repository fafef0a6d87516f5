"""Small monorepos: a distribution with handlers, in every layout that teams use, and a file elsewhere that uses it.

All of them run on Prefect 0.10.7 as they stand. A repository is a layout, a form of the import and what is exported:
`$` in the use is the exported name as the form of the import says it.
"""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple


class Layout(NamedTuple):
    """Where the distribution is, and how it says so.

    Attributes:
        package: the folder that is the package `acme`.
        files: what says so, and further files.
        user: the file that uses the package.
        paths: the folders on sys.path.
        installed: whether the package's folder has another name than the package, and is found by installing it.
        is_package: whether the package has an `__init__.py`.
    """

    package: str
    files: dict[str, str]
    user: str = "jobs/flow.py"
    paths: tuple[str, ...] = ()
    installed: bool = False
    is_package: bool = True


_BACKEND = '[build-system]\nrequires = ["{0}"]\nbuild-backend = "{1}"\n\n'
_SETUPTOOLS = _BACKEND.format("setuptools", "setuptools.build_meta")
_HATCH = _BACKEND.format("hatchling", "hatchling.build")
_POETRY = _BACKEND.format("poetry-core", "poetry.core.masonry.api")
_PDM = _BACKEND.format("pdm-backend", "pdm.backend")
_FLIT = _BACKEND.format("flit_core", "flit_core.buildapi")
_PROJECT = '[project]\nname = "acme"\nversion = "1"\ndescription = "Handlers"\n\n'
_OF_POETRY = '[tool.poetry]\nname = "acme"\nversion = "1"\ndescription = "Handlers"\nauthors = []\n'
_SETUP = "from setuptools import find_packages, setup\n\nsetup(name='acme', version='1', {})\n"

LAYOUTS = {
    "beside": Layout("acme", {}, "flow.py", (".",)),
    "inside": Layout("acme", {"acme/jobs/__init__.py": ""}, "acme/jobs/flow.py", (".",)),
    "namespace": Layout("acme", {}, "flow.py", (".",), is_package=False),
    "src": Layout("src/acme", {}, paths=("src",)),
    "libs_src": Layout("libs/core/src/acme", {}, paths=("libs/core/src",)),
    "several_distributions": Layout(
        "libs/core/src/acme",
        {
            "libs/core/pyproject.toml": _SETUPTOOLS + _PROJECT,
            "libs/other/pyproject.toml": _SETUPTOOLS + _PROJECT.replace("acme", "other"),
            "libs/other/src/other/__init__.py": "",
        },
        "libs/other/src/other/flow.py",
        ("libs/core/src", "libs/other/src"),
    ),
    "flat_distributions": Layout(
        "libs/acme/acme",
        {"libs/acme/setup.py": _SETUP.format("packages=find_packages()")},
        "services/nightly/flow.py",
        ("libs/acme",),
    ),
    "flat_distributions_by_toml": Layout("core/acme", {"core/pyproject.toml": _SETUPTOOLS + _PROJECT}, paths=("core",)),
    "setup_py_package_dir": Layout(
        "core/code/acme",
        {"core/setup.py": _SETUP.format("package_dir={'': 'code'}, packages=find_packages(where='code')")},
        paths=("core/code",),
    ),
    "setup_py_where_alone": Layout(
        "core/code/acme",
        {
            "core/setup.py": "import setuptools\n\nWHERE = 'code'\nsetuptools.setup(\n    name='acme',\n"
            "    packages=setuptools.find_namespace_packages(WHERE),\n    package_dir={'': WHERE},\n)\n"
        },
        paths=("core/code",),
        is_package=False,
    ),
    "setup_py_of_one_package": Layout(
        "core/lib_acme",
        {"core/setup.py": _SETUP.format("packages=['acme'], package_dir=dict(acme='lib_acme')")},
        paths=("installed",),
        installed=True,
    ),
    "setup_cfg_package_dir": Layout(
        "core/code/acme",
        {
            "core/setup.py": "from setuptools import setup\n\nsetup()\n",
            "core/setup.cfg": "[metadata]\nname = acme\n\n[options]\npackage_dir =\n    = code\npackages = find:\n\n"
            "[options.packages.find]\nwhere = code\n",
        },
        paths=("core/code",),
    ),
    "setup_cfg_of_one_package": Layout(
        "core/sources",
        {
            "core/pyproject.toml": _SETUPTOOLS,
            "core/setup.cfg": "[metadata]\nname = acme\n[options]\npackages = acme\npackage_dir =\n    acme=sources\n",
        },
        paths=("installed",),
        installed=True,
    ),
    "setuptools_where": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_SETUPTOOLS}{_PROJECT}[tool.setuptools.packages.find]\nwhere = ["code"]\n'},
        paths=("core/code",),
    ),
    "setuptools_package_dir": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_SETUPTOOLS}{_PROJECT}[tool.setuptools]\npackage-dir = {{"" = "code"}}\n'},
        paths=("core/code",),
    ),
    "setuptools_of_one_package": Layout(
        "core/sources",
        {
            "core/pyproject.toml": f'{_SETUPTOOLS}{_PROJECT}[tool.setuptools]\npackages = ["acme"]\n'
            'package-dir = {acme = "sources"}\n'
        },
        paths=("installed",),
        installed=True,
    ),
    "poetry_from": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_POETRY}{_OF_POETRY}packages = [{{include = "acme", from = "code"}}]\n'},
        paths=("core/code",),
    ),
    "poetry_alone": Layout("core/acme", {"core/pyproject.toml": f"{_POETRY}{_OF_POETRY}"}, paths=("core",)),
    "hatch_packages": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_HATCH}{_PROJECT}[tool.hatch.build.targets.wheel]\npackages = ["code/acme"]\n'},
        paths=("core/code",),
    ),
    "hatch_sources": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_HATCH}{_PROJECT}[tool.hatch.build]\nsources = ["code"]\n'},
        paths=("core/code",),
    ),
    "hatch_sources_of_one_package": Layout(
        "core/sources",
        {
            "core/pyproject.toml": f"{_HATCH}{_PROJECT}[tool.hatch.build.targets.wheel]\n"
            'only-include = ["sources"]\n\n[tool.hatch.build.targets.wheel.sources]\n"sources" = "acme"\n'
        },
        paths=("installed",),
        installed=True,
    ),
    "pdm": Layout(
        "core/code/acme",
        {"core/pyproject.toml": f'{_PDM}{_PROJECT}[tool.pdm.build]\npackage-dir = "code"\n'},
        paths=("core/code",),
    ),
    "flit": Layout("core/src/acme", {"core/pyproject.toml": _FLIT + _PROJECT}, paths=("core/src",)),
    "settings": Layout(
        "vendor/shared/acme", {"pyproject.toml": '[tool.rehandle]\nsrc = [".", "vendor/*"]\n'}, paths=("vendor/shared",)
    ),
    "unexplained": Layout("vendor/shared/acme", {}, paths=("vendor/shared",)),
    "unexplained_namespace": Layout("vendor/shared/acme", {}, paths=("vendor/shared",), is_package=False),
    "unexplained_name": Layout("vendor/sources", {}, paths=("installed",), installed=True),
    "two_candidates": Layout(
        "one/acme",
        {"two/acme/__init__.py": "", "two/acme/own.py": "TEXT = None\n", "two/acme/api.py": "", "two/acme/deep.py": ""},
        paths=("one",),
    ),
}

UNCERTAIN = {"settings", "two_candidates", *(name for name in LAYOUTS if name.startswith("unexplained"))}
"""Those in which no file is certain, or only by a setting."""

_LAZY = """def __getattr__(name):
    if name == "@":
        from .own import @

        return @
    raise AttributeError(name)
"""
_LAZY_TABLE = """import importlib

_WHERE = {"@": ".own"}


def __getattr__(name):
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(importlib.import_module(_WHERE[name], __name__), name)
"""


class Form(NamedTuple):
    """How the exported name is imported: `@` is the name.

    Attributes:
        lines: the import.
        use: what the name is then.
        inside: the files of the package that it goes through.
        home: the file of the package that exports it.
        needs_package: whether it goes through the package's `__init__.py`.
        within: whether the file has to be in the package.
    """

    lines: str
    use: str = "@"
    inside: dict[str, str] = {}  # noqa: RUF012  # none is ever changed
    home: str = "own.py"
    needs_package: bool = False
    within: bool = False


FORMS = {
    "from_module": Form("from acme.own import @\n"),
    "from_module_as": Form("from acme.own import @ as other\n", "other"),
    "from_package": Form("from acme import @\n", "@", {"__init__.py": "from .own import @\n"}, needs_package=True),
    "from_package_absolute": Form(
        "from acme import @\n", "@", {"__init__.py": "from acme.own import @\n"}, needs_package=True
    ),
    "from_package_as": Form(
        "from acme import other\n", "other", {"__init__.py": "from .own import @ as other\n"}, needs_package=True
    ),
    "two_levels": Form(
        "from acme import @\n",
        "@",
        {"__init__.py": "from .api import @\n", "api.py": "from .own import @\n"},
        needs_package=True,
    ),
    "two_levels_by_module": Form(
        "import acme\n",
        "acme.@",
        {"__init__.py": "from .api import @\n", "api.py": "from . import own\n\n@ = own.@\n"},
        needs_package=True,
    ),
    "star": Form("from acme.own import *\n"),
    "star_in_package": Form("import acme\n", "acme.@", {"__init__.py": "from .own import *\n"}, needs_package=True),
    "import_package": Form("import acme\n", "acme.@", {"__init__.py": "from .own import @\n"}, needs_package=True),
    "import_module": Form("import acme.own\n", "acme.own.@"),
    "import_module_as": Form("import acme.own as o\n", "o.@"),
    "module_from_package": Form("from acme import own\n", "own.@"),
    "module_from_package_as": Form("from acme import own as o\n", "o.@"),
    "alias": Form("from acme import own\n\nkept = own.@\n", "kept"),
    "in_a_subpackage": Form(
        "from acme.deep import @\n",
        "@",
        {"deep/__init__.py": "from .own import @\n"},
        "deep/own.py",
    ),
    "of_a_subpackage": Form("from acme.deep.own import @\n", "@", {"deep/__init__.py": ""}, "deep/own.py"),
    "subpackage_by_module": Form("import acme.deep.own\n", "acme.deep.own.@", {"deep/__init__.py": ""}, "deep/own.py"),
    "relative": Form("from ..own import @\n", within=True),
    "relative_module": Form("from .. import own\n", "own.@", within=True),
    "relative_package": Form(
        "from .. import @\n", "@", {"__init__.py": "from .own import @\n"}, needs_package=True, within=True
    ),
    "where_it_can_fail": Form("try:\n    from acme.own import @\nexcept ImportError:\n    raise\n"),
    "by_name": Form('from importlib import import_module\n\nown = import_module("acme.own")\n', "own.@"),
    "by_name_at_once": Form("import importlib\n", 'importlib.import_module("acme.own").@'),
    "by_name_and_getattr": Form("import importlib\n", 'getattr(importlib.import_module("acme.own"), "@")'),
    "by_relative_name": Form("import importlib\n", 'importlib.import_module(".own", "acme").@'),
    "by_built_name": Form('import importlib\n\nname = "own"\n', 'importlib.import_module(f"acme.{name}").@'),
    "by_dunder_import": Form("", '__import__("acme.own", fromlist=["x"]).@'),
    "by_sys_modules": Form("import sys\n\nimport acme.own\n", 'sys.modules["acme.own"].@'),
    "lazy_package": Form("from acme import @\n", "@", {"__init__.py": _LAZY}, needs_package=True),
    "lazy_package_by_table": Form("import acme\n", "acme.@", {"__init__.py": _LAZY_TABLE}, needs_package=True),
}


class Export(NamedTuple):
    """What the package exports, and what the other file does with it.

    Attributes:
        name: the name.
        code: the code of the module that exports it.
        use: the code that uses it, which prints what comes of it.
    """

    name: str
    code: str
    use: str


_HEAD = "from prefect.engine.result_handlers import LocalResultHandler, ResultHandler\n"
_TEXT = (
    "import json\n\n"
    + _HEAD
    + """

class Text(ResultHandler):
    def read(self, loc):
        with open(loc) as file:
            return json.load(file)

    def write(self, value):
        with open("text", "w") as file:
            json.dump(value, file)
        return "text"
"""
)
_LOCAL = "from prefect import Flow, Task, task\nfrom prefect.engine.result_handlers import LocalResultHandler\n"

EXPORTS = {
    "class": Export("Text", _TEXT, "h = $()\nprint(h.read(h.write('x')))\n"),
    "class_for_a_flow": Export("Text", _TEXT, "from prefect import Flow\n\nflow = Flow('f', result_handler=$())\n"),
    "subclass": Export(
        "Text",
        _TEXT,
        "class Loud($):\n    def read(self, loc):\n        return [super().read(loc)]\n\n\n"
        "h = Loud()\nprint(h.read(h.write('x')))\n",
    ),
    "instance": Export("TEXT", _TEXT + "\n\nTEXT = Text()\n", "print($.read($.write('x')))\n"),
    "instance_for_a_flow": Export(
        "TEXT",
        _TEXT + "\n\nTEXT = Text()\n",
        "from prefect import Flow\n\nflow = Flow('f', result_handler=$)\n",
    ),
    "builtin_instance": Export(
        "STORE", _HEAD + "\nSTORE = LocalResultHandler('stored')\n", "print($.read($.write(['x'])))\n"
    ),
    "function_that_returns": Export(
        "make", _TEXT + "\n\ndef make():\n    return Text()\n", "h = $()\nprint(h.read(h.write('x')))\n"
    ),
    "function_that_takes": Export(
        "keep",
        _LOCAL + "\n\ndef keep(handler, value):\n    return handler.read(handler.write(value))\n\n\n"
        "keep(LocalResultHandler('here'), 1)\n",
        "from prefect.engine.result_handlers import LocalResultHandler\n\n"
        "print($(handler=LocalResultHandler('kept'), value=3))\n",
    ),
    "renamed_parameter": Export(
        "build",
        _LOCAL + "\n\ndef build(name, result_handler=None):\n    return Flow(name, result_handler=result_handler)\n\n\n"
        "build('a', result_handler=LocalResultHandler('here'))\n",
        "from prefect.engine.result_handlers import LocalResultHandler\n\n"
        "flow = $('b', result_handler=LocalResultHandler('there'))\n",
    ),
    "options": Export(
        "OPTIONS",
        _LOCAL + "\nOPTIONS = {'result_handler': LocalResultHandler('here')}\ntask(**OPTIONS)(lambda: 3)\n",
        "from prefect import Flow\n\nflow = Flow('f', **$)\nh = $['result_handler']\nprint(h.read(h.write([1])))\n",
    ),
    "flow": Export(
        "FLOW",
        _LOCAL + "\nFLOW = Flow('f', result_handler=LocalResultHandler('here'))\n",
        "print($.name, $.result_handler is None)\n",
    ),
    "task_class": Export(
        "Load",
        _LOCAL + "\n\nclass Load(Task):\n    def __init__(self, result_handler=None, **kwargs):\n"
        "        super().__init__(result_handler=result_handler, **kwargs)\n\n    def run(self):\n        return 3\n",
        "from prefect import Flow\nfrom prefect.engine.result_handlers import LocalResultHandler\n\n"
        "with Flow('f') as flow:\n    $(result_handler=LocalResultHandler('loaded'), name='l')()\n",
    ),
    "holder": Export(
        "Settings",
        _HEAD + "\n\nclass Settings:\n    HANDLER = LocalResultHandler('here')\n",
        "print($.HANDLER.read($.HANDLER.write([1])))\n",
    ),
}


class Repository(NamedTuple):
    """Files, the folders on sys.path, the modules to import, and what has to be a link to what."""

    name: str
    files: dict[str, str]
    paths: tuple[str, ...]
    modules: tuple[str, ...]
    links: dict[str, str]
    user: str


def repository(layout_name: str, form_name: str, export_name: str) -> Repository | None:
    """One repository; None where a layout doesn't have such an import."""
    layout, form, export = LAYOUTS[layout_name], FORMS[form_name], EXPORTS[export_name]
    if (form.needs_package and not layout.is_package) or (form.within and layout_name != "inside"):
        return None
    if layout_name == "unexplained_name" and form.needs_package:
        return None  # nothing in the repository says that the package is its own
    files = {**layout.files}
    inside = {"__init__.py": "", **form.inside} if layout.is_package else dict(form.inside)
    for path, text in {**inside, form.home: export.code}.items():
        files[f"{layout.package}/{path}"] = text.replace("@", export.name)
    lines = form.lines.replace("@", export.name)
    name = form.use.replace("@", export.name)
    files[layout.user] = f"{lines}\n{export.use.replace('$', name)}"
    links = {"installed/acme": layout.package} if layout.installed else {}
    stem = layout.user[:-3]
    root = max((path for path in layout.paths if stem.startswith(f"{path}/")), key=len, default="")
    root = root or ("" if "." in layout.paths else stem.rpartition("/")[0])
    module = stem[len(root) :].strip("/").replace("/", ".")
    paths = (*layout.paths, *([root] if root and root not in layout.paths else []))
    return Repository(f"{layout_name}-{form_name}-{export_name}", files, paths, (module,), links, layout.user)


def every_repository() -> list[Repository]:
    """All of them."""
    names = itertools.product(LAYOUTS, FORMS, EXPORTS)
    return [found for found in itertools.starmap(repository, names) if found is not None]


def some_repositories(number: int, seed: int = 1) -> list[Repository]:
    """So many of them, with each layout, form and export among them at least once if there is room."""
    every = every_repository()
    random.Random(seed).shuffle(every)
    chosen: dict[str, Repository] = {}
    seen: set[str] = set()
    for each in every:
        parts = set(each.name.split("-"))
        if not parts <= seen:
            seen |= parts
            chosen[each.name] = each
    for each in every:
        if len(chosen) >= number:
            break
        chosen.setdefault(each.name, each)
    return list(chosen.values())
