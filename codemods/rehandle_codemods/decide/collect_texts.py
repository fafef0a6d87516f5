"""Places in texts: names in strings, settings, and legacy API that prose and comments speak of."""

from __future__ import annotations

import ast
import re
from typing import Iterator

from rehandle_codemods.decide.class_names import is_exported
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import (
    NameInString,
    Place,
    Prose,
    Setting,
)
from rehandle_codemods.flow.legacy_imports import CLASS_NAMES, named_import
from rehandle_codemods.flow.other_libraries import is_other_object
from rehandle_codemods.flow.uses import reaching_call
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.comments import comments
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import inside_fstring, is_annotation
from rehandle_codemods.index.targets import Local, Unknown

_WORDS = re.compile(
    r"\b(?:result_handlers?|\w*ResultHandlers?|LocalStorageHandler|results_handlers?|SafeResult|safe_value)\b"
)
_COMMENT = re.compile(rf"#[^\r\n]*{_WORDS.pattern}")
_MODULE_STRING = re.compile(r"prefect\.(?:engine\.results?_handlers?|client\.result_handlers)\b")
_DOTTED = re.compile(r"(?:\w+\.)*(?:result_handler|safe_value)(?:\.\w+)*")
_SETTING = "PREFECT__ENGINE__RESULT_HANDLER"


def strings(decisions: Decisions, module: Module, prefect: bool) -> Iterator[Place]:
    """The strings of a module that name legacy API or speak of it; with `prefect`, those that may mean it."""
    parents = module.analysis.parents
    renamed = {place.node for place in decisions.names.places(module)}
    for node in module.analysis.nodes:
        if prefect and isinstance(node, ast.JoinedStr) and not inside_fstring(module, parents[node]):
            texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
            yield from _said(module, node, " ".join(texts))
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or inside_fstring(module, node):
            continue
        if node in module.analysis.quoted:
            continue
        parent = parents.get(node)
        if node in renamed:
            continue
        if node.value.startswith(_SETTING):
            yield Setting(module, node, module.span(node), node.value)
        elif isinstance(parent, ast.Call) and "." in node.value and _DOTTED.fullmatch(node.value):
            yield NameInString(module, node, module.span(node), node.value)
        elif not prefect and node.value != prefect_names.KEYWORD:
            reached = reaching_call(module, node) is not None and _MODULE_STRING.match(node.value)
            if reached or named_import(decisions.project, module, node) is not None:
                yield NameInString(module, node, module.span(node), node.value)
        elif isinstance(parent, ast.Expr):
            word = _word_in_prose(module, node)
            if word is not None:
                yield Prose(module, None, *word)
        elif (
            _MODULE_STRING.match(node.value)
            or named_import(decisions.project, module, node) is not None
            or (node.value in CLASS_NAMES and not is_exported(module, node))
            or (
                node.value == prefect_names.KEYWORD
                and node not in decisions.flow.keys
                and not is_of_other(decisions, module, node)
                and not (isinstance(parent, ast.Dict) and node in parent.keys)
            )
            or (is_annotation(module, node) and _names_legacy(decisions, module, node))
        ):
            yield NameInString(module, node, module.span(node), node.value)
        elif node.value != prefect_names.KEYWORD and node.value not in CLASS_NAMES:
            yield from _said(module, node, node.value)


def _said(module: Module, node: ast.expr, text: str) -> Iterator[Place]:
    """The note on a string that names legacy API. A class of the project's own may be called SomethingResultHandler."""
    for word in _WORDS.findall(text):
        if word in CLASS_NAMES or "ResultHandler" not in word:
            yield Prose(module, node, module.span(node), word)
            return


def _names_legacy(decisions: Decisions, module: Module, node: ast.Constant) -> bool:
    """Whether an annotation that is a string has a word of the legacy API in it, and not a name of the project's."""
    scope = module.analysis.scope_of[node]
    for word in _WORDS.findall(str(node.value)):
        binder = scope.lookup(word)
        targets = decisions.project.name(module, binder, word) if binder is not None else (Unknown(),)
        if not all(isinstance(target, Local) for target in targets):
            return True
    return False


def _word_in_prose(module: Module, node: ast.Constant) -> tuple[tuple[int, int], str] | None:
    """The first word of the legacy API in a docstring, outside of examples that are analysed, and where it is."""
    said = _WORDS.search(str(node.value))
    if said is None:
        return None
    start, end = module.span(node)
    text = module.text(node)
    for match in _WORDS.finditer(text):
        place = start + len(text[: match.start()].encode("utf-8"))
        if not any(first <= place < last for first, last in module.source.examples):
            return (place, place + len(match[0].encode("utf-8"))), match[0]
    return None if _WORDS.search(text) else ((start, end), said[0])


def prose_comments(module: Module) -> Iterator[Place]:
    """The comments of a module that speak of legacy API."""
    if not _COMMENT.search(module.source.text):  # tokenizing takes as long as everything else together
        return
    for place, text, _ in comments(module.source):
        match = _WORDS.search(text)
        if match:
            start = place + len(text[: match.start()].encode("utf-8"))
            yield Prose(module, None, (start, start + len(match.group().encode())), match.group())


def is_of_other(decisions: Decisions, module: Module, key: ast.AST) -> bool:
    """Whether a key is one of a dict that another library made."""
    subscript = module.analysis.parents.get(key)
    return isinstance(subscript, ast.Subscript) and is_other_object(decisions.project, module, subscript.value)
