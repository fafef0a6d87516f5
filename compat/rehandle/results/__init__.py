"""Results: Prefect's own classes where the installed Prefect uses Results (0.11 to 1.4), else rehandle's.

Both have the interface of Prefect 1.4.1, as far as the installed release has it, so code that imports them from here
runs on every release, on Prefect 2 and 3, and without Prefect.
"""

import importlib
from typing import TYPE_CHECKING, Any, List

from rehandle import prefect_release
from rehandle.mapping import RESULT_BASE_MODULE, RESULTS_MODULE

if TYPE_CHECKING:
    from rehandle.results.azure import AzureResult
    from rehandle.results.base import Result
    from rehandle.results.gcs import GCSResult
    from rehandle.results.handler_result import ResultHandlerResult
    from rehandle.results.inline import ConstantResult, PrefectResult, SecretResult
    from rehandle.results.local import LocalResult
    from rehandle.results.s3 import S3Result

__all__ = [
    "AzureResult",
    "ConstantResult",
    "GCSResult",
    "LocalResult",
    "PrefectResult",
    "Result",
    "ResultHandlerResult",
    "S3Result",
    "SecretResult",
]

# For each class the module of rehandle's own, and that of Prefect's.
_HOMES = {
    "AzureResult": ("rehandle.results.azure", RESULTS_MODULE),
    "ConstantResult": ("rehandle.results.inline", RESULTS_MODULE),
    "GCSResult": ("rehandle.results.gcs", RESULTS_MODULE),
    "LocalResult": ("rehandle.results.local", RESULTS_MODULE),
    "PrefectResult": ("rehandle.results.inline", RESULTS_MODULE),
    "Result": ("rehandle.results.base", RESULT_BASE_MODULE),
    "ResultHandlerResult": ("rehandle.results.handler_result", "rehandle.results.handler_result"),
    "S3Result": ("rehandle.results.s3", RESULTS_MODULE),
    "SecretResult": ("rehandle.results.inline", RESULTS_MODULE),
}


def __getattr__(name: str) -> Any:
    # Prefect is imported no earlier than somebody asks for a class.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    own, prefects = _HOMES[name]
    globals()[name] = getattr(importlib.import_module(prefects if prefect_release.has_results() else own), name)
    return globals()[name]


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
