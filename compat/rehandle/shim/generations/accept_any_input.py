"""Inputs and parameters whose names Prefect's own Results have for something else, such as ``value_`` (0.11 to 1.4)."""

import importlib

from rehandle.mapping import RESULTS_MODULE
from rehandle.results.any_input import beside_any_input
from rehandle.shim.patches import Patches


def repair(patches: Patches) -> None:
    """Make tasks succeed that have such an input, or whose flow has such a parameter. Handlers never saw them.

    Args:
        patches: records each change.
    """
    module = importlib.import_module(RESULTS_MODULE)
    for cls in {value for value in vars(module).values() if isinstance(value, type)}:
        for name in ("write", "exists"):
            if name in vars(cls) and cls.__module__.startswith(RESULTS_MODULE):
                patches.set_attribute(cls, name, beside_any_input(vars(cls)[name]))
