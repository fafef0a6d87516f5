"""Small repositories of two packages, of which one is migrated alone."""

from __future__ import annotations

CORE, JOBS = "libs/core/src/acme/__init__.py", "jobs/src/jobs/flow.py"
PROJECTS = {f"{name}/pyproject.toml": '[project]\nname = "a"\nversion = "1"\n' for name in ("libs/core", "jobs")}
HANDLERS = "from prefect.engine.result_handlers import LocalResultHandler, ResultHandler\n"
FILES = """\
class Files(ResultHandler):
    def read(self, name):
        return open(name).read()

    def write(self, value):
        open("x", "w").write(value)
        return "x"
"""
FLOW = "from prefect import Flow\nimport acme\n"
MAKES = "def flow({0}):\n    return Flow('1', result_handler={0})\n"

# What is defined in one package, what another one does with it, and what is said of each where it alone is migrated.
KINDS = {
    "a class": (
        HANDLERS + FILES,
        FLOW + "Flow('1', result_handler=acme.Files())\n",
        f"Files is made in {JOBS}:3, which isn't to be changed, so it stays a handler",
        f"Files is defined in {CORE}:2, which isn't to be changed, so acme.Files() is converted at run time",
    ),
    "a base": (
        HANDLERS + FILES,
        FLOW + "class Mine(acme.Files):\n    pass\n\n\nFlow('1', result_handler=Mine())\n",
        f"Files is the base of Mine in {JOBS}:3, which isn't to be changed, so it stays a handler",
        f"Mine derives from Files in {CORE}:2, which derives from a handler that Prefect 0.14 and later don't have",
    ),
    "a variable": (
        HANDLERS + "HERE = LocalResultHandler()\n",
        FLOW + "Flow('1', result_handler=acme.HERE)\n",
        f"HERE is used in {JOBS}:3, which isn't to be changed",
        f"HERE is set in {CORE}:2, which isn't to be changed, so acme.HERE is converted at run time",
    ),
    "a function": (
        HANDLERS + "def make():\n    return LocalResultHandler()\n",
        FLOW + "Flow('1', result_handler=acme.make())\n",
        f"make() is used in {JOBS}:3, which isn't to be changed",
        f"make() is set in {CORE}:2, which isn't to be changed, so acme.make() is converted at run time",
    ),
    "an attribute": (
        HANDLERS + "class Settings:\n    def __init__(self):\n        self.here = LocalResultHandler()\n",
        FLOW + "Flow('1', result_handler=acme.Settings().here)\n",
        f"Settings.here is used in {JOBS}:3, which isn't to be changed",
        f"Settings.here is set in {CORE}:4, which isn't to be changed",
    ),
    "a parameter": (
        FLOW + MAKES.format("handler"),
        HANDLERS + "import acme\nacme.flow(LocalResultHandler())\n",
        f"handler is made in {JOBS}:3, which isn't to be changed, so it is converted at run time",
        f"handler is set in {CORE}:3, which isn't to be changed, so LocalResultHandler stays a handler",
    ),
    "a parameter that would be renamed": (
        FLOW + MAKES.format("result_handler"),
        HANDLERS + "import acme\nacme.flow(result_handler=LocalResultHandler())\n",
        f"result_handler is made in {JOBS}:3, which isn't to be changed",
        f"flow in {CORE}:3, which isn't to be changed, has a parameter result_handler and passes it on to Prefect",
    ),
    "an import": (
        HANDLERS,
        FLOW + "from acme import LocalResultHandler\nFlow('1', result_handler=LocalResultHandler())\n",
        f"{JOBS}:3, which isn't to be changed, imports it, so LocalResultHandler is still imported",
        "",
    ),
}
