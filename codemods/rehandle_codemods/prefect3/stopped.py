"""Why a file stays as it is."""

from __future__ import annotations

import ast


class StoppedError(Exception):
    """Something in a file that has no certain form in Prefect 3.

    Attributes:
        node: where it is.
        reason: why, as a clause; the same for each place with the same cause.
        advice: what to do, a sentence without its full stop; empty where nothing else can be said.
    """

    def __init__(self, node: ast.AST, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason
        self.advice = advice
