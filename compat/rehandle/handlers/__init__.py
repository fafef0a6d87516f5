"""The legacy handlers at their canonical home.

On Prefect 0.4 to 0.13 these are Prefect's own classes. Elsewhere they are rehandle's, with the same signatures and
behaviour, so that code which must keep a handler can import it from here on every release.
"""

import importlib
from typing import TYPE_CHECKING

from rehandle import prefect_release
from rehandle.handlers import builtin
from rehandle.mapping import HANDLER_ALIASES, HANDLERS, HANDLERS_MODULE

if TYPE_CHECKING:
    from rehandle.handlers.builtin import (
        AzureResultHandler,
        ConstantResultHandler,
        GCSResultHandler,
        JSONResultHandler,
        LocalResultHandler,
        ResultHandler,
        S3ResultHandler,
        SecretResultHandler,
    )

    LocalStorageHandler = LocalResultHandler
else:
    _source = importlib.import_module(HANDLERS_MODULE) if prefect_release.has_handlers() else builtin
    for _name in HANDLERS:
        # Prefect got ConstantResultHandler in 0.7.2 and SecretResultHandler in 0.7.0.
        globals()[_name] = getattr(_source, _name, getattr(builtin, _name))
    for _alias, _name in HANDLER_ALIASES.items():
        globals()[_alias] = globals()[_name]

__all__ = [
    "AzureResultHandler",
    "ConstantResultHandler",
    "GCSResultHandler",
    "JSONResultHandler",
    "LocalResultHandler",
    "LocalStorageHandler",
    "ResultHandler",
    "S3ResultHandler",
    "SecretResultHandler",
]
