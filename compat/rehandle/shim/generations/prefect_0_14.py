"""Prefect 0.14 to 1.4: handlers are gone, and everything that they need comes back.

The engine itself needs no change. ``task.result`` and ``flow.result`` are the truth: a handler is converted where it
is handed over, and ``result_handler`` is an attribute computed from ``result``.
"""

import importlib

from rehandle.mapping import HANDLERS_MODULE, MODULE_ALIASES, RESULTS_MODULE
from rehandle.results.handler_result import ResultHandlerResult
from rehandle.shim.generations import read_old_states, where_handlers_arrive
from rehandle.shim.generations.importable_modules import add_handler_packages
from rehandle.shim.patches import Patches, attributes_of

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
    schemas = "prefect.serialization.result_handlers"
    later = attributes_of(read_old_states.SCHEMAS_MODULE, _SCHEMAS, schemas)
    patches.add_module(schemas, {"__getattr__": later, "__all__": _SCHEMAS})
    wrapper = {"ResultHandlerResult": ResultHandlerResult}
    patches.add_module(f"{RESULTS_MODULE}.result_handler_result", wrapper)
    patches.set_attribute(importlib.import_module(RESULTS_MODULE), "ResultHandlerResult", ResultHandlerResult)
