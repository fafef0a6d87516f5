"""Prefect's names: which dotted names are the legacy API, and which take a result handler."""

from __future__ import annotations

import sys

from rehandle.mapping import (
    HANDLER_ALIASES,
    HANDLERS,
    HANDLERS_MODULE,
    MODULE_ALIASES,
    RESULT_BASE_MODULE,
    RESULTS_MODULE,
)

KEYWORD = "result_handler"
RESULT_KEYWORD = "result"
RUNTIME_MODULE = "rehandle"
RUNTIME_FUNCTION = "to_result"
TO_RESULT = f"{RUNTIME_MODULE}.{RUNTIME_FUNCTION}"
RUNTIME_HANDLERS_MODULE = "rehandle.handlers"
RUNTIME_RESULTS_MODULE = "rehandle.results"

SETTING = "ENGINE__RESULT_HANDLER"

TRIGGERS = (
    (b"result_handler",),
    (b"ResultHandler",),
    (b"LocalStorageHandler",),
    (b"results_handler",),
    (b"SafeResult",),
    (b"ResultInterface",),
    (b".safe_value",),
    (b"store_safe_value",),
    (b"safe_value", b"prefect"),
    (b"_result.to_result",),
    (SETTING.encode(),),
)
"""Groups of words. Every place that the tool can do or say something about has a whole group in its file, or a name
that matters from such a file."""

PACKAGES = frozenset([b"prefect", RUNTIME_MODULE.encode()])
"""A project uses Prefect where a file of it imports one of these: what is migrated may import rehandle alone."""

TASK = "prefect.Task"
FLOW = "prefect.Flow"
TASK_DECORATOR = "prefect.task"
STORAGE = "prefect.Storage"
RUNNER = "prefect.Runner"
RESULT = f"{RESULT_BASE_MODULE}.Result"

_CANONICAL = {
    "prefect.core.Task": TASK,
    "prefect.core.task.Task": TASK,
    "prefect.core.Flow": FLOW,
    "prefect.core.flow.Flow": FLOW,
    "prefect.utilities.tasks.task": TASK_DECORATOR,
    "prefect.environments.storage.Storage": STORAGE,
    "prefect.environments.storage.base.Storage": STORAGE,
    "prefect.storage.Storage": STORAGE,
    "prefect.engine.TaskRunner": RUNNER,
    "prefect.engine.FlowRunner": RUNNER,
    "prefect.engine.task_runner.TaskRunner": RUNNER,
    "prefect.engine.flow_runner.FlowRunner": RUNNER,
    "prefect.engine.result.base.Result": RESULT,
    "prefect.engine.Result": RESULT,
}

REMOVED_NAMES = (
    "prefect.client.result_handlers",
    "prefect.engine.cloud.result_handler",
    "prefect.engine.cloud.CloudResultHandler",
    "prefect.serialization.result_handlers",
    "prefect.engine.result.SafeResult",
    "prefect.engine.result.ResultInterface",
    "prefect.engine.result.base.SafeResult",
    "prefect.engine.result.base.ResultInterface",
    "prefect.engine.results.ResultHandlerResult",
    "prefect.engine.results.result_handler_result",
    "prefect.engine.get_default_result_handler_class",
    "prefect.config.engine.result_handler",
)
"""Legacy API without a counterpart."""

ENTRY_POINTS = (TASK, FLOW, TASK_DECORATOR, STORAGE)


def canonical(dotted: str) -> str:
    """One spelling for each of Prefect's names.

    A handler class is always `prefect.engine.result_handlers.<class>`, whichever module it was reached by.
    """
    for alias, module in MODULE_ALIASES.items():
        if dotted == alias or dotted.startswith(alias + "."):
            dotted = module + dotted[len(alias) :]
    if dotted.startswith(HANDLERS_MODULE + "."):
        last = dotted.rsplit(".", 1)[1]
        last = HANDLER_ALIASES.get(last, last)
        if last in HANDLERS:
            return f"{HANDLERS_MODULE}.{last}"
    return _CANONICAL.get(dotted, dotted)


def handler_class(dotted: str) -> str | None:
    """The built-in handler class that a canonical name stands for, if it is one."""
    head, _, last = dotted.rpartition(".")
    return last if head == HANDLERS_MODULE and last in HANDLERS else None


def kept_handler(dotted: str) -> str | None:
    """The handler class of rehandle's own that a name stands for, if it is one."""
    head, _, last = dotted.rpartition(".")
    return last if head == RUNTIME_HANDLERS_MODULE and last in HANDLERS else None


def is_handlers_module(dotted: str) -> bool:
    """Whether a canonical name is the handlers' package or one of its submodules."""
    if dotted == HANDLERS_MODULE:
        return True
    return dotted.startswith(HANDLERS_MODULE + ".") and handler_class(dotted) is None


def is_standard_class(dotted: str) -> bool:
    """Whether a name is a class of Python's own library, and none whose instances stand for others."""
    package, _, rest = dotted.partition(".")
    if package == "builtins":
        return True
    last = rest.rpartition(".")[2]
    known = package in sys.stdlib_module_names and last[:1].isupper()
    return known and package not in ("types", "typing", "unittest") and dotted != "argparse.Namespace"


def is_third_party(dotted: str) -> bool:
    """Whether a name is of a library that is neither Python's own, Prefect nor rehandle."""
    package = dotted.partition(".")[0]
    return package not in sys.stdlib_module_names and package not in ("builtins", "prefect", RUNTIME_MODULE)


def is_removed(dotted: str) -> bool:
    """Whether a canonical name is legacy API that nothing replaces."""
    return any(dotted == name or dotted.startswith(name + ".") for name in REMOVED_NAMES)


def is_legacy(dotted: str) -> bool:
    """Whether a canonical name belongs to the legacy API."""
    return handler_class(dotted) is not None or is_handlers_module(dotted) or is_removed(dotted)


def is_task_class(dotted: str) -> bool:
    """Whether a canonical name is Task or one of the tasks that Prefect ships, all of which pass keywords on."""
    if dotted == TASK:
        return True
    last = dotted.rsplit(".", 1)[1] if "." in dotted else ""
    return (
        dotted.startswith("prefect.tasks.") and last[:1].isupper() and not dotted.startswith("prefect.tasks.secrets.")
    )


def is_storage_class(dotted: str) -> bool:
    """Whether a canonical name is Storage or one of the storages that Prefect ships."""
    last = dotted.rpartition(".")[2]
    inside = dotted.startswith(("prefect.environments.storage.", "prefect.storage."))
    return dotted == STORAGE or (inside and last[:1].isupper())


def is_result_class(dotted: str) -> bool:
    """Whether a canonical name is a Result class, Prefect's or one of rehandle's that stand for Prefect's."""
    if dotted == RESULT:
        return True
    last = dotted.rsplit(".", 1)[1] if "." in dotted else ""
    ours = dotted.startswith((f"{RESULTS_MODULE}.", f"{RUNTIME_RESULTS_MODULE}."))
    return ours and last.endswith("Result") and not is_removed(dotted)
