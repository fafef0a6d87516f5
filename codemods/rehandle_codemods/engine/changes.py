"""From verdicts to new contents of files: rewritten by libcst, parsed once more before anything is written."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Callable, Iterable, NamedTuple

from rehandle_codemods.files.lines import Span
from rehandle_codemods.files.paths import shown
from rehandle_codemods.files.source import FileError, SourceError, TextEdit, changed_parts, differences, with_edits

if TYPE_CHECKING:
    from rehandle_codemods.decide.protected import Protected, Protection
    from rehandle_codemods.decide.verdicts import Verdict
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.rewrite.rewriter import LocatedRewrite


class Change(NamedTuple):
    """A file's new content.

    Attributes:
        filename: the path, as it is shown.
        before: the text as it is.
        after: the text as it would be.
        raw: the bytes as they are.
        content: the bytes as they would be.
        write: replaces the file; raises SourceError where it can't.
        rewrites: the same as changes of libcst's nodes; they pickle. Empty for a file that isn't Python as a whole.
        own: the top-level names of the project's own modules that it imports, for the order of imports.
        parts: the lines that change, and those that take their place; none where only the texts are known.
    """

    filename: str
    before: str
    after: str
    raw: bytes
    content: bytes
    write: Callable[[], None]
    rewrites: tuple[LocatedRewrite, ...] = ()
    own: frozenset[str] = frozenset()
    parts: tuple[tuple[Span, Span], ...] = ()


class ChangedModule(NamedTuple):
    """What changes in a module.

    Attributes:
        module: the module.
        edits: of its code.
        rewrites: by libcst's nodes; none where the module isn't the whole of a Python file.
        own: the top-level names of the project's own modules that it imports.
    """

    module: Module
    edits: list[TextEdit]
    rewrites: tuple[LocatedRewrite, ...]
    own: frozenset[str]


class CantChangeError(Exception):
    """Some statements of a module can't change, though verdicts would have it.

    Attributes:
        protected: the statements, and why.
    """

    def __init__(self, protected: Iterable[Protected]) -> None:
        super().__init__()
        self.protected = tuple(protected)


def changed(
    module: Module,
    verdicts: Iterable[tuple[tuple[int, int], Verdict]],
    protection: Protection,
    own: frozenset[str],
) -> ChangedModule:
    """What changes in a module.

    Args:
        module: the module.
        verdicts: what becomes of each place, with its span.
        protection: what isn't to change.
        own: the top-level names of the project's own modules that it imports.

    Returns:
        The edits of its code; none where all stays as it is.

    Raises:
        CantChangeError: libcst can't carry out a rewrite, or it would change what isn't to change.
    """
    from rehandle_codemods.decide.protected import Protected, around
    from rehandle_codemods.decide.verdicts import Changing, Noted
    from rehandle_codemods.engine import new_imports
    from rehandle_codemods.rewrite import statements

    verdicts = list(verdicts)
    said = [rewrite for _, verdict in verdicts if not isinstance(verdict, Noted) for rewrite in verdict.rewrites]
    needs = [(span[0], verdict.needs) for span, verdict in verdicts if isinstance(verdict, Changing)]
    kept = new_imports.kept(module, partial(protection.may_change, module)) if protection.reaches(module) else []
    rewrites = [*kept, *said, *new_imports.additions(module, needs)]
    source = module.source
    edits: list[TextEdit] = []
    # By the word where a statement isn't the file's own text, or not all of it may change.
    by_words = source.file is not source or protection.reaches(module)
    done = start = 0
    try:
        for lines in statements.changed_lines(
            source.text, module.tree, rewrites, source.newline, source.first_rows, own
        ):
            start += len(source.text[done : lines.start].encode("utf-8"))
            before, done = source.text[lines.start : lines.end], lines.start
            if by_words:
                edits += differences(before, lines.text, start)
            elif before != lines.text:
                edits.append(TextEdit(start, start + len(before.encode("utf-8")), lines.text))
    except statements.RefusalsError as error:
        refused = [around(module, module.span(statement), why) for statement, why in error.refusals]
        raise CantChangeError(one for some in refused for one in some) from error
    if protection.reaches(module) and any(protection.reason(module, (edit.start, edit.end)) for edit in edits):
        # The file as a whole can stay; a part of what belongs together can't.
        why = "what belongs to something in this file isn't to be changed"
        raise CantChangeError([Protected(module.path, module.statements.whole, why)])
    located = statements.locate(source.text, rewrites) if edits and source.file is source else ()
    return ChangedModule(module, edits, tuple(located), own)


def changes(modules: Iterable[ChangedModule]) -> list[Change]:
    """The new contents of files.

    Args:
        modules: what changes in each module.

    Returns:
        The changes, by file.

    Raises:
        FileError: the new content of some files would be wrong.
    """
    new = []
    wrong: dict[str, SourceError] = {}
    for module in sorted(modules, key=lambda module: module.module.path):
        try:
            new.append(_new_content(*module))
        except (SyntaxError, ValueError) as error:
            message = f"the rewritten file would be wrong ({error}): it is left as it is. Please report this as a bug"
            wrong[module.module.path] = SourceError(message)
    if wrong:
        raise FileError(wrong)
    return new


def _new_content(
    module: Module, edits: list[TextEdit], rewrites: tuple[LocatedRewrite, ...], own: frozenset[str]
) -> Change:
    from rehandle_codemods.files.writing import replace

    file = module.source.file
    in_file = module.source.in_file(edits)
    data = with_edits(file.data, in_file)
    after = data.decode("utf-8")
    if file.python:
        ast.parse(after)
    content = file.encode(data)
    write = partial(replace, file.path, file.raw, content)
    parts = tuple(changed_parts(file, in_file))
    return Change(shown(file.path), file.text, after, file.raw, content, write, rewrites, own, parts)
