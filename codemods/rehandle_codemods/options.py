"""What a run may be told about the rewrite."""

from __future__ import annotations

from typing import NamedTuple

from rehandle.mapping import HANDLERS

PREFECT_1 = "prefect-1"
SHIM = "shim"
TARGETS = (PREFECT_1, SHIM)

_SHIM_MODULE = "rehandle.results"
_LEGACY_MODULE = f"{_SHIM_MODULE}.legacy"


class Options(NamedTuple):
    """The choices of a run.

    Attributes:
        keep_names: classes that become Results keep a name that ends in `Handler`.
        target: what the rewritten code is for: PREFECT_1 (Prefect 0.11 to 1.4, without rehandle where that can be),
            or SHIM (rehandle with any Prefect: Results are imported from `rehandle.results`).
        runtime: what can't be told is converted at run time, by `rehandle.to_result`; else it is left.
        recorded: a file that rehandle wrote while the code ran (REHANDLE_RECORD); none if empty.
    """

    keep_names: bool = False
    target: str = PREFECT_1
    runtime: bool = True
    recorded: str = ""

    def home(self, handler: str, *, legacy: bool = False) -> str:
        """The module that the Result of a handler is imported from.

        Args:
            handler: the handler's class.
            legacy: whether it is given what Prefect's Result has no place for.

        Returns:
            The module's dotted name.
        """
        if self.target == SHIM:
            return _LEGACY_MODULE if legacy else _SHIM_MODULE
        return HANDLERS[handler].result_module


DEFAULTS = Options()
