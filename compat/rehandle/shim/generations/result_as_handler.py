"""A Result in a handler's place: how Prefect 0.6 to 0.10, which know handlers alone, carry what ``result=`` took."""

import importlib
from typing import Any, Callable, Dict, Mapping, Union

from rehandle import conversion

Target = Union[str, Callable[..., str]]

RUN_IDS = "_rehandle_run_ids"
"""Where the context of a run with Results has its ids: for templates alone, as local runs have none before 0.12.2."""


class ResultAdapter(conversion.ResultAdapter):
    """A handler that reads and writes through a Result. A process that it is unpickled in switches the shim on.

    Args:
        result: the Result.
    """

    def write(self, result: Any) -> Any:
        """Write a value, at a location that is made up for it.

        What a task returns isn't written through here, but what Prefect Cloud wants stored of a task's inputs is. Those
        must not go where the Result's own location or template, filled in for another task, says.

        Args:
            result: the value.

        Returns:
            Its location; None for None, which isn't stored.
        """
        return None if result is None else unlocated(self.result).write(result).location

    def __reduce__(self) -> Any:
        return _arrived, (self.result,)


def _arrived(result: Any) -> ResultAdapter:
    # The worker process that gets a flow with Results has to run it as the one that sent it.
    installation = importlib.import_module("rehandle.shim.installation")
    if not installation.is_installed():
        installation.install()
    return ResultAdapter(result)


def template_names(inputs: Mapping[str, Any]) -> Dict[str, Any]:
    """Give what a location's template is formatted with during a task's run, as Prefect 0.12 and later do.

    Args:
        inputs: the values of the task's inputs.

    Returns:
        The flow's parameters, the ids of the run, the context and the inputs, by name. The later ones come first.
    """
    context = importlib.import_module("prefect").context
    names = {**(context.get("parameters") or {}), **(context.get(RUN_IDS) or {}), **context, **inputs}
    names.pop(RUN_IDS, None)
    return names


def unlocated(result: Any) -> Any:
    """Copy a Result so that its next value gets a location of its own.

    Args:
        result: the Result.

    Returns:
        The copy, without a value.
    """
    new = result.from_value(None)
    new._formatter = None
    return new


def located(result: Any, target: Target) -> Any:
    """Copy a Result for another location.

    Args:
        result: the Result.
        target: the location, a template or a function.

    Returns:
        The copy.
    """
    new = result.copy()
    if callable(target):
        new.location, new._formatter = None, target
    else:
        new.location = target
    return new
