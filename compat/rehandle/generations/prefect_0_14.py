"""Prefect 0.14 to 1.4: handlers are gone, and everything that they need comes back.

The engine itself needs no change. ``task.result`` and ``flow.result`` are the truth: a handler is converted where it
is handed over, and ``result_handler`` is an attribute computed from ``result``.
"""

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Dict

from rehandle import handlers
from rehandle.generations.hooks import take_handlers
from rehandle.mapping import HANDLER_ALIASES, HANDLERS, HANDLERS_MODULE, MODULE_ALIASES, RESULTS_MODULE
from rehandle.patching import Patches
from rehandle.wrapper import ResultHandlerResult


def apply(patches: Patches) -> None:
    """Bring handlers back.

    Args:
        patches: records each change, so that it can be undone.
    """
    prefect = importlib.import_module("prefect")
    storage = importlib.import_module("prefect.storage")
    _add_modules(patches)
    take_handlers(patches, prefect.Task, prefect.Flow, storage.Storage)


def _add_modules(patches: Patches) -> None:
    classes = {name: getattr(handlers, name) for name in [*HANDLERS, *HANDLER_ALIASES]}
    for package in [HANDLERS_MODULE, *MODULE_ALIASES]:
        patches.add_module(_module(package, classes, is_package=True))
        for row in HANDLERS.values():
            contents = {row.handler: classes[row.handler]}
            patches.add_module(_module(f"{package}.{row.submodule}", contents))
    wrapper = {"ResultHandlerResult": ResultHandlerResult}
    patches.add_module(_module(f"{RESULTS_MODULE}.result_handler_result", wrapper))
    patches.set_attribute(importlib.import_module(RESULTS_MODULE), "ResultHandlerResult", ResultHandlerResult)


def _module(name: str, contents: Dict[str, Any], is_package: bool = False) -> ModuleType:
    module = ModuleType(name, "Restored by rehandle.")
    module.__spec__ = ModuleSpec(name, None, is_package=is_package)
    module.__package__ = name if is_package else name.rpartition(".")[0]
    if is_package:
        module.__path__ = []
    vars(module).update(contents, __all__=sorted(contents))
    return module
