"""Prefect 0.14 to 1.4: handlers are gone, and everything that they need comes back.

The engine itself needs no change. ``task.result`` and ``flow.result`` are the truth: a handler is converted where it
is handed over, and ``result_handler`` is an attribute computed from ``result``.
"""

import importlib

from rehandle.mapping import HANDLERS_MODULE, MODULE_ALIASES, RESULTS_MODULE
from rehandle.results.handler_result import ResultHandlerResult
from rehandle.shim.generations import accept_any_input, late_configuration, read_old_states, tell_serializers_where
from rehandle.shim.generations.accept_result_handler import take_handlers, take_handlers_in_runners
from rehandle.shim.generations.importable_modules import (
    add_functions,
    add_handler_packages,
    add_module,
    add_serializers,
)
from rehandle.shim.patches import Patches

_SCHEMAS = [
    f"{name}ResultHandlerSchema" for name in ("", "Azure", "Base", "Custom", "GCS", "JSON", "Local", "S3", "Secret")
]


def apply(patches: Patches) -> None:
    """Bring handlers back.

    Args:
        patches: records each change, so that it can be undone.
    """
    prefect = importlib.import_module("prefect")
    storage = importlib.import_module("prefect.storage")
    healthcheck = importlib.import_module("prefect.storage._healthcheck")
    flow_runner = importlib.import_module("prefect.engine.flow_runner").FlowRunner
    task_runner = importlib.import_module("prefect.engine.task_runner").TaskRunner
    cloud_runner = importlib.import_module("prefect.engine.cloud").CloudTaskRunner
    _add_modules(patches)
    add_functions(patches, healthcheck)
    add_serializers(patches)
    take_handlers(patches, prefect.Task, prefect.Flow, storage.Storage)
    take_handlers_in_runners(patches, flow_runner, task_runner, cloud_runner)
    late_configuration.respect(patches, flow_runner)
    read_old_states.restore(patches)
    # Last: they wrap what the others put in place.
    tell_serializers_where.bind(patches)
    accept_any_input.repair(patches)


def _add_modules(patches: Patches) -> None:
    add_handler_packages(patches, [HANDLERS_MODULE, *MODULE_ALIASES])
    schemas = add_module(patches, "prefect.serialization.result_handlers", {})
    patches.add_later(schemas, read_old_states.SCHEMAS_MODULE, _SCHEMAS)
    schemas.__all__ = _SCHEMAS  # type: ignore[attr-defined]
    wrapper = {"ResultHandlerResult": ResultHandlerResult}
    add_module(patches, f"{RESULTS_MODULE}.result_handler_result", wrapper)
    patches.set_attribute(importlib.import_module(RESULTS_MODULE), "ResultHandlerResult", ResultHandlerResult)
