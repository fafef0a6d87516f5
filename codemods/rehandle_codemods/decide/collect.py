"""Every place with legacy API in it: collected once, by what it is, for the rules to decide on."""

from __future__ import annotations

import ast
import re
from typing import Iterator

from rehandle_codemods.decide.collect_removed import removed_api
from rehandle_codemods.decide.collect_texts import is_of_other, prose_comments, strings
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.handler_classes import renamed_arguments
from rehandle_codemods.decide.places import (
    Annotation,
    Attribute,
    ClassDefinition,
    ClassPattern,
    Constructor,
    DictKey,
    Import,
    InheritedConstructor,
    Keyword,
    MethodCall,
    Name,
    Parameter,
    Place,
    Positional,
    RemovedAttribute,
    SpreadFields,
    StarImport,
)
from rehandle_codemods.flow.destinations import METHODS
from rehandle_codemods.flow.dicts import stored_value
from rehandle_codemods.flow.legacy_imports import bindings_of, import_target
from rehandle_codemods.flow.nodes import AttributeOf
from rehandle_codemods.flow.other_libraries import is_no_handler
from rehandle_codemods.flow.positional import after_star, doubtful, shifted
from rehandle_codemods.flow.receivers import Receiver
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import assigned_value, dict_items, is_annotation, plain_call
from rehandle_codemods.index.targets import External, Unknown

# Its characters may be others than those that `ast` says it has.
_CLASS_NAME = re.compile(rb"class(?:[ \t\f]|\\\r?\n?)+([^\s(:\[\\]+)")
_SAFE_ATTRIBUTES = ("safe_value", "store_safe_value")


def collect(decisions: Decisions, module: Module) -> list[Place]:
    """All places with legacy API in one module.

    Args:
        decisions: what is known about the project.
        module: the module.

    Returns:
        The places, each once, in the order of the source.
    """
    found = [
        *_imports(decisions, module),
        *_names(decisions, module),
        *_classes(decisions, module),
        *_values(decisions, module),
        *decisions.names.places(module),
        *_inherited(decisions, module),
        *decisions.safe_results.places(module).values(),
    ]
    prefect = bool(module.prefect_package) or _has_prefect(decisions, module)
    found += strings(decisions, module, prefect)
    if prefect:
        found += prose_comments(module)
    if decisions.options.other_api:
        found += removed_api(decisions.project, module)
    unique: dict[tuple[tuple[int, int], type[Place]], Place] = {}
    for place in found:
        unique.setdefault((place.span, type(place)), place)
    return sorted(unique.values(), key=lambda place: (place.span, type(place).__name__))


def _imports(decisions: Decisions, module: Module) -> Iterator[Place]:
    for binding in bindings_of(module):
        name = import_target(decisions.project, module, binding) or decisions.imports.dropped(module, binding)
        if not name and binding.kind == scopes.IMPORT and isinstance(binding.node, ast.alias):
            # `import prefect.engine.result_handlers` binds `prefect` alone.
            full = prefect_names.canonical(binding.node.name)
            name = full if prefect_names.is_legacy(full) else ""
        statement = module.analysis.parents[binding.node]
        if name and isinstance(binding.node, ast.alias) and isinstance(statement, (ast.Import, ast.ImportFrom)):
            handler = prefect_names.handler_class(name) or ""
            yield Import(module, binding.node, module.span(binding.node), statement, name, handler)
    for node in module.analysis.nodes:
        if not isinstance(node, ast.ImportFrom) or node.level or node.names[0].name != "*":
            continue
        if prefect_names.is_handlers_module(prefect_names.canonical(node.module or "")):
            yield StarImport(module, node, module.span(node), node.module or "")


def _names(decisions: Decisions, module: Module) -> Iterator[Place]:
    parents = module.analysis.parents
    stored = decisions.safe_results.places(module)
    for ref in decisions.flow.uses.refs_in(module):
        parent = parents.get(ref.node)
        if isinstance(parent, ast.ClassDef) and ref.node in parent.bases:
            continue  # the class is the place
        if _initialises(decisions, module, parent):
            continue
        span = module.span(ref.node)
        assert isinstance(ref.node, (ast.Name, ast.Attribute))
        if isinstance(parent, ast.Call) and parent.func is ref.node:
            yield Constructor(module, ref.node, span, parent, ref.handler)
        elif is_annotation(module, ref.node):
            yield Annotation(module, ref.node, span, ref.handler)
        else:
            yield Name(module, ref.node, span, "", ref.handler)
    for node, name in decisions.flow.uses.module_refs.get(module, ()):
        if node not in stored and not _initialises(decisions, module, node):
            assert isinstance(node, (ast.Name, ast.Attribute))
            yield Name(module, node, module.span(node), name, "")


def _initialises(decisions: Decisions, module: Module, node: ast.AST | None) -> bool:
    """Whether a handler class of the project calls its base's `__init__` by this: the class is the place."""
    if not isinstance(node, ast.Attribute) or node.attr != "__init__":
        return False
    owner = module.analysis.enclosing_class(node)
    return owner is not None and decisions.flow.uses.is_handler_class(module, owner)


def _classes(decisions: Decisions, module: Module) -> Iterator[Place]:
    for node in decisions.flow.uses.classes_in(module):
        name = _CLASS_NAME.match(module.source.data, module.span(node)[0])
        assert name is not None
        yield ClassDefinition(module, node, name.span(1))


def _inherited(decisions: Decisions, module: Module) -> Iterator[Place]:
    """The calls of classes that have no constructor of their own, where an argument gets another name."""
    for call, handler in decisions.inherited_calls.get(module, ()):
        if renamed_arguments(call, handler):
            span = module.span(call.func)[1], module.span(call)[1]
            yield InheritedConstructor(module, call, span, handler)


def _values(decisions: Decisions, module: Module) -> Iterator[Place]:
    values, project = decisions.values, decisions.project
    prefect = _has_prefect(decisions, module)
    stored = decisions.safe_results.places(module)
    for node in module.analysis.nodes:
        if isinstance(node, ast.Call) and node.func not in stored:
            given = decisions.flow.by_position(module, node) or doubtful(decisions.flow.uses, module, node)
            given = given or shifted(decisions.project, module, node)
            starred = after_star(decisions.project, module, node) if given is None else []
            given = next((value for value in starred if decisions.flow.is_handler(module, value)), given)
            if given is not None:
                yield Positional(module, given, module.span(given), node)
            yield from _keywords(decisions, module, node, prefect)
            yield from _spread_fields(decisions, module, node)
        elif isinstance(node, ast.Dict):
            for key, constant, value in dict_items(node):
                if key == prefect_names.KEYWORD and (
                    prefect or not is_no_handler(project, module, value) or values.is_key_of_prefect(module, value)
                ):
                    if values.converted_there(module, value):
                        continue
                    yield DictKey(module, constant, module.span(constant))
        elif isinstance(node, ast.Constant) and node.value == prefect_names.RESULT_KEYWORD:
            kept = stored_value(module, node)
            if kept is None or not decisions.flow.is_handler(module, kept) or not values.problem(module, kept):
                continue
            if values.destination(module, kept).receiver.kind is not Receiver.OTHER:
                yield DictKey(module, node, module.span(node))
        elif node in decisions.flow.keys and not isinstance(node, ast.keyword):
            written = isinstance(module.analysis.parents.get(node), ast.Dict)  # seen where the dict is
            unrelated = (written and not prefect) or is_of_other(decisions, module, node)
            if not unrelated or decisions.flow.keys[node][1] in decisions.flow.holders:
                assert isinstance(node, ast.expr)
                yield DictKey(module, node, module.span(node))
        elif isinstance(node, ast.arg) and node.arg == prefect_names.KEYWORD:
            start = module.span(node)[0]
            function = module.analysis.parents[module.analysis.parents[node]]
            problem = decisions.flow.owners.runner_problem(module, node)
            changes = problem is not None or values.renames_parameter(module, node)
            if changes and isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield Parameter(module, node, (start, start + len(node.arg)), function, problem)
        elif isinstance(node, ast.Attribute) and node.attr in METHODS and values.converts_method(module, node):
            end = module.span(node)[1]
            call = plain_call(module, node)
            assert call is not None
            yield MethodCall(module, node, (end - len(node.attr), end), call)
        elif isinstance(node, ast.Attribute) and node.attr == prefect_names.KEYWORD:
            answer = decisions.flow.owners.of(module, node.value)
            if answer.kind is not Receiver.OTHER and _may_be_prefects(project, module, node):
                end = module.span(node)[1]
                yield Attribute(module, node, (end - len(node.attr), end), answer.reason)
        elif isinstance(node, ast.Attribute) and node.attr == prefect_names.RESULT_KEYWORD:
            given = assigned_value(module, node)
            if given is not None and decisions.flow.is_handler(module, given) and values.problem(module, given):
                answer = decisions.flow.owners.of(module, node.value)
                if answer.kind is Receiver.PREFECT:
                    end = module.span(node)[1]
                    yield Attribute(module, node, (end - len(node.attr), end), answer.reason)
        elif isinstance(node, ast.MatchClass) and prefect_names.KEYWORD in node.kwd_attrs:
            yield from _class_pattern(decisions, module, node)
        elif isinstance(node, ast.Attribute) and _is_of_safe_results(node) and node not in stored:
            end = module.span(node)[1]
            yield RemovedAttribute(module, node, (end - len(node.attr), end))


def _may_be_prefects(project: Project, module: Module, node: ast.Attribute) -> bool:
    """Whether nothing in the project has an attribute result_handler, and it isn't used as no handler can be."""
    targets = project.resolve(module, node)
    if all(isinstance(target, Unknown) for target in targets):
        return True
    given = assigned_value(module, node)
    call = module.analysis.parents.get(node)
    called = isinstance(call, ast.Call) and call.func is node
    if called or (given is not None and is_no_handler(project, module, given)):
        return False
    return all(isinstance(target, External) and prefect_names.is_third_party(target.name) for target in targets)


def _has_prefect(decisions: Decisions, module: Module) -> bool:
    """Whether a module imports Prefect, or has what is certainly Prefect's from another module of the project."""
    if decisions.project.uses_prefect(module):
        return True
    nodes = module.analysis.nodes if prefect_names.KEYWORD.encode() in module.source.data else ()
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr == prefect_names.KEYWORD]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    return any(decisions.flow.owners.of(module, node.value).kind is Receiver.PREFECT for node in attributes) or any(
        decisions.project.external(module, function).startswith("prefect.") for function in called
    )


def _is_of_safe_results(node: ast.Attribute) -> bool:
    """Whether an attribute was of Prefect's results up to 0.10 alone; `to_result` is rehandle's function, too."""
    if node.attr == "to_result":
        return isinstance(node.value, ast.Attribute) and node.value.attr == "_result"
    return node.attr in _SAFE_ATTRIBUTES


def _spread_fields(decisions: Decisions, module: Module, call: ast.Call) -> Iterator[Place]:
    """What a call of Prefect's takes as `**asdict(...)` and the like, where a field or variable is result_handler."""
    for keyword in call.keywords:
        if keyword.arg is not None or not decisions.flow.fields.may_be_spread(module, keyword.value):
            continue
        if decisions.flow.receivers.call(module, call).kind is not Receiver.OTHER:
            yield SpreadFields(module, keyword.value, module.span(keyword.value))


def _class_pattern(decisions: Decisions, module: Module, node: ast.MatchClass) -> Iterator[Place]:
    """The attribute in a pattern of a class that may be Prefect's: right before what it is compared with."""
    owner = decisions.project.classes.of(module, node.cls)
    if owner is not None and decisions.project.classes.is_plain(owner):
        return
    start = module.span(node)[0]
    pattern = node.kwd_patterns[node.kwd_attrs.index(prefect_names.KEYWORD)]
    name = module.source.data.rfind(prefect_names.KEYWORD.encode(), start, module.span(pattern)[0])
    if name >= 0:
        yield ClassPattern(module, node, (name, name + len(prefect_names.KEYWORD)))


def _keywords(decisions: Decisions, module: Module, call: ast.Call, prefect: bool) -> Iterator[Place]:
    values = decisions.values
    for keyword in call.keywords:
        start = _keyword_start(module, keyword)
        if start is None or keyword.arg not in (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD):
            continue
        span = (start, start + len(keyword.arg))
        if isinstance(values.destination(module, keyword.value).node, AttributeOf):
            continue  # a field of the project's own class
        is_dict = decisions.flow.is_dict(module, call)
        handler = decisions.flow.is_handler(module, keyword.value)
        if keyword.arg == prefect_names.RESULT_KEYWORD:
            problem = values.problem(module, keyword.value) if handler else None
            if problem and (values.destination(module, keyword.value).receiver.kind is not Receiver.OTHER):
                yield Keyword(module, keyword, span, call)
        elif is_dict:
            other = is_no_handler(decisions.project, module, keyword.value)
            if (prefect or not other or values.is_key_of_prefect(module, keyword.value)) and not values.converted_there(
                module, keyword.value
            ):
                yield DictKey(module, keyword, span)
        else:
            answer = decisions.flow.receivers.call(module, call)
            other = is_no_handler(decisions.project, module, keyword.value)
            unknown = answer.kind is Receiver.UNKNOWN and not handler and other
            if (answer.kind is Receiver.OTHER or unknown) and not values.is_key_of_prefect(module, keyword.value):
                continue
            holder = decisions.flow.node_of(module, keyword.value)
            itself = holder in decisions.flow.others and holder in values.staying and answer.through == holder
            if answer.converted and (itself or not values.is_old_handler(module, keyword.value, set())):
                continue
            yield Keyword(module, keyword, span, call)


def _keyword_start(module: Module, keyword: ast.keyword) -> int | None:
    start = module.source.offset(keyword.lineno, keyword.col_offset)
    name = (keyword.arg or "").encode()
    return start if name and module.source.data[start : start + len(name)] == name else None
