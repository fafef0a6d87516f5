"""Where Prefect 0.11 and later get handlers: the same places in all of these releases, but for the storages' home."""

import importlib

from rehandle.shim.generations import accept_any_input, late_configuration, tell_serializers_where
from rehandle.shim.generations.accept_result_handler import take_handlers, take_handlers_in_runners
from rehandle.shim.generations.importable_modules import add_functions, add_serializers
from rehandle.shim.patches import Patches


def take(patches: Patches, storage_module: str) -> None:
    """Make tasks, flows, storages and runners take handlers.

    Args:
        patches: records each change.
        storage_module: the name of the package with Prefect's storages.
    """
    prefect = importlib.import_module("prefect")
    storage = importlib.import_module(storage_module)
    flow_runner = importlib.import_module("prefect.engine.flow_runner").FlowRunner
    task_runner = importlib.import_module("prefect.engine.task_runner").TaskRunner
    cloud_runner = importlib.import_module("prefect.engine.cloud").CloudTaskRunner
    add_functions(patches, importlib.import_module(f"{storage_module}._healthcheck"))
    add_serializers(patches)
    take_handlers(patches, prefect.Task, prefect.Flow, storage.Storage)
    take_handlers_in_runners(patches, flow_runner, task_runner, cloud_runner)
    late_configuration.respect(patches, flow_runner)


def finish(patches: Patches) -> None:
    """Wrap what the other patches put in place.

    Args:
        patches: records each change.
    """
    tell_serializers_where.bind(patches)
    accept_any_input.repair(patches)
