"""Prefect 0.6 to 0.10: handlers are Prefect's own, and Results and targets come on top of them.

``task.result_handler`` and ``flow.result_handler`` are the truth: a Result is there in an adapter, and ``result`` is an
attribute computed from it. Code with handlers runs as it does without rehandle.
"""

import importlib

from rehandle.shim.generations import handlers_read_every_format
from rehandle.shim.generations.accept_result import take_results
from rehandle.shim.generations.give_result_its_interface import add_modules, extend
from rehandle.shim.generations.store_through_results import run_with_results
from rehandle.shim.patches import Patches


def apply(patches: Patches) -> None:
    """Bring Results.

    Args:
        patches: records each change, so that it can be undone.
    """
    prefect = importlib.import_module("prefect")
    handlers_read_every_format.apply(patches)
    add_modules(patches)
    extend(patches)
    take_results(patches, prefect.Task, prefect.Flow, importlib.import_module("prefect.environments.storage"))
    run_with_results(patches)
