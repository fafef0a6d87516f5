"""The base class of rehandle's own handlers."""

import logging
from typing import Any, Optional, Tuple


class ResultHandler:
    """Base class of all handlers. A subclass says how a task's value is written and read."""

    # What two handlers of a built-in class must share to be equal; others compare all public attributes. (One that is
    # read from a task has those of its Result too.)
    _compared: Optional[Tuple[str, ...]] = None

    def __init__(self) -> None:
        self.logger = logging.getLogger("prefect." + type(self).__name__)

    def read(self, loc: Any) -> Any:
        """Read a value. The base class reads nothing.

        Args:
            loc: what ``write`` returned.

        Returns:
            The value.
        """
        return None

    def write(self, result: Any) -> Any:
        """Write a value. The base class writes nothing.

        Args:
            result: the value.

        Returns:
            The location to read it from.
        """
        return None

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        names = vars(type(self)).get("_compared")
        if names is None:
            names = {name for name in {**vars(self), **vars(other)} if name != "logger" and not name.startswith("_")}
        missing = object()
        return all(getattr(self, name, missing) == getattr(other, name, missing) for name in names)

    __hash__ = None  # type: ignore[assignment]  # Prefect's handlers can't be hashed either

    def __repr__(self) -> str:
        return f"<ResultHandler: {type(self).__name__}>"
