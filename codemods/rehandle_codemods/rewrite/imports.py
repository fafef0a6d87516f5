"""Import statements: what each legacy import must become, and the text of the statements that do it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING, Callable, Iterable, NamedTuple, Sequence

from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.scopes import Scope
from rehandle_codemods.index.syntax import has_its_lines, suite_of
from rehandle_codemods.rewrite.edits import Edit

if TYPE_CHECKING:
    from typing import Union

    import libcst as cst

    Comma = Union[cst.Comma, cst.MaybeSentinel]


class Wanted(NamedTuple):
    """A name to import: `from module import name as asname`."""

    module: str
    name: str
    asname: str = ""

    @property
    def alias(self) -> str:
        """The name with its `as` part."""
        return f"{self.name} as {self.asname}" if self.asname and self.asname != self.name else self.name

    @property
    def local(self) -> str:
        """The name that is bound."""
        return self.asname or self.name


class Replacement(NamedTuple):
    """What one import statement becomes.

    Attributes:
        node: the statement.
        aliases: for each of its aliases, the names that take its place; None where it stays as it is.
    """

    node: ast.ImportFrom
    aliases: list[list[Wanted] | None]


def replace(module: Module, replacements: Sequence[Replacement], may_change: Callable[[ast.stmt], bool]) -> list[Edit]:
    """Rewrite `from` imports, merging with imports of the same module that come before in the same suite.

    Args:
        module: the module.
        replacements: what becomes of each statement.
        may_change: whether a statement may change.

    Returns:
        The edits.
    """
    edits: list[Edit] = []
    extended: dict[ast.ImportFrom, list[Wanted]] = {}
    legacy = {replacement.node for replacement in replacements}
    for replacement in replacements:
        suite = suite_of(module, replacement.node)
        before = suite[: suite.index(replacement.node)]
        earlier = [part for part in before if may_change(part) and _together(module, part, replacement.node)]
        changed: list[list[Wanted] | None] = []
        for wanted in replacement.aliases:
            changed.append(None if wanted is None else _unmerged(module, wanted, earlier, legacy, extended))
        edits += _statement_edits(module, replacement.node, changed, suite)
    for node, added in extended.items():
        if added:
            start, end = module.span(node)
            edits.append(Edit(start, end, _extend(module.text(node), added)))
    return edits


def _together(module: Module, first: ast.stmt, second: ast.stmt) -> bool:
    """Whether two statements are in one piece of code: another cell of a notebook may have been run or not."""
    return module.source.block(module.span(first)[0]) == module.source.block(module.span(second)[0])


def _unmerged(
    module: Module,
    wanted: Iterable[Wanted],
    earlier: Sequence[ast.stmt],
    legacy: Iterable[ast.ImportFrom],
    extended: dict[ast.ImportFrom, list[Wanted]],
) -> list[Wanted]:
    rest = []
    for want in wanted:
        host = None
        for statement in earlier:
            if not isinstance(statement, ast.ImportFrom) or statement.level or statement.module != want.module:
                continue
            if statement not in legacy and not any(alias.name == "*" for alias in statement.names):
                host = statement
        if host is None:
            rest.append(want)
            continue
        present = {(alias.name, alias.asname or alias.name) for alias in host.names}
        added = extended.setdefault(host, [])
        if (want.name, want.local) not in present and want not in added:
            added.append(want)
    return rest


def _statement_edits(
    module: Module, node: ast.ImportFrom, changed: list[list[Wanted] | None], suite: Sequence[ast.stmt]
) -> list[Edit]:
    start, end = module.span(node)
    groups = Counter(want.module for wanted in changed for want in wanted or ())
    order = [group for group, _ in groups.most_common()]
    keeps = any(wanted is None for wanted in changed)
    if not keeps and not order:
        return [_deletion(module, node, suite)]
    old_text = module.text(node)
    main = "" if keeps else order[0]
    slots: list[list[str] | None] = []
    for wanted in changed:
        if wanted is None:
            slots.append(None)
        else:
            slots.append([want.alias for want in wanted if want.module == main])
    texts = [_reshape(old_text, main, slots)]
    for group in order:
        if group != main:
            aliases = dict.fromkeys(want.alias for wanted in changed for want in wanted or () if want.module == group)
            texts.append(f"from {group} import {', '.join(aliases)}")
    separator = joiner(module, node)
    lost = list((Counter(comments(old_text)) - Counter(comments(texts[0]))).elements())
    if lost and separator != "; ":
        # The comments of names that moved go with them.
        if len(texts) > 1:
            texts[-1] += "  " + "  ".join(lost)
        else:
            texts[:0] = lost
    elif lost:
        return [Edit(start, end, separator.join([*texts, f"({module.source.newline.join(['', *lost, ''])})"]))]
    return [Edit(start, end, separator.join(texts))]


def comments(text: str) -> list[str]:
    """The comments of a piece of source, in their order."""
    lines = io.StringIO(re.sub(r"\r\n?", "\n", text)).readline
    return [token.string for token in tokenize.generate_tokens(lines) if token.type == tokenize.COMMENT]


def joiner(module: Module, statement: ast.stmt) -> str:
    """What goes between a statement and one more of the same suite: a new line where it stands alone on its own."""
    if not has_its_lines(module, statement):
        return "; "
    start, _ = module.span(statement)
    before = module.source.data[module.source.line(start)[0] : start]
    return module.source.newline + before.decode("utf-8").replace("\f", "")


def _deletion(module: Module, node: ast.stmt, suite: Sequence[ast.stmt]) -> Edit:
    start, end = module.span(node)
    line_start, _ = module.source.line(start)
    _, line_end = module.source.line(end)
    data = module.source.data
    alone = not data[line_start:start].strip(b" \t") and not data[end:line_end].strip()
    if len(suite) == 1 or not alone:
        return Edit(start, end, "pass")
    kept = comments(module.text(node))
    if kept:
        return Edit(start, end, joiner(module, node).join(kept))
    next_line = line_end
    if data[next_line : next_line + 2] == b"\r\n":
        next_line += 2
    elif next_line < len(data):
        next_line += 1
    return Edit(line_start, next_line, "")


def _reshape(text: str, target: str, slots: list[list[str] | None]) -> str:
    """Replace the aliases of one `from` import in place; None keeps an alias, an empty list removes it."""
    import libcst as cst

    line, statement = _parse(text)
    assert isinstance(statement, cst.ImportFrom)
    old = [] if isinstance(statement.names, cst.ImportStar) else list(statement.names)
    trailing = isinstance(old[-1].comma, cst.Comma) if old else False
    seen = set()
    new: list[cst.ImportAlias] = []
    for alias, slot in zip(old, slots):
        for text_alias in [None] if slot is None else slot:
            if text_alias is not None and text_alias in seen:
                continue
            made = alias if text_alias is None else _alias(text_alias)
            if text_alias is not None:
                seen.add(text_alias)
            comma = (
                alias.comma
                if isinstance(alias.comma, cst.Comma)
                else cst.Comma(cst.SimpleWhitespace(""), cst.SimpleWhitespace(" "))
            )
            new.append(made.with_changes(comma=comma))
    changes: dict[str, object] = {}
    if trailing:
        new[-1] = new[-1].with_changes(comma=_comma(new[-1].comma, old[-1].comma))
    else:
        own = new[-1].comma
        new[-1] = new[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        if slots[-1] == [] and statement.rpar is not None:
            changes["rpar"] = statement.rpar.with_changes(whitespace_before=_after_last(own, statement.rpar))
    changes["names"] = new
    if target:
        expression = cst.parse_expression(target)
        changes.update(module=expression, relative=())
        if (
            isinstance(statement.whitespace_after_from, cst.SimpleWhitespace)
            and not statement.whitespace_after_from.value
        ):
            changes["whitespace_after_from"] = cst.SimpleWhitespace(" ")
        if not statement.whitespace_before_import.value:
            changes["whitespace_before_import"] = cst.SimpleWhitespace(" ")
    return _code(line.with_changes(body=[statement.with_changes(**changes)]), text)


def _extend(text: str, added: Sequence[Wanted]) -> str:
    import libcst as cst

    line, statement = _parse(text)
    assert isinstance(statement, cst.ImportFrom)
    assert not isinstance(statement.names, cst.ImportStar)
    old = list(statement.names)
    last = old[-1]
    between = old[-2].comma if len(old) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if len(old) == 1 and statement.lpar is not None:
        between = cst.Comma(whitespace_after=statement.lpar.whitespace_after)
    closing = statement.rpar
    comma = _comma(last.comma, between)
    if closing is not None and not isinstance(last.comma, cst.Comma):
        comma = _with_comment(comma, closing.whitespace_before)
        closing = closing.with_changes(whitespace_before=_after_last(None, closing))
    new = [*old[:-1], last.with_changes(comma=comma)]
    new += [_alias(want.alias).with_changes(comma=_comma(None, between)) for want in added]
    new[-1] = new[-1].with_changes(comma=_comma(None, last.comma))
    return _code(line.with_changes(body=[statement.with_changes(names=new, rpar=closing)]), text)


def _comma(own: Comma | None, layout: Comma) -> Comma:
    """A comma laid out as another one, with the comment of its own line, if it has one, instead of the other's."""
    import libcst as cst

    if not isinstance(layout, cst.Comma) or not isinstance(layout.whitespace_after, cst.ParenthesizedWhitespace):
        return layout
    after = layout.whitespace_after
    own_after = own.whitespace_after if isinstance(own, cst.Comma) else None
    if isinstance(own_after, cst.ParenthesizedWhitespace):
        first = own_after.first_line
    else:
        first = after.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return layout.with_changes(whitespace_after=after.with_changes(first_line=first, empty_lines=()))


def _with_comment(comma: Comma, space: cst.BaseParenthesizableWhitespace) -> Comma:
    """A comma with the comment that begins some white space."""
    import libcst as cst

    if not isinstance(space, cst.ParenthesizedWhitespace) or not isinstance(comma, cst.Comma):
        return comma
    after = comma.whitespace_after
    if not isinstance(after, cst.ParenthesizedWhitespace):
        after = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace("    "))
    return comma.with_changes(whitespace_after=after.with_changes(first_line=space.first_line))


def _after_last(own: Comma | None, closing: cst.RightParen) -> cst.BaseParenthesizableWhitespace:
    """What goes between the name that is the last one now and the bracket: the comment of its own line, if any."""
    import libcst as cst

    before = closing.whitespace_before
    if not isinstance(before, cst.ParenthesizedWhitespace):
        return before
    after = own.whitespace_after if isinstance(own, cst.Comma) else None
    if isinstance(after, cst.ParenthesizedWhitespace):
        return before.with_changes(first_line=after.first_line)
    return before.with_changes(first_line=cst.TrailingWhitespace(newline=before.first_line.newline))


def _parse(text: str) -> tuple[cst.SimpleStatementLine, cst.BaseSmallStatement]:
    import libcst as cst

    line = cst.parse_statement(text)
    assert isinstance(line, cst.SimpleStatementLine)
    return line, line.body[0]


def _code(line: cst.SimpleStatementLine, text: str) -> str:
    import libcst as cst

    newline = "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n"
    code = cst.Module(body=[line], default_newline=newline).code
    return code[: -len(newline)] if code.endswith(newline) else code


def _alias(text: str) -> cst.ImportAlias:
    import libcst as cst

    name, _, asname = text.partition(" as ")
    return cst.ImportAlias(name=cst.Name(name), asname=cst.AsName(name=cst.Name(asname)) if asname else None)


def statements(wanted: Iterable[Wanted]) -> list[str]:
    """The statements that import some names: one for each module."""
    modules: dict[str, list[str]] = {}
    for want in wanted:
        modules.setdefault(want.module, []).append(want.alias)
    return [f"from {module} import {', '.join(aliases)}" for module, aliases in modules.items()]


def imports_exactly(scope: Scope, name: str, wanted: Wanted) -> bool:
    """Whether everything that binds a name in a scope imports one certain thing."""
    found = scope.bindings.get(name, [])
    return bool(found) and all(
        binding.kind == "from"
        and not binding.level
        and binding.module == wanted.module
        and binding.attribute == wanted.name
        for binding in found
    )


def free_name(scopes: Iterable[Scope], wanted: Wanted) -> bool:
    """Whether a name can be bound by an import: no scope on the way binds it to something else."""
    return all(wanted.local not in scope.bindings or imports_exactly(scope, wanted.local, wanted) for scope in scopes)


def runtime_name(module: Module) -> tuple[str, bool]:
    """The name that `rehandle.to_result` has in a module, and whether it has still to be imported."""
    wanted = Wanted(prefect_names.RUNTIME_MODULE, prefect_names.RUNTIME_FUNCTION)
    if imports_exactly(module.root, wanted.local, wanted):
        return wanted.local, False
    for name in (prefect_names.RUNTIME_FUNCTION, "rehandle_to_result"):
        if name not in module.analysis.names:
            return name, True
    return "_rehandle_to_result", True
