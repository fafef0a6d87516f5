"""The imports of a suite after some of them were changed: one statement a module, and no gap where one was."""

from __future__ import annotations

from typing import NamedTuple, Sequence, Union

import libcst as cst

from rehandle_codemods.rewrite.imports import all_entries, extended, module_of

Part = Union[cst.BaseStatement, cst.EmptyLine]
"""A statement of a suite, or a line that is left of one that went."""


class Became(NamedTuple):
    """A statement of a suite, and what took its place: it alone, where nothing was changed."""

    before: cst.BaseStatement
    after: tuple[Part, ...]


class _Line:
    """A statement in the new suite, or the lines that are left of one.

    Attributes:
        part: the statement or line.
        new: whether it is an import that wasn't there before.
        fixed: whether it is one that stays as it is.
        section: the number of the imports that stand together; other statements have their own.
    """

    def __init__(self, part: Part, section: int, *, new: bool = False, fixed: bool = False) -> None:
        self.part = part
        self.new = new
        self.fixed = fixed
        self.section = section

    @property
    def source(self) -> str:
        """The module that it imports names from, one by one; empty for anything else."""
        return _source(import_of(self.part))


def import_of(part: Part) -> cst.Import | cst.ImportFrom | None:
    """The import that is alone in its lines."""
    if isinstance(part, cst.SimpleStatementLine) and len(part.body) == 1:
        node = part.body[0]
        return node if isinstance(node, (cst.Import, cst.ImportFrom)) else None
    return None


def _source(node: cst.Import | cst.ImportFrom | None) -> str:
    named = isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar)
    return module_of(node) if named else ""  # type: ignore[arg-type]  # `named` says what it is


def settled(suite: Sequence[Became]) -> list[Part]:
    """The statements of a suite in which imports were changed.

    Args:
        suite: its statements, in their order. One that became itself by a change stays where it is, as it is.

    Returns:
        The statements that it has now, with the lines that are left of others.
    """
    lines = _lines(suite)
    for line in [line for line in lines if line.new]:
        _merge(line, lines)
    return [line.part for line in lines]


def _lines(suite: Sequence[Became]) -> list[_Line]:
    lines = []
    section = 0
    for before, after in suite:
        old = import_of(before)
        for part in after:
            node = import_of(part)
            fixed = node is not None and part is not before and part.deep_equals(before)
            apart = fixed or (node is None and not isinstance(part, cst.EmptyLine))
            section += apart
            if node is None or part is before or fixed:
                lines.append(_Line(part, section, fixed=fixed))
            elif old is None:
                lines.append(_Line(_unbracketed(part), section, new=True))
            else:  # it replaces another, in the layout of that
                lines.append(_Line(part, section, new=_source(node) != _source(old)))
                old = None
            section += apart
    return lines


def _merge(line: _Line, lines: list[_Line]) -> None:
    """Add the names of a new import to another of the same module, in its section or before, if there is one."""
    place = lines.index(line)
    for number, host in enumerate(lines):
        earlier = number < place and not (host.new and host.section != line.section)
        if host is line or host.fixed or not (earlier or (host.section == line.section and not host.new)):
            continue
        merged = _merged(host, line)
        if merged is not None:
            host.part = merged
            lines[place : place + 1] = [
                _Line(rest, line.section)
                for rest in line.part.leading_lines  # type: ignore[union-attr]
            ]
            return


def _merged(host: _Line, line: _Line) -> cst.SimpleStatementLine | None:
    """An import with the names of another one; None where they don't belong together."""
    old, new = import_of(host.part), import_of(line.part)
    assert isinstance(line.part, cst.SimpleStatementLine)
    if not isinstance(host.part, cst.SimpleStatementLine) or old is None or new is None:
        return None
    if old.deep_equals(new):
        return host.part
    if not isinstance(old, cst.ImportFrom) or not isinstance(new, cst.ImportFrom) or host.source != line.source:
        return None
    if _renames(old) or _renames(new):
        return None
    more = all_entries(new)
    if line.part.trailing_whitespace.comment is not None:
        more[-1] = more[-1]._replace(beside=line.part.trailing_whitespace)
    return host.part.with_changes(body=[extended(old, more)])


def _renames(node: cst.ImportFrom) -> bool:
    """Whether a statement has one name, which it binds by another: such a one stays by itself."""
    return len(node.names) == 1 and node.names[0].asname is not None  # type: ignore[arg-type, index]  # not `*`


def _unbracketed(part: Part) -> Part:
    """A new import of one name whose comment can stand at the end of its line."""
    node = import_of(part)
    if not isinstance(part, cst.SimpleStatementLine) or not isinstance(node, cst.ImportFrom) or node.lpar is None:
        return part
    found = all_entries(node)
    if len(found) > 1 or found[0].beside is None or found[0].comments != [found[0].beside.comment]:
        return part
    if part.trailing_whitespace.comment is not None:
        return part
    plain = node.with_changes(
        names=[found[0].alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)], lpar=None, rpar=None
    )
    return part.with_changes(body=[plain], trailing_whitespace=found[0].beside)
