"""Prefect 0.11 to 0.13: handlers are there, and Prefect converts them, but loses much on the way.

A handler is taken and converted before Prefect's own conversion sees it. From then on all is as in later releases:
``task.result`` and ``flow.result`` are the truth.
"""

import importlib
from typing import Any

from rehandle import handlers
from rehandle.handlers import base, builtin
from rehandle.mapping import HANDLER_ALIASES, HANDLERS, HANDLERS_MODULE, MODULE_ALIASES, RESULTS_MODULE
from rehandle.results.handler_result import ResultHandlerResult
from rehandle.shim.generations import (
    accept_serializer,
    read_old_states,
    repair_aws_and_google,
    repair_azure,
    where_handlers_arrive,
)
from rehandle.shim.generations.importable_modules import add_handler_packages
from rehandle.shim.patches import Patches

_REPAIRED = ("from_result_handler", "read", "exists", "write", "__bool__")


def apply(patches: Patches) -> None:
    """Repair what Prefect does with handlers, and add what only later or earlier releases have.

    Args:
        patches: records each change, so that it can be undone.
    """
    for name in HANDLER_ALIASES:
        patches.set_attribute(importlib.import_module(HANDLERS_MODULE), name, getattr(handlers, name))
    _compare_handlers(patches)
    add_handler_packages(patches, MODULE_ALIASES)
    where_handlers_arrive.take(patches, "prefect.environments.storage")
    _repair_results(patches, importlib.import_module(RESULTS_MODULE))
    repair_azure.repair(patches)
    repair_aws_and_google.repair(patches)
    accept_serializer.repair(patches)
    read_old_states.repair(patches)
    where_handlers_arrive.finish(patches)


def _compare_handlers(patches: Patches) -> None:
    """Make a handler that is read from a task equal to the one that the task was given."""
    patches.set_attribute(handlers.ResultHandler, "__eq__", vars(base.ResultHandler)["__eq__"])
    for name in HANDLERS:
        compared = vars(getattr(builtin, name)).get("_compared")
        if compared is not None:
            patches.set_attribute(getattr(handlers, name), "_compared", compared)


def _repair_results(patches: Patches, results: Any) -> None:
    own = results.ResultHandlerResult
    for name in _REPAIRED:
        patches.set_attribute(own, name, vars(ResultHandlerResult)[name])
