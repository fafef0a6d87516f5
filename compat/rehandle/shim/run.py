"""``rehandle run``: a file or a module, run as ``python`` runs it, with the shim on."""

import argparse
import builtins
import importlib.util
import os
import pkgutil
import runpy
import sys
import traceback
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, Optional, Sequence

from rehandle import RehandleError, install
from rehandle.command_line import Parser
from rehandle.shim import installation, recording

# What `python FILE` says of the file in `__file__`, in tracebacks and in pickled functions.
_HAS_ABSOLUTE_FILE = sys.version_info >= (3, 9)

DESCRIPTION = "Run a Python file or module as `python` does, with result handlers made to work."

EPILOG = """\
examples:
  rehandle run flow.py
  rehandle run -m flows.daily --date 2020-05-06
  rehandle run --record uses.jsonl flow.py

What --record writes is for `rehandle check --recorded`: it decides what the code alone doesn't show.

Exit: that of the file or module; 2 where nothing was run.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``rehandle run``.

    Args:
        arguments: those after ``run``.

    Returns:
        The exit code: 0, or 2 where nothing was run. What the file or module raises, ``SystemExit`` too, goes on.
    """
    parser = Parser("rehandle run", DESCRIPTION, EPILOG, "rehandle run [--record JSONL] (FILE | -m MODULE) [ARGS ...]")
    parser.add_argument("--record", metavar="JSONL", help="add a line to this file for each place that uses a handler")
    parser.add_argument("-m", dest="is_module", action="store_true", help="run a module, as `python -m` does")
    parser.add_argument("target", metavar="FILE", help="the file, or with -m the module, to run")
    others = parser.add_argument("args", metavar="ARGS", nargs=argparse.REMAINDER, help="its arguments")
    others.required = False
    options = parser.parse_args(arguments)
    target = options.target
    # The packages of a module are imported before its file is known.
    sys.argv = ["-m" if options.is_module else target, *options.args]
    try:
        problem = _run(target, options.is_module, options.record)
    except ImportError as error:
        if not _is_prefects_own(error):
            raise
        problem = (
            f"Prefect is installed, but can't be imported: {error}. "
            "Old releases need old versions of what they build on: see the constraints in rehandle's documentation"
        )
    if problem:
        print(f"rehandle: error: {problem}", file=sys.stderr)
        return 2
    return 0


def _run(target: str, is_module: bool, record: Optional[str]) -> Optional[str]:
    """Run a file or module. What keeps it from being run, if anything does."""
    problem = _top_problem(target) if is_module else _file_problem(target)
    problem = problem or _switch_on(record) or (_module_problem(target) if is_module else None)
    if problem:
        return problem
    if is_module:
        _run_module(target)
    elif pkgutil.get_importer(target) is not None or target.endswith(".pyc"):
        runpy.run_path(target, run_name="__main__")
    else:
        _run_file(target)
    return None


def _is_prefects_own(error: ImportError) -> bool:
    """Tell whether an error came up while Prefect was imported."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__") == "prefect" for frame in frames) and "prefect" not in sys.modules


def _set_first_path(folder: str) -> None:
    # With `python -P`, `-I` or PYTHONSAFEPATH the first entry is another one.
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        sys.path[0] = folder


def _switch_on(record: Optional[str]) -> Optional[str]:
    if record:
        os.environ[recording.VARIABLE] = os.path.abspath(record)
    try:
        install()
    except RehandleError as error:
        return str(error)
    # For the processes that the flow starts itself.
    os.environ[installation.VARIABLE] = "1"
    return None


def _run_file(path: str) -> None:
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    file = os.path.abspath(path) if _HAS_ABSOLUTE_FILE else path
    loader = SourceFileLoader("__main__", file)
    with open(path, "rb") as source:
        code = compile(source.read(), file, "exec", dont_inherit=True)
    _run_as_main(code, __file__=file, __cached__=None, __loader__=loader, __package__=None, __spec__=None)


def _run_module(name: str) -> None:
    spec: Any = importlib.util.find_spec(name)
    if spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    sys.argv[0] = spec.origin
    names = {"__file__": spec.origin, "__cached__": spec.cached, "__loader__": spec.loader, "__package__": spec.parent}
    _run_as_main(spec.loader.get_code(spec.name), __spec__=spec, **names)


def _run_as_main(code: CodeType, **names: Any) -> None:
    # It stays the main module, which runpy's doesn't: threads and exit functions that outlive the code use it.
    module = sys.modules["__main__"] = ModuleType("__main__")
    vars(module).update(names, __builtins__=builtins)
    exec(code, vars(module))


def _file_problem(path: str) -> Optional[str]:
    if not os.path.exists(path):
        return f"run: {path} doesn't exist: give the path of a Python file, or -m and a module's name"
    if os.path.isdir(path) and not os.path.isfile(os.path.join(path, "__main__.py")):
        return f"run: {path} is a folder without __main__.py: give the path of a Python file"
    if not os.access(path, os.R_OK):
        return f"run: {path} can't be read: its permissions forbid it"
    return None


def _top_problem(name: str) -> Optional[str]:
    """Look for a module's package, without running any of its code: that needs the shim."""
    # `python -m` finds modules in the working directory first.
    _set_first_path(os.getcwd())
    top, _, deeper = name.partition(".")
    try:
        spec = importlib.util.find_spec(top) if top else None
    except ValueError:
        spec = None
    if spec is None or (deeper and spec.submodule_search_locations is None):
        return _no_module(name)
    return None


def _module_problem(name: str) -> Optional[str]:
    try:
        spec = importlib.util.find_spec(name)
        is_package = spec is not None and spec.submodule_search_locations is not None
        if is_package and importlib.util.find_spec(f"{name}.__main__") is None:
            return f"run: {name} is a package without __main__.py: give the name of a module in it"
    except ModuleNotFoundError as error:
        if not (error.name and f"{name}.".startswith(f"{error.name}.")):
            raise
        spec = None
    except ValueError:
        spec = None
    return _no_module(name) if spec is None else None


def _no_module(name: str) -> str:
    return f"run: there is no module {name}: looked for it in the working directory and in this Python"
