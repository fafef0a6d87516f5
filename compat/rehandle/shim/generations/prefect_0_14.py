"""Prefect 0.14 to 1.4: handlers are gone, and everything that they need comes back.

The engine itself needs no change. ``task.result`` and ``flow.result`` are the truth: a handler is converted where it
is handed over, and ``result_handler`` is an attribute computed from ``result``.
"""

import importlib

from rehandle.mapping import HANDLERS_MODULE, MODULE_ALIASES, RESULTS_MODULE
from rehandle.results.handler_result import ResultHandlerResult
from rehandle.shim.generations import read_old_states, where_handlers_arrive
from rehandle.shim.generations.importable_modules import add_handler_packages, add_module
from rehandle.shim.patches import Patches

_SCHEMAS = [
    f"{name}ResultHandlerSchema" for name in ("", "Azure", "Base", "Custom", "GCS", "JSON", "Local", "S3", "Secret")
]


def apply(patches: Patches) -> None:
    """Bring handlers back.

    Args:
        patches: records each change, so that it can be undone.
    """
    _add_modules(patches)
    where_handlers_arrive.take(patches, "prefect.storage")
    read_old_states.restore(patches)
    where_handlers_arrive.finish(patches)


def _add_modules(patches: Patches) -> None:
    add_handler_packages(patches, [HANDLERS_MODULE, *MODULE_ALIASES])
    schemas = add_module(patches, "prefect.serialization.result_handlers", {})
    patches.add_later(schemas, read_old_states.SCHEMAS_MODULE, _SCHEMAS)
    schemas.__all__ = _SCHEMAS  # type: ignore[attr-defined]
    wrapper = {"ResultHandlerResult": ResultHandlerResult}
    add_module(patches, f"{RESULTS_MODULE}.result_handler_result", wrapper)
    patches.set_attribute(importlib.import_module(RESULTS_MODULE), "ResultHandlerResult", ResultHandlerResult)
