"""Modules of handlers that are imported once more, as notebooks and tests do"""

import importlib
import importlib.util
import sys

from prefect.engine import result_handlers
from prefect.serialization import result_handlers as schemas

MODULES = (result_handlers, schemas)


def reloaded():
    found = []
    for module in MODULES:
        name = module.__name__
        found.append([importlib.reload(module) is module, sys.modules[name] is module])
        found.append([importlib.util.find_spec(name).name, module.__spec__.name, module.__package__])
    return [
        *found,
        isinstance(result_handlers.LocalResultHandler("."), result_handlers.ResultHandler),
        schemas.ResultHandlerSchema.__name__,
    ]


def reloaded_after_a_change():
    def own():
        """Somebody's own class, until the module is loaded again."""

    before = result_handlers.JSONResultHandler
    result_handlers.JSONResultHandler = own
    result_handlers.more = 1
    module = importlib.reload(result_handlers)
    try:
        return [module.JSONResultHandler is before, module.more]
    finally:
        del module.more


def removed():
    found = []
    for module in MODULES:
        name = module.__name__
        del sys.modules[name]
        try:
            again = importlib.import_module(name)
            parent = sys.modules[name.rpartition(".")[0]]
            found.append([again is module, again is sys.modules[name], again is parent.result_handlers])
        finally:
            sys.modules[name] = module
            sys.modules[name.rpartition(".")[0]].result_handlers = module
    return found


FEATURES = {
    "`importlib.reload` of the modules of handlers": reloaded,
    "`importlib.reload` undoes what was put into a module": reloaded_after_a_change,
    "Modules of handlers that are removed from `sys.modules`": removed,
}
