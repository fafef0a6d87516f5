"""The modules and functions that handlers' code imports."""

import importlib
import warnings
from typing import Any, Callable, Iterable

from rehandle import handlers, serializers
from rehandle.mapping import HANDLER_ALIASES, HANDLERS, SERIALIZERS_MODULE
from rehandle.shim.patches import Patches


def add_handler_packages(patches: Patches, packages: Iterable[str]) -> None:
    """Make packages with all handlers importable, and their submodules with one handler each.

    Args:
        patches: records each change.
        packages: the packages' names. Prefect must have none of them.
    """
    classes = {name: getattr(handlers, name) for name in [*HANDLERS, *HANDLER_ALIASES]}
    for package in packages:
        patches.add_module(package, classes, is_package=True)
        for row in HANDLERS.values():
            patches.add_module(f"{package}.{row.submodule}", {row.handler: classes[row.handler]})


def add_serializers(patches: Patches) -> None:
    """Make ``prefect.engine.serializers`` importable, with all that it has in Prefect 1.4.1.

    Prefect has the module since 0.12.1, and got its serializers one by one until 0.14.

    Args:
        patches: records each change.
    """
    names = [name for name in serializers.__all__ if name.endswith("Serializer") and name != "HMACSerializer"]
    try:
        module = importlib.import_module(SERIALIZERS_MODULE)
    except ModuleNotFoundError:
        patches.add_module(SERIALIZERS_MODULE, {name: getattr(serializers, name) for name in names})
        return
    for name in names:
        if not hasattr(module, name):
            patches.set_attribute(module, name, getattr(serializers, name))


def add_functions(patches: Patches, healthcheck: Any) -> None:
    """Bring back two functions about handlers that Prefect had until 0.8 and 0.10.

    Args:
        patches: records each change.
        healthcheck: the module with the checks of Docker storage, at its place in the installed Prefect.
    """
    engine = importlib.import_module("prefect.engine")
    patches.set_attribute(engine, "get_default_result_handler_class", get_default_result_handler_class)
    patches.set_attribute(healthcheck, "result_handler_check", healthcheck.result_check)


def get_default_result_handler_class() -> Callable[..., Any]:
    """Give the class that ``prefect.config.engine.result_handler.default_class`` names.

    Returns:
        The class. A function that returns None where none is set, which is so unless the user's configuration says
        otherwise, or where it can't be imported.

    Warns:
        UserWarning: the class can't be imported.
    """
    config = importlib.import_module("prefect").config
    given = config.get("engine", {}).get("result_handler", {}).get("default_class", "")
    if given and not isinstance(given, str):
        return given  # type: ignore[no-any-return]
    module, _, name = str(given).rpartition(".")
    try:
        if given:
            return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]
    except (ImportError, AttributeError, ValueError) as error:
        warnings.warn(
            f"engine.result_handler.default_class is {given!r}, which can't be imported: {error}", stacklevel=2
        )
    return lambda *args, **kwargs: None
