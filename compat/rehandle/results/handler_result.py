"""``ResultHandlerResult``: a Result that reads and writes through a handler.

Importing this module imports Prefect where it has Results (0.11 to 1.4): its ``Result`` is the base class there.
Prefect 0.11 to 0.13 has a class of this name, which is a base there too, so that ``isinstance`` works either way.
"""

import contextlib
import importlib
import sys
import warnings
from typing import Any

from rehandle import prefect_release
from rehandle.mapping import RESULTS_MODULE
from rehandle.results import Result
from rehandle.results.any_input import beside_any_input
from rehandle.results.locations import decoded_location, kept_location

# Prefect forgives this one alone from 0.14.4 on, and any NotImplementedError before.
_WriteNotImplementedError: Any = getattr(
    sys.modules[Result.__module__], "ResultNotImplementedError", NotImplementedError
)

_Base: Any = Result
if prefect_release.has_results():
    _Base = getattr(importlib.import_module(RESULTS_MODULE), "ResultHandlerResult", Result)


class ResultHandlerResult(_Base):
    """Stores values the way a custom handler does: what has no Result of its own keeps its handler.

    Prefect 0.11 to 0.13 had a class of this name. This one also sets the location after a read and knows ``exists``.

    Args:
        result_handler: the handler. It decides where values go: ``location`` and ``target`` have no say in it.
        **kwargs: for Prefect's ``Result``.
    """

    def __init__(self, result_handler: Any, **kwargs: Any) -> None:
        Result.__init__(self, **kwargs)
        # After the call above: the Result of Prefect 0.11 to 0.13 has an attribute of that name, and sets it to None.
        self.result_handler = result_handler

    def __bool__(self) -> bool:
        """Tell whether a task uses this and not its flow's. Prefect 0.10 and earlier asks a handler so."""
        return bool(self.result_handler)

    @classmethod
    def from_result_handler(cls, result_handler: Any) -> Any:
        """Convert a handler, as the class of Prefect 0.11 to 0.13 did.

        Args:
            result_handler: a handler.

        Returns:
            The Result that ``rehandle.to_result`` gives.
        """
        from rehandle.conversion import to_result

        return to_result(result_handler)

    # The shim also puts these into the class of Prefect 0.11 to 0.13, so they call no super().

    def read(self, location: Any) -> Any:
        """Read a value with the handler.

        Args:
            location: what the handler's ``write`` returned, or how a serialised state spells that.

        Returns:
            A copy with the value and the location.
        """
        new = self.copy()
        location = decoded_location(location)
        new.location = kept_location(location)
        new.value = self.result_handler.read(location)
        return new

    @beside_any_input
    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell whether there is a value at a location.

        A handler's own ``exists`` is asked if it has one. Else the value is read once, which costs as much as any
        read: a handler with large values should have an ``exists``.

        Args:
            location: the location, a template for ``**kwargs``.
            **kwargs: what Prefect formats templates with.

        Returns:
            Whether there is one. A read that fails or gives None means that there is none, and the task runs.
        """
        location = location.format(**kwargs)
        ask = None
        with contextlib.suppress(Exception):
            # A __getattr__ of the user's may raise anything: one that looks in a dictionary raises KeyError.
            ask = getattr(self.result_handler, "exists", None)
        if callable(ask):
            return bool(ask(location))
        try:
            return self.result_handler.read(location) is not None
        except Exception as error:
            self.logger.debug("%r can't read %s: %s", self.result_handler, location, error)
            return False

    @beside_any_input
    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Write a value with the handler.

        Args:
            value_: the value.
            **kwargs: what Prefect formats templates with. A handler has none, so they aren't used.

        Returns:
            A copy with the value, and as its location what the handler returned, encoded if that is empty.

        Raises:
            NotImplementedError: the handler's ``write`` raised it. Prefect then goes on without storing the value.

        Warns:
            UserWarning: the same.
        """
        new = self.copy()
        new.value = value_
        try:
            new.location = kept_location(self.result_handler.write(value_))
        except NotImplementedError as error:
            warnings.warn(
                f"the value isn't stored, and the task goes on: {type(self.result_handler).__name__}.write raises "
                f"NotImplementedError ({error}). Write it, or give the task checkpoint=False",
                stacklevel=2,
            )
            raise _WriteNotImplementedError(str(error)) from error
        return new
