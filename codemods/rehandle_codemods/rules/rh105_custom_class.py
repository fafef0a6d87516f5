"""Custom handler class that becomes a Result.

A regular class (`read(self, loc)` returns the value, `write(self, value)` returns a location on every path) derives
from `Result`, or from the Result of the handler that it builds on, and keeps its statements and their order. `write`
takes `value_`, because a task's input may be called `value`, and returns a copy that has the value and the location;
`read` returns such a copy too, so that calls of them inside the class take its `.location` and `.value`. `exists` is
added where `read` shows where it looks. Classes that derive from one another become Results together, or not at all.
"""

from __future__ import annotations

import ast

from rehandle_codemods.classes.handler_class import Shape, constructor
from rehandle_codemods.classes.methods import is_abstract
from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rewrite import existence
from rehandle_codemods.rewrite.class_edits import constructor_edits, method_edits
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import Claim, rh302_doubtful_class
from rehandle_codemods.rules.rh102_constructor import argument_edits

_EXISTS = "read doesn't show how to look for a location. Where target= is used, write exists(self, location, **kwargs)"
_INHERITED = "exists is that of its base. Where target= is used, see that it looks where read does"


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a class that is regular and whose every use is understood."""
    node = reference.node
    if reference.kind != collect.CLASS or not isinstance(node, ast.ClassDef):
        return None
    if not plan.decisions.converts_class(plan.module, node):
        return None
    shape = plan.decisions.shapes[node]
    base, edits = _base(shape, plan)
    edits += method_edits(shape, base)
    edits += constructor_edits(shape)
    edits += _handlers_constructor(shape, plan)
    own = shape.lineage.handler == "ResultHandler" and not shape.migrated
    exists = existence.exists(shape, plan) if own else []
    remarks = [*_exists_remarks(shape, looks=bool(exists)), *rh302_doubtful_class.remarks(shape, plan)]
    notes = [(reference.span, code, f"{node.name}: {text}") for code, text in remarks]
    edits += exists
    message = f"{node.name} becomes a Result"
    entity = (plan.module.analysis.scope_of[node], node.name)
    new, kept = plan.decisions.renames.names.get(entity), plan.decisions.renames.kept.get(entity)
    if new is not None:
        edits.append(Edit(*reference.span, new))
        message = f"{node.name} becomes the Result {new}"
    elif kept is not None:
        message += f" and keeps its name: {kept}"
    return Claim(REWRITTEN, message, tuple(edits), notes=tuple(notes))


def _base(shape: Shape, plan: Plan) -> tuple[str, list[Edit]]:
    """The name of the base that leads to the handler, and the edit of it where it is Prefect's."""
    base, module = shape.lineage.base, plan.module
    assert isinstance(base, (ast.Name, ast.Attribute))
    if shape.lineage.above:
        owner = shape.lineage.above[0]
        entity = (owner.module.analysis.scope_of[owner.node], owner.node.name)
        text = module.text(base)
        new = plan.decisions.renames.names.get(entity)
        return (text[: -len(owner.node.name)] + new if new and text.endswith(owner.node.name) else text), []
    text_now = plan.result_text(base, shape.lineage.handler)
    if text_now is None:
        return module.text(base), []
    return text_now, [Edit(*module.span(base), text_now)]


def _handlers_constructor(shape: Shape, plan: Plan) -> list[Edit]:
    """The edits of a call of the constructor of Prefect's handler, by its name or with arguments."""
    call = shape.super_call
    if call is None or constructor(shape.lineage) is not None:
        return []
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    if isinstance(owner, ast.Call):
        built_in = shape.lineage.handler != "ResultHandler"
        return [] if not built_in else argument_edits(plan.module, call, shape.lineage.handler)
    assert isinstance(owner, (ast.Name, ast.Attribute))
    if not prefect_names.handler_class(plan.decisions.project.external(plan.module, owner)):
        return []
    text = plan.result_text(owner, shape.lineage.handler)
    return [] if text is None else [Edit(*plan.module.span(owner), text)]


def _exists_remarks(shape: Shape, *, looks: bool) -> list[tuple[str, str]]:
    """What there is to say about the `exists` of a class, with the code of the rule that explains it."""
    if looks or shape.read is None or is_abstract(shape.read) or shape.migrated:
        return []
    built_in = shape.lineage.handler != "ResultHandler"
    if built_in and any(call.above and call.method == "read" for call in shape.calls):
        return []
    return [("RH208", _INHERITED if built_in else _EXISTS)]
