"""Handler class named by a string.

`mock.patch("prefect.engine.result_handlers.LocalResultHandler")` and its kin reach a class by its dotted name, or by
its name in a module of the project that imports it. The string names the Result where the class does so everywhere.
A string that goes on to `read` or `write`, or into a module of Prefect's, is left: what is put there would have to
return something else.
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle.mapping import HANDLERS
from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.uses import reaching_call
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.syntax import is_annotation
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a string that is certainly the name of a class which is called otherwise now."""
    node = reference.node
    if reference.kind != collect.STRING or not plan.module.editable or not isinstance(node, ast.Constant):
        return None
    if reaching_call(plan.module, node) is None:
        return None
    old = str(node.value)
    new = _prefects(old, plan) or _projects(old, node, plan)
    start = plan.module.source.data.find(old.encode(), *reference.span)
    if not new or start < 0:
        return None
    rewrites = ((node, partial(code.saying, text=new)),)
    edits = (Edit(start, start + len(old.encode()), new),)
    return Claim(REWRITTEN, f"name {new} instead of {old}", edits, rewrites=rewrites)


def _prefects(dotted: str, plan: Plan) -> str:
    """The dotted name of the Result for that of a handler, where no such handler stays one in the project."""
    handler = prefect_names.handler_class(prefect_names.canonical(dotted))
    if handler is None:
        return ""
    for ref in plan.decisions.flow.uses.handler_refs:
        if ref.handler == handler and not is_annotation(ref.module, ref.node) and not plan.decisions.converts(ref):
            return ""
    if any(_has_rehandles(plan, module, handler) for module in plan.decisions.project.every_module()):
        return ""
    return f"{plan.options.home(handler)}.{HANDLERS[handler].result}"


def _has_rehandles(plan: Plan, module: Module, handler: str) -> bool:
    """Whether a module has a handler that stays one."""
    if prefect_names.RUNTIME_MODULE.encode() not in module.source.data or handler.encode() not in module.source.data:
        return False
    name = f"{prefect_names.RUNTIME_HANDLERS_MODULE}.{handler}"
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and plan.decisions.project.external(module, node) == name
        for node in module.analysis.nodes
    )


def _projects(text: str, node: ast.Constant, plan: Plan) -> str:
    """The new name of what a module of the project imports."""
    found = collect.named_import(plan.decisions, plan.module, node)
    if found is None:
        return ""
    owner, name = found
    new = Plan(plan.decisions, owner).renamed().get((owner.root, name), "")
    return f"{text[: -len(name)]}{new}" if new else ""
