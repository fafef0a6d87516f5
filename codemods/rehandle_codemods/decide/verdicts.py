"""What becomes of a place: it is rewritten, converted when the code runs, left for a person, or only noted."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Tuple, Union

from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME, Reason
from rehandle_codemods.index.imported_names import ImportedName

Imports = Tuple[ImportedName, ...]


class Rewrite(NamedTuple):
    """A node, and what takes its place: libcst's node in, a node or a sentinel out."""

    node: ast.AST
    change: Callable[[Any], Any]


class Remark(NamedTuple):
    """Something more to see at a place: a finding of its own, with the status of a note."""

    span: tuple[int, int]
    code: str
    message: str


class How(NamedTuple):
    """What becomes of a place that isn't plainly rewritten: a subject, and the sentence from its verb on."""

    subject: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.subject} {self.becomes}"


@dataclass(frozen=True)
class Rewritten:
    """The code changes.

    Attributes:
        message: what is done.
        rewrites: the nodes that change.
        needs: what has to be imported for it at the top of the module.
        remarks: what a person should look at besides.
        imports: what the statement of an import imports afterwards, that in place of this name first; None elsewhere.
    """

    message: str
    rewrites: tuple[Rewrite, ...] = ()
    needs: Imports = ()
    remarks: tuple[Remark, ...] = ()
    imports: Imports | None = None

    @property
    def status(self) -> str:
        """As findings have it."""
        return REWRITTEN


@dataclass(frozen=True)
class Converted:
    """A handler stays one, and becomes a Result when the code runs.

    Attributes:
        reason: why it stays.
        how: what is done instead; None where the reason says it.
        rewrites: the nodes that change.
        needs: what has to be imported for it at the top of the module.
        imports: as of what is rewritten.
    """

    reason: Reason
    how: How | None = None
    rewrites: tuple[Rewrite, ...] = ()
    needs: Imports = ()
    imports: Imports | None = None

    @property
    def message(self) -> str:
        """What is done, and why."""
        return said(self.how, self.reason)

    @property
    def status(self) -> str:
        """As findings have it."""
        return RUNTIME


@dataclass(frozen=True)
class Left:
    """A person has to decide.

    Attributes:
        reason: why, and what to do.
        how: what is left; None where the reason says it.
        rewrites: what changes beside the place because of other places: an import that stays gets further names.
        by_hand: what a person writes here who follows the advice, where it can be spelled.
    """

    reason: Reason
    how: How | None = None
    rewrites: tuple[Rewrite, ...] = ()
    by_hand: Rewritten | None = None

    @property
    def message(self) -> str:
        """What is left, why, and what to do."""
        return said(self.how, self.reason)

    @property
    def status(self) -> str:
        """As findings have it."""
        return LEFT


@dataclass(frozen=True)
class Noted:
    """There is something to see, and nothing to do."""

    message: str

    @property
    def status(self) -> str:
        """As findings have it."""
        return NOTE


def said(how: How | None, reason: Reason) -> str:
    """Why something becomes of a place, and what; the reason alone where it says both."""
    if how is None:
        return str(reason)
    clause = reason.about(how.subject).clause
    subject = "it" if clause.startswith(f"{how.subject} ") else how.subject
    return str(Reason(f"{clause}, so {subject} {how.becomes}", advice=reason.advice))


Verdict = Union[Rewritten, Converted, Left, Noted]
Changing = (Rewritten, Converted)
"""The verdicts that change code."""
