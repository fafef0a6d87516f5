"""The imports of a suite after some of them changed: one statement a module, in order where they were, without gaps."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Callable, Collection, NamedTuple, Sequence, Union

import libcst as cst

from rehandle_codemods.rewrite import import_keys
from rehandle_codemods.rewrite.import_keys import Key, Statement
from rehandle_codemods.rewrite.import_layout import Layout, opened
from rehandle_codemods.rewrite.imports import all_entries, extended, module_of, reordered, split

SuiteItem = Union[cst.BaseStatement, cst.EmptyLine]
"""A statement of a suite, or a line that is left of one that went."""

_OURS = ("prefect", "rehandle")
_BLANK = cst.EmptyLine(indent=False)


class ChangedStatement(NamedTuple):
    """A statement of a suite, and what took its place: it alone, where nothing was changed."""

    before: cst.BaseStatement
    after: tuple[SuiteItem, ...]


class _Group:
    """Imports without an empty line between them.

    Attributes:
        section: the number of the imports that it is among, with no other statement between them.
        gap: the empty lines before it.
        old: the imports as they were.
    """

    def __init__(self, section: int, gap: Sequence[cst.EmptyLine] = ()) -> None:
        self.section = section
        self.gap = tuple(gap)
        self.old: list[Statement] = []


class _Line:
    """A statement in the new suite, or a line that is left of one.

    Attributes:
        item: the statement or line.
        group: the imports that it is among; None for other statements.
        before: the import that it was; None for a new one.
        moves: whether it may stand with other imports than it does.
        fixed: whether it is an import that stays as it is.
    """

    def __init__(
        self,
        item: SuiteItem,
        group: _Group | None = None,
        before: Statement | None = None,
        *,
        fixed: bool = False,
    ) -> None:
        self.item = item
        self.group = group
        self.before = before
        self.moves = False
        self.fixed = fixed

    @property
    def node(self) -> Statement | None:
        """The import that it is."""
        return import_of(self.item)

    @property
    def source(self) -> str:
        """The module that it imports names from, one by one; empty for anything else."""
        return _source(self.node)

    @property
    def changed(self) -> bool:
        """Whether it is an import that is new, or other than it was."""
        return self.node is not None and self.node is not self.before

    @property
    def new(self) -> bool:
        """Whether it is an import of another module than it was, or of none that was there."""
        if not self.changed or self.fixed:
            return False
        return self.before is None or not self.source or self.source != _source(self.before)


def import_of(item: SuiteItem) -> Statement | None:
    """The import that is alone in its lines."""
    if isinstance(item, cst.SimpleStatementLine) and len(item.body) == 1:
        node = item.body[0]
        return node if isinstance(node, (cst.Import, cst.ImportFrom)) else None
    return None


def _source(node: Statement | None) -> str:
    named = isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar)
    return module_of(node) if named else ""  # type: ignore[arg-type]  # `named` says what it is


def arranged(suite: Sequence[ChangedStatement], own: Collection[str] = (), *, headed: bool = False) -> list[SuiteItem]:
    """The statements of a suite in which imports were changed.

    Args:
        suite: its statements, in their order. One that became a copy of itself stays as it is, where it is.
        own: the top-level names of the project's own modules.
        headed: whether a comment comes before the suite.

    Returns:
        The statements that it has now, with the lines that are left of others.
    """
    lines = _lines(suite)
    for line in [line for line in lines if line.new]:
        _merge(line, lines)
    items: list[SuiteItem] = []
    gone: tuple[cst.EmptyLine, ...] | None = None
    for section, found in groupby(lines, key=lambda line: line.group.section if line.group is not None else None):
        some = list(found)
        if section is not None and any(line.changed or line.node is None for line in some):
            kept = _Section(some, own).items()
            gone = None if any(import_of(item) is not None for item in kept) else some[0].group.gap  # type: ignore[union-attr]  # as the section has a number
            items += kept
            continue
        new = [line.item for line in some]
        if gone is not None:
            new[0] = _closed(new[0], gone, first=not items and not headed)
        gone = None
        items += new
    return items


def _closed(item: SuiteItem, gap: Sequence[cst.EmptyLine], *, first: bool) -> SuiteItem:
    """A statement before which there were imports: nothing comes before it now that isn't needed."""
    assert not isinstance(item, cst.EmptyLine)
    own, above = _blanks(item)
    return _with_lines(item, () if first else max(own, gap, key=len), above)


def _lines(suite: Sequence[ChangedStatement]) -> list[_Line]:
    lines: list[_Line] = []
    group: _Group | None = None
    section = 0
    for before, after in suite:
        old = import_of(before)
        if old is not None and _stays(before, after):
            lines.append(_Line(after[0], before=old, fixed=True))
            group, section = None, section + 1
            after, old = after[1:], None
        gap = _blanks(before)[0] if old is not None else ()
        if old is not None and (group is None or gap):
            group = _Group(section, gap)
        if old is not None and group is not None:
            group.old.append(old)
        replaces = after[:1] != (before,) and old is not None and import_keys.root_of(old) in _OURS
        # What is left of an import that went says where it was; empty lines are put between groups later.
        for item in after or (_BLANK,):
            node = import_of(item)
            if node is None and not isinstance(item, cst.EmptyLine):
                lines.append(_Line(item))
                group, section = None, section + 1
                continue
            group = group or _Group(section, _blanks(item)[0])
            line = _Line(item if old is not None else _unbracketed(item), group, old)
            line.moves = line.new and not (replaces and node is not None and import_keys.root_of(node) in _OURS)
            lines.append(line)
            old = None if node is not None else old
    return lines


def _stays(before: cst.BaseStatement, after: Sequence[SuiteItem]) -> bool:
    """Whether an import stays as it is, where it is: it isn't to change, or may bind any name."""
    node = import_of(before)
    star = isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar)
    return star or (after[:1] != (before,) and any(item.deep_equals(before) for item in after[:1]))


def _blanks(item: SuiteItem) -> tuple[tuple[cst.EmptyLine, ...], tuple[cst.EmptyLine, ...]]:
    """The empty lines at the beginning of those above a statement, and the other lines above it."""
    lines = () if isinstance(item, cst.EmptyLine) else tuple(item.leading_lines)  # type: ignore[attr-defined]  # every statement has them
    count = next((number for number, line in enumerate(lines) if line.comment is not None), len(lines))
    return lines[:count], lines[count:]


def _with_lines(item: SuiteItem, *above: Sequence[cst.EmptyLine]) -> SuiteItem:
    lines = tuple(line for some in above for line in some)
    same = lines == tuple(item.leading_lines)  # type: ignore[union-attr]  # every statement has them
    return item if same else item.with_changes(leading_lines=lines)


# Merging


def _merge(line: _Line, lines: list[_Line]) -> None:
    """Add the names of a new import to another of the same module, in its section or before, if there is one.

    Where there are several, to one without a comment at the end of its line, which isn't about the new names.
    """
    place = lines.index(line)
    for number, host in sorted(enumerate(lines), key=lambda numbered: _has_comment(numbered[1].item)):
        together = host.group is not None and line.group is not None and host.group.section == line.group.section
        fits = not host.new if together else number < place and not host.new
        between = any(other.fixed for other in lines[number:place])
        if host is line or between or not (fits or (together and number < place)):
            continue
        merged = _merged(host, line)
        if merged is not None:
            host.item = merged
            above = _blanks(line.item)[1]
            lines[place : place + 1] = [_Line(rest, line.group) for rest in above]
            return


def _has_comment(item: SuiteItem) -> bool:
    return isinstance(item, cst.SimpleStatementLine) and item.trailing_whitespace.comment is not None


def _merged(host: _Line, line: _Line) -> cst.SimpleStatementLine | None:
    """An import with the names of another one; None where they don't belong together."""
    old, new = host.node, line.node
    assert isinstance(line.item, cst.SimpleStatementLine)
    if not isinstance(host.item, cst.SimpleStatementLine) or old is None or new is None:
        return None
    if old.deep_equals(new):
        return host.item
    if not isinstance(old, cst.ImportFrom) or not isinstance(new, cst.ImportFrom) or host.source != line.source:
        return None
    if _renames(old) or _renames(new):
        return None
    more = all_entries(new)
    if line.item.trailing_whitespace.comment is not None:
        more[-1] = more[-1]._replace(beside=line.item.trailing_whitespace)
    return host.item.with_changes(body=[extended(old, more)])


def _unbracketed(item: SuiteItem) -> SuiteItem:
    """A new import of one name whose comment can stand at the end of its line."""
    node = import_of(item)
    if not isinstance(item, cst.SimpleStatementLine) or not isinstance(node, cst.ImportFrom) or node.lpar is None:
        return item
    found = all_entries(node)
    if len(found) > 1 or found[0].beside is None or found[0].comments != [found[0].beside.comment]:
        return item
    if item.trailing_whitespace.comment is not None:
        return item
    alias = found[0].alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    plain = node.with_changes(names=[alias], lpar=None, rpar=None)
    return item.with_changes(body=[plain], trailing_whitespace=found[0].beside)


def _renames(node: cst.ImportFrom) -> bool:
    """Whether a statement has one name, which it binds by another: such a one stays by itself."""
    return len(node.names) == 1 and node.names[0].asname is not None  # type: ignore[arg-type, index]  # not `*`


# Order


class _Section:
    """Imports with no other statement between them, some of them changed."""

    def __init__(self, lines: Sequence[_Line], own: Collection[str]) -> None:
        self.own = own
        self.groups = list(dict.fromkeys(line.group for line in lines if line.group is not None))
        self.first = self.groups[0]
        self.units: dict[_Group, list[_Unit]] = {group: [] for group in self.groups}
        layout = Layout([node for group in self.groups for node in group.old])
        waiting: list[cst.EmptyLine] = []
        moving: list[_Unit] = []
        for line in lines:
            assert line.group is not None
            if isinstance(line.item, cst.EmptyLine):
                waiting += [line.item] if line.item.comment is not None else []
                continue
            assert isinstance(line.item, cst.SimpleStatementLine)
            sorts = _order(line.group, own) is not None
            for item in _tidied(line) if sorts else [line.item]:
                if line.changed:
                    item = layout.fitted(item)
                    item = opened(item) if getattr(line.before, "lpar", None) is None else item
                unit = _Unit(item, [*waiting, *_blanks(item)[1]])
                waiting = []
                home = self.units[line.group]
                (moving if line.moves and (sorts or line.before is None) else home).append(unit)
        self.left = waiting
        for group, units in self.units.items():
            order = _order(group, own)
            if order is not None and any(unit.node not in group.old for unit in units):
                units.sort(key=lambda unit: order(unit.node))
        for unit in moving:
            self._place(unit)

    def _place(self, unit: _Unit) -> None:
        """Put an import among those of its kind."""
        kind = import_keys.kind(unit.node, self.own)
        kinds = {group: self._kinds(group) for group in self.groups}
        fitting = [group for group in self.groups if kind in kinds[group]]
        ours = [group for group in fitting if any(import_keys.root_of(node) in _OURS for node in group.old)]
        group = next(iter([*ours, *fitting]), None)
        if group is None and len(self.groups) == 1 and len(kinds[self.groups[0]]) > 1:
            group = self.groups[0]
        if group is None:
            later = [n for n, other in enumerate(self.groups) if kinds[other] and min(kinds[other]) > kind]
            group = _Group(self.first.section)
            self.groups.insert(later[0] if later else len(self.groups), group)
            self.units[group] = []
        order = _order(group, self.own) or self._by_kind
        units = self.units[group]
        before = [n for n, other in enumerate(units) if order(other.node) <= order(unit.node)]
        units.insert(before[-1] + 1 if before else 0, unit)

    def _kinds(self, group: _Group) -> set[int]:
        """The kinds of modules that are imported in a group, where Prefect's are none of the project's own."""
        nodes = [*group.old, *(unit.node for unit in self.units[group])]
        found = {import_keys.kind(node, self.own) for node in nodes}
        if any(import_keys.root_of(node) in _OURS for node in nodes):
            found = {import_keys.OTHER if kind == import_keys.OWN else kind for kind in found}
        return found

    def _by_kind(self, node: Statement) -> Key:
        return _by_kind(node, self.own)

    def items(self) -> list[SuiteItem]:
        """The imports as they are now, with the empty lines between their groups."""
        items: list[SuiteItem] = []
        for group in self.groups:
            units = self.units[group]
            if not units:
                continue
            usual = (_BLANK,) if group is self.first or not group.gap else group.gap
            gap = usual if items else self.first.gap
            items += [_with_lines(unit.item, () if number else gap, unit.above) for number, unit in enumerate(units)]
        return [*items, *self.left]


class _Unit(NamedTuple):
    """An import, and the lines above it."""

    item: cst.SimpleStatementLine
    above: list[cst.EmptyLine]

    @property
    def node(self) -> Statement:
        """The import."""
        node = import_of(self.item)
        assert node is not None
        return node


def _order(group: _Group, own: Collection[str]) -> Callable[[Statement], Key] | None:
    """What the imports of a group were sorted by; None where they weren't."""
    if not all(import_keys.is_tidy(node) for node in group.old):
        return None
    for order in (import_keys.key, partial(_by_kind, own=own)):
        if import_keys.are_sorted([order(node) for node in group.old]):
            return order
    return None


def _by_kind(node: Statement, own: Collection[str]) -> Key:
    return (import_keys.kind(node, own), import_keys.key(node))


def _tidied(line: _Line) -> list[cst.SimpleStatementLine]:
    """A changed import as isort and ruff would have it, where it was so before: in lines of their own what has `as`."""
    assert isinstance(line.item, cst.SimpleStatementLine)
    node, before = line.node, line.before
    if not line.changed or not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
        return [line.item]
    if isinstance(before, cst.ImportFrom) and not isinstance(before.names, cst.ImportStar):
        node = reordered(node, before)
    first, *others = split(node)
    return [line.item.with_changes(body=[first]), *(cst.SimpleStatementLine([other]) for other in others)]
