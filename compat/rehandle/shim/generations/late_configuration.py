"""``prefect.config.flows.checkpointing = True`` in a flow's script, which later releases don't look at.

Until 0.12 Prefect asks its configuration when a task runs. Later ones ask a copy in the context, made when Prefect was
imported: what a script sets afterwards has no effect there, and nothing is stored.
"""

import functools
import importlib
from typing import Any, Callable

from rehandle.pickled_handlers import has_handler
from rehandle.shim.patches import Patches


def respect(patches: Patches, flow_runner: Any) -> None:
    """Make flows with handlers store what the configuration says when they run.

    Args:
        patches: records the change.
        flow_runner: Prefect's ``FlowRunner``.
    """
    patches.set_attribute(flow_runner, "initialize_run", _asking_configuration(flow_runner.initialize_run))


def _asking_configuration(original: Callable[..., Any]) -> Callable[..., Any]:
    prefect = importlib.import_module("prefect")
    imported = _checkpointing(prefect.context.get("config"))

    @functools.wraps(original)
    def initialize_run(self: Any, *args: Any, **kwargs: Any) -> Any:
        initialized = original(self, *args, **kwargs)
        now = _checkpointing(prefect.config)
        # A configuration in the context, or "checkpointing" itself, is meant for this run.
        in_context = _checkpointing(initialized.context.get("config", prefect.context.get("config")))
        is_said = "checkpointing" in initialized.context or "checkpointing" in prefect.context
        # Prefect stores for True alone, not for 1.
        is_late = now is not imported and in_context == imported and not is_said
        if is_late and any(map(has_handler, [self.flow, *self.flow.tasks])):
            initialized.context["checkpointing"] = now
        return initialized

    return initialize_run


def _checkpointing(config: Any) -> Any:
    return None if config is None else config.get("flows", {}).get("checkpointing")
