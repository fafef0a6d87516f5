"""Parameter called `result_handler`.

A function of the project that is given handlers, and every call of it, are found: the parameter is called `result`
then, and the calls give it Results. Where a call can't be told, or none is there, the parameter keeps its name and
what it gets is converted at run time (RH108).
"""

from __future__ import annotations

import ast
from functools import partial

from rehandle_codemods.decide import collect
from rehandle_codemods.decide.collect import Reference
from rehandle_codemods.decide.plan import Plan
from rehandle_codemods.findings import REWRITTEN
from rehandle_codemods.flow.calls import inner_scope
from rehandle_codemods.index import prefect_names
from rehandle_codemods.rewrite import code
from rehandle_codemods.rewrite.edits import Edit
from rehandle_codemods.rewrite.statements import Rewrite
from rehandle_codemods.rules import Claim


def claim(reference: Reference, plan: Plan) -> Claim | None:
    """Claim a parameter whose every value is a Result now."""
    parameter = reference.node
    if reference.kind != collect.PARAMETER or reference.detail or not isinstance(parameter, ast.arg):
        return None
    analysis = plan.module.analysis
    function = analysis.parents[analysis.parents[parameter]]
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    scope = inner_scope(plan.module, function)
    edits = [Edit(*reference.span, prefect_names.RESULT_KEYWORD)]
    rewrites: list[Rewrite] = [(parameter, partial(code.name_changed, name=prefect_names.RESULT_KEYWORD))]
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == prefect_names.KEYWORD:
            used = analysis.scope_of.get(node)
            if used is not None and used.lookup(node.id) is scope:
                edits.append(Edit(*plan.module.span(node), prefect_names.RESULT_KEYWORD))
                rewrites.append((node, partial(code.name_changed, name=prefect_names.RESULT_KEYWORD)))
    message = f"{function.name} takes result instead of result_handler, as its calls do"
    return Claim(REWRITTEN, message, tuple(edits), rewrites=tuple(rewrites))
