"""Import statements, node by node: names replaced, taken away, added and merged, in the layout that they had."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Iterable, NamedTuple, Sequence, Union

import libcst as cst

from rehandle_codemods.rewrite.code import comments, dotted, dotted_name
from rehandle_codemods.rewrite.import_keys import are_sorted, name_key

if TYPE_CHECKING:
    from rehandle_codemods.index.imported_names import ImportedName

Statements = Union[cst.ImportFrom, cst.RemovalSentinel, "cst.FlattenSentinel[cst.ImportFrom]"]

_NOTHING = cst.SimpleWhitespace("")
_SPACE = cst.SimpleWhitespace(" ")
_INDENT = cst.SimpleWhitespace("    ")
_NEW_LINE = cst.ParenthesizedWhitespace(indent=True, last_line=_INDENT)
_LAST_LINE = cst.ParenthesizedWhitespace(indent=True)


class Entry(NamedTuple):
    """A name of a `from` import, with the comments that are about it.

    Attributes:
        alias: the name. Of its comma counts what is before it alone.
        above: the lines above its own.
        beside: the rest of its own line, where a comment may be.
    """

    alias: cst.ImportAlias
    above: tuple[cst.EmptyLine, ...] = ()
    beside: cst.TrailingWhitespace | None = None

    @property
    def text(self) -> tuple[str, str]:
        """The name, and that by which it is bound."""
        asname = self.alias.evaluated_alias
        return self.alias.evaluated_name, asname or self.alias.evaluated_name

    @property
    def comments(self) -> list[cst.Comment]:
        """The comments that are about it."""
        beside = [self.beside.comment] if self.beside is not None and self.beside.comment is not None else []
        return [*(line.comment for line in self.above if line.comment is not None), *beside, *comments(self.alias)]


# What rules do with statements


def changed(node: cst.ImportFrom, names: Sequence[Sequence[ImportedName]]) -> Statements:
    """Import other names instead of those of a statement.

    Args:
        node: the statement.
        names: for each of its names what takes its place: it, if it stays; nothing, if it goes.

    Returns:
        The statement, and after it one for each further module; a comment goes with its name.
    """
    groups = Counter(name.module for wanted in names for name in wanted)
    if not groups:
        return cst.RemoveFromParent()
    own = module_of(node)
    main = own if own in groups else groups.most_common(1)[0][0]
    found: dict[str, list[Entry]] = {main: []}
    waiting: list[cst.Comment] = []
    for entry, wanted in zip(entries(node), names):
        for number, name in enumerate(wanted):
            group = found.setdefault(name.module, [])
            alias = entry.alias if entry.text == (name.name, name.local) else alias_of(name)
            new = entry._replace(alias=alias.with_changes(comma=entry.alias.comma)) if not number else Entry(alias)
            if new.text in [other.text for other in group]:
                waiting += new.comments
                continue
            group.append(_under(new, waiting))
            waiting = []
        waiting += entry.comments if not wanted else []
    if waiting:
        last = found[main][-1]
        found[main][-1] = _under(last, waiting)
    statement = with_entries(node, _ordered(found.pop(main), entries(node)))
    if main != own:
        statement = _of_module(statement, main)
    return cst.FlattenSentinel([statement, *(_import_of(module, group) for module, group in found.items())])


def extended(node: cst.ImportFrom, more: Iterable[Entry]) -> cst.ImportFrom:
    """A statement that imports further names, each once, with their comments."""
    found = entries(node)
    for entry in more:
        same = next((number for number, other in enumerate(found) if other.text == entry.text), None)
        if same is None:
            found.append(entry._replace(alias=entry.alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)))
        else:
            found[same] = _under(found[same], entry.comments)
    return with_entries(node, _ordered(found, entries(node)))


def reordered(node: cst.ImportFrom, before: cst.ImportFrom) -> cst.ImportFrom:
    """A statement with its names in their order, if those that it had before were."""
    names = entries(node)
    new = _ordered(names, entries(before))
    return node if list(new) == names else with_entries(node, new)


def split(node: cst.ImportFrom) -> list[cst.ImportFrom]:
    """A statement for the names that keep theirs, and one for each that is bound by another."""
    names = all_entries(node)
    plain = [name for name in names if name.alias.asname is None]
    renamed = [name for name in names if name.alias.asname is not None]
    if not renamed or len(names) == 1:
        return [node]
    module = module_of(node)
    kept = [with_entries(node, plain)] if plain else []
    return [*kept, *(_import_of(module, [name]) for name in renamed)]


def changed_modules(node: cst.Import, names: Sequence[Sequence[ImportedName]]) -> cst.Import | cst.RemovalSentinel:
    """Import other modules instead of those of a statement, by the names that it has for them."""
    kept = [
        alias.with_changes(name=dotted(name.name)) if dotted_name(alias.name) != name.name else alias
        for alias, wanted in zip(node.names, names)
        for name in wanted
    ]
    if not kept:
        return cst.RemoveFromParent()
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(names=kept)


def keep(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    """Leave an import as it is: it is neither moved nor merged with others."""
    return line.with_changes()


def with_imports(node: Any, names: Iterable[ImportedName]) -> cst.FlattenSentinel[Any]:
    """Import names after a statement or what took its place: in lines of their own where it has its own."""
    gone = isinstance(node, cst.RemovalSentinel)
    parts = [] if gone else list(node) if isinstance(node, cst.FlattenSentinel) else [node]
    new: list[cst.CSTNode] = [*_statements(names)]
    if not gone and not any(isinstance(part, cst.BaseSmallStatement) for part in parts):
        new = [cst.SimpleStatementLine([statement]) for statement in new]  # type: ignore[list-item]  # they are small
    return cst.FlattenSentinel([*parts, *new])


def with_imports_before(line: Any, names: Iterable[ImportedName], gap: int) -> cst.FlattenSentinel[Any]:
    """Import names before a statement that has its lines, with some empty lines between."""
    first, *others = list(line) if isinstance(line, cst.FlattenSentinel) else [line]
    above = list(first.leading_lines)
    start = next((number for number, one in enumerate(above) if one.comment is not None), len(above))
    lines = [cst.SimpleStatementLine([statement]) for statement in _statements(names)]
    lines[0] = lines[0].with_changes(leading_lines=above[:start])
    blank = [cst.EmptyLine(indent=False)] * gap
    return cst.FlattenSentinel([*lines, first.with_changes(leading_lines=[*blank, *above[start:]]), *others])


def _statements(names: Iterable[ImportedName]) -> list[cst.Import | cst.ImportFrom]:
    """The statements that import some names: one for each module that they are from."""
    groups: dict[str, list[Entry]] = {}
    plain: list[cst.Import | cst.ImportFrom] = []
    for name in names:
        if name.module:
            groups.setdefault(name.module, []).append(Entry(alias_of(name)))
        else:
            plain.append(cst.Import([alias_of(name)]))
    return [*plain, *(_import_of(module, group) for module, group in groups.items())]


# A statement and its names


def module_of(node: cst.ImportFrom) -> str:
    """The module that a statement imports from, with the dots before it."""
    return "." * len(node.relative) + dotted_name(node.module)


def alias_of(name: ImportedName) -> cst.ImportAlias:
    """The part of a statement that imports a name."""
    asname = cst.AsName(cst.Name(name.asname)) if name.asname and name.asname != name.name else None
    return cst.ImportAlias(dotted(name.name), asname)


def entries(node: cst.ImportFrom) -> list[Entry]:
    """The names of a statement that imports some: not `*`."""
    assert not isinstance(node.names, cst.ImportStar)
    found = []
    before = node.lpar.whitespace_after if node.lpar is not None else _NOTHING
    for alias in node.names:
        after = _after(alias, node)
        above = tuple(before.empty_lines) if isinstance(before, cst.ParenthesizedWhitespace) else ()
        beside = after.first_line if isinstance(after, cst.ParenthesizedWhitespace) else None
        own = cst.Comma(alias.comma.whitespace_before) if isinstance(alias.comma, cst.Comma) else alias.comma
        found.append(Entry(alias.with_changes(comma=own), above, beside))
        before = after
    return found


def all_entries(node: cst.ImportFrom) -> list[Entry]:
    """The names of a statement, with all comments that are in it."""
    found = entries(node)
    own = [comment for entry in found for comment in entry.comments]
    found[0] = _under(found[0], [comment for comment in comments(node) if comment not in own])
    return found


def _after(alias: cst.ImportAlias, node: cst.ImportFrom) -> cst.BaseParenthesizableWhitespace:
    """What is between a name, with its comma, and the next one or the bracket."""
    if isinstance(alias.comma, cst.Comma):
        return alias.comma.whitespace_after
    return node.rpar.whitespace_before if node.rpar is not None else _NOTHING


def _ordered(new: Sequence[Entry], old: Sequence[Entry]) -> Sequence[Entry]:
    """The names of a statement in their order, if they were."""
    if not are_sorted([name_key(entry.text[0]) for entry in old]):
        return new
    return sorted(new, key=lambda entry: name_key(entry.text[0]))


def with_entries(node: cst.ImportFrom, names: Sequence[Entry]) -> cst.ImportFrom:
    """A statement with other names, laid out as it was; in brackets, a name a line, where comments need that."""
    assert not isinstance(node.names, cst.ImportStar)
    if node.lpar is None and any(name.comments for name in names):
        node = _bracketed(node)
    old = list(node.names)  # type: ignore[arg-type]  # not `*`
    first = node.lpar.whitespace_after if node.lpar is not None else _NOTHING
    # What is before the name of each place now, whichever is there.
    layout = [first, *(_after(alias, node) for alias in old[:-1])]
    closing = _after(old[-1], node)
    trailing = isinstance(old[-1].comma, cst.Comma)
    further = layout[-1] if len(layout) > 1 or isinstance(first, cst.ParenthesizedWhitespace) else _SPACE
    spaces = []
    for number, name in enumerate(names):
        spaces.append(_before(name, layout[number] if number < len(layout) else further))
    spaces.append(closing)
    aliases = []
    for name, space in zip(names, spaces[1:]):
        other = _LAST_LINE if space is closing else _NEW_LINE
        before = name.alias.comma.whitespace_before if isinstance(name.alias.comma, cst.Comma) else _NOTHING
        aliases.append(name.alias.with_changes(comma=cst.Comma(before, _line_ends(name.beside, space, other))))
    lpar, rpar = node.lpar, node.rpar
    if lpar is not None:
        beside = first.first_line if isinstance(first, cst.ParenthesizedWhitespace) else None
        lpar = lpar.with_changes(whitespace_after=_line_ends(beside, spaces[0]))
    if not trailing:
        comma = aliases[-1].comma
        assert isinstance(comma, cst.Comma)
        aliases[-1] = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        if rpar is not None:
            rpar = rpar.with_changes(whitespace_before=comma.whitespace_after)
    return node.with_changes(names=aliases, lpar=lpar, rpar=rpar)


def _bracketed(node: cst.ImportFrom) -> cst.ImportFrom:
    """A statement with a name a line."""
    names = [name.with_changes(comma=cst.Comma(whitespace_after=_NEW_LINE)) for name in node.names]  # type: ignore[union-attr]
    names[-1] = names[-1].with_changes(comma=cst.Comma(whitespace_after=_LAST_LINE))
    return node.with_changes(names=names, lpar=cst.LeftParen(_NEW_LINE), rpar=cst.RightParen())


def _before(name: Entry, layout: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """What comes before a name: a layout, with the lines above that are its own."""
    if isinstance(layout, cst.ParenthesizedWhitespace):
        new = {"whitespace": layout.last_line}  # of comments that are put here
        lines = [line.with_changes(**new) if line.whitespace is _INDENT else line for line in name.above]
        return layout.with_changes(empty_lines=lines)
    return _NEW_LINE.with_changes(empty_lines=name.above) if name.above else layout


def _line_ends(
    beside: cst.TrailingWhitespace | None,
    space: cst.BaseParenthesizableWhitespace,
    other: cst.ParenthesizedWhitespace = _NEW_LINE,
) -> cst.BaseParenthesizableWhitespace:
    """White space that begins with the rest of a line; other one if it has no room for a comment."""
    has_comment = beside is not None and beside.comment is not None
    if not isinstance(space, cst.ParenthesizedWhitespace):
        if not has_comment:
            return space
        space = other
    plain = cst.TrailingWhitespace(newline=space.first_line.newline)
    return space.with_changes(first_line=beside if has_comment else plain)


def _under(entry: Entry, more: Sequence[cst.Comment]) -> Entry:
    """A name with further comments above it."""
    lines = [cst.EmptyLine(whitespace=_INDENT, comment=comment) for comment in more]
    return entry._replace(above=(*entry.above, *lines))


def _of_module(node: cst.ImportFrom, module: str) -> cst.ImportFrom:
    """A statement that imports from another module."""
    changes: dict[str, object] = {"module": dotted(module), "relative": ()}
    for place in ("whitespace_after_from", "whitespace_before_import"):
        space = getattr(node, place)
        if isinstance(space, cst.SimpleWhitespace) and not space.value:
            changes[place] = _SPACE
    return node.with_changes(**changes)


def _import_of(module: str, names: Iterable[Entry]) -> cst.ImportFrom:
    """A new statement: its names are in their order."""
    names = sorted(names, key=lambda entry: name_key(entry.text[0]))
    plain = [name._replace(alias=name.alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for name in names]
    return with_entries(cst.ImportFrom(dotted(module), [plain[0].alias]), plain)
