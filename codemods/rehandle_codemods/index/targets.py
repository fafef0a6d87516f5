"""What a name may refer to."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Tuple, Union

from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Binding, Variable

ANYWHERE = ""
"""In the place of a file: any module of the project."""


class External(NamedTuple):
    """Something outside the project, by its canonical dotted name."""

    name: str


class Local(NamedTuple):
    """Something that a file of the project binds."""

    module: Module
    binding: Binding


class ModuleRef(NamedTuple):
    """A module of the project."""

    module: Module


class Unknown(NamedTuple):
    """Something that isn't known; `candidates` are files of the project that it may come from."""

    candidates: tuple[str, ...] = ()


Target = Union[External, Local, ModuleRef, Unknown]


class Targets(Tuple[Target, ...]):
    """All that a name may refer to.

    A name may be bound thousands of times and be used as often: what all of them have in common is found out once.
    """

    @cached_property
    def unknown(self) -> bool:
        """Whether it may be something that isn't known."""
        return any(isinstance(target, Unknown) for target in self)

    @cached_property
    def candidates(self) -> bool:
        """Whether it may be a certain file of the project's that isn't known."""
        return any(isinstance(target, Unknown) and target.candidates for target in self)

    @cached_property
    def kinds(self) -> tuple[Target, ...]:
        """Those among them that differ in more than the place that binds the name."""
        found: dict[object, Target] = {}
        for target in self:
            same = target.binding.variable if isinstance(target, Local) else target
            found.setdefault(same, target)
        return tuple(found.values())

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables, functions and classes of the project among them."""
        local = [target.binding for target in self.kinds if isinstance(target, Local)]
        return tuple(binding.variable for binding in local)

    @cached_property
    def variable(self) -> Variable | None:
        """The one variable, function or class of the project that all of them are."""
        return self.variables[0] if len(self.kinds) == len(self.variables) == 1 else None
