"""What may have a value that comes from somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from rehandle_codemods.index.scopes import Variable

ANY = ""
"""The key of what is stored or read under a key that isn't known."""


@dataclass(frozen=True)
class Return:
    """What a function returns."""

    function: Variable

    @property
    def name(self) -> str:
        """How a message names it."""
        return f"{self.function.name}()"


@dataclass(frozen=True)
class DictItem:
    """What a dict or list has under a key; under any key where they aren't known."""

    variable: Variable
    key: str

    @property
    def name(self) -> str:
        """How a message names it."""
        return f"{self.variable.name}[{'...' if self.key == ANY else repr(self.key)}]"


@dataclass(frozen=True)
class AttributeOf:
    """What classes of the project that derive from each other, and their instances, have under a name.

    Attributes:
        owner: one of the classes, which stands for them.
        attribute: the name.
        is_called: whether it is what a method of this name returns.
    """

    owner: Variable
    attribute: str
    is_called: bool = False

    @property
    def name(self) -> str:
        """How a message names it."""
        return f"{self.owner.name}.{self.attribute}{'()' if self.is_called else ''}"

    def called(self) -> AttributeOf:
        """What a method returns, given the method."""
        return AttributeOf(self.owner, self.attribute, is_called=True)


Node = Union[Variable, Return, DictItem, AttributeOf]
"""A node of the flow graph; a parameter is a variable."""
